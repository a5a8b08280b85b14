from odoo import models


class KamJob(models.Model):
    _inherit = "kam.job"

    def _job_forecast_status_reports(self, company, day):
        """Which reports are made by that day.  Source: J05."""
        # sudo: numbers, for readers of this page only.
        Report = self.sudo().env["kam.status.report"]
        if not Report._status_is_on():
            return [self.env._("Status reports are switched off.")]
        last = Report.search([("company_id", "=", company.id)], order="month desc", limit=1)
        known = set(Report.search([("company_id", "=", company.id)]).mapped("month"))
        periods = Report._periods_to_keep(company, day) if last else []
        fresh = [period for period in periods if period.start not in known]
        if not last:
            return [self.env._("The first status report is made, of the month before.")]
        lines = [
            self.env._("The status report of %(month)s is made.", month=f"{period.start:%Y-%m}")
            for period in fresh
        ]
        if len(periods) > len(fresh):
            lines.append(self.env._("The figures of the report not submitted yet are refreshed."))
        return lines or [self.env._("No status report has to be made.")]
