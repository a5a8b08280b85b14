from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    kam_contract_expiry_days = fields.Integer(
        "Contracts Expiring within",
        compute="_compute_kam_contract_expiry_days",
        inverse="_inverse_kam_contract_expiry_days",
    )

    @api.depends("company_id")
    def _compute_kam_contract_expiry_days(self):
        for settings in self:
            settings.kam_contract_expiry_days = settings.company_id._kam_contract_expiry_days()

    def _inverse_kam_contract_expiry_days(self):
        for settings in self:
            settings.company_id.root_id.kam_contract_expiry_days = max(
                settings.kam_contract_expiry_days, 0
            )
