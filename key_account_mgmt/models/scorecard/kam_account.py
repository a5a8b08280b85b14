from odoo import api, models


class KamAccount(models.Model):
    _inherit = "kam.account"

    @api.model
    def _merge_partner_records(self, sources, destination):
        # engine: which customers a card was counted on; they are one from now on.
        self.env["kam.scorecard"].sudo()._as_engine()._merge_partners(sources, destination)
        return super()._merge_partner_records(sources, destination)
