from odoo import models


class KamJob(models.Model):
    _inherit = "kam.job"

    def _job_forecast_requests(self, company, day):
        """How many overdue requests have not been told of."""
        # sudo: a number, not who and what.
        Request = self.env["kam.request"].sudo()
        overdue = Request.search(Request._overdue_domain(company.sudo(), day))
        count = len(overdue.filtered(lambda request: request.overdue_told != request.date_due))
        return [self.env._("Overdue requests to tell of: %(count)s.", count=count)]
