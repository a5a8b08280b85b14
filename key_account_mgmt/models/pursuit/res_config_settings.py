from odoo import api, fields, models

NUMBERS = ("kam_pursuit_months", "kam_pursuit_warn_days", "kam_pursuit_release_days")


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_kam_area_pursuit = fields.Boolean(
        "Pursuits",
        implied_group="key_account_mgmt.group_kam_area_pursuit",
        help="Registration, plan approval and progress of deals.",
    )
    kam_pursuit_months = fields.Integer(
        "Protection of a Pursuit",
        compute="_compute_kam_pursuit",
        inverse="_inverse_kam_pursuit",
    )
    kam_pursuit_warn_days = fields.Integer(
        "Warn after Silent Days",
        compute="_compute_kam_pursuit",
        inverse="_inverse_kam_pursuit",
    )
    kam_pursuit_release_days = fields.Integer(
        "Release after Silent Days",
        compute="_compute_kam_pursuit",
        inverse="_inverse_kam_pursuit",
    )

    @api.depends("company_id")
    def _compute_kam_pursuit(self):
        for settings in self:
            values = settings.company_id._kam_pursuit_protection()
            settings.update(dict(zip(NUMBERS, values, strict=True)))

    def _inverse_kam_pursuit(self):
        for settings in self:
            now = settings.company_id._kam_pursuit_protection()
            for name, value in zip(NUMBERS, now, strict=True):
                if settings[name] != value:
                    settings.company_id.root_id[name] = max(settings[name], 0)
