from datetime import timedelta

from odoo import models
from odoo.tools import SQL

from ..account.week_item import WeekSource
from .pursuit import RUNNING


class KamWeekItem(models.Model):
    """My Week: pursuits that are silent or to be completed, and stage reports."""

    _inherit = "kam.week.item"

    def _week_sources(self):
        sources = super()._week_sources()
        if not self.env["res.groups"]._kam_area_is_on("pursuit"):
            return sources
        return [
            *sources,
            WeekSource(30, "pursuit", "kam.pursuit", self._week_pursuits()),
            WeekSource(31, "pursuit_report", "kam.pursuit.report", self._week_stage_reports()),
        ]

    def _week_pursuits(self):
        """Silent ones by the day of their release, plans and summaries to write, and those
        whose opportunity ended."""
        _months, warn, release = self.env.company._kam_pursuit_protection()
        today = self._week_today()
        self.env["crm.lead"].flush_model(["won_status", "date_closed"])
        return SQL(
            """
            SELECT p.id AS res_id, p.user_id, p.account_id, p.company_id,
                   CASE WHEN l.id IS NOT NULL
                        THEN COALESCE(l.date_closed, l.write_date)::date + 7
                        WHEN p.state IN ('to_approve', 'in_progress')
                             AND p.last_progress_on <= %(silent)s
                        THEN p.last_progress_on + %(release)s::int
                        WHEN p.state IN ('won', 'lost') THEN p.ended_on + 7
                        WHEN p.state = 'to_approve' THEN p.registered_on + 14
                        WHEN p.state = 'in_progress' THEN p.protected_until
                   END AS date_due, NULL AS sort
              FROM kam_pursuit p
              LEFT JOIN crm_lead l
                     ON l.id = p.lead_id
                        AND (l.won_status = 'lost' AND p.state IN %(running)s
                             OR l.won_status = 'won' AND p.state = 'in_progress')
             WHERE p.active
               AND (l.id IS NOT NULL
                    OR p.state = 'draft' AND p.reason IS NOT NULL
                    OR p.state IN ('won', 'lost') AND p.closed_on IS NULL
                    OR p.state IN ('to_approve', 'in_progress')
                       AND p.last_progress_on <= %(silent)s
                    OR p.state = 'in_progress' AND p.protected_until <= %(soon)s
                    OR p.state = 'to_approve' AND NOT EXISTS (
                            SELECT 1 FROM kam_approval_request r
                             WHERE r.res_model = 'kam.pursuit' AND r.res_id = p.id
                               AND r.state = 'pending'))
            """,
            running=RUNNING,
            silent=today - timedelta(days=warn),
            soon=today + timedelta(days=30),
            release=release,
        )

    def _week_stage_reports(self):
        return SQL(
            """
            SELECT r.id AS res_id, r.user_id, p.account_id, r.company_id, r.date_due,
                   NULL AS sort
              FROM kam_pursuit_report r
              JOIN kam_pursuit p ON p.id = r.pursuit_id
             WHERE r.state = 'due' AND r.action_id IS NOT NULL
               AND p.state IN ('to_approve', 'in_progress')
            """
        )

    def _week_labels(self):
        return super()._week_labels() | {
            "pursuit": self.env._("Pursuit"),
            "pursuit_report": self.env._("Stage Report"),
        }

    def _week_buttons(self):
        return super()._week_buttons() | {"pursuit_report": ("report", "get_formview_action")}
