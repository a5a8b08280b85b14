from odoo import models
from odoo.tools import SQL

from ..account.week_item import WeekSource


class KamWeekItem(models.Model):
    """Scorecards in My Week: of the reviewer, then of whoever answers for the card."""

    _inherit = "kam.week.item"

    def _week_sources(self):
        sources = super()._week_sources()
        if not self.env["res.groups"]._kam_area_is_on("kpi"):
            return sources
        return [
            *sources,
            WeekSource(
                number=90,
                code="scorecard_review",
                model="kam.scorecard",
                sql=self._cards_of(SQL("reviewer_id"), "review"),
            ),
            WeekSource(
                number=91,
                code="scorecard_acknowledge",
                model="kam.scorecard",
                sql=self._cards_of(SQL("subject_user_id"), "acknowledge"),
            ),
        ]

    def _week_labels(self):
        return super()._week_labels() | {
            "scorecard_review": self.env._("Scorecard to Review"),
            "scorecard_acknowledge": self.env._("Scorecard to Acknowledge"),
        }

    def _cards_of(self, person, state):
        return SQL(
            """
            SELECT id AS res_id, %(person)s AS user_id, NULL AS account_id, company_id,
                   date_due, CASE WHEN has_objection THEN 1 ELSE 5 END AS sort
              FROM kam_scorecard WHERE state = %(state)s AND %(person)s IS NOT NULL
            """,
            person=person,
            state=state,
        )
