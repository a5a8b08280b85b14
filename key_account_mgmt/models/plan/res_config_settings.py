from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_kam_area_plan = fields.Boolean(
        "Account Plans",
        implied_group="key_account_mgmt.group_kam_area_plan",
        help="Plans, target accounts, product generations, campaign targets, work calendar.",
    )
    kam_prospect_days = fields.Integer(
        "Prospects Count For",
        compute="_compute_kam_prospect_days",
        inverse="_inverse_kam_prospect_days",
    )

    @api.depends("company_id")
    def _compute_kam_prospect_days(self):
        for settings in self:
            settings.kam_prospect_days = settings.company_id._kam_prospect_days()

    def _inverse_kam_prospect_days(self):
        for settings in self:
            days = max(settings.kam_prospect_days, 0)
            if days != settings.company_id._kam_prospect_days():
                settings.company_id.root_id.kam_prospect_days = days
