from odoo import fields, models


class KamJob(models.Model):
    """What the night will do with visits."""

    _inherit = "kam.job"

    def _job_forecast_visits(self, company, day):
        """Source: J04."""
        # sudo: numbers, not whose and where.
        Visit = self.env["kam.visit"].sudo()
        mine = [("company_id", "=", company.id)]
        over = Visit.search_count(
            [*mine, ("state", "=", "planned"), ("stop", "<=", fields.Datetime.now())]
        )
        due = Visit.search_count(
            [
                *mine,
                ("state", "=", "to_report"),
                ("report_due", "<=", day),
                ("report_told_on", "=", False),
            ]
        )
        lines = []
        if over:
            lines.append(
                self.env._("Visits that will wait for their report: %(count)s.", count=over)
            )
        if due:
            lines.append(self.env._("Reports due, to be reminded of: %(count)s.", count=due))
        return lines or [self.env._("Nothing is due.")]
