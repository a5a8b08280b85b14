from odoo import models
from odoo.tools import SQL

from ..account.week_item import WeekSource


class KamWeekItem(models.Model):
    """Bids in My Week: deadlines and signatures of their leader, clarifications of their
    owner, bonds not returned of who follows the tender.  Tasks are actions.
    """

    _inherit = "kam.week.item"

    def _week_sources(self):
        sources = super()._week_sources()
        if not self.env["res.groups"]._kam_area_is_on("bid"):
            return sources
        return [
            *sources,
            WeekSource(number=40, code="bid", model="kam.bid", sql=self._week_bids()),
            WeekSource(
                number=41,
                code="clarification",
                model="kam.bid.clarification",
                sql=self._week_clarifications(),
            ),
            WeekSource(number=42, code="bond", model="kam.bid.bond", sql=self._week_bonds()),
            WeekSource(number=43, code="bid_sign", model="kam.bid", sql=self._week_signatures()),
        ]

    def _week_labels(self):
        return super()._week_labels() | {
            "bid": self.env._("Bid Due"),
            "clarification": self.env._("Clarification"),
            "bond": self.env._("Bond to Get Back"),
            "bid_sign": self.env._("Contract to Sign"),
        }

    def _week_bids(self):
        return SQL(
            """
            SELECT id AS res_id, user_id, account_id, company_id, deadline_date AS date_due,
                   0 AS sort
              FROM kam_bid
             WHERE state IN ('identified', 'preparing', 'reviewed') AND active
            """
        )

    def _week_clarifications(self):
        return SQL(
            """
            SELECT c.id AS res_id, c.user_id, b.account_id, c.company_id, c.due_on AS date_due,
                   1 AS sort
              FROM kam_bid_clarification c
              JOIN kam_bid b ON b.id = c.bid_id
             WHERE c.answered_on IS NULL AND b.state != 'result'
            """
        )

    def _week_bonds(self):
        """From the day on which it should have come back."""
        return SQL(
            """
            SELECT d.id AS res_id, COALESCE(b.follow_up_user_id, b.user_id) AS user_id,
                   b.account_id, d.company_id, d.due_back AS date_due, 2 AS sort
              FROM kam_bid_bond d
              JOIN kam_bid b ON b.id = d.bid_id
             WHERE d.state = 'paid' AND d.due_back IS NOT NULL
            """
        )

    def _week_signatures(self):
        return SQL(
            """
            SELECT id AS res_id, user_id, account_id, company_id, sign_until AS date_due,
                   3 AS sort
              FROM kam_bid
             WHERE result = 'won' AND sign_until IS NOT NULL AND signed_on IS NULL AND active
            """
        )
