from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_kam_area_issue = fields.Boolean(
        "Issues",
        implied_group="key_account_mgmt.group_kam_area_issue",
        help="Complaints, quality problems, delays and faults with deadlines and escalation.",
    )
    kam_issue_delivery = fields.Boolean(
        "Late Orders Raise an Issue",
        compute="_compute_kam_issue_delivery",
        inverse="_inverse_kam_issue_delivery",
    )

    @api.depends("company_id")
    def _compute_kam_issue_delivery(self):
        for settings in self:
            settings.kam_issue_delivery = settings.company_id._kam_issue_delivery()

    def _inverse_kam_issue_delivery(self):
        for settings in self:
            settings.company_id.root_id.kam_issue_no_delivery = not settings.kam_issue_delivery
