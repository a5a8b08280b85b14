from odoo import models
from odoo.tools import SQL

from ..account.week_item import WeekSource


class KamWeekItem(models.Model):
    """Status reports in My Week: lines of the account manager, the report of the office, what
    a leader has to acknowledge.
    """

    _inherit = "kam.week.item"

    def _week_sources(self):
        sources = super()._week_sources()
        if not self.env["res.groups"]._kam_area_is_on("status"):
            return sources
        return [
            *sources,
            WeekSource(93, "status_line", "kam.status.report.line", self._week_status_lines()),
            WeekSource(96, "status_supplement", "kam.status.report.line", self._week_supplements()),
            WeekSource(94, "status_report", "kam.status.report", self._week_status_reports()),
            WeekSource(
                95, "status_acknowledge", "kam.status.acknowledgement", self._week_acknowledge()
            ),
        ]

    def _week_labels(self):
        return super()._week_labels() | {
            "status_line": self.env._("Account in the Status Report"),
            "status_supplement": self.env._("Supplement to the Status Report"),
            "status_report": self.env._("Status Report to Submit"),
            "status_acknowledge": self.env._("Status Report to Acknowledge"),
        }

    def _week_buttons(self):
        return super()._week_buttons() | {
            "status_line": ("done", "action_complete"),
            "status_acknowledge": ("confirm", "action_acknowledge"),
        }

    def _week_status_lines(self):
        return SQL(
            """
            SELECT id AS res_id, user_id, account_id, company_id, date_due, 30 AS sort
              FROM kam_status_report_line
             WHERE user_id IS NOT NULL AND status = 'open'
               AND report_state IN ('generated', 'completed')
            """
        )

    def _week_supplements(self):
        """What a submitted report went without: of who leads the account now."""
        return SQL(
            """
            SELECT l.id AS res_id, a.user_id, l.account_id, l.company_id, l.date_due, 30 AS sort
              FROM kam_status_report_line l
              JOIN kam_account a ON a.id = l.account_id
             WHERE a.user_id IS NOT NULL AND l.status = 'missing' AND l.report_state = 'submitted'
            """
        )

    def _week_status_reports(self):
        return SQL(
            """
            SELECT id AS res_id, user_id, NULL AS account_id, company_id, date_due, 30 AS sort
              FROM kam_status_report
             WHERE user_id IS NOT NULL AND state IN ('generated', 'completed')
            """
        )

    def _week_acknowledge(self):
        return SQL(
            """
            SELECT k.id AS res_id, k.user_id, NULL AS account_id, k.company_id, k.date_due,
                   30 AS sort
              FROM kam_status_acknowledgement k
              JOIN kam_status_report r ON r.id = k.report_id AND r.state = 'submitted'
             WHERE k.acknowledged_on IS NULL
            """
        )
