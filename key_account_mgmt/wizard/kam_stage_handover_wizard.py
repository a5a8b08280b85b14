from odoo import api, fields, models


class KamStageHandoverWizard(models.TransientModel):
    """Which stage is next, and what its owner should know.  Source: S1r-18."""

    _name = "kam.stage.handover.wizard"
    _description = "Hand Over an Opportunity"

    lead_id = fields.Many2one("crm.lead", "Opportunity", required=True)
    owned_stage_ids = fields.Many2many("crm.stage", compute="_compute_owned_stages")
    stage_id = fields.Many2one("crm.stage", "Next Stage", required=True)
    user_id = fields.Many2one("res.users", "Receiver", compute="_compute_user_id")
    note = fields.Text("What to Know", required=True)

    @api.depends("lead_id")
    def _compute_owned_stages(self):
        for wizard in self:
            wizard.lead_id.check_access("read")
            owners = wizard.lead_id.sudo().kam_stage_owner_ids
            wizard.owned_stage_ids = owners.stage_id.filtered(
                lambda stage, lead=wizard.lead_id: lead._kam_stage_receiver(stage)
            )

    @api.depends("lead_id", "stage_id")
    def _compute_user_id(self):
        for wizard in self:
            wizard.lead_id.check_access("read")
            stage = wizard.stage_id
            wizard.user_id = wizard.lead_id._kam_stage_receiver(stage) if stage else False

    def action_confirm(self):
        """Hand it over; it moves when the receiver accepts."""
        self.ensure_one()
        self.lead_id._kam_hand_over(self.stage_id, self.note)
        return {"type": "ir.actions.act_window_close"}
