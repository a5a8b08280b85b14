from odoo import fields, models


class KamApprovalRequestStep(models.Model):
    _inherit = "kam.approval.request.step"

    partner_tier_id = fields.Many2one(
        "kam.tier",
        string="Customer's Tier",
        related="request_id.partner_id.commercial_partner_id.kam_account_id.tier_id",
    )
