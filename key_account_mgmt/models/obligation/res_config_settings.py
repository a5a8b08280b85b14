from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_kam_area_visit = fields.Boolean(
        "Visits and Obligations",
        implied_group="key_account_mgmt.group_kam_area_visit",
        help="What is owed to whom, visits, coverage.",
    )
    kam_handover_grace = fields.Integer(
        "Grace After a Hand-Over",
        compute="_compute_kam_handover_grace",
        inverse="_inverse_kam_handover_grace",
    )

    @api.depends("company_id")
    def _compute_kam_handover_grace(self):
        for settings in self:
            settings.kam_handover_grace = settings.company_id._kam_handover_grace()

    def _inverse_kam_handover_grace(self):
        for settings in self:
            days = max(settings.kam_handover_grace, 0)
            if days != settings.company_id._kam_handover_grace():
                settings.company_id.root_id.kam_handover_grace_days = days or -1
