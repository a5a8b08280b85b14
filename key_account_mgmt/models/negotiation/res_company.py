from odoo import api, fields, models
from odoo.exceptions import ValidationError

INTEREST = 5.0
AUTHORIZATION_DAYS = 90


class ResCompany(models.Model):
    """What a day of payment is worth, and how long a negotiator may be authorised.

    Source: users §3.5, g Q19.
    """

    _inherit = "res.company"

    # No defaults: installing must not rewrite the rows of companies. Empty: as the policy.
    kam_interest_rate = fields.Float(
        "Interest (% per Year)", help="Values payment days in negotiations; 0: five percent."
    )
    kam_authorization_days = fields.Integer(
        "Negotiator Authorised for", help="Days at most; 0: ninety."
    )

    @api.constrains("kam_interest_rate", "kam_authorization_days")
    def _check_kam_negotiation(self):
        for company in self:
            if company.kam_interest_rate < 0 or company.kam_authorization_days < 0:
                raise ValidationError(
                    self.env._("Interest and days of an authorization cannot be negative.")
                )

    def _kam_interest_rate(self):
        """Percent per year.  Source: users §3.5."""
        # sudo: the company's rate is no secret of the root company.
        return self.sudo().root_id.kam_interest_rate or INTEREST

    def _kam_authorization_days(self):
        """Longest authorization of a negotiator, in days.  Source: g Q19."""
        # sudo: as above.
        return self.sudo().root_id.kam_authorization_days or AUTHORIZATION_DAYS
