from odoo import fields, models


class KamTierOverrideWizard(models.TransientModel):
    _name = "kam.tier.override.wizard"
    _description = "Override the Suggested Tier"

    line_ids = fields.Many2many("kam.tier.evaluation.line", string="Lines", required=True)
    scheme_id = fields.Many2one("kam.tier.scheme", required=True, readonly=True)
    tier_id = fields.Many2one("kam.tier", "Decided Tier", domain="[('scheme_id', '=', scheme_id)]")
    reason = fields.Char(required=True)

    def action_confirm(self):
        self.ensure_one()
        self.line_ids._override(self.tier_id, self.reason)
        return {"type": "ir.actions.act_window_close"}
