from odoo import api, models


class KamAccount(models.Model):
    _inherit = "kam.account"

    @api.model_create_multi
    def create(self, vals_list):
        """A deal with a customer who gets a file becomes one of that file."""
        accounts = super().create(vals_list)
        accounts._link_deals()
        return accounts

    def _link_deals(self):
        # sudo: every deal of the customer, whoever opens the file.
        for name in self.env["crm.lead"]._kam_deal_models():
            documents = (
                self.env[name]
                .sudo()
                .search(
                    [
                        ("account_id", "=", False),
                        ("company_id", "in", self.company_id.ids),
                        ("partner_id", "child_of", self.partner_id.ids),
                    ]
                )
            )
            documents._deal_sync_account()

    def _merge_into(self, kept):
        """Deals move to the file that is kept."""
        # sudo: the wizard is for administrators of contacts, not of deals.
        for name in self.env["crm.lead"]._kam_deal_models():
            model = self.env[name].sudo().with_context(active_test=False)
            model.search([("account_id", "=", self.id)])._deal_write({"account_id": kept.id})
        return super()._merge_into(kept)
