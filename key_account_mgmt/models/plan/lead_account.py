from odoo import api, models


class KamAccount(models.Model):
    """Referrals belong to the file of who referred: opened later, or merged."""

    _inherit = "kam.account"

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        # sudo: every referral of the customer, whoever opens the file.
        referrals = self.env["kam.referral"].sudo()
        found = referrals.search(
            [
                ("account_id", "=", False),
                ("company_id", "in", accounts.company_id.ids),
                ("referrer_id.commercial_partner_id", "in", accounts.partner_id.ids),
            ]
        )
        found._sync_account()
        return accounts

    def _merge_into(self, kept):
        # sudo and engine: as the merge itself.
        referrals = self.env["kam.referral"].sudo().search([("account_id", "=", self.id)])
        referrals._as_engine().write({"account_id": kept.id})
        return super()._merge_into(kept)
