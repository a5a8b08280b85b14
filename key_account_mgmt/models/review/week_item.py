from odoo import models
from odoo.tools import SQL

from ..account.week_item import WeekSource


class KamWeekItem(models.Model):
    """Meetings in My Week: of whoever prepares them, and of the chair."""

    _inherit = "kam.week.item"

    def _week_sources(self):
        return [
            *super()._week_sources(),
            WeekSource(number=55, code="review", model="kam.review", sql=self._reviews_of("user")),
            WeekSource(
                number=56, code="review_chair", model="kam.review", sql=self._reviews_of("chair")
            ),
        ]

    def _week_labels(self):
        return super()._week_labels() | {
            "review": self.env._("Meeting to Hold"),
            "review_chair": self.env._("Meeting to Chair"),
        }

    def _reviews_of(self, who):
        """Planned, or begun and not closed; who prepares and chairs sees it once."""
        person = SQL("chair_id") if who == "chair" else SQL("user_id")
        once = SQL("AND chair_id IS DISTINCT FROM user_id") if who == "chair" else SQL("")
        return SQL(
            """
            SELECT id AS res_id, %(person)s AS user_id, NULL AS account_id, company_id,
                   date AS date_due, 10 AS sort
              FROM kam_review
             WHERE state IN ('planned', 'held') AND %(person)s IS NOT NULL %(once)s
            """,
            person=person,
            once=once,
        )
