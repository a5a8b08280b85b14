from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_kam_area_programme = fields.Boolean(
        "Reviews of the Programme",
        implied_group="key_account_mgmt.group_kam_area_programme",
        help="Programme, price, service quality and audit reviews plan themselves, with figures.",
    )
