from odoo import models


class KamJob(models.Model):
    """What the night will do with bids."""

    _inherit = "kam.job"

    def _job_forecast_bids(self, company, day):
        """Source: J11."""
        if not self.env["res.groups"]._kam_area_is_on("bid"):
            return [self.env._("The area Bids is switched off.")]
        # sudo: numbers, not whose.
        bids, questions, bonds = self.env["kam.bid"].sudo()._forecast_counts(company, day)
        lines = []
        if bids:
            lines.append(self.env._("Bids due within a week: %(count)s.", count=bids))
        if questions:
            lines.append(self.env._("Clarifications due: %(count)s.", count=questions))
        if bonds:
            lines.append(self.env._("Bonds overdue: %(count)s.", count=bonds))
        return lines or [self.env._("Nothing is due.")]
