from odoo import api, fields, models


class KamApprovalDecisionWizard(models.TransientModel):
    """The comment of a decision.  The engine checks everything; this only asks."""

    _name = "kam.approval.decision.wizard"
    _description = "Decide"

    kind = fields.Selection(
        [("approve", "Approve"), ("refuse", "Refuse")], required=True, readonly=True
    )
    step_ids = fields.Many2many("kam.approval.request.step", string="Documents", readonly=True)
    count = fields.Integer(compute="_compute_count")
    comment = fields.Text()

    @api.depends("step_ids")
    def _compute_count(self):
        for wizard in self:
            wizard.count = len(wizard.step_ids)

    def action_confirm(self):
        self.ensure_one()
        if self.kind == "refuse":
            self.step_ids.action_refuse(self.comment)
        else:
            self.step_ids.action_approve(self.comment)
        return {"type": "ir.actions.act_window_close"}
