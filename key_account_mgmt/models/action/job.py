from odoo import models
from odoo.fields import Domain


class KamJob(models.Model):
    _inherit = "kam.job"

    def _job_forecast_actions(self, company, day):
        """How many actions are due by that day and not done."""
        # sudo: a number, not whose.
        actions = self.env["kam.action"].sudo()
        domain = Domain("company_id", "=", company.id) & Domain("state", "=", "open")
        count = actions.search_count(domain & Domain("date_due", "<=", day))
        return [self.env._("Open actions due by then: %(count)s.", count=count)]
