from odoo import models


class KamJob(models.Model):
    _inherit = "kam.job"

    def _job_forecast_reviews(self, company, day):
        """Which meetings are made by that day.  Source: J06."""
        # sudo: numbers, for readers of this page only.
        Review = self.sudo().env["kam.review"]
        lines = []
        for kind in Review.env["kam.review.kind"].search([("active", "=", True)]):
            if not kind._is_on():
                continue
            period = kind._period_on(day)
            made = Review.search_count(
                [
                    ("company_id", "=", company.id),
                    ("kind_id", "=", kind.id),
                    ("date_from", "=", period.start),
                ]
            )
            runs = [entry for entry in Review._agenda(kind, company, period) if entry["runs"]]
            if runs and not made:
                lines.append(
                    self.env._(
                        "%(kind)s is planned, with %(count)s subjects.",
                        kind=kind.name,
                        count=len(runs),
                    )
                )
        return lines or [self.env._("No meeting has to be planned.")]
