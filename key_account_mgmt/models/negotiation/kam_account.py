from odoo import models
from odoo.fields import Domain

from .negotiation import OPEN


class KamAccount(models.Model):
    _inherit = "kam.account"

    def action_negotiate(self):
        """Prepare a negotiation with the account, where no opportunity stands behind it."""
        self.ensure_one()
        self.check_access("read")
        return self.env["kam.negotiation"]._prepare_action(
            {"default_partner_id": self.partner_id.id, "default_company_id": self.company_id.id}
        )

    def action_open_negotiations(self):
        """The negotiations with these accounts."""
        self.check_access("read")
        self.env["kam.negotiation"].check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "key_account_mgmt.kam_negotiation_action"
        )
        return action | {"domain": [("account_id", "in", self.ids)], "context": {}}

    def _merge_into(self, kept):
        # sudo: as the merge itself; negotiations that are over move, too.
        negotiations = self.env["kam.negotiation"].sudo().search([("account_id", "=", self.id)])
        negotiations._as_engine().write({"account_id": kept.id})
        return super()._merge_into(kept)

    # Hand-over -----------------------------------------------------------------------

    def _handover_negotiations(self, user):
        domain = Domain("account_id", "in", self.ids) & Domain("state", "in", OPEN)
        domain &= Domain("lead_negotiator_id", "=", user.id)
        return self.env["kam.negotiation"].search(domain)

    def _handover_items(self, user):
        """Also the negotiations he leads; whoever takes over needs his own authorization."""
        return super()._handover_items(user) + [
            {
                "kind": "other",
                "model": negotiation._name,
                "res_id": negotiation.id,
                "name": self.env._("Negotiation: %(name)s", name=negotiation.name),
                "date": negotiation.next_date,
                "account_id": negotiation.account_id.id,
            }
            for negotiation in self._handover_negotiations(user)
        ]

    def _handover_apply(self, old, new):
        result = super()._handover_apply(old, new)
        mine = self._handover_mine(self._handover_negotiations(old))
        mine._as_engine().write({"lead_negotiator_id": new.id})
        return result
