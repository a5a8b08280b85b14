from odoo import fields, models


class KamContractMilestoneWizard(models.TransientModel):
    """What of a milestone is not as the contract says.  Source: K11."""

    _name = "kam.contract.milestone.wizard"
    _description = "Milestone Not Conform"

    milestone_id = fields.Many2one("kam.contract.milestone", required=True)
    note = fields.Char("What Deviates", required=True)

    def action_confirm(self):
        """Write it down; the milestone checks who may."""
        self.ensure_one()
        self.milestone_id._judge("not_conform", self.note)
        return {"type": "ir.actions.act_window_close"}
