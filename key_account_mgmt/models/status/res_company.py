from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...policy.status import DEFAULTS, Limits

DUE_DAY = 5
NUMBERS = {f"kam_status_{name}": value for name, value in DEFAULTS._asdict().items()}
NUMBERS["kam_status_due_day"] = DUE_DAY


class ResCompany(models.Model):
    """By when the monthly status report is due, when its lights change, who reads it.

    Source: S3-33, S3-35, g Q14.
    """

    _inherit = "res.company"

    # No defaults: installing must not rewrite the rows of companies. 0: as the policy.
    kam_status_due_day = fields.Integer(
        "Status Report Due", help="Day of the month after the one reported on; 0: the fifth."
    )
    kam_status_sales_yellow = fields.Integer(
        "Sales Yellow Below", help="Percent of the target, else of last year; 0: 100."
    )
    kam_status_sales_red = fields.Integer(
        "Sales Red Below", help="Percent of the target, else of last year; 0: 80."
    )
    kam_status_visits_red = fields.Integer(
        "Visits Red Below", help="Percent of the visits due so far; 0: 50."
    )
    kam_status_issues_red = fields.Integer("Issues Red From", help="Number of late issues; 0: one.")
    kam_status_overdue_yellow = fields.Integer(
        "Payments Yellow Above", help="Overdue, in percent of open receivables; 0: 10."
    )
    kam_status_overdue_red = fields.Integer(
        "Payments Red Above", help="Overdue, in percent of open receivables; 0: 30."
    )
    kam_status_leader_ids = fields.Many2many(
        "res.users",
        "kam_status_leader_rel",
        "company_id",
        "user_id",
        "Leaders Who Acknowledge",
        domain=[("share", "=", False)],
        help="They acknowledge the status report beside the general manager.",
    )

    def _kam_status_number(self, name):
        # sudo: the company's rule is no secret of the root company.
        return self.sudo().root_id[name] or NUMBERS[name]

    def _kam_status_due_day(self):
        """Day of the following month by which the report is submitted.  Source: g Q14."""
        return min(self._kam_status_number("kam_status_due_day"), 31)

    def _kam_status_limits(self):
        """The limits of the traffic lights."""
        return Limits(*(self._kam_status_number(f"kam_status_{name}") for name in Limits._fields))

    @api.constrains("kam_status_leader_ids")
    def _check_kam_status_leaders(self):
        for company in self:
            for user in company.kam_status_leader_ids:
                # sudo: whether somebody works with us must not depend on who asks.
                if not user.sudo().has_group("key_account_mgmt.group_kam_member"):
                    raise ValidationError(
                        self.env._(
                            "%(name)s has no access to Key Accounts and could not read the report.",
                            name=user.name,
                        )
                    )
