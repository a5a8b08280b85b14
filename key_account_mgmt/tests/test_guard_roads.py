from odoo import SUPERUSER_ID, Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from .common_guard import LIMIT, GuardCase

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)


@tagged("post_install", "-at_install")
class TestGuardRoads(GuardCase):
    """Every road to a confirmed order.  Source: S0-105, design §4.5, §5."""

    def _rpc(self, method, *args, user=None, context=None, ids=None, **kwargs):
        """What a client of a salesperson may send."""
        env = self.env(user=user or self.seller, su=False, context={})
        args = [list(ids), *args] if ids is not None else list(args)
        kwargs = {**kwargs, "context": context or {}}
        self.env.flush_all()
        try:
            return call_kw(env["sale.order"], method, args, kwargs)
        finally:
            self.env.invalidate_all()

    def _assert_refused(self, order, work):
        with self.assertRaises(UserError), self.cr.savepoint():
            work()
            self.env.flush_all()
        self.env.invalidate_all()
        self.assertIn(order.state, ("draft", "sent", "cancel"))

    def test_button_and_list(self):
        order, small = self._quotation(), self._quotation(1.0)
        self._assert_refused(order, lambda: self._rpc("action_confirm", ids=order.ids))
        both = (small | order).ids
        self._assert_refused(order, lambda: self._rpc("action_confirm", ids=both))
        self.assertEqual(small.state, "draft", "all or nothing, as in plain Odoo")

    def test_write(self):
        order = self._quotation()
        for vals in ({"state": "sale"}, {"state": "sale", "locked": True}):
            self._assert_refused(order, lambda vals=vals: self._rpc("write", vals, ids=order.ids))
        self._assert_refused(
            order, lambda: self._rpc("web_save", {"state": "sale"}, {}, ids=order.ids)
        )

    def test_from_cancelled(self):
        order = self._quotation()
        order.action_cancel()
        self._assert_refused(order, lambda: self._rpc("write", {"state": "sale"}, ids=order.ids))

    def test_an_old_one_from_cancelled_to_confirmed(self):
        order = self._quotation()
        self._age(order)
        order.action_cancel()
        self._assert_refused(order, lambda: self._rpc("write", {"state": "sale"}, ids=order.ids))

    def test_create(self):
        vals = {
            "partner_id": self.big.id,
            "company_id": self.company.id,
            "state": "sale",
            "order_line": [self._sold(LIMIT)],
        }
        before = self.env["sale.order"].search_count([])
        for context in ({}, {"default_state": "sale"}):
            sent = dict(vals)
            if context:
                del sent["state"]
            with self.assertRaises(UserError), self.cr.savepoint():
                self._rpc("create", [sent], context=context)
                self.env.flush_all()
        self.assertEqual(self.env["sale.order"].search_count([]), before)

    def test_import(self):
        order = self._quotation()
        names = ["id", "state"]
        self.env["ir.model.data"].create(
            {"name": "guarded", "module": "__import__", "model": order._name, "res_id": order.id}
        )
        result = self._rpc("load", names, [["__import__.guarded", "Sales Order"]])
        self.assertFalse(result["ids"])
        self.env.invalidate_all()
        self.assertEqual(order.state, "draft")

    def test_scheduled_action_and_superuser(self):
        order = self._quotation()
        root = order.with_user(SUPERUSER_ID).sudo()
        self._assert_refused(order, root.action_confirm)
        self._assert_refused(order, root._validate_order)
        self._assert_refused(order, lambda: root.write({"state": "sale"}))

    def test_an_order_does_not_look_small(self):
        """Its amounts follow from its lines, whatever a client states."""
        order = self._quotation()
        for vals in (
            {"amount_total": 1.0, "amount_untaxed": 1.0, "amount_tax": 0.0},
            {"currency_rate": 1e6},
        ):
            self._rpc("write", vals, ids=order.ids)
            self._assert_refused(order, lambda: self._rpc("action_confirm", ids=order.ids))
        forged = {
            "partner_id": self.big.id,
            "company_id": self.company.id,
            "amount_total": 1.0,
            "order_line": [self._sold(LIMIT)],
        }
        [made] = self._rpc("create", [forged])
        other = self.env["sale.order"].browse(made)
        self.assertEqual(other.amount_total, LIMIT)
        del forged["amount_total"]
        context = {"default_amount_total": 1.0, "default_currency_rate": 1e6}
        [made] = self._rpc("create", [forged], context=context)
        other = self.env["sale.order"].browse(made)
        self.assertEqual(other.amount_total, LIMIT)
        self._assert_refused(other, lambda: self._rpc("action_confirm", ids=other.ids))
        with self.assertRaises(UserError), self.cr.savepoint():
            self._rpc("create", [{**forged, "state": "sale"}], context=context)
            self.env.flush_all()

    def test_no_context_opens_it(self):
        order = self._quotation()
        for context in (
            {"kam_engine": True},
            {"kam_payment": False},
            {"kam_contract_verdict": {str(order.id): False}},
            {"kam_contract_verdict": {order.id: False}, "install_mode": True},
        ):
            self._assert_refused(
                order, lambda c=context: self._rpc("action_confirm", ids=order.ids, context=c)
            )
        self._rpc("action_confirm", ids=order.ids, context={"kam_payment": True})
        self.assertEqual(order.state, "draft", "it only keeps it from being confirmed")
        self.assertFalse(self.env["kam.notice"].search([("topic", "=", "guard_paid")]))

    def test_another_order_confirmed_by_the_same_call_is_asked(self):
        """What was worked out for one order says nothing about another."""
        order, small = self._quotation(), self._quotation(1.0)
        method = type(self.env["sale.order"])._action_confirm

        def nested(orders):
            if small in orders:
                order.action_confirm()
            return method(orders)

        self.patch(type(self.env["sale.order"]), "_action_confirm", nested)
        self._assert_refused(order, small.action_confirm)

    # Afterwards

    def test_a_confirmed_order_is_not_raised_over_the_amount(self):
        order = self._quotation(LIMIT / 2)
        self._assert_passes(order)
        mine = self._as(order, self.seller)
        with self.assertRaises(UserError), self.cr.savepoint():
            mine.order_line.price_unit = LIMIT
            self.env.flush_all()
        self.env.invalidate_all()
        with self.assertRaises(UserError), self.cr.savepoint():
            mine.write({"order_line": [self._sold(LIMIT)]})
            self.env.flush_all()
        self.env.invalidate_all()
        mine.order_line.price_unit = 0.9 * LIMIT
        self.env.flush_all()
        mine.order_line.price_unit = 0.1 * LIMIT
        self.env.flush_all()

    def test_raised_in_the_transaction_that_confirms_it(self):
        order = self._quotation(LIMIT / 2)
        with self.assertRaises(UserError), self.cr.savepoint():
            order.state = "sale"
            order.order_line.price_unit = 5 * LIMIT
            self.env.flush_all()
        self.env.invalidate_all()

    def test_a_confirmed_order_does_not_change_hands(self):
        order = self._quotation(5 * LIMIT, self.small)
        self._assert_passes(order)
        with self.assertRaises(UserError), self.cr.savepoint():
            self._as(order, self.seller).partner_id = self.big
            self.env.flush_all()

    def test_a_confirmed_order_keeps_its_contract(self):
        order = self._quotation()
        self._contract(order)
        self._assert_passes(order)
        with self.assertRaises(UserError), self.cr.savepoint():
            order.kam_contract_id = False
            self.env.flush_all()

    def test_freight_on_a_confirmed_order(self):
        """Within its share it passes, whatever the days; what is called freight does not."""
        order = self._quotation()
        contract = self._contract(order)
        self._assert_passes(order)
        contract._as_engine().write({"state": "completed"})
        order.write({"order_line": [self._sold(0.04 * LIMIT, is_expense=True)]})
        self.env.flush_all()
        with self.assertRaises(UserError), self.cr.savepoint():
            order.write({"order_line": [self._sold(LIMIT, is_expense=True)]})
            self.env.flush_all()

    def test_smaller_is_always_possible(self):
        order = self._quotation(2 * LIMIT)
        contract = self._contract(order)
        self._assert_passes(order)
        contract._as_engine().write({"state": "terminated"})
        order.order_line.price_unit = LIMIT
        self.env.flush_all()
        self.assertEqual(order.amount_total, LIMIT)

    def test_a_confirmed_order_keeps_its_currency(self):
        """The same number in another currency is another amount."""
        order = self._quotation(LIMIT / 2)
        self._assert_passes(order)
        self._rate(self.usd, self.today, 0.125)
        with self.assertRaises(UserError), self.cr.savepoint():
            self._rpc("write", {"currency_id": self.usd.id}, ids=order.ids)
            self.env.flush_all()

    def test_an_upsell_on_a_confirmed_order(self):
        """More of what was signed is not what was signed."""
        order = self._quotation()
        self._contract(order)
        self._assert_passes(order)
        with self.assertRaises(UserError), self.cr.savepoint():
            self._as(order, self.seller).order_line.write(
                {"product_uom_qty": 2, "price_unit": LIMIT}
            )
            self.env.flush_all()

    def test_an_optional_product_chosen_in_the_portal(self):
        """The customer makes it an order that needs a contract: nothing to sign any more."""
        order = self._quotation(
            LIMIT / 2,
            require_signature=True,
            order_line=[self._sold(LIMIT / 2), self._sold(LIMIT / 2, quantity=1.0)],
        )
        optional = order.order_line[1]
        optional.product_uom_qty = 0
        self.env.flush_all()
        self.assertTrue(order._has_to_be_signed())
        public = optional.with_user(self.env.ref("base.public_user")).sudo()
        public.write({"product_uom_qty": 1, "price_unit": LIMIT / 2})
        self.env.flush_all()
        self.assertFalse(order._has_to_be_signed())
        self._assert_refused(order, order.action_confirm)

    def test_an_order_merged_into_another(self):
        """Two that need no contract are one that does."""
        one, two = self._quotation(0.6 * LIMIT), self._quotation(0.6 * LIMIT)
        one.write({"order_line": [self._sold(0.6 * LIMIT)]})
        two.action_cancel()
        self._assert_refused(one, lambda: self._rpc("action_confirm", ids=one.ids))

    def test_a_merged_contact_stays_the_customer(self):
        double = self._customer("Tianheng Ltd")
        order = self._quotation(partner=double)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.big | double).ids, self.big)
        self.env.invalidate_all()
        self.assertEqual(order.partner_id, self.big)
        self._assert_refused(order, lambda: self._rpc("action_confirm", ids=order.ids))

    def test_an_order_of_another_company(self):
        """Contract control of one company says nothing in another."""
        other = self._new_company("Elsewhere", self.cny)
        order = self.env["sale.order"].create(
            {
                "partner_id": self.big.id,
                "company_id": other.id,
                "order_line": [self._sold(5 * LIMIT)],
            }
        )
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    # Payments

    def test_a_payment_while_the_contract_is_refused(self):
        """It is recorded, without an error; the order waits."""
        order = self._quotation(require_payment=True)
        contract = self._contract(order)
        tx = self._transaction(order)
        contract._as_engine().write({"state": "cancelled", "signed_on": False})
        self.env.flush_all()
        tx._post_process()
        self.assertTrue(tx.is_post_processed)
        self.assertIn(order.state, ("draft", "sent"))
        self.assertEqual(
            self.env["kam.notice"].search([("topic", "=", "guard_paid")]).user_id, self.user
        )
        self.assertTrue(self._as(order, self.seller).kam_is_paid_waiting)

    def _transaction(self, order, state="done", **values):
        provider = self._provider()
        tx = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": provider.payment_method_ids.id,
                "reference": f"T{order.id}-{len(order.transaction_ids)}",
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "operation": "online_direct",
                "sale_order_ids": [Command.set(order.ids)],
                **values,
            }
        )
        tx.write({"state": state})
        self.patch(type(tx), "_create_payment", lambda *args, **kwargs: None)
        return tx

    def test_a_blocked_quotation_is_refused_before_money_moves(self):
        order = self._quotation(require_payment=True)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._transaction(order)
        self._contract(order)
        self.assertTrue(self._transaction(order))

    def test_a_payment_after_the_block_is_recorded_and_somebody_is_told(self):
        """No error; the order stays a quotation."""
        for state in ("pending", "done"):
            order = self._quotation(LIMIT / 2, require_payment=True)
            tx = self._transaction(order, state)
            order.order_line.price_unit = LIMIT
            tx.amount = LIMIT
            self.env.flush_all()
            with self.subTest(state=state):
                tx._post_process()
                self.assertTrue(tx.is_post_processed)
                self.assertIn(order.state, ("draft", "sent"))
        notices = self.env["kam.notice"].search([("topic", "=", "guard_paid")])
        self.assertEqual(notices.user_id, self.user)
        self.assertIn("payment arrived", "".join(order.message_ids.mapped("body")))

    def test_a_payment_confirms_what_needs_no_contract(self):
        order = self._quotation(LIMIT / 2, require_payment=True)
        tx = self._transaction(order)
        tx._post_process()
        self.assertEqual(order.state, "sale")

    def test_another_module_confirms_a_paid_order(self):
        """Cash on delivery: Odoo's own step confirms pending ones."""
        order = self._quotation(LIMIT / 2)
        tx = self._transaction(order, "pending")
        order.order_line.price_unit = LIMIT
        self.env.flush_all()
        marked = order.with_context(kam_payment=True)
        self.assertTrue(marked.with_context(send_email=True).action_confirm())
        self.assertEqual(order.state, "draft")
        self.assertTrue(self.env["kam.notice"].search([("topic", "=", "guard_paid")]))
        self.assertTrue(tx)

    def test_no_link_to_pay(self):
        order = self._quotation()
        wizard = (
            self.env["payment.link.wizard"]
            .with_context(active_model="sale.order", active_id=order.id)
            .create({})
        )
        self.assertIn("contract", wizard.warning_message)

    def test_the_portal_offers_nothing_while_it_waits(self):
        order = self._quotation(require_signature=True, require_payment=True)
        self.assertFalse(order._has_to_be_signed())
        self.assertFalse(order._has_to_be_paid())
        self._contract(order)
        self.assertTrue(order._has_to_be_signed())
        self.assertTrue(order._has_to_be_paid())

    # Cost

    def test_orders_outside_the_rule_cost_two_queries(self):
        """Whatever their number."""
        orders = self.env["sale.order"].concat(
            *(self._quotation(1.0 + n, self.small if n % 2 else self.big) for n in range(20))
        )
        for count in (2, 18):
            some = orders[:count]
            orders -= some
            self.env.flush_all()
            self.env.invalidate_all()
            some.company_id._kam_guard()
            some.mapped("state")
            before = self.cr.sql_log_count
            some._kam_contract_block(named=True)
            with self.subTest(count=count):
                self.assertLessEqual(self.cr.sql_log_count - before, 1)

    def test_blocked_orders_in_constant_queries(self):
        orders = self.env["sale.order"].concat(*(self._quotation() for _n in range(12)))
        for order in orders[:6]:
            self._contract(order, state="draft")
        counts = []
        for some in (orders[:2] | orders[6:8], orders):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(set(some._kam_contract_block()), set(some.ids))
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 8)


