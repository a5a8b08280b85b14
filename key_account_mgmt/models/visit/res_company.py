from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

REPORT_DAYS = 3
MISSED_DAYS = 10


class ResCompany(models.Model):
    """When a visit report is late, and what must be ready before a visit.

    Source: S0-74, S0-77, g Q14.
    """

    _inherit = "res.company"

    # No defaults: installing must not rewrite the rows of companies. Empty: as the policy.
    kam_visit_report_days = fields.Integer(
        "Visit Report Within", help="Working days after the day of the visit; 0: three."
    )
    kam_visit_missed_days = fields.Integer(
        "Without Report Missed After", help="Working days after the day of the visit; 0: ten."
    )
    kam_visit_preparation_free = fields.Boolean("Preparation of Visits Is Optional")

    def _kam_visit_report_days(self):
        """Working days a report may take.  Source: S0-77, g Q14."""
        # sudo: how long a report may take is no secret of the root company.
        return self.sudo().root_id.kam_visit_report_days or REPORT_DAYS

    def _kam_visit_missed_days(self):
        """Working days after which a visit nobody reported on counts as missed, never fewer
        than the report may take.  Source: J04.
        """
        # sudo: as above.
        days = self.sudo().root_id.kam_visit_missed_days or MISSED_DAYS
        return max(days, self._kam_visit_report_days())

    def _kam_add_days_or_calendar(self, day, count, working=None):
        """The ``count``-th working day after a day; calendar days where nobody works for a
        year: a deadline must not stop a visit from being entered.
        """
        try:
            return (working or self._kam_working_time()).add_days(day, count)
        except UserError:
            return day + timedelta(days=count)
