from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...policy import ordering

# Released in time, or still to be; what is asked for does not count yet.
RELEASES = ("released", "regularised")


class SaleOrder(models.Model):
    """Which orders need a signed contract, and why one cannot be confirmed yet.

    Nothing is stored on the order.  Source: S0-105, g Q20, design §4.5.
    """

    _inherit = "sale.order"

    kam_ruling_ids = fields.One2many(
        "kam.order.ruling",
        "order_id",
        "Rulings",
        context={"active_test": False},
        groups="key_account_mgmt.group_kam_member,key_account_mgmt.group_kam_admin,"
        "key_account_mgmt.group_kam_auditor",
    )
    kam_release_ids = fields.One2many(
        "kam.early.release",
        "order_id",
        "Early Releases",
        groups="key_account_mgmt.group_kam_member,key_account_mgmt.group_kam_commercial,"
        "key_account_mgmt.group_kam_admin,key_account_mgmt.group_kam_auditor",
    )
    kam_requires_contract = fields.Boolean(
        "Needs a Contract",
        compute="_compute_kam_requires_contract",
        search="_search_kam_requires_contract",
        groups="base.group_user",
    )
    # Who holds a contract is not for the customer, who may read his orders.
    kam_contract_block = fields.Text(
        "Why It Cannot Be Confirmed",
        compute="_compute_kam_contract_block",
        groups="base.group_user",
    )
    kam_contract_blocked = fields.Boolean(
        "Waits for Its Contract",
        compute="_compute_kam_contract_block",
        search="_search_kam_contract_blocked",
        groups="base.group_user",
    )
    kam_is_paid_waiting = fields.Boolean(
        "Paid, Waits for Its Contract",
        compute="_compute_kam_is_paid_waiting",
        search="_search_kam_is_paid_waiting",
        groups="base.group_user",
    )
    kam_may_remind = fields.Boolean(compute="_compute_kam_contract_block", groups="base.group_user")

    # Rule ----------------------------------------------------------------------------

    def _kam_guarded(self):
        """``[(root company where contract control holds, its orders)]``, unrestricted.

        sudo: the rule is the same whoever confirms, customers in the portal included.
        """
        groups = defaultdict(self.sudo().browse)
        for company, orders in self._origin.sudo().grouped("company_id").items():
            if company and (root := company._kam_guard()):
                groups[root] |= orders
        return groups.items()

    def _kam_concerned(self):
        """The orders of ``self`` that need a signed contract, whatever their status.

        One query per root company where none is concerned; those exempted are left out.
        """
        concerned = self.browse()
        for root, orders in self._kam_guarded():
            limit = root.kam_guard_amount
            # Most orders are ruled out by what is known of them already.
            large = orders.filtered(
                lambda o, limit=limit: ordering.is_concerned(
                    o._kam_company_amount(o.amount_total), limit
                )
            )
            among = Domain("id", "in", orders.ids) & root._kam_ruled_domain()
            if large:
                among |= Domain("id", "in", large.ids) & root._kam_new_domain()
            found = orders.with_company(root).search(among, order="id")
            if found:
                concerned |= self.browse(found._kam_not_exempted(limit).ids)
        return concerned

    def _kam_not_exempted(self, limit):
        """Those the office did not exempt, and that are large enough without their freight."""
        rulings = self._kam_rulings()
        result = self.browse()
        for order in self:
            ruling = rulings.get(order)
            amount = order._kam_goods()[0]
            if ruling and ruling.kind == "exempt" and ruling._exempts(order, amount):
                continue
            required = ruling and ruling.kind == "required"
            if required or ordering.is_concerned(order._kam_company_amount(amount), limit):
                result |= order
        return result

    def _kam_rulings(self):
        """``{order: what the office said last}``, unrestricted."""
        rulings = (
            self.env["kam.order.ruling"]
            .sudo()
            .with_context(active_test=True)
            .search([("order_id", "in", self.ids), ("kind", "!=", "renewed")])
        )
        return {ruling.order_id: ruling for ruling in rulings}

    def _kam_company_amount(self, amount):
        """An amount of the order in company currency, at today's rate.

        Never the rate of the order: a default may state it.
        """
        self.ensure_one()
        company = self.company_id.sudo()
        if self.currency_id == company.currency_id:
            return amount
        # Read from the cache for all orders in this currency; nothing a client sent counts.
        currency = self.currency_id.with_company(company).with_context(
            date=self._kam_day(), company_id=False, to_currency=False
        )
        return amount / (currency.rate or 1.0)

    def _kam_goods(self):
        """``(amount that counts, whether freight and expenses stay within their share)``."""
        self.ensure_one()
        freight = sum(line.price_total for line in self.order_line if line._kam_is_freight())
        amount = ordering.goods(self.amount_total, freight)
        return amount, abs(amount - (self.amount_total - freight)) < ordering.NOISE

    # Verdict -------------------------------------------------------------------------

    def _kam_contract_block(self, named=False, timeless=(), concerned=None):
        """``{order id: why it cannot be confirmed}``; others may be.

        What every road asks: later domains add reasons of theirs to that of the contract.
        """
        return self._kam_contract_verdicts(named, timeless, concerned)

    def _kam_contract_verdicts(self, named=False, timeless=(), concerned=None):
        """``{order id: why it cannot be confirmed under contract control}``; others may be.

        Constant in queries, whatever their number.

        :param named: they are confirmed at once and by now: only the contract an order names
            counts, and what one calls off, the next has not. Else each is looked at alone, and
            a running frame contract it fits counts, too
        :param timeless: ids of orders that were confirmed before and are not made larger
        :param concerned: what :meth:`_kam_concerned` returned, where it is known
        """
        orders = (self._kam_concerned() if concerned is None else concerned).sudo()
        if not orders:
            return {}
        frames = self.env["kam.contract"].sudo()
        if not named:
            frames = frames._kam_running_frames(orders.filtered(lambda o: not o.kam_contract_id))
        facts = (orders.kam_contract_id | frames)._kam_contract_facts(orders)
        orders._kam_prefetch_verdict()
        texts, taken = {}, defaultdict(float)
        for order in orders:
            contract = order.kam_contract_id
            code, detail = order._kam_obstacle(contract, facts, taken, order.id in timeless)
            if code is None:
                if named:
                    taken[contract] += order._kam_in_currency_of(contract)
            elif not order._kam_is_released(order.id in timeless) and not order._kam_frame(
                frames, facts
            ):
                texts[order.id] = order._kam_block_text(code, detail)
        return texts

    def _kam_prefetch_verdict(self):
        """Read at once what the verdicts of these orders look at."""
        self.order_line.mapped("product_id")
        self.kam_release_ids.mapped("state")

    def _kam_frame(self, frames, facts, taken=None):
        """The first of these frame contracts an order without a contract fits."""
        self.ensure_one()
        if not self.kam_contract_id:
            for frame in frames:
                if self._kam_obstacle(frame, facts, taken)[0] is None:
                    return frame
        return frames.browse()

    def _kam_obstacle(self, contract, facts, taken=None, timeless=False):
        """``(code of policy.ordering, what it is about)``; ``(None, None)``: it is covered.

        :param facts: what :meth:`kam.contract._kam_contract_facts` returned
        :param taken: ``{contract: what others of the same batch call off}``
        """
        self.ensure_one()
        if not contract:
            return ordering.NONE, None
        fact = facts[contract]
        terms = fact["terms"]
        terms = terms._replace(called_off=terms.called_off + (taken or {}).get(contract, 0.0))
        if timeless:
            terms = terms._replace(date_from=None, date_to=None, ended=False)
        order = ordering.Order(
            (self.partner_id.commercial_partner_id.id, self.company_id.root_id.id),
            self._kam_day(),
            self._kam_in_currency_of(contract),
            self._kam_is_as_signed(contract, fact, timeless),
        )
        step = contract._kam_currency().rounding or 0.01
        code = ordering.obstacle(order, terms, step)
        if code is None and (wrong := self._kam_unagreed(contract, fact)):
            return ordering.PRICE, wrong
        return code, terms if code == ordering.CEILING else None

    def _kam_day(self):
        """Today, where the company works: the day on which somebody wants to confirm it.

        Never the date of the order: that is typed.
        """
        self.ensure_one()
        return self.sudo().company_id._kam_today()

    def _kam_in_currency_of(self, contract):
        """What counts of the order, in the currency of a contract, today."""
        self.ensure_one()
        amount = self._kam_goods()[0]
        currency = contract._kam_currency()
        if self.currency_id == currency:
            return amount
        return self.currency_id._convert(amount, currency, self.company_id, self._kam_day())

    def _kam_is_as_signed(self, contract, fact, timeless):
        """Whether the order says what was signed with a single contract.

        A contract that was signed without an order, or that a supplementary agreement in
        force changed, binds by its amount.
        """
        self.ensure_one()
        if timeless or contract.kind == "frame" or not fact["has_orders"] or fact["is_changed"]:
            return True
        return contract._order_as_signed(self)

    def _kam_unagreed(self, contract, fact):
        """Products of a call-off whose price is not that of the price list, by name.

        A frame contract without a price list agrees on an amount only.
        """
        self.ensure_one()
        if contract.kind != "frame" or not fact["pricelist"]:
            return []
        within = self._kam_goods()[1]
        lines = self.order_line.filtered(
            lambda line: line._kam_is_priced() and not (within and line._kam_is_freight())
        )
        prices = contract._kam_agreed_prices(self, lines, fact)
        sold = [
            (line.product_id, ordering.unit_price(line.price_unit, line.discount)) for line in lines
        ]
        step = self.currency_id.rounding or 0.01
        wrong = ordering.unagreed(sold, prices, step)
        return [product.display_name for product in wrong]

    def _kam_is_released(self, timeless=False):
        """Whether an early release lets it pass; unrestricted.

        :param timeless: it was confirmed before, when the release held
        """
        self.ensure_one()
        amount = self._kam_goods()[0]
        releases = self.sudo().kam_release_ids
        return any(release._releases(self, amount, timeless) for release in releases)

    def _kam_is_covered(self):
        """Whether a signed contract covers the order, early releases left aside."""
        self.ensure_one()
        order = self.sudo()
        contract = order.kam_contract_id
        return order._kam_obstacle(contract, contract._kam_contract_facts(order))[0] is None

    # In words ------------------------------------------------------------------------

    def _kam_block_text(self, code, detail):
        """Why, where the contract stands, and who holds it."""
        self.ensure_one()
        return " ".join(
            text
            for text in (self._kam_obstacle_text(code, detail), self._kam_release_text())
            if text
        )

    def _kam_obstacle_text(self, code, detail):
        contract = self.kam_contract_id
        names = {"order": self.name, "contract": contract.display_name or ""}
        if code == ordering.CEILING:
            currency = contract._kam_currency()
            left = max(ordering.room(detail, currency.rounding or 0.01) or 0.0, 0.0)
            return self.env._(
                "%(order)s is larger than what is left of contract “%(contract)s”: %(left)s. A "
                "supplementary agreement is needed.",
                left=currency.format(left),
                **names,
            )
        if code == ordering.PRICE:
            return self.env._(
                "Prices of %(order)s are not those of contract “%(contract)s”: %(products)s.",
                products=", ".join(detail[:3]),
                **names,
            )
        texts = {
            ordering.NONE: self.env._("%(order)s needs a signed contract; none is named.", **names),
            ordering.UNSIGNED: self._kam_contract_stand(),
            ordering.ENDED: self.env._("Contract “%(contract)s” of %(order)s has ended.", **names),
            ordering.CUSTOMER: self.env._(
                "Contract “%(contract)s” of %(order)s is with another customer.", **names
            ),
            ordering.COMPANY: self.env._(
                "Contract “%(contract)s” of %(order)s belongs to another company.", **names
            ),
            ordering.EARLY: self.env._(
                "Contract “%(contract)s” of %(order)s does not run yet.", **names
            ),
            ordering.LATE: self.env._("Contract “%(contract)s” of %(order)s has run out.", **names),
            ordering.CHANGED: self.env._(
                "%(order)s is not what was signed with contract “%(contract)s” any more. Put its "
                "lines back, or make a supplementary agreement.",
                **names,
            ),
        }
        return texts[code]

    def _kam_contract_stand(self):
        """Where the contract of the order stands, and who holds it."""
        self.ensure_one()
        # sudo: state and holder of his contract are told to whoever sells the order.
        contract = self.sudo().kam_contract_id
        names = {"order": self.name, "contract": contract.display_name or ""}
        if not contract:
            return self.env._("%(order)s has no contract yet.", **names)
        step = contract._deal_step()
        holder = contract._kam_holder_names()
        if not holder:
            return self.env._(
                "Contract “%(contract)s” of %(order)s is not signed yet: %(state)s.",
                state=step["state"],
                **names,
            )
        return self.env._(
            "Contract “%(contract)s” of %(order)s is not signed yet: %(state)s, with %(holder)s.",
            state=step["state"],
            holder=holder,
            **names,
        )

    def _kam_release_text(self):
        """An early release that is under way, or that does not fit any more."""
        release = self.sudo().kam_release_ids.filtered(
            lambda r: r.state in ("to_approve", "released")
        )[:1]
        if release.state == "to_approve":
            return self.env._(
                "Early release waits for %(holder)s.", holder=release.approval_waiting_for or "–"
            )
        if release:
            return self.env._(
                "Its early release does not fit: another customer, a larger amount, or its last "
                "day has passed."
            )
        return ""

    # Shown ---------------------------------------------------------------------------

    # Not on what it looks at in contracts, releases and accounts: it is worked out when it
    # is shown, and never what decides (see the guard).
    @api.depends("state", "partner_id", "amount_total", "kam_contract_id", "company_id")
    @api.depends_context("uid", "lang")
    def _compute_kam_contract_block(self):
        open_ones = self.filtered(lambda order: order.state in ("draft", "sent"))
        texts = open_ones._kam_contract_verdicts() if open_ones else {}
        for order in self:
            text = texts.get(order._origin.id, False)
            order.kam_contract_block = text
            order.kam_contract_blocked = bool(text)
            # sudo: only whether there is one.
            known = order._origin.sudo()
            order.kam_may_remind = bool(text) and known._kam_somebody_holds()

    @api.depends("partner_id", "amount_total", "company_id")
    def _compute_kam_requires_contract(self):
        concerned = self._kam_concerned()
        for order in self:
            order.kam_requires_contract = order._origin in concerned

    def _kam_candidates(self, states):
        """Orders of these states contract control may concern, in the reader's companies."""
        found = self.sudo().browse()
        for root in self.env.companies.sudo().root_id:
            if guard := root._kam_guard():
                domain = guard._kam_ruled_domain() | guard._kam_new_domain()
                domain &= Domain("state", "in", states)
                found |= found.search(domain)
        return found

    @api.model
    def _search_kam_requires_contract(self, operator, value):
        if operator != "in":
            return NotImplemented
        concerned = self._kam_candidates(("draft", "sent", "sale"))._kam_concerned()
        found = Domain("id", "in", concerned.ids)
        return found if True in value else ~found

    @api.model
    def _search_kam_contract_blocked(self, operator, value):
        if operator != "in":
            return NotImplemented
        blocked = self._kam_candidates(("draft", "sent"))._kam_contract_verdicts()
        found = Domain("id", "in", list(blocked))
        return found if True in value else ~found

    @api.depends("state", "amount_total")
    def _compute_kam_is_paid_waiting(self):
        for order in self:
            # sudo: whether money came, not whose card it was.
            paid = order.sudo().amount_paid
            order.kam_is_paid_waiting = bool(paid) and order.kam_contract_blocked

    @api.model
    def _search_kam_is_paid_waiting(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: as above.
        paid = self.sudo().search(
            [
                ("state", "in", ("draft", "sent")),
                ("transaction_ids.state", "in", ("authorized", "done")),
            ]
        )
        found = Domain("id", "in", list(paid._kam_contract_verdicts()))
        return found if True in value else ~found

    # Buttons -------------------------------------------------------------------------

    def _kam_somebody_holds(self):
        """Whether there is somebody to remind; unrestricted."""
        self.ensure_one()
        waiting = self.kam_release_ids.filtered(lambda release: release.state == "to_approve")
        return bool(waiting or self.kam_contract_id._kam_holders())

    def action_kam_remind(self):
        """Remind who holds the contract, or the early release, of a blocked quotation.

        Each person hears once with the next morning's message, however often it is pressed.

        :raise UserError: it is not blocked, or nobody holds it
        """
        self.check_access("write")
        for order in self:
            if not order._kam_contract_verdicts():
                raise UserError(
                    self.env._("“%(order)s” does not wait for a contract.", order=order.name)
                )
            # sudo: who holds it hears it, readable or not to who asks.
            known = order.sudo()
            release = known.kam_release_ids.filtered(lambda r: r.state == "to_approve")
            people = known.kam_contract_id._kam_holders() | release._kam_holders()
            if not people:
                raise UserError(
                    self.env._(
                        "Nobody holds it: draft the contract of “%(order)s”, or submit it.",
                        order=order.name,
                    )
                )
            order._kam_remind(people, release or known.kam_contract_id)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("They will be reminded."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _kam_remind(self, people, document):
        """Queue the reminder, in place of one that waits."""
        Notice = self.env["kam.notice"]
        topic = "guard_remind"
        Notice._settle(topic, document, people)
        rows = []
        for user in people:
            own = self.with_context(lang=user.sudo().lang)
            title = own.env._(
                "%(name)s asks for “%(document)s”: %(order)s waits for it",
                name=self.env.user.name,
                document=document.with_context(lang=user.sudo().lang).display_name,
                order=self.name,
            )
            rows.append(Notice._prepare_vals(user, title, [], record=document, topic=topic))
        Notice._queue_all(rows)

    def action_kam_early_release(self):
        """Ask that this order goes ahead before its contract is signed.

        :raise UserError: it is not blocked
        """
        self.ensure_one()
        self.check_access("read")
        Release = self.env["kam.early.release"]
        Release.check_access("create")
        known = Release.search(
            [("order_id", "=", self.id), ("state", "in", ("draft", "to_approve", "released"))],
            limit=1,
        )
        if not known and not self._kam_contract_verdicts():
            raise UserError(self.env._("This quotation needs no contract: confirm it."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Early Release"),
            "res_model": Release._name,
            "res_id": known.id,
            "view_mode": "form",
            "context": {"default_order_id": self.id},
        }

    def action_kam_rule(self):
        """Decide whether this order needs a contract, with a reason; the office."""
        self.check_access("read")
        if not self.env.user.has_group("key_account_mgmt.group_kam_officer"):
            raise AccessError(
                self.env._("Only the office decides whether an order needs a contract.")
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Does It Need a Contract?"),
            "res_model": "kam.order.ruling.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_ids": self.ids},
        }


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _kam_is_freight(self):
        """Freight, or an expense passed on.

        Both are marks anybody may set, so only a share of the order is left out for them.
        """
        self.ensure_one()
        return bool(self.is_expense or ("is_delivery" in self._fields and self.is_delivery))

    def _kam_is_priced(self):
        """A product with a quantity: sections, notes and down payments have no price."""
        self.ensure_one()
        return not self.display_type and bool(self.product_uom_qty) and bool(self.product_id)
