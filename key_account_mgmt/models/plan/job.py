from odoo import models

from .plan_jobs import NEXT_YEAR_MONTH


class KamJob(models.Model):
    """What the night will do with plans and the work calendar."""

    _inherit = "kam.job"

    def _job_forecast_plans(self, company, day):
        """Source: J20."""
        if not self.env["res.groups"]._kam_area_is_on("plan"):
            return [self.env._("Account plans are switched off.")]
        # sudo: numbers, not whose.
        Plan = self.env["kam.plan"].sudo()
        if day.month < NEXT_YEAR_MONTH:
            return [self.env._("Next year’s plans are drafted in November.")]
        count = len(Plan._accounts_without_plan(company, day.year + 1))
        if not count:
            return [self.env._("Nothing is due.")]
        return [self.env._("Plans of the next year to be drafted: %(count)s.", count=count)]
