from odoo import models


class KamJob(models.Model):
    _inherit = "kam.job"

    def _job_forecast_scorecards(self, company, day):
        """Which cards are made by that day.  Source: J07."""
        # sudo: numbers, for readers of this page only.
        cards = self.sudo().env["kam.scorecard"]
        if not cards.env["res.groups"]._kam_area_is_on("kpi"):
            return [self.env._("Targets and KPIs are switched off.")]
        lines = []
        for kpi_set in cards._sets_of(company):
            for period in cards._due_periods(company, kpi_set, day):
                subjects = cards._without_card(company, kpi_set, period)
                if subjects:
                    lines.append(
                        self.env._(
                            "%(set)s, %(period)s: %(count)s scorecards are made.",
                            set=kpi_set.name,
                            period=cards.env["kam.metric"]._period_label(period),
                            count=len(subjects),
                        )
                    )
        return lines or [self.env._("No scorecard has to be made.")]
