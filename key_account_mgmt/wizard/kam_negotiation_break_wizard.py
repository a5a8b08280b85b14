from odoo import fields, models


class KamNegotiationBreakWizard(models.TransientModel):
    _name = "kam.negotiation.break.wizard"
    _description = "Break Off a Negotiation"
    _rec_name = "negotiation_id"

    negotiation_id = fields.Many2one(
        "kam.negotiation", required=True, readonly=True, ondelete="cascade"
    )
    reason = fields.Char(required=True)

    def action_confirm(self):
        """End it with a reason; checked by the negotiation."""
        self.ensure_one()
        result = self.negotiation_id._break_off(self.reason)
        return result if result is not True else {"type": "ir.actions.act_window_close"}
