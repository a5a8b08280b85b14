import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..core.guarded import ENGINE

PLACES = re.compile(r"\{(\w+)\}")
EXECUTIVES = ("key_account_mgmt.group_kam_executive", "key_account_mgmt.group_kam_gm")


class KamContract(models.Model):
    """Drafting in one click, from what is known already.  Source: (c8), S0-99 … S0-101."""

    _inherit = "kam.contract"

    # From what -----------------------------------------------------------------------

    @api.model
    def _draft_from(self, record):
        """A draft made from quotations, a won bid or an agreed negotiation.

        :param record: sale orders of one customer, one ``kam.bid`` or ``kam.negotiation``,
            which the acting user may read
        :return: the contract; a running one of the same source instead of a second
        :raise UserError: the source has no such result, or orders do not belong together
        :raise AccessError: the user drafts no contracts
        """
        self.check_access("create")
        if not self._may_draft():
            raise AccessError(self.env._("Contracts are drafted by commercial."))
        record.check_access("read")
        makers = {
            "sale.order": self._vals_from_orders,
            "kam.bid": self._vals_from_bid,
            "kam.negotiation": self._vals_from_negotiation,
        }
        vals, orders = makers[record._name](record)
        found = self._running_of(record)
        if found:
            return found
        contract = self.create(vals)
        if orders:
            # sudo: whoever drafts the contract of a quotation need not be a salesperson.
            orders.sudo().with_context(kam_engine=ENGINE).write({"kam_contract_id": contract.id})
            contract.invalidate_recordset(["order_ids"])
            self.env["kam.notice"]._settle("contract_ask", orders)
        contract.action_fill()
        return contract

    @api.model
    def _running_of(self, record):
        names = {"kam.bid": "bid_id", "kam.negotiation": "negotiation_id"}
        if record._name not in names:
            return self.browse()
        domain = [
            (names[record._name], "in", record.ids),
            ("state", "not in", ("cancelled", "terminated")),
            ("parent_id", "=", False),
        ]
        return self.search(domain, limit=1)

    @api.model
    def _common_vals(self, partner, company, lead, name):
        """Customer and company; the opportunity only where it is the same customer's."""
        kind = self.env["kam.contract.type"].search(
            [("company_id", "in", (False, company.root_id.id))], limit=1
        )
        if not kind:
            raise UserError(self.env._("There is no contract type: an administrator makes one."))
        # sudo: compared only; drafting from what may be read.
        lead = lead.sudo()
        same = lead.partner_id.commercial_partner_id == partner.sudo().commercial_partner_id
        use = bool(lead) and same and lead.sudo(False).has_access("read")
        return {
            "name": name or (lead.name if use else partner.sudo().commercial_partner_id.name),
            "company_id": company.root_id.id,
            "type_id": kind.id,
            "kind": kind.kind,
            "paper": kind.paper,
            "template_id": kind.template_id.id,
            "lead_id": lead.id if use else False,
            "own_partner_id": False if use else partner.id,
        }

    @api.model
    def _vals_from_orders(self, orders):
        # sudo: whether they belong together and are free, readable or not.
        known = orders.sudo()
        if any(order.state == "cancel" for order in known):
            raise UserError(self.env._("A cancelled quotation gets no contract."))
        if any(order.kam_contract_id for order in known):
            raise UserError(self.env._("One of the quotations has its contract already."))
        if (
            len(known.partner_id.commercial_partner_id) != 1
            or len(known.company_id) != 1
            or len(known.currency_id) != 1
        ):
            raise UserError(
                self.env._("One contract is for quotations of one customer, company and currency.")
            )
        first = known[:1]
        negotiation = known.kam_negotiation_id[:1] or self._agreed_free(known)
        lead = first.opportunity_id.sudo(False)
        vals = self._common_vals(first.partner_id, first.company_id, lead, False)
        # Under which quotations somebody looks for it.
        vals["name"] = f"{vals['name']}, {', '.join(known.mapped('name'))}"
        vals |= {
            "currency_id": first.currency_id.id,
            "amount_total": sum(known.mapped("amount_total")),
            "negotiation_id": negotiation.id,
            "sign_deadline": self._deadline(first.company_id, negotiation=negotiation),
        }
        return vals, orders

    @api.model
    def _vals_from_bid(self, bid):
        bid.ensure_one()
        if bid.result != "won":
            raise UserError(self.env._("“%(name)s” was not won.", name=bid.display_name))
        # sudo: what was offered and won, for whoever may read the bid.
        known = bid.sudo()
        lead = known.lead_id.sudo(False)
        vals = self._common_vals(known.partner_id, known.company_id, lead, known.name)
        negotiation = self._agreed_of(bid)
        quotation = known.quotation_id
        free = quotation and not quotation.kam_contract_id and quotation.state != "cancel"
        currency = quotation.currency_id if free else known.currency_id
        vals |= {
            "bid_id": bid.id,
            "negotiation_id": negotiation.id,
            "currency_id": currency.id,
            "amount_total": quotation.amount_total if free else known.won_amount,
            "sign_deadline": self._deadline(known.company_id, bid, negotiation),
        }
        return vals, quotation if free else quotation.browse()

    @api.model
    def _agreed_of(self, bid):
        return self.env["kam.negotiation"].search(
            [("bid_id", "=", bid.id), ("state", "=", "agreed")], limit=1
        )

    @api.model
    def _agreed_free(self, orders):
        """What was agreed on the opportunity of the quotations and has no contract yet; only
        where it is one, and with their customer."""
        found = self.env["kam.negotiation"]
        if len(orders.opportunity_id) == 1 and found.has_access("read"):
            domain = [("lead_id", "=", orders.opportunity_id.id), ("state", "=", "agreed")]
            found = found.search(domain).filtered(lambda n: not self.sudo()._running_of(n.sudo()))
        partner = orders.partner_id.commercial_partner_id
        # sudo: whose it is, compared only.
        same = len(found) == 1 and found.sudo().partner_id.commercial_partner_id == partner
        return found.sudo() if same else found.browse()

    @api.model
    def _vals_from_negotiation(self, negotiation):
        negotiation.ensure_one()
        if negotiation.state != "agreed":
            raise UserError(
                self.env._("“%(name)s” is not agreed yet.", name=negotiation.display_name)
            )
        # sudo: what was agreed, for whoever may read it.
        known = negotiation.sudo()
        lead = known.lead_id.sudo(False)
        vals = self._common_vals(known.partner_id, known.company_id, lead, known.name)
        prices = known.item_ids.filtered(lambda item: item.kind == "price")
        orders = (
            self.env["sale.order"]
            .sudo()
            .search(
                [
                    ("kam_negotiation_id", "=", negotiation.id),
                    ("kam_contract_id", "=", False),
                    ("state", "in", ("draft", "sent")),
                    ("company_id", "child_of", known.company_id.id),
                ]
            )
        )
        partner = known.partner_id.commercial_partner_id
        orders = orders.filtered(
            lambda o: (
                o.partner_id.commercial_partner_id == partner
                and o.currency_id == known.price_currency_id
            )
        )
        amount = sum(item.agreed * item.quantity for item in prices)
        vals |= {
            "negotiation_id": negotiation.id,
            "bid_id": known.bid_id.id,
            "currency_id": known.price_currency_id.id,
            "amount_total": sum(orders.mapped("amount_total")) or amount,
            "sign_deadline": self._deadline(known.company_id, known.bid_id, negotiation),
        }
        return vals, orders

    @api.model
    def _deadline(self, company, bid=None, negotiation=None):
        """Award notice + 30 days, else agreement + 30; neither: none.  Source: (c8)."""
        # sudo: two dates.
        if bid and bid.sudo().sign_until:
            return bid.sudo().sign_until
        award = bid.sudo().award_on if bid else False
        agreed = negotiation.sudo().agreed_on if negotiation else False
        start = award or agreed
        kind = self.env["kam.contract.type"].search(
            [("company_id", "in", (False, company.sudo().root_id.id))], limit=1
        )
        return start + timedelta(days=kind.sign_days) if start else False

    # Text ----------------------------------------------------------------------------

    def action_fill(self):
        """Clauses and payment schedule of the template, where they are not there yet."""
        self.check_access("write")
        self._check_state("draft")
        for contract in self:
            template = contract.template_id or contract.type_id.template_id
            if not contract.payment_ids and template:
                contract.payment_ids = [
                    fields.Command.create(
                        {"kind": kind, "percent": percent, "sequence": 10 * number}
                    )
                    for number, (kind, percent) in enumerate(template._schedule(), 1)
                ]
            library = template.clause_template_ids | self._mandatory_clauses(contract.company_id)
            missing = library - contract.clause_ids.template_id
            contract.clause_ids = [
                fields.Command.create({"template_id": clause.id}) for clause in missing
            ]
            contract._refresh_clauses()
        return True

    def _in_its_language(self, record):
        """``record`` in the language of the contract, whoever works on it."""
        return record.with_context(lang=self.lang) if self.lang else record

    def _refresh_clauses(self):
        """Clauses nobody changed say the present amount, payments and lines."""
        self._check_part("clause_ids")
        for clause in self.clause_ids.filtered("template_id"):
            text = self._fill_in(self._in_its_language(clause.template_id).text)
            if text == clause.template_text:
                continue
            vals = {"template_text": text}
            if not clause.is_changed:
                vals["text"] = text
            clause.with_context(kam_engine=ENGINE).write(vals)

    @api.model
    def _mandatory_clauses(self, company):
        return self.env["kam.contract.clause.template"].search(
            [("is_mandatory", "=", True), ("company_id", "in", (False, company.id))]
        )

    def _fill_in(self, text):
        """``text`` of the library with customer, company, amount, payment and lines."""
        self.ensure_one()
        # sudo: lines and terms of the orders, for whoever drafts their contract.
        known = self._in_its_language(self.sudo())
        values = {
            "customer": known.partner_id.commercial_partner_id.name or "",
            "company": known.company_id.name,
            "amount": known.currency_id.format(known.amount_total),
            "capitals": known._amount_in_words(),
            "payment": known._payment_text(),
            "lines": known._lines_text(),
        }
        # In one go: what is filled in is not filled in again.
        return PLACES.sub(lambda place: values.get(place[1], place[0]), text or "")

    def _payment_text(self):
        kinds = dict(
            self.env["kam.contract.payment"]._fields["kind"]._description_selection(self.env)
        )
        return "; ".join(
            f"{kinds[payment.kind]} {payment.percent:g} %" for payment in self.payment_ids
        )

    def _live_orders(self):
        """Its orders but the cancelled ones.  Called unrestricted."""
        return self.order_ids.filtered(lambda order: order.state != "cancel")

    def _sold_lines(self):
        """What its orders sell.  Called unrestricted."""
        return (
            self._live_orders()
            ._kam_contract_lines()
            .filtered(lambda line: not line.display_type)
            .sorted(lambda line: (line.order_id.id, line.sequence, line.id))
        )

    def _lines_text(self):
        """Product, quantity and price per unit as it is paid: after discount, tax included."""
        return "\n".join(
            f"{(line.name or '').partition(chr(10))[0]}: {line._kam_quantity_text()} "
            f"× {line.currency_id.format(line.price_reduce_taxinc)}"
            for line in self._sold_lines()
        )

    @api.onchange("type_id")
    def _onchange_type_id(self):
        if self.type_id:
            self.kind = self.type_id.kind
            self.paper = self.type_id.paper
            self.template_id = self.type_id.template_id

    def _approval_submit(self):
        self._follow_orders()
        result = super()._approval_submit()
        self._keep_customer()
        return result

    def _follow_orders(self):
        """The amount of a single contract is that of its orders, as they stand now."""
        for contract in self.filtered(lambda c: c.kind == "single" and c.state == "draft"):
            # sudo: amounts of the orders, for whoever drafts their contract.
            orders = contract.sudo()._live_orders()
            if not orders or orders.currency_id != contract.currency_id:
                continue
            amount = sum(orders.mapped("amount_total"))
            if contract.currency_id.compare_amounts(amount, contract.amount_total):
                contract.amount_total = amount
            contract._refresh_clauses()

    # Without a negotiation -------------------------------------------------------------

    def action_exempt(self):
        """An executive lets a contract be made without an agreed negotiation.

        :raise AccessError: not an executive by explicit membership, or the drafter himself
        :raise UserError: no reason is given
        """
        self.check_access("read")
        self._check_state("draft")
        groups = self.env["res.groups"].union(*(self.env.ref(name) for name in EXECUTIVES))
        # sudo: membership of the acting user.
        if not self.env.user.sudo().group_ids & groups:
            raise AccessError(self.env._("An executive exempts from the negotiation."))
        for contract in self:
            if contract.user_id == self.env.user:
                raise AccessError(self.env._("Nobody exempts his own contract."))
            if not (contract.exemption_reason or "").strip():
                raise UserError(self.env._("The reason is missing: why without negotiation?"))
        # sudo: an executive who does not draft may only do this.
        self.sudo()._as_engine().write(
            {"exempted_by_id": self.env.uid, "exempted_on": fields.Datetime.now()}
        )
        return True

    def action_cancel(self):
        """Give a contract up that nobody has signed; its orders are free again."""
        self.check_access("write")
        self._check_state("draft", "to_sign")
        if not self._may_draft():
            raise AccessError(self.env._("Contracts are drafted by commercial."))
        if signed := self.filtered("signed_on"):
            raise UserError(
                self.env._("“%(name)s” was signed: it binds us.", name=signed[0].display_name)
            )
        self._as_engine().write({"state": "cancelled"})
        # sudo: the orders are given free, whoever sold them.
        orders = self.sudo().order_ids
        orders.with_context(kam_engine=ENGINE).write({"kam_contract_id": False})
        # sudo: hooks of later domains.
        self.sudo()._on_closed()
        return True

    def action_open_orders(self):
        """Orders under the contracts."""
        self.check_access("read")
        self.env["sale.order"].check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "sale.action_quotations_with_onboarding"
        )
        return action | {"domain": [("kam_contract_id", "in", self.ids)], "context": {}}
