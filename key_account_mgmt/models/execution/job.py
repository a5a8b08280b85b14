from odoo import models


class KamJob(models.Model):
    """What the night will do with contracts."""

    _inherit = "kam.job"

    def _job_forecast_contract_watch(self, company, day):
        """Source: J10."""
        if not self.env["res.groups"]._kam_area_is_on("contract"):
            return [self.env._("The area Contracts is switched off.")]
        # sudo: numbers, not whose.
        ending, checks, late = self.env["kam.contract"].sudo()._forecast_watch(company, day)
        lines = []
        if ending:
            lines.append(self.env._("Contracts that end soon: %(count)s.", count=ending))
        if checks:
            lines.append(self.env._("Checks due: %(count)s.", count=checks))
        if late:
            lines.append(self.env._("Milestones late: %(count)s.", count=late))
        return lines or [self.env._("Nothing is due.")]
