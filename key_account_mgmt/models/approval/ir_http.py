from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """How many approvals wait for the user, for the number beside the clock."""
        result = super().session_info()
        if self.env.user._is_internal():
            steps = self.env["kam.approval.request.step"]
            result["kam_approval_count"] = steps.search_count([("is_mine", "=", True)])
        return result
