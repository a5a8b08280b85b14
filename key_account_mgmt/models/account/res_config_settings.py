from odoo import api, fields, models

from .res_company import AMOUNT_UNITS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    kam_go_live_date = fields.Date(related="company_id.root_id.kam_go_live_date", readonly=False)
    kam_amount_unit = fields.Selection(
        AMOUNT_UNITS,
        "Show Amounts in",
        compute="_compute_kam_amount_unit",
        inverse="_inverse_kam_amount_unit",
    )

    @api.depends("company_id")
    def _compute_kam_amount_unit(self):
        for settings in self:
            settings.kam_amount_unit = settings.company_id.root_id.kam_amount_unit or "1"

    def _inverse_kam_amount_unit(self):
        for settings in self:
            settings.company_id.root_id.kam_amount_unit = settings.kam_amount_unit
