from odoo import models

from ..kpi.metric_work import Due


class KamMetric(models.Model):
    """Accounts of the monthly status report are reports that were due, too.  Source: K12."""

    _inherit = "kam.metric"

    def _reports_due(self, run):
        return super()._reports_due(run) + self._status_lines_due(run)

    def _status_lines_due(self, run):
        """One for every account of every month; in time when completed by the due day."""
        if not run.env["res.groups"]._kam_area_is_on("status"):
            return []
        domain = self._judged(run, "date_due", [("status", "in", ("complete", "supplement"))])
        domain &= self._account_domain(run, "account_id")
        lines = run.env["kam.status.report.line"].search_fetch(
            domain, ["account_id", "company_id", "date_due", "completed_on"]
        )
        lines.account_id.fetch(["partner_id"])
        local_day = run.company._kam_working_time().local_day
        return [
            Due(
                line.account_id.partner_id.id,
                line.date_due,
                bool(line.completed_on) and local_day(line.completed_on) <= line.date_due,
                line._name,
                line.id,
            )
            for line in lines
        ]
