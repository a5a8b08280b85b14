from odoo import models
from odoo.fields import Domain

from ...policy import routing


class KamJob(models.Model):
    _inherit = "kam.job"

    def _job_forecast_approvals(self, company, day):
        """How many steps are past their deadline, and how many will be."""
        # sudo: numbers, not whose.
        steps = self.env["kam.approval.request.step"].sudo()
        pending = Domain("state", "=", routing.PENDING) & Domain(
            "company_id", "child_of", company.id
        )
        late = steps.search_count(pending & Domain("is_late", "=", True))
        timed = steps.search_count(pending & Domain("deadline", "!=", False))
        return [
            self.env._("Steps with a deadline: %(count)s, late: %(late)s.", count=timed, late=late)
        ]

    def _job_forecast_absences(self, company, day):
        """How many people hold approvals and may be away."""
        # sudo: a number, not who.
        steps = self.env["kam.approval.request.step"].sudo()
        waiting = Domain("state", "in", (routing.PENDING, routing.WAITING))
        found = steps.search(waiting & Domain("company_id", "child_of", company.id))
        count = len(found.approver_ids.filtered("active"))
        return [self.env._("Look into the calendars of approvers: %(count)s.", count=count)]
