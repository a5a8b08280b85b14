from odoo import api, models


class KamRequest(models.Model):
    """Priority from the tier.  Source: S3-32, S3-41."""

    _inherit = "kam.request"

    @api.model
    def _is_priority_account(self, account):
        # sudo: the rule holds for whoever asks, whatever he may read of tiers.
        tier = account.sudo().tier_id
        return tier.request_priority or super()._is_priority_account(account)
