from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_kam_area_bid = fields.Boolean(
        "Bids",
        implied_group="key_account_mgmt.group_kam_area_bid",
        help="Tenders with team, tasks, deadline, bonds, opening record and result.",
    )
    kam_bid_threshold = fields.Float(
        "Go From a Score of",
        digits=(3, 2),
        compute="_compute_kam_bid_settings",
        inverse="_inverse_kam_bid_settings",
    )
    kam_bid_sign_days = fields.Integer(
        "Contract Signed Within",
        compute="_compute_kam_bid_settings",
        inverse="_inverse_kam_bid_settings",
    )
    kam_bid_needs_pursuit = fields.Boolean(
        "Bids Need a Registered Pursuit",
        compute="_compute_kam_bid_settings",
        inverse="_inverse_kam_bid_settings",
    )

    @api.depends("company_id")
    def _compute_kam_bid_settings(self):
        for settings in self:
            company = settings.company_id
            settings.kam_bid_threshold = company._kam_bid_threshold()
            settings.kam_bid_sign_days = company._kam_bid_sign_days()
            settings.kam_bid_needs_pursuit = company._kam_bid_needs_pursuit()

    def _inverse_kam_bid_settings(self):
        for settings in self:
            settings.company_id.root_id.write(
                {
                    "kam_bid_threshold": min(max(settings.kam_bid_threshold, 0), 5),
                    "kam_bid_sign_days": max(settings.kam_bid_sign_days, 0),
                    "kam_bid_needs_pursuit": settings.kam_bid_needs_pursuit,
                }
            )
