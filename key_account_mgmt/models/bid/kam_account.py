from odoo import models
from odoo.fields import Domain

from .bid import BEFORE


class KamAccount(models.Model):
    """Bids an account manager leads go along when the account changes hands."""

    _inherit = "kam.account"

    def _handover_bids(self, user):
        domain = Domain("account_id", "in", self.ids) & Domain("user_id", "=", user.id)
        return self.env["kam.bid"].search(domain & Domain("state", "in", (*BEFORE, "submitted")))

    def _handover_items(self, user):
        """Also the bids he leads that run."""
        return super()._handover_items(user) + [
            {
                "kind": "other",
                "model": bid._name,
                "res_id": bid.id,
                "name": self.env._("Bid: %(name)s", name=bid.name),
                "date": bid.deadline_date,
                "account_id": bid.account_id.id,
            }
            for bid in self._handover_bids(user)
        ]

    def _handover_apply(self, old, new):
        result = super()._handover_apply(old, new)
        bids = self._handover_mine(self._handover_bids(old))
        bids._as_engine().write({"user_id": new.id})
        return result
