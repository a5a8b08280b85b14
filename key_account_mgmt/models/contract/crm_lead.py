from odoo import models
from odoo.exceptions import UserError

AREA = "key_account_mgmt.group_kam_area_contract"


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def _kam_deal_steps(self):
        """The contract of the deal, where the area is on, between negotiation and order."""
        steps = super()._kam_deal_steps()
        if not self.env.user.has_group(AREA):
            return steps
        # sudo: where the deal stands, also for a member who may not read the opportunity.
        lead = self.sudo()
        may = lead.type == "opportunity" and lead.won_status != "lost"
        may = may and not any(s["running"] for s in steps if s["code"] in ("bid", "negotiation"))
        Contract = self.env["kam.contract"]
        may = may and self.has_access("read") and Contract.has_access("create")
        may = may and Contract._may_draft() and bool(self._kam_contract_source())
        button = (self.env._("Draft Contract"), "action_kam_contract") if may else ()
        return [*steps, self._kam_step_of("kam.contract", self.env._("Contract"), *button)]

    def _kam_contract_source(self):
        """From what a contract of the deal is drafted: the agreed negotiation, else the bid
        that was won, else its quotations; empty: nothing of these is there."""
        self.ensure_one()
        in_deal = [("lead_id", "=", self.id)]
        for name, domain in (
            ("kam.negotiation", [("state", "=", "agreed")]),
            ("kam.bid", [("result", "=", "won")]),
        ):
            Model = self.env[name]
            found = Model.has_access("read") and Model.search(
                in_deal + domain, limit=1, order="id desc"
            )
            if found:
                return found
        Order = self.env["sale.order"]
        if not Order.has_access("read"):
            return Order
        return Order.search(
            [("opportunity_id", "=", self.id), ("state", "in", ("draft", "sent"))],
            limit=1,
            order="id desc",
        )

    def action_kam_contract(self):
        """Draft the contract of this deal in one click.

        :raise UserError: nothing was agreed, won or offered yet
        """
        self.ensure_one()
        self.check_access("read")
        source = self._kam_contract_source()
        if not source:
            raise UserError(
                self.env._("A contract is drafted from a quotation, a won bid or an agreement.")
            )
        return source.action_kam_contract()
