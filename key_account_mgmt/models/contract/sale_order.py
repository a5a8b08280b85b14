from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..core.guarded import ENGINE
from .contract import BEFORE

COMMERCIAL = "key_account_mgmt.group_kam_commercial"


class SaleOrder(models.Model):
    """The contract an order belongs to; who may say so.  Source: S0-99, design §4.5."""

    _inherit = "sale.order"

    kam_contract_id = fields.Many2one(
        "kam.contract",
        "Contract",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        groups="key_account_mgmt.group_kam_member,key_account_mgmt.group_kam_commercial,"
        "key_account_mgmt.group_kam_legal,key_account_mgmt.group_kam_finance,"
        "key_account_mgmt.group_kam_admin,key_account_mgmt.group_kam_auditor",
    )

    @api.constrains("kam_contract_id")
    def _check_kam_contract_currency(self):
        # sudo: whose contract it is must not depend on who asks.
        for order in self.sudo():
            contract = order.kam_contract_id
            if contract.kind == "single" and order.currency_id != contract.currency_id:
                raise ValidationError(
                    self.env._(
                        "“%(contract)s” is in %(currency)s, the quotation is not.",
                        contract=contract.display_name,
                        currency=contract.currency_id.name,
                    )
                )

    @api.constrains("kam_contract_id", "partner_id", "company_id")
    def _check_kam_contract(self):
        # sudo: whose contract it is must not depend on who asks.
        for order in self.sudo().filtered("kam_contract_id"):
            contract = order.kam_contract_id
            same = contract.partner_id.commercial_partner_id == (
                order.partner_id.commercial_partner_id
            )
            if not same or contract.company_id != order.company_id.root_id:
                raise ValidationError(
                    self.env._(
                        "“%(contract)s” is the contract of another customer or company.",
                        contract=contract.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        # Whatever road it came by: value, context or personal default.
        linked = orders.sudo().filtered("kam_contract_id").sudo(False)
        for order in linked:
            order._kam_check_may_link(order.sudo().kam_contract_id.sudo(False))
        return orders

    def write(self, vals):
        if "kam_contract_id" in vals and not self._kam_links():
            contract = self.env["kam.contract"].browse(vals["kam_contract_id"] or ())
            for order in self:
                # sudo: a contract binds, readable or not.
                old = order.sudo().kam_contract_id
                if old == contract.sudo():
                    continue
                open_ended = old.kind == "frame" or (old and old._takes_orders())
                call_off = open_ended and order.state in ("draft", "sent")
                if old.state not in (False, "draft", "cancelled") and not call_off:
                    raise UserError(
                        self.env._(
                            "“%(order)s” stays with its contract “%(contract)s”: what was "
                            "submitted is not changed.",
                            order=order.name,
                            contract=old.display_name,
                        )
                    )
                order._kam_check_may_link(contract)
        return super().write(vals)

    def _kam_links(self):
        """Whether the system itself links the order, from a contract it checked."""
        return self.env.context.get("kam_engine") is ENGINE

    def _kam_check_may_link(self, contract):
        """A call-off is linked by who reads the frame; a draft gets its orders from who
        drafts it; a single contract signed with its orders gets no more.

        :raise AccessError: none of these
        """
        if not contract or self._kam_links():
            return
        contract.check_access("read")
        # sudo: read only, after the right to read.
        state, kind = contract.sudo().state, contract.sudo().kind
        if contract._takes_orders():
            return
        if state == "draft" and contract._may_draft():
            contract.check_access("write")
            return
        if state in BEFORE and kind == "frame" and self.state in ("draft", "sent"):
            return
        raise AccessError(
            self.env._(
                "Only commercial puts an order under a contract, while it is drafted; a call-off "
                "goes under a frame contract in force."
            )
        )

    def action_kam_contract(self):
        """Draft the contract of these quotations, or open the one there is.

        :raise UserError: they belong to different customers, or were cancelled
        """
        self.check_access("read")
        # sudo: which contract it is; the right to read it is checked when it opens.
        contract = self.sudo().kam_contract_id.sudo(False)
        if not contract:
            contract = self.env["kam.contract"]._draft_from(self)
        contract[:1].check_access("read")
        return contract[:1].get_formview_action()

    def action_kam_ask_contract(self):
        """Ask commercial to draft the contract of these quotations.

        Everybody there hears once with the next morning's message, however often it is asked.

        :raise UserError: they have one, are no quotations, or nobody is commercial
        """
        self.check_access("write")
        people = self.env["res.users"]
        for order in self:
            # sudo: that there is one, readable or not.
            if order.sudo().kam_contract_id or order.state not in ("draft", "sent"):
                raise UserError(
                    self.env._("“%(order)s” has its contract, or needs none.", order=order.name)
                )
            people = order._kam_commercial()
            if not people:
                raise UserError(self.env._("Nobody is commercial: ask the KAM office."))
            order._kam_ask(people)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Asked for a contract: %(names)s.", names=", ".join(people.mapped("name"))
                ),
            },
        }

    def _kam_commercial(self):
        """Who drafts contracts in the company of the order, by explicit membership."""
        self.ensure_one()
        # sudo: who is commercial is no secret.
        users = self.env.ref(COMMERCIAL).sudo().user_ids
        return users.filtered(lambda u: u.active and self.company_id in u.company_ids)

    def _kam_ask(self, people):
        """Queue the wish, in place of one that waits."""
        Notice = self.env["kam.notice"]
        Notice._settle("contract_ask", self, people)
        rows = []
        for user in people:
            own = self.with_context(lang=user.lang)
            title = own.env._(
                "%(name)s asks for a contract of %(order)s, %(customer)s",
                name=self.env.user.name,
                order=self.name,
                customer=self.partner_id.display_name,
            )
            rows.append(Notice._prepare_vals(user, title, [], record=self, topic="contract_ask"))
        Notice._queue_all(rows)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _kam_quantity_text(self):
        """Quantity and unit as they stand in a contract: 1,200,000 Units, 2.5 t."""
        self.ensure_one()
        quantity = f"{self.product_uom_qty:,.6f}".rstrip("0").rstrip(".")
        return f"{quantity} {self.product_uom_id.name or ''}".rstrip()
