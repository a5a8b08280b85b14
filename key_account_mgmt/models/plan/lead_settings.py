from odoo import api, fields, models

RULES = ("kam_stage_owners", "kam_stage_limit", "kam_lead_scores_required")


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    kam_stage_owners = fields.Boolean(
        "Stage Owners", compute="_compute_kam_lead_rules", inverse="_inverse_kam_lead_rules"
    )
    kam_stage_limit = fields.Boolean(
        "At Most Two Stages", compute="_compute_kam_lead_rules", inverse="_inverse_kam_lead_rules"
    )
    kam_lead_scores_required = fields.Boolean(
        "Scores Before Qualifying",
        compute="_compute_kam_lead_rules",
        inverse="_inverse_kam_lead_rules",
    )

    @api.depends("company_id")
    def _compute_kam_lead_rules(self):
        for settings in self:
            for name in RULES:
                settings[name] = settings.company_id._kam_lead_rule(name)

    def _inverse_kam_lead_rules(self):
        for settings in self:
            root = settings.company_id.root_id
            for name in RULES:
                if bool(root[name]) != settings[name]:
                    root[name] = settings[name]
