from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_kam_area_contract = fields.Boolean(
        "Contracts",
        implied_group="key_account_mgmt.group_kam_area_contract",
        help="Drafting, legal review, approval, signing and keeping of contracts.",
    )
