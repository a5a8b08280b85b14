from odoo import models


class KamAccount(models.Model):
    _inherit = "kam.account"

    def _handover_items(self, user):
        """Also the overdue receivables of every account, as of last night."""
        return super()._handover_items(user) + [
            {
                "kind": "receivable",
                "model": account._name,
                "res_id": account.id,
                "name": self.env._("Overdue receivables"),
                "date": False,
                "account_id": account.id,
                "amount": account.overdue,
            }
            for account in self
            if account.user_id == user and account.overdue > 0
        ]
