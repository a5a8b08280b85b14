from odoo import fields, models


class KamActionCancelWizard(models.TransientModel):
    _name = "kam.action.cancel.wizard"
    _description = "Cancel Actions"

    action_ids = fields.Many2many("kam.action", string="Actions", required=True)
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Cancel them with one reason; each is checked."""
        self.ensure_one()
        self.action_ids._cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
