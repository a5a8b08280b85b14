from odoo import fields, models


class KamPlanMoveWizard(models.TransientModel):
    """Why a plan is revised or cancelled, or what came of it."""

    _name = "kam.plan.move.wizard"
    _description = "Move a Plan On"

    plan_id = fields.Many2one("kam.plan", required=True)
    move = fields.Selection(
        [("revise", "Revise"), ("done", "Finish"), ("cancel", "Cancel")],
        required=True,
        default="revise",
    )
    text = fields.Text(required=True)

    def action_confirm(self):
        """Revise, finish or cancel; the plan checks who may and when."""
        self.ensure_one()
        moves = {
            "revise": self.plan_id._revise,
            "done": self.plan_id._finish,
            "cancel": self.plan_id._cancel,
        }
        moves[self.move](self.text)
        return {"type": "ir.actions.act_window_close"}
