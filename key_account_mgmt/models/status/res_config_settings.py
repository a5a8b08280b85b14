from odoo import api, fields, models

from .res_company import NUMBERS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_kam_area_status = fields.Boolean(
        "Status Reports",
        implied_group="key_account_mgmt.group_kam_area_status",
        help="The monthly business status report of strategic and key accounts.",
    )
    kam_status_due_day = fields.Integer(
        "Status Report Due", compute="_compute_kam_status", inverse="_inverse_kam_status"
    )
    kam_status_sales_yellow = fields.Integer(
        "Sales Yellow Below", compute="_compute_kam_status", inverse="_inverse_kam_status"
    )
    kam_status_sales_red = fields.Integer(
        "Sales Red Below", compute="_compute_kam_status", inverse="_inverse_kam_status"
    )
    kam_status_visits_red = fields.Integer(
        "Visits Red Below", compute="_compute_kam_status", inverse="_inverse_kam_status"
    )
    kam_status_issues_red = fields.Integer(
        "Issues Red From", compute="_compute_kam_status", inverse="_inverse_kam_status"
    )
    kam_status_overdue_yellow = fields.Integer(
        "Payments Yellow Above", compute="_compute_kam_status", inverse="_inverse_kam_status"
    )
    kam_status_overdue_red = fields.Integer(
        "Payments Red Above", compute="_compute_kam_status", inverse="_inverse_kam_status"
    )
    kam_status_leader_ids = fields.Many2many(
        related="company_id.root_id.kam_status_leader_ids", readonly=False
    )

    @api.depends("company_id")
    def _compute_kam_status(self):
        for settings in self:
            for name in NUMBERS:
                settings[name] = settings.company_id._kam_status_number(name)

    def _inverse_kam_status(self):
        for settings in self:
            root = settings.company_id.root_id
            for name in NUMBERS:
                if settings[name] != root._kam_status_number(name):
                    root[name] = max(settings[name], 0)
