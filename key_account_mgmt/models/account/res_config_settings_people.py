from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    kam_currency_id = fields.Many2one(
        related="company_id.root_id.currency_id", string="Key Account Currency"
    )
    kam_large_deal_amount = fields.Monetary(
        "Large Opportunity from",
        currency_field="kam_currency_id",
        compute="_compute_kam_people",
        inverse="_inverse_kam_people",
    )
    kam_sponsor_months = fields.Integer(
        "Sponsor Silent after", compute="_compute_kam_people", inverse="_inverse_kam_people"
    )

    @api.depends("company_id")
    def _compute_kam_people(self):
        for settings in self:
            settings.kam_large_deal_amount = settings.company_id._kam_large_deal_limit()
            settings.kam_sponsor_months = settings.company_id._kam_sponsor_silent_months()

    def _inverse_kam_people(self):
        for settings in self:
            root = settings.company_id.root_id
            limit = root._kam_large_deal_limit()
            if root.currency_id.compare_amounts(settings.kam_large_deal_amount, limit):
                root.kam_large_deal_amount = settings.kam_large_deal_amount
            if settings.kam_sponsor_months != root._kam_sponsor_silent_months():
                root.kam_sponsor_months = settings.kam_sponsor_months
