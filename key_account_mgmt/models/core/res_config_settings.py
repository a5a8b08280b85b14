from odoo import api, fields, models

from .res_company import CHANNELS


class ResConfigSettings(models.TransientModel):
    """Areas are ticks: an area that is off has no menu.  Design §1."""

    _inherit = "res.config.settings"

    group_kam_area_tier = fields.Boolean(
        "Tier Evaluations",
        implied_group="key_account_mgmt.group_kam_area_tier",
        help="Evaluations, suggestions, migration, opening classification.",
    )
    group_kam_area_qualification = fields.Boolean(
        "Qualifications and Industry Standing",
        implied_group="key_account_mgmt.group_kam_area_qualification",
        help="What documents cannot compute, with evidence.",
    )
    group_kam_area_figures = fields.Boolean(
        "Figures",
        implied_group="key_account_mgmt.group_kam_area_figures",
        help="Figures of every month, opening figures.",
    )
    group_kam_area_approval = fields.Boolean(
        "Approval Analysis",
        implied_group="key_account_mgmt.group_kam_area_approval",
        help="Audit of approvals. Approving and delegating are always there.",
    )
    kam_notice_channel = fields.Selection(
        CHANNELS,
        "Notices by",
        compute="_compute_kam_notice_channel",
        inverse="_inverse_kam_notice_channel",
    )
    kam_notice_webhook_kind = fields.Selection(
        related="company_id.root_id.kam_notice_webhook_kind", readonly=False
    )
    kam_notice_webhook_url = fields.Char(
        related="company_id.root_id.kam_notice_webhook_url", readonly=False
    )

    @api.depends("company_id")
    def _compute_kam_notice_channel(self):
        for settings in self:
            root = settings.company_id.root_id
            settings.kam_notice_channel = root.kam_notice_channel or "email"

    def _inverse_kam_notice_channel(self):
        for settings in self:
            settings.company_id.root_id.kam_notice_channel = settings.kam_notice_channel
