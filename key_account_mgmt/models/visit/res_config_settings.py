from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    kam_visit_report_days = fields.Integer(
        "Visit Report Within",
        compute="_compute_kam_visit_settings",
        inverse="_inverse_kam_visit_settings",
    )
    kam_visit_missed_days = fields.Integer(
        "Without Report Missed After",
        compute="_compute_kam_visit_settings",
        inverse="_inverse_kam_visit_settings",
    )
    kam_visit_preparation = fields.Boolean(
        "Preparation Required",
        compute="_compute_kam_visit_settings",
        inverse="_inverse_kam_visit_settings",
    )

    @api.depends("company_id")
    def _compute_kam_visit_settings(self):
        for settings in self:
            company = settings.company_id
            settings.kam_visit_report_days = company._kam_visit_report_days()
            settings.kam_visit_missed_days = company._kam_visit_missed_days()
            settings.kam_visit_preparation = not company.root_id.kam_visit_preparation_free

    def _inverse_kam_visit_settings(self):
        for settings in self:
            settings.company_id.root_id.write(
                {
                    "kam_visit_report_days": settings.kam_visit_report_days,
                    "kam_visit_missed_days": settings.kam_visit_missed_days,
                    "kam_visit_preparation_free": not settings.kam_visit_preparation,
                }
            )
