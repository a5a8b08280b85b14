from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_kam_area_negotiation = fields.Boolean(
        "Negotiations",
        implied_group="key_account_mgmt.group_kam_area_negotiation",
        help="Items, rounds with minutes, concessions, and a bottom line nobody else sees.",
    )
    kam_interest_rate = fields.Float(
        "Interest (% per Year)",
        compute="_compute_kam_negotiation_settings",
        inverse="_inverse_kam_negotiation_settings",
    )
    kam_authorization_days = fields.Integer(
        "Negotiator Authorised for",
        compute="_compute_kam_negotiation_settings",
        inverse="_inverse_kam_negotiation_settings",
    )

    @api.depends("company_id")
    def _compute_kam_negotiation_settings(self):
        for settings in self:
            settings.kam_interest_rate = settings.company_id._kam_interest_rate()
            settings.kam_authorization_days = settings.company_id._kam_authorization_days()

    def _inverse_kam_negotiation_settings(self):
        for settings in self:
            settings.company_id.root_id.write(
                {
                    "kam_interest_rate": settings.kam_interest_rate,
                    "kam_authorization_days": settings.kam_authorization_days,
                }
            )
