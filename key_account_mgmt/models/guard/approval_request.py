from odoo import models

from ...policy import routing


class KamApprovalRequest(models.Model):
    _inherit = "kam.approval.request"

    def _kam_waiting_people(self):
        """Approvers of pending rounds who have not decided yet; unrestricted."""
        steps = self.filtered(lambda request: request.state == "pending").step_ids
        waiting = steps.filtered(lambda step: step.state == routing.PENDING)
        people = self.env["res.users"]
        return people.union(*(step._active_approvers() - step.voted_ids for step in waiting))
