from collections import defaultdict

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

# In the cache of the cursor, out of reach of every client: {order id: why not}, worked out
# for a whole batch.
VERDICT = "kam_contract_verdict"
# Set on the way from a payment: whatever a client sends under this name only keeps orders
# from being confirmed.
PAYMENT = "kam_payment"
# What an order and its contract are given to.
GIVEN = frozenset(
    {"partner_id", "partner_invoice_id", "kam_contract_id", "company_id", "currency_id"}
)
# Worked out from the lines and the day.
AMOUNTS = frozenset({"amount_total", "amount_untaxed", "amount_tax", "currency_rate"})
# On the way, or there: cash on delivery stays pending.
ARRIVED = ("pending", "authorized", "done")


class SaleOrder(models.Model):
    """Every road to a confirmed order.

    The button, the list, the portal, payments, scheduled actions and code all end in
    ``action_confirm``, which tells why before anything happens. Whoever writes, creates or
    imports the status meets the constraint, which decides by itself and trusts neither a
    context nor superuser rights. What makes a confirmed order larger, or gives it to another
    customer or contract, meets the second one.  Source: S0-105, design §4.5.
    """

    _inherit = "sale.order"

    # Confirming ----------------------------------------------------------------------

    def action_confirm(self):
        concerned = self._kam_concerned()
        concerned._kam_take_frames()
        blocks = self._kam_contract_block(named=True, concerned=concerned)
        orders = self
        if blocks and self.env.context.get(PAYMENT):
            # A payment never ends in an error: the order stays a quotation.
            blocked = self.filtered(lambda order: order.id in blocks)
            blocked._kam_tell_paid()
            orders = self - blocked
            if not orders:
                return True
        cache = self.env.cr.cache
        outer = cache.get(VERDICT)
        cache[VERDICT] = {order.id: blocks.get(order.id, False) for order in orders}
        try:
            return super(SaleOrder, orders).action_confirm()
        finally:
            cache.pop(VERDICT, None)
            if outer is not None:
                cache[VERDICT] = outer

    def _confirmation_error_message(self):
        message = super()._confirmation_error_message()
        if message:
            return message
        known = self.env.cr.cache.get(VERDICT) or {}
        if self.id in known:
            return known[self.id]
        return self._kam_contract_block().get(self.id, False)

    @api.constrains("state")
    def _check_kam_contract_control(self):
        """Nobody writes, creates or imports a confirmed order past contract control."""
        confirmed = self.filtered(lambda order: order.state == "sale")
        concerned = confirmed._kam_concerned()
        if blocks := confirmed._kam_contract_block(named=True, concerned=concerned):
            raise ValidationError("\n".join(blocks.values()))
        concerned._kam_touch_contracts()

    @api.constrains("amount_total")
    def _check_kam_contract_kept(self):
        """What was confirmed is not made larger past contract control.

        Making it smaller always passes; freight and expenses may come later than the dates
        of the contract.
        """
        for _root, orders in self.filtered(lambda o: o.state == "sale")._kam_guarded():
            before = orders._kam_in_database()
            larger = orders.filtered(
                lambda o, before=before: o._kam_is_larger(o.amount_total, before)
            )
            timeless = {
                order.id
                for order in larger
                if not order._kam_is_larger(order._kam_goods()[0], before)
            }
            larger._kam_check_kept(timeless)

    def _kam_in_database(self):
        """``{order id: amount}`` of confirmed orders before what is being written; one query.

        Past the ORM, which would write first.
        """
        if not self.ids:
            return {}
        self.env.cr.execute(
            SQL(
                "SELECT id, amount_total FROM sale_order WHERE state = 'sale' AND id IN %s",
                tuple(self.ids),
            )
        )
        return {order_id: float(amount or 0.0) for order_id, amount in self.env.cr.fetchall()}

    def _kam_is_larger(self, amount, before):
        """Larger than it was; confirmed in this very transaction: than nothing."""
        self.ensure_one()
        return self.currency_id.compare_amounts(amount, before.get(self.id, 0.0)) > 0

    def _kam_check_kept(self, timeless=()):
        """:raise ValidationError: confirmed orders that contract control would not let pass"""
        if blocks := self._kam_contract_block(named=True, timeless=timeless):
            raise ValidationError("\n".join(blocks.values()))
        self._kam_touch_contracts()

    def _kam_given(self):
        """``{order: (customers, contract, (company, currency))}`` of confirmed orders.

        Of those under contract control.
        """
        return {
            order: (
                (order.partner_id | order.partner_invoice_id).commercial_partner_id,
                order.kam_contract_id,
                (order.company_id, order.currency_id),
            )
            for _root, orders in self.filtered(lambda o: o.state == "sale")._kam_guarded()
            for order in orders
        }

    def _kam_check_given(self, before):
        """A confirmed order is not given to another customer, nor deprived of its contract.

        It may always be given one.  The same number in another currency is another amount.
        """
        changed = self.sudo().browse()
        for order, (customers, contract, place) in before.items():
            now = (order.partner_id | order.partner_invoice_id).commercial_partner_id
            taken = contract and order.kam_contract_id != contract
            if now - customers or taken or (order.company_id, order.currency_id) != place:
                changed |= order
        if changed:
            changed._kam_check_kept(timeless=changed.ids)

    def _kam_touch_contracts(self):
        """Mark the contracts they are called off from.

        Two people who call off the last of a ceiling at once: the second one's work starts
        again, and then sees the first one's.
        """
        contracts = self.sudo().kam_contract_id
        if contracts:
            self.env.cr.execute(
                SQL(
                    "UPDATE kam_contract SET write_date = write_date WHERE id IN %s",
                    tuple(contracts.ids),
                )
            )

    # Call-offs -----------------------------------------------------------------------

    def _kam_take_frames(self):
        """Give orders without a contract the running frame contract they fit, if there is one.

        So a call-off is confirmed as in plain Odoo.
        """
        lacking = self.sudo().filtered(lambda o: o.state != "sale" and not o.kam_contract_id)
        if not lacking:
            return
        frames = self.env["kam.contract"].sudo()._kam_running_frames(lacking)
        if not frames:
            return
        facts = frames._kam_contract_facts(lacking)
        taken = defaultdict(float)
        for order in lacking:
            if frame := order._kam_frame(frames, facts, taken):
                taken[frame] += order._kam_in_currency_of(frame)
                order.kam_contract_id = frame

    # Writing -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        companies = self.env["res.company"]
        orders = super().create(
            [
                vals
                if AMOUNTS.isdisjoint(vals)
                else self._kam_without_amounts(
                    vals, companies.browse(vals.get("company_id") or self.env.company.id)
                )
                for vals in vals_list
            ]
        )
        orders._kam_work_out_amounts()
        return orders

    def _kam_work_out_amounts(self):
        """Amounts a default stated, of the context or of a user, follow from the lines."""
        if stated := AMOUNTS.intersection(self.default_get(sorted(AMOUNTS))):
            for _root, orders in self._kam_guarded():
                for name in stated:
                    self.env.add_to_compute(self._fields[name], orders)
                orders.flush_recordset(stated)

    @api.model
    def _kam_without_amounts(self, vals, companies):
        """Amounts follow from the lines: whoever states them under contract control could
        make an order look small."""
        if not any(company._kam_guard() for company in companies.exists()):
            return vals
        return {name: value for name, value in vals.items() if name not in AMOUNTS}

    def write(self, vals):
        if not AMOUNTS.isdisjoint(vals):
            vals = self._kam_without_amounts(vals, self.sudo().company_id)
        if renewed := self._kam_renewed_by(vals):
            # Before it is written: what is written may be that it is confirmed.
            self.env["kam.order.ruling"]._rule(
                renewed, "renewed", self.env._("Taken up again after contract control began.")
            )
        if vals.get("state") == "sale" and not self._kam_is_decided():
            self._kam_concerned()._kam_take_frames()
        given = {} if GIVEN.isdisjoint(vals) else self._kam_given()
        result = super().write(vals)
        self._kam_check_given(given)
        if vals.get("state") == "cancel":
            self._kam_cancel_releases()
        if "kam_contract_id" in vals:
            self.sudo().kam_release_ids._regularise()
        return result

    def _kam_is_decided(self):
        """Whether ``action_confirm`` is at work on all of them."""
        return self.ids and set(self.ids) <= (self.env.cr.cache.get(VERDICT) or {}).keys()

    def _kam_renewed_by(self, vals):
        """Orders from before contract control that become new ones by a change.

        Cancelled and taken up again, or given to another customer.
        """
        renewed = self.browse()
        if {"state", "partner_id", "partner_invoice_id"}.isdisjoint(vals):
            return renewed
        for root, orders in self._kam_guarded():
            changed = orders.filtered(
                lambda o: (
                    (o.state == "cancel" and vals.get("state") in ("draft", "sent", "sale"))
                    or o._kam_is_given_to_another(vals)
                )
            )
            if changed:
                start = root._kam_guard_start()
                renewed |= changed.filtered(
                    lambda o, start=start: o.create_date and o.create_date < start
                )
        done = renewed.sudo().kam_ruling_ids.filtered(lambda r: r.kind == "renewed").order_id
        return self.browse([order.id for order in renewed if order not in done])

    def _kam_is_given_to_another(self, vals):
        """Whether a value to be written is another customer, not another contact of his."""
        self.ensure_one()
        return any(
            self[name].browse(vals[name]).commercial_partner_id != self[name].commercial_partner_id
            for name in ("partner_id", "partner_invoice_id")
            if isinstance(vals.get(name), int) and vals[name]
        )

    def _kam_cancel_releases(self):
        """A release is for this order as it was: taken up again, it needs another one."""
        # sudo: whoever cancels an order need not read them.
        releases = self.sudo().kam_release_ids.filtered(lambda r: r.state in ("draft", "released"))
        releases._as_engine().write({"state": "cancelled"})

    # Portal --------------------------------------------------------------------------

    def _has_to_be_signed(self):
        return super()._has_to_be_signed() and not self._kam_is_blocked()

    def _has_to_be_paid(self):
        return super()._has_to_be_paid() and not self._kam_is_blocked()

    def _kam_is_blocked(self):
        """Whether the quotation waits for its contract."""
        self.ensure_one()
        return self.state in ("draft", "sent") and self.id in self._kam_contract_block()

    def _kam_unpayable(self):
        """Why a quotation cannot be paid yet, in words for the customer; empty: it can be."""
        self.ensure_one()
        if not self._kam_is_blocked():
            return ""
        if self._kam_contract_verdicts():
            return self.env._(
                "%(order)s cannot be paid yet: its contract is not signed.", order=self.name
            )
        return self.env._("%(order)s cannot be paid yet.", order=self.name)

    # Payments ------------------------------------------------------------------------

    def _kam_tell_paid(self):
        """Money came for a quotation that waits for its contract: somebody has to know."""
        Notice = self.env["kam.notice"]
        rows = []
        for order in self.sudo():
            # Whoever sends the mark without a payment finds an order that stays as it is.
            if not order.transaction_ids.filtered(lambda tx: tx.state in ARRIVED):
                continue
            order._message_log(
                body=self.env._(
                    "A payment arrived while the contract is not signed: it is recorded, and the "
                    "order stays a quotation."
                )
            )
            for user in order._kam_people_to_tell():
                own = order.with_context(lang=user.lang)
                title = own.env._("Paid, but not confirmed: %(order)s", order=own.name)
                line = own._kam_contract_stand()
                rows.append(
                    Notice._prepare_vals(user, title, [line], record=order, topic="guard_paid")
                )
            Notice._settle("guard_paid", order)
        if rows:
            Notice._queue_all(rows)

    def _kam_people_to_tell(self):
        """Who sells it; else the lead account manager; else the office."""
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id.with_company(self.company_id)
        people = self.user_id or customer.kam_account_id.user_id
        people = people.filtered(lambda user: user.active and not user.share)
        return people or self.company_id._kam_people_in("key_account_mgmt.group_kam_officer")
