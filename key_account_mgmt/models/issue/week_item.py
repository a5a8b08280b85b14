from odoo import models
from odoo.tools import SQL

from ..account.week_item import WeekSource


class KamWeekItem(models.Model):
    """Issues in My Week: of who handles them until the customer has his answer, then of the
    lead account manager, who sees whether it helped.  Measures are actions.
    """

    _inherit = "kam.week.item"

    def _week_sources(self):
        sources = super()._week_sources()
        if not self.env["res.groups"]._kam_area_is_on("issue"):
            return sources
        return [
            *sources,
            WeekSource(number=75, code="issue", model="kam.issue", sql=self._week_issues()),
        ]

    def _week_labels(self):
        return super()._week_labels() | {"issue": self.env._("Issue")}

    def _week_buttons(self):
        return super()._week_buttons() | {"issue": ("answer", "action_next_step")}

    def _week_issues(self):
        """Nobody handles it: in the department's manager's, else the lead account manager's
        week."""
        return SQL(
            """
            SELECT i.id AS res_id,
                   CASE WHEN i.state IN ('replied', 'verified')
                        THEN COALESCE(a.user_id, i.user_id)
                        ELSE COALESCE(i.user_id, d.manager_id, a.user_id) END AS user_id,
                   i.account_id, i.company_id,
                   COALESCE(i.date_due, i.resolve_day) AS date_due, 4 - i.severity::int AS sort
              FROM kam_issue i
              JOIN kam_account a ON a.id = i.account_id
              LEFT JOIN kam_department d ON d.id = i.department_id
             WHERE i.state IN ('new', 'assigned', 'in_progress', 'replied', 'verified')
            """
        )
