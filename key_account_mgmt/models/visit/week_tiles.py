from odoo import api, models
from odoo.fields import Domain

from ...policy.periods import Period, add_months

HELD = ("to_report", "reported")


class KamWeekItem(models.Model):
    """Reports that are owed, and this month's visits against last month's.

    Source: users §2.
    """

    _inherit = "kam.week.item"

    @api.model
    def _week_labels(self):
        labels = {"visit": self.env._("Visit"), "report": self.env._("Visit Report")}
        return super()._week_labels() | labels

    @api.model
    def _week_buttons(self):
        return super()._week_buttons() | {"report": ("report", "action_report")}

    @api.model
    def _week_tiles(self, user, day):
        tiles = super()._week_tiles(user, day)
        if not self.env["kam.visit"].has_access("read"):
            return tiles
        owed = Domain("user_id", "=", user.id) & Domain("state", "=", "to_report")
        count = self.env["kam.visit"].search_count(owed)
        return [
            *tiles,
            {
                "code": "reports",
                "label": self.env._("Waiting for My Report"),
                "count": count,
                "level": "primary",
                "filters": ["mine", "reports"],
            },
        ]

    @api.model
    def _week_figures(self, user, day):
        figures = super()._week_figures(user, day)
        if not self.env["kam.visit"].has_access("read"):
            return figures
        first = day.replace(day=1)
        now = self._week_visits(user, Period(first, day))
        before = self._week_visits(user, Period(add_months(first, -1), add_months(day, -1)))
        if not now and not before:
            return figures
        return [
            *figures,
            {
                "code": "visits_month",
                "label": self.env._("Visits This Month"),
                "value": str(now),
                "before": self.env._("last month to the same day %(count)s", count=before),
                "change": False,
                "level": "success" if now >= before else "warning",
                "method": False,
            },
        ]

    @api.model
    def _week_visits(self, user, period):
        """How many visits the user took part in."""
        mine = Domain("user_id", "=", user.id) | Domain("participant_ids", "in", user.id)
        days = Domain("day", ">=", period.start) & Domain("day", "<=", period.end)
        return self.env["kam.visit"].search_count(mine & days & Domain("state", "in", HELD))