@tagged("post_install", "-at_install")
class TestGuardPortal(HttpCase, GuardCase):
    """The customer's portal over HTTP: no road, no error page."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._quotation(require_signature=True, require_payment=True)
        cls.order.state = "sent"
        cls.token = cls.order._portal_ensure_token()

    def _page(self, **params):
        url = f"/my/orders/{self.order.id}?access_token={self.token}"
        url += "".join(f"&{name}={value}" for name, value in params.items())
        return self.url_open(url)

    def test_the_page_says_why_and_offers_nothing(self):
        page = self._page()
        self.assertEqual(page.status_code, 200)
        self.assertIn("kam_contract_waits", page.text)
        self.assertNotIn('data-bs-target="#modalaccept"', page.text)

    def test_an_old_payment_link_offers_nothing(self):
        page = self._page(payment_amount=self.order.amount_total)
        self.assertEqual(page.status_code, 200)
        self.assertNotIn("o_payment_form", page.text)

    @mute_logger("odoo.http")
    def test_a_signature_is_refused_in_words(self):
        answer = self.make_jsonrpc_request(
            f"/my/orders/{self.order.id}/accept",
            {"access_token": self.token, "name": "Lin", "signature": PIXEL},
        )
        self.assertIn("error", answer)
        self.assertEqual(self.order.state, "sent")

    @mute_logger("odoo.http")
    def test_a_payment_is_refused_in_words(self):
        provider = self._provider()
        with self.assertRaises(JsonRpcException) as refused:
            self.make_jsonrpc_request(
                f"/my/orders/{self.order.id}/transaction",
                {
                    "access_token": self.token,
                    "provider_id": provider.id,
                    "payment_method_id": provider.payment_method_ids.id,
                    "token_id": None,
                    "amount": self.order.amount_total,
                    "flow": "direct",
                    "tokenization_requested": False,
                    "landing_route": "/my",
                },
            )
        self.assertIn("ValidationError", str(refused.exception))
        self.assertFalse(self.order.transaction_ids)

    def test_once_it_is_signed_the_customer_signs(self):
        self._contract(self.order)
        self.order.require_payment = False
        self.assertIn('data-bs-target="#modalaccept"', self._page().text)
        self.make_jsonrpc_request(
            f"/my/orders/{self.order.id}/accept",
            {"access_token": self.token, "name": "Lin", "signature": PIXEL},
        )
        self.env.invalidate_all()
        self.assertEqual(self.order.state, "sale")


@tagged("post_install", "-at_install")
class TestGuardAttacks(GuardCase):
    """Releases and rulings cannot be forged.  Source: design §5."""

    def test_the_state_of_a_release(self):
        order = self._quotation()
        Release = self._as(self.env["kam.early.release"], self.user)
        vals = {"order_id": order.id, "reason": "Now", "sign_by": self.today}
        for forged in (
            {"state": "released"},
            {"amount": 1e9},
            {"released_on": self.today},
            {"state": "regularised"},
        ):
            with self.subTest(**forged), self.assertRaises(AccessError), self.cr.savepoint():
                Release.create({**vals, **forged})
        release = Release.with_context(default_state="released", default_amount=1e9).create(vals)
        self.assertEqual((release.state, release.amount), ("draft", 0.0))
        for forged in ({"state": "released"}, {"amount": 1e9}, {"order_id": order.copy().id}):
            with self.subTest(**forged), self.assertRaises(AccessError), self.cr.savepoint():
                release.write(forged)
        with self.assertRaises(UserError):
            self._confirm(order)

    def test_the_prices_of_a_contract(self):
        contract = self._frame()
        with self.assertRaises(UserError):
            self._as(contract, self.officer).write({"signed_prices": "x"})
