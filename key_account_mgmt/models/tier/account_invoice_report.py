from odoo import fields, models


class AccountInvoiceReport(models.Model):
    _inherit = "account.invoice.report"

    kam_tier_id = fields.Many2one(
        "kam.tier", "Tier", related="commercial_partner_id.kam_account_id.tier_id"
    )
    kam_is_key_account = fields.Boolean(
        "Key Account", related="commercial_partner_id.kam_account_id.is_key_account"
    )
