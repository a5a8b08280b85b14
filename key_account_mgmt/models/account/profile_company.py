from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .kam_account_profile import STALE_MONTHS


class ResCompany(models.Model):
    _inherit = "res.company"

    # No default: installing must not rewrite the rows of companies. Empty: six months.
    kam_profile_months = fields.Integer("Profiles Are Reviewed Every (Months)")

    @api.constrains("kam_profile_months")
    def _check_kam_profile_months(self):
        for company in self:
            if not 0 <= company.kam_profile_months <= 120:
                raise ValidationError(
                    self.env._("Choose between 1 and 120 months for the review of profiles.")
                )

    def _kam_profile_months(self):
        """Months after which a profile is stale; a branch follows its root company."""
        # sudo: how often profiles are reviewed is no secret of the root company.
        return self.sudo().root_id.kam_profile_months or STALE_MONTHS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    kam_profile_months = fields.Integer(
        "Profiles Are Reviewed Every",
        compute="_compute_kam_profile_months",
        inverse="_inverse_kam_profile_months",
    )

    @api.depends("company_id")
    def _compute_kam_profile_months(self):
        for settings in self:
            settings.kam_profile_months = settings.company_id._kam_profile_months()

    def _inverse_kam_profile_months(self):
        for settings in self:
            settings.company_id.root_id.kam_profile_months = settings.kam_profile_months
