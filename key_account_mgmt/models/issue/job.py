from odoo import fields, models


class KamJob(models.Model):
    """What the jobs on issues will do."""

    _inherit = "kam.job"

    def _job_forecast_issues(self, company, day):
        """Source: J12."""
        if not self.env["res.groups"]._kam_area_is_on("issue"):
            return [self.env._("The area Issues is switched off.")]
        # sudo: a number, not whose.
        Issue = self.env["kam.issue"].sudo()
        late = Issue.search_count(Issue._late_domain(company, fields.Datetime.now()))
        if not late:
            return [self.env._("Nothing is late.")]
        return [self.env._("Issues past their deadline: %(count)s.", count=late)]

    def _job_forecast_delivery_delays(self, company, day):
        """Source: S1d-10."""
        if not self.env["res.groups"]._kam_area_is_on("issue"):
            return [self.env._("The area Issues is switched off.")]
        if not company._kam_issue_delivery():
            return [self.env._("Late orders raise no issue: see the settings.")]
        # sudo: a number, not whose.
        orders = self.env["kam.issue"].sudo()._late_orders(company, day)
        return [self.env._("Orders not delivered in time: %(count)s.", count=len(orders))]
