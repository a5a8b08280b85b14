from odoo import api, fields, models
from odoo.fields import Domain

from .contract import RUNNING


class KamAccount(models.Model):
    _inherit = "kam.account"

    contract_count = fields.Integer("Contracts in Force", compute="_compute_contracts")
    contract_until = fields.Date(
        "Contract Ends on",
        compute="_compute_contracts",
        help="Of its contracts in force, the one that ends first.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_contracts(self):
        """Of those the reader may see, in a few queries however many accounts."""
        Contract = self.env["kam.contract"]
        domain = Domain("account_id", "in", self.ids) & Domain("state", "=", "in_force")
        domain &= Domain("parent_id", "=", False)
        known = Contract.search(domain) if Contract.has_access("read") else Contract
        by_account = known.grouped("account_id")
        for account in self:
            contracts = by_account.get(account._origin, Contract)
            days = [c.date_to_in_force for c in contracts if c.date_to_in_force]
            account.contract_count = len(contracts)
            account.contract_until = min(days, default=False)

    def action_open_contracts(self):
        """The contracts with these accounts."""
        self.check_access("read")
        self.env["kam.contract"].check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_contract_action")
        return action | {"domain": [("account_id", "in", self.ids)], "context": {}}

    def _merge_into(self, kept):
        # sudo: as the merge itself; contracts that are over move, too.
        contracts = self.env["kam.contract"].sudo().search([("account_id", "=", self.id)])
        contracts._as_engine().write({"account_id": kept.id})
        return super()._merge_into(kept)

    # Hand-over -----------------------------------------------------------------------

    def _handover_contracts(self, user):
        domain = Domain("account_id", "in", self.ids) & Domain("state", "in", RUNNING)
        domain &= Domain("project_manager_id", "=", user.id)
        return self.env["kam.contract"].search(domain)

    def _handover_items(self, user):
        """Also the contracts he runs."""
        return super()._handover_items(user) + [
            {
                "kind": "other",
                "model": contract._name,
                "res_id": contract.id,
                "name": self.env._("Contract: %(name)s", name=contract.display_name),
                "date": contract.date_to,
                "account_id": contract.account_id.id,
            }
            for contract in self._handover_contracts(user)
        ]

    def _handover_apply(self, old, new):
        result = super()._handover_apply(old, new)
        mine = self._handover_mine(self._handover_contracts(old))
        mine._as_engine().write({"project_manager_id": new.id})
        return result
