from odoo import models


class KamAccount(models.Model):
    _inherit = "kam.account"

    def _merge_into(self, kept):
        # sudo and engine: as the merge itself; minutes keep their line, of the account kept.
        lines = self.env["kam.review.line"].sudo().search([("account_id", "=", self.id)])
        lines._as_engine().write({"account_id": kept.id})
        return super()._merge_into(kept)
