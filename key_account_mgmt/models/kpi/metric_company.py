from odoo import api, fields, models

CHURN_MONTHS = 12


class ResCompany(models.Model):
    """After how many months without sales a customer is lost.  Source: K08, (g) Q23."""

    _inherit = "res.company"

    # No default: installing must not rewrite the rows of companies. Empty: 12.
    kam_churn_months = fields.Integer("Customers Are Lost After", help="Months; 0: twelve.")

    def _kam_churn_months(self):
        """Months without sales after which a customer counts as lost."""
        # sudo: as settings of the root company are read elsewhere.
        return max(self.sudo().root_id.kam_churn_months, 0) or CHURN_MONTHS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    kam_churn_months = fields.Integer(
        "Customers Are Lost After",
        compute="_compute_kam_churn_months",
        inverse="_inverse_kam_churn_months",
    )

    @api.depends("company_id")
    def _compute_kam_churn_months(self):
        for settings in self:
            settings.kam_churn_months = settings.company_id._kam_churn_months()

    def _inverse_kam_churn_months(self):
        for settings in self:
            months = max(settings.kam_churn_months, 0)
            if months != settings.company_id._kam_churn_months():
                settings.company_id.root_id.kam_churn_months = months
