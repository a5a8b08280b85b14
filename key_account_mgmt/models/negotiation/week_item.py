from odoo import models
from odoo.tools import SQL

from ..account.week_item import WeekSource


class KamWeekItem(models.Model):
    """My Week of whoever negotiates: the next round; of an executive: bottom lines to set."""

    _inherit = "kam.week.item"

    def _week_sources(self):
        return [
            *super()._week_sources(),
            WeekSource(50, "negotiation", "kam.negotiation", self._negotiations_to_hold()),
            WeekSource(51, "floor", "kam.negotiation", self._floors_to_set()),
        ]

    def _negotiations_to_hold(self):
        return SQL(
            """
            SELECT id AS res_id, lead_negotiator_id AS user_id, account_id, company_id,
                   next_date AS date_due, 20 AS sort
              FROM kam_negotiation
             WHERE state IN ('preparing', 'negotiating') AND next_date IS NOT NULL
            """
        )

    def _floors_to_set(self):
        """Of its first executive: an item belongs to one person."""
        return SQL(
            """
            SELECT n.id AS res_id, min(e.user_id) AS user_id, n.account_id, n.company_id,
                   n.next_date AS date_due, 21 AS sort
              FROM kam_negotiation n
              JOIN kam_negotiation_executive_rel e ON e.negotiation_id = n.id
             WHERE n.state = 'preparing' AND n.floor_version <= n.floor_sealed
             GROUP BY n.id
            """
        )

    def _week_labels(self):
        return super()._week_labels() | {
            "negotiation": self.env._("Negotiation"),
            "floor": self.env._("Bottom Line to Set"),
        }
