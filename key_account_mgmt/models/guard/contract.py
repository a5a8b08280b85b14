from odoo import api, fields, models
from odoo.fields import Domain

from ...policy import ordering, routing

# What decides a price, of a rule of a price list.
PRICING = (
    "applied_on",
    "base",
    "base_pricelist_id",
    "categ_id",
    "compute_price",
    "date_end",
    "date_start",
    "fixed_price",
    "min_quantity",
    "percent_price",
    "price_discount",
    "price_markup",
    "price_max_margin",
    "price_min_margin",
    "price_round",
    "price_surcharge",
    "product_id",
    "product_tmpl_id",
)
ENDED = ("terminated", "cancelled")


class KamContract(models.Model):
    """What a contract lets pass: its own orders as signed, or call-offs of a frame contract.

    Source: S0-105, users §3.6, design §4.5.
    """

    _inherit = "kam.contract"

    call_pricelist_id = fields.Many2one(
        "product.pricelist",
        "Price List of Call-Offs",
        ondelete="restrict",
        index="btree_not_null",
        help="Call-offs have exactly its prices, as they were when the contract was signed; "
        "empty: only the amount and the dates bind.",
    )
    # Fingerprint of the price list at signature: whoever changes it needs an agreement.
    signed_prices = fields.Char(readonly=True, copy=False)
    early_release_ids = fields.One2many(
        "kam.early.release", compute="_compute_early_release_ids", string="Early Releases"
    )
    call_currency_id = fields.Many2one("res.currency", compute="_compute_call_currency_id")
    called_off = fields.Monetary(
        compute="_compute_called_off",
        currency_field="call_currency_id",
        help="Confirmed orders under this contract, at today's rates.",
    )
    called_off_percent = fields.Float("Called Off (%)", compute="_compute_called_off")

    @api.depends("order_ids")
    @api.depends_context("uid")
    def _compute_early_release_ids(self):
        Release = self.env["kam.early.release"]
        # sudo: which orders are its own; releases are those the reader may see.
        orders = self.sudo().order_ids
        known = Release.browse()
        if orders and Release.has_access("read"):
            known = Release.search([("order_id", "in", orders.ids)])
        by_contract = known.sudo().grouped("contract_id")
        for contract in self:
            found = by_contract.get(contract._origin, Release.browse())
            contract.early_release_ids = found.sudo(False)

    @api.depends("company_id")
    def _compute_call_currency_id(self):
        for contract in self:
            contract.call_currency_id = contract._kam_currency()

    def _kam_currency(self):
        """The currency the contract is signed in, not that of its deal."""
        self.ensure_one()
        return self.currency_id

    # Not on what orders are: every write of one would look for contracts.
    @api.depends("order_ids", "amount_total")
    def _compute_called_off(self):
        # sudo: how much of a contract is used, for whoever may read it.
        taken = self.sudo()._kam_called_off()
        for contract in self:
            amount = taken.get(contract._origin.id, 0.0)
            ceiling = contract.sudo().amount_in_force
            contract.called_off = amount
            contract.called_off_percent = ceiling and 100 * amount / ceiling

    def write(self, vals):
        if "signed_prices" in vals and not self._is_engine():
            self._raise_guarded(["signed_prices"])
        trusted = self._is_engine() or self.env.su
        if "call_pricelist_id" in vals and not trusted and not self._may_draft():
            self._raise_not_drafter({"call_pricelist_id"})
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_engine():
            vals_list = [{**vals, "signed_prices": False} for vals in vals_list]
        return super().create(vals_list)

    def _approval_locked_fields(self):
        return super()._approval_locked_fields() - {"signed_prices"}

    # What covers ---------------------------------------------------------------------

    def _covers(self, order, day):
        """Whether ``order`` may be confirmed under this contract on ``day``."""
        self.ensure_one()
        contract, order = self.sudo(), order.sudo()
        if contract.kind != "frame" and order.kam_contract_id != contract:
            return False
        facts = contract._kam_contract_facts(order)
        terms = facts[contract]["terms"]
        wanted = ordering.Order(
            (order.partner_id.commercial_partner_id.id, order.company_id.root_id.id),
            day,
            order._kam_in_currency_of(contract),
            order._kam_is_as_signed(contract, facts[contract], False),
        )
        step = contract._kam_currency().rounding or 0.01
        if ordering.obstacle(wanted, terms, step):
            return False
        return not order._kam_unagreed(contract, facts[contract])

    def _kam_contract_facts(self, orders):
        """``{contract: what decides about orders under it}``, unrestricted; few queries.

        :param orders: those that are judged: what they themselves take is not called off yet
        """
        contracts = self.sudo()
        taken = contracts._kam_called_off(orders)
        return {
            contract: {
                "terms": contract._kam_terms(taken.get(contract.id, 0.0)),
                "pricelist": contract.call_pricelist_id,
                "prices_kept": contract.signed_prices == contract._kam_price_print(),
                "has_orders": bool(contract.signing_id.order_prints),
                "is_changed": any(
                    s.state in ("in_force", "completed") for s in contract.supplement_ids
                ),
                "products": orders.order_line.product_id,
                "rules": None,
            }
            for contract in contracts
        }

    def _kam_terms(self, called_off):
        self.ensure_one()
        frame = self.kind == "frame"
        return ordering.Contract(
            (self.partner_id.commercial_partner_id.id, self.company_id.root_id.id),
            bool(self._signed()) and (not frame or self.state == "in_force"),
            self.state in ENDED or (frame and self.state == "completed"),
            # A single contract is for its order; its days are those of its performance.
            self.date_from if frame else None,
            self.date_to_in_force if frame else None,
            self.amount_in_force,
            called_off,
        )

    def _kam_called_off(self, orders=None):
        """``{contract id: confirmed orders under it}`` in its currency, at today's rates.

        :param orders: those left out
        """
        if not self.ids:
            return {}
        domain = Domain("kam_contract_id", "in", self.ids) & Domain("state", "=", "sale")
        if orders:
            domain &= Domain("id", "not in", orders.ids)
        groups = (
            self.env["sale.order"]
            .sudo()
            ._read_group(
                domain, ["kam_contract_id", "currency_id", "company_id"], ["amount_total:sum"]
            )
        )
        taken = dict.fromkeys(self.ids, 0.0)
        for contract, currency, company, amount in groups:
            wanted = contract._kam_currency()
            if currency != wanted:
                amount = currency._convert(amount, wanted, company, company._kam_today())
            taken[contract.id] += amount
        return taken

    @api.model
    def _kam_running_frames(self, orders):
        """Frame contracts in force with the customers of these orders, oldest first.

        Called unrestricted.
        """
        customers = orders.partner_id.commercial_partner_id
        roots = orders.company_id.root_id
        if not customers:
            return self.browse()
        return self.search(
            [
                ("kind", "=", "frame"),
                ("state", "=", "in_force"),
                ("parent_id", "=", False),
                ("company_id", "in", roots.ids),
                "|",
                ("account_id.partner_id", "in", customers.ids),
                ("partner_id", "in", customers.ids),
            ],
            order="date_from, id",
        )

    # Prices --------------------------------------------------------------------------

    def _kam_price_print(self):
        """Fingerprint of the rules of the price list; empty where there is none."""
        self.ensure_one()
        pricelist = self.sudo().call_pricelist_id
        if not pricelist:
            return False
        rules = pricelist.with_context(active_test=False).item_ids.sorted("id")
        return routing.fingerprint(
            {
                "pricelist": pricelist.id,
                "rules": [[self._kam_plain(rule[name]) for name in PRICING] for rule in rules],
            }
        )

    @api.model
    def _kam_plain(self, value):
        if isinstance(value, models.BaseModel):
            return value.ids
        return value if isinstance(value, str | bool) else repr(value)

    def _kam_agreed_prices(self, order, lines, fact):
        """``{product: [agreed price]}`` of the products of these lines, per their units.

        A product without a rule of its own has no agreed price; after the price list was
        changed, none has.
        """
        self.ensure_one()
        if not fact["prices_kept"] or not lines:
            return {}
        pricelist, products = self.call_pricelist_id, lines.product_id
        moment = fields.Datetime.now()
        if fact["rules"] is None:
            fact["rules"] = pricelist._get_applicable_rules(fact["products"] | products, moment)
        known = fact["rules"]
        prices = {}
        for line in lines:
            unit = line.product_uom_id or line.product_id.uom_id
            quantity = unit._compute_quantity(
                line.product_uom_qty, line.product_id.uom_id, raise_if_failure=False
            )
            rule = next((r for r in known if r._is_applicable_for(line.product_id, quantity)), None)
            if rule:
                price = rule._compute_price(
                    line.product_id, quantity, unit, moment, currency=pricelist.currency_id
                )
                prices.setdefault(line.product_id, []).append(self._kam_price_in(order, price))
        return prices

    def _kam_price_in(self, order, price):
        """A price of the price list in the currency of an order."""
        currency = self.call_pricelist_id.currency_id
        if currency == order.currency_id:
            return price
        return currency._convert(
            price, order.currency_id, order.company_id, order._kam_day(), round=False
        )

    def _on_in_force(self):
        """Freeze the prices; early releases of its orders are regularised."""
        result = super()._on_in_force()
        for contract in self.sudo():
            # A supplementary agreement confirms the price list of its contract as it is now.
            whole = contract.parent_id or contract
            whole._as_engine().write({"signed_prices": whole._kam_price_print()})
            whole.order_ids.kam_release_ids._regularise()
        return result

    # Who holds it --------------------------------------------------------------------

    def _kam_holders(self):
        """Who has to act before these contracts are signed; unrestricted."""
        people = self.env["res.users"]
        for contract in self.sudo():
            if contract.signed_on or contract.state in ENDED:
                continue
            asked = contract._kam_asked()
            people |= (
                asked
                or (contract.state == "legal" and contract.legal_user_id)
                or (contract.user_id)
            )
        return people.filtered("active")

    def _kam_asked(self):
        """Approvers who have not decided yet."""
        self.ensure_one()
        return self._approval_request()._kam_waiting_people()

    def _kam_holder_names(self):
        """Who holds it, and since when where that is known."""
        self.ensure_one()
        waiting = self._approval_request()._kam_waiting_people() and self.approval_waiting_for
        return waiting or ", ".join(self._kam_holders().mapped("name"))
