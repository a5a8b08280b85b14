from odoo import models
from odoo.fields import Domain


class KamJob(models.Model):
    """What the night will do with pursuits."""

    _inherit = "kam.job"

    def _job_forecast_pursuits(self, company, day):
        """Source: J06."""
        # sudo: numbers, not whose.
        pursuits = self.env["kam.pursuit"].sudo()
        released = pursuits.search_count(pursuits._release_domain(company, day))
        warn = company._kam_pursuit_protection()[1]
        silent = pursuits.search_count(
            pursuits._silent_domain(company, day, warn) & Domain("warned_on", "=", False)
        )
        lines = []
        if released:
            lines.append(self.env._("Pursuits to be released: %(count)s.", count=released))
        if silent:
            lines.append(self.env._("Silent pursuits to warn about: %(count)s.", count=silent))
        return lines or [self.env._("Nothing is due.")]
