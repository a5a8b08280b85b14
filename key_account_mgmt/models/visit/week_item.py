from odoo import models
from odoo.tools import SQL

from ..account.week_item import WeekSource


class KamWeekItem(models.Model):
    """My Week of the organiser: visits planned, and reports due."""

    _inherit = "kam.week.item"

    def _week_sources(self):
        return [
            *super()._week_sources(),
            WeekSource(number=10, code="visit", model="kam.visit", sql=self._visits_planned()),
            WeekSource(number=11, code="report", model="kam.visit", sql=self._visits_to_report()),
        ]

    def _visits_planned(self):
        return SQL(
            """
            SELECT id AS res_id, user_id, account_id, company_id, day AS date_due, 10 AS sort
              FROM kam_visit
             WHERE state = 'planned'
            """
        )

    def _visits_to_report(self):
        return SQL(
            """
            SELECT id AS res_id, user_id, account_id, company_id,
                   COALESCE(report_due, day) AS date_due, 5 AS sort
              FROM kam_visit
             WHERE state = 'to_report'
            """
        )

    def _week_labels(self):
        return super()._week_labels() | {
            "visit": self.env._("Visit"),
            "report": self.env._("Report Due"),
        }

    def _week_buttons(self):
        """A report is written in the visit."""
        return super()._week_buttons() | {"report": ("report", "get_formview_action")}

    def _week_plan_action(self, rows):
        return self.env["kam.visit"]._plan_action(rows)
