from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    kam_scorecard_review_days = fields.Integer(
        "Scorecards to Review after",
        compute="_compute_kam_scorecard_days",
        inverse="_inverse_kam_scorecard_review_days",
    )
    kam_scorecard_acknowledge_days = fields.Integer(
        "Scorecards to Acknowledge within",
        compute="_compute_kam_scorecard_days",
        inverse="_inverse_kam_scorecard_acknowledge_days",
    )

    @api.depends("company_id")
    def _compute_kam_scorecard_days(self):
        for settings in self:
            company = settings.company_id
            settings.kam_scorecard_review_days = company._kam_scorecard_review_days()
            settings.kam_scorecard_acknowledge_days = company._kam_scorecard_acknowledge_days()

    def _inverse_kam_scorecard_review_days(self):
        for settings in self:
            days = max(settings.kam_scorecard_review_days, 0)
            settings.company_id.root_id.kam_scorecard_review_days = days

    def _inverse_kam_scorecard_acknowledge_days(self):
        for settings in self:
            days = max(settings.kam_scorecard_acknowledge_days, 0)
            settings.company_id.root_id.kam_scorecard_acknowledge_days = days
