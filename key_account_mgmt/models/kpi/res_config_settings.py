from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_kam_area_kpi = fields.Boolean(
        "Targets and KPIs",
        implied_group="key_account_mgmt.group_kam_area_kpi",
        help="Targets of people, teams and accounts; how people are assessed, on figures.",
    )
