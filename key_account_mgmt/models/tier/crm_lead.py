from odoo import fields, models

from .customer_tier import CustomerTier


class CrmLead(models.Model):
    _inherit = "crm.lead"

    kam_tier_id = CustomerTier(
        "kam.tier", "Tier", related="partner_id.commercial_partner_id.kam_account_id.tier_id"
    )
    kam_is_key_account = fields.Boolean(
        "Key Account",
        related="partner_id.commercial_partner_id.kam_account_id.is_key_account",
    )
