from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    kam_go_live_date = fields.Date(related="company_id.kam_go_live_date", readonly=False)
    kam_amount_unit = fields.Selection(related="company_id.kam_amount_unit", readonly=False)
