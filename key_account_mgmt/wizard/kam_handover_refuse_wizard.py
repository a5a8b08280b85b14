from odoo import fields, models


class KamHandoverRefuseWizard(models.TransientModel):
    """Why the receiver does not take over.  Source: g Q35."""

    _name = "kam.handover.refuse.wizard"
    _description = "Refuse a Hand-Over"

    handover_id = fields.Many2one("kam.handover", required=True, readonly=True, ondelete="cascade")
    reason = fields.Char(required=True)

    def action_confirm(self):
        self.ensure_one()
        self.handover_id._refuse(self.reason)
        return {"type": "ir.actions.act_window_close"}
