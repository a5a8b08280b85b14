from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_kam_area_price = fields.Boolean(
        "Prices of Tiers",
        implied_group="key_account_mgmt.group_kam_area_price",
        help="Pricelist and payment terms of a level, ceilings that ask for approval, group "
        "discounts of campaigns.",
    )
