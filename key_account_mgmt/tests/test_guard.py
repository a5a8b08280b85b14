from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common_guard import AREA, LIMIT, GuardCase

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestGuardRule(GuardCase):
    """Which orders need a signed contract.  Source: S0-105, g Q20, design §4.5."""

    def _assert_blocked(self, order, *words):
        with self.assertRaises(UserError) as caught, self.cr.savepoint():
            self._as(order, self.seller).action_confirm()
        for word in words:
            self.assertIn(word, str(caught.exception))
        self.env.invalidate_all()
        self.assertIn(order.state, ("draft", "sent"))
        self.assertTrue(self._as(order, self.seller).kam_contract_block)

    def test_off_after_installation(self):
        self.company.write({"kam_guard_from": False})
        order = self._quotation(50 * LIMIT)
        self.assertFalse(order.kam_requires_contract)
        self._assert_passes(order)

    def test_off_with_its_area(self):
        self.env.ref("base.group_user").implied_ids -= self.env.ref(AREA)
        self._assert_passes(self._quotation())

    def test_the_amount(self):
        """Below, on and above the boundary."""
        self._assert_passes(self._quotation(LIMIT - 0.01))
        for amount in (LIMIT, LIMIT + 1):
            order = self._quotation(amount)
            self.assertTrue(order.kam_requires_contract)
            self._assert_blocked(order, order.name, "contract")

    def test_the_tier(self):
        self._assert_passes(self._quotation(50 * LIMIT, self.small))
        self._hold(self.account, self.main, self.today - DAY)
        self._assert_passes(self._quotation(50 * LIMIT))

    def test_a_contact_and_who_is_invoiced_are_the_customer(self):
        contact = self.env["res.partner"].create({"name": "Lin", "parent_id": self.big.id})
        self._assert_blocked(self._quotation(partner=contact))
        stray = self._quotation(partner=self.small, partner_invoice_id=self.big.id)
        self._assert_blocked(stray)

    def test_quotations_from_before_are_left_alone(self):
        order = self._quotation()
        self._age(order)
        self.assertFalse(order.kam_requires_contract)
        self._assert_passes(order)

    def test_cancelled_and_taken_up_again_it_is_a_new_one(self):
        order = self._quotation()
        self._age(order)
        order.action_cancel()
        self._as(order, self.seller).action_draft()
        self._assert_blocked(order)
        self.assertEqual(order.kam_ruling_ids.mapped("kind"), ["renewed"])

    def test_another_contact_is_the_same_customer(self):
        order = self._quotation()
        self._age(order)
        order.partner_id = self.env["res.partner"].create({"name": "Lin", "parent_id": self.big.id})
        self._assert_passes(order)

    def test_given_to_another_customer_it_is_a_new_one(self):
        order = self._quotation(partner=self.small)
        self._age(order)
        self._as(order, self.seller).partner_id = self.big
        self._assert_blocked(order)

    def test_another_currency(self):
        """Amounts compare in company currency."""
        self._rate(self.usd, self.today - DAY, 0.125)
        pricelist = self.env["product.pricelist"].create(
            {"name": "USD", "currency_id": self.usd.id, "company_id": self.company.id}
        )
        order = self._quotation(LIMIT / 8, pricelist_id=pricelist.id)
        self._assert_blocked(order)
        order.currency_rate = 1e6
        for context in ({}, {"date": "2000-01-01"}, {"to_currency": self.usd.id}):
            told = order.with_context(**context)
            self.assertTrue(told._kam_concerned(), "the rate is not what somebody says")
        self._assert_passes(self._quotation(LIMIT / 8 - 1, pricelist_id=pricelist.id))

    def test_a_branch_is_under_the_control_of_its_company(self):
        branch = self._new_company("Branch", self.cny, parent=self.company)
        self.assertEqual(branch._kam_guard(), self.company)

    # Contracts

    def test_a_signed_contract_covers_its_order(self):
        order = self._quotation()
        self._assert_blocked(order)
        contract = self._contract(order)
        self.assertTrue(contract._covers(order, self.today))
        self.assertFalse(self._as(order, self.seller).kam_contract_block)
        self._assert_passes(order)

    def test_no_other_state_does(self):
        for state in ("draft", "legal", "approval", "to_sign", "terminated", "cancelled"):
            order = self._quotation()
            self._contract(order, state=state)
            with self.subTest(state=state):
                self._assert_blocked(order, "Contract")

    def test_of_another_customer_or_company(self):
        """Neither can it be named, nor does it cover the order."""
        order = self._quotation()
        other = self._new_company("Other", self.cny)
        for values in ({"own_partner_id": self.small.id}, {"company_id": other.id}):
            contract = self._contract(**values)
            with self.subTest(**values):
                self.assertFalse(contract._covers(order, self.today))
                with self.assertRaises(ValidationError), self.cr.savepoint():
                    self._link(order, contract)
                self.env.invalidate_all()
        self._assert_blocked(order)

    def test_lines_changed_after_the_signature(self):
        """A colleague, a price list, an optional product chosen in the portal."""
        order = self._quotation()
        contract = self._contract(order)
        order.order_line.price_unit += 1000
        self._assert_blocked(order, "larger")
        contract._as_engine().write({"amount_total": 5 * LIMIT})
        self._assert_passes(order)

    def test_who_holds_it(self):
        order = self._quotation()
        self._contract(order, state="draft")
        mine = self._as(order, self.seller)
        self.assertIn(self.commercial.name, mine.kam_contract_block)
        self.assertTrue(mine.kam_may_remind)
        mine.action_kam_remind()
        mine.action_kam_remind()
        notices = self.env["kam.notice"].search(
            [("topic", "=", "guard_remind"), ("settled_on", "=", False)]
        )
        self.assertEqual(notices.user_id, self.commercial)
        self.assertEqual(len(notices), 1, "however often it is pressed")

    # Frame contracts

    def test_a_call_off_passes_as_in_plain_odoo(self):
        """Nobody has to name the frame contract."""
        frame = self._frame(5 * LIMIT)
        order = self._quotation(3 * LIMIT)
        self.assertFalse(self._as(order, self.seller).kam_contract_block)
        self._assert_passes(order)
        self.assertEqual(order.kam_contract_id, frame)
        self.assertEqual(frame.called_off, 3 * LIMIT)
        self._assert_passes(self._quotation(2 * LIMIT))
        self._assert_blocked(self._quotation(LIMIT))

    def test_call_offs_confirmed_at_once_share_the_ceiling(self):
        frame = self._frame(3 * LIMIT)
        orders = self._quotation(2 * LIMIT) | self._quotation(2 * LIMIT)
        self._link(orders, frame)
        with self.assertRaises(UserError):
            self._confirm(orders)
        self.env.invalidate_all()
        self._assert_passes(orders[0])

    def test_the_days_of_a_frame_contract(self):
        for first, last, passes in (
            (-30, -1, False),
            (-30, 0, True),
            (0, 30, True),
            (1, 30, False),
        ):
            frame = self._frame(date_from=self.today + first * DAY, date_to=self.today + last * DAY)
            order = self._link(self._quotation(), frame)
            with self.subTest(first=first, last=last):
                if passes:
                    self._assert_passes(order)
                else:
                    self._assert_blocked(order, "Frame")
            frame._as_engine().write({"state": "completed"})

    def test_the_date_of_the_order_is_not_believed(self):
        frame = self._frame(date_to=self.today - DAY)
        order = self._link(self._quotation(), frame)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._as(order, self.seller).write(
                {"state": "sale", "date_order": self.today - 5 * DAY}
            )

    def _price_list(self, price):
        return self.env["product.pricelist"].create(
            {
                "name": "Frame",
                "currency_id": self.cny.id,
                "company_id": self.company.id,
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "0_product_variant",
                            "product_id": self.piece.id,
                            "compute_price": "fixed",
                            "fixed_price": price,
                        }
                    )
                ],
            }
        )

    def _called(self, frame, price, product=None, **values):
        quantity = 200.0
        line = self._sold(price * quantity, product, quantity, **values)
        return self._link(self._quotation(order_line=[line]), frame)

    def test_the_price_list_of_a_frame_contract(self):
        """The agreed price, no lower, no higher, no other product."""
        pricelist = self._price_list(600.0)
        frame = self._frame(20 * LIMIT, call_pricelist_id=pricelist.id)
        self._assert_passes(self._called(frame, 600.0))
        self._assert_passes(self._called(frame, 750.0, discount=20.0))
        for price in (599.0, 601.0):
            self._assert_blocked(self._called(frame, price), "Prices", self.piece.name)
        self._assert_blocked(self._called(frame, 600.0, self.rail), self.rail.name)

    def test_a_price_list_changed_after_the_signature(self):
        pricelist = self._price_list(600.0)
        frame = self._frame(20 * LIMIT, call_pricelist_id=pricelist.id)
        pricelist.item_ids.fixed_price = 550.0
        self._assert_blocked(self._called(frame, 550.0))
        self._assert_blocked(self._called(frame, 600.0))
        frame._on_in_force()
        self._assert_passes(self._called(frame, 550.0))

    # The office

    def test_the_office_exempts_an_order(self):
        order = self._quotation()
        with self.assertRaises(AccessError):
            self._as(order, self.user).action_kam_rule()
        Wizard = self._as(self.env["kam.order.ruling.wizard"], self.officer)
        form = Form(Wizard.with_context(default_order_ids=order.ids))
        form.reason = "Spare parts"
        form.save().action_confirm()
        order.order_line.price_unit += 1
        self._assert_blocked(order, "contract")
        order.order_line.price_unit -= 1
        self._assert_passes(order)

    def test_the_office_asks_for_a_contract(self):
        order = self._quotation(10.0, self.small)
        self._as(self.env["kam.order.ruling"], self.officer)._rule(order, "required", "Risky")
        self._assert_blocked(order)
        self._as(self.env["kam.order.ruling"], self.officer)._rule(order, "exempt", "Not risky")
        self._assert_passes(order)

    def test_nobody_else_writes_a_ruling(self):
        order = self._quotation()
        for user in (self.user, self.officer, self.gm, self.admin):
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                self._as(self.env["kam.order.ruling"], user).create(
                    {"order_id": order.id, "kind": "exempt", "reason": "I say so"}
                )

    # Shown

    def test_the_filter(self):
        blocked, small = self._quotation(), self._quotation(10.0)
        Order = self._as(self.env["sale.order"], self.seller)
        scope = [("id", "in", (blocked | small).ids)]
        found = Order.search([*scope, ("kam_contract_blocked", "=", True)])
        self.assertEqual(found, blocked)
        self.assertEqual(Order.search([*scope, ("kam_contract_blocked", "=", False)]), small)
        self.assertEqual(Order.search([*scope, ("kam_requires_contract", "=", True)]), blocked)

    def test_orders_that_look_split(self):
        """Each passes; together they are listed.  Source: users §4."""
        orders = self._quotation(0.4 * LIMIT) | self._quotation(0.4 * LIMIT)
        self._assert_passes(orders)
        Split = self._as(self.env["kam.order.split"], self.officer)
        self.assertFalse(Split.search([]))
        self._assert_passes(third := self._quotation(0.4 * LIMIT))
        self.env.flush_all()
        row = Split.search([])
        self.assertEqual((row.order_id, row.count), (third, 3))
        self.assertAlmostEqual(row.total, 1.2 * LIMIT)
        listed = self.env["sale.order"].search(row.action_open_orders()["domain"])
        self.assertEqual(listed, orders | third)
        third.date_order += 8 * DAY
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(Split.search([]), "a week later it is another matter")

    def test_orders_that_look_split_in_another_currency(self):
        """They are worth what the day's rate says, whatever rate the orders state."""
        self._rate(self.usd, self.today - DAY, 0.125)
        pricelist = self.env["product.pricelist"].create(
            {"name": "USD", "currency_id": self.usd.id, "company_id": self.company.id}
        )
        pair = [self._quotation(0.6 * LIMIT / 8, pricelist_id=pricelist.id) for _ in range(2)]
        for order in pair:
            self._assert_passes(order)
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET currency_rate = 1e6")
        self.assertAlmostEqual(self.env["kam.order.split"].search([]).total, 1.2 * LIMIT, places=2)

    def test_my_week_has_what_the_rule_bars(self):
        """Neither what is exempted nor what a running frame contract takes, but what another
        one pays for."""

        def waiting():
            self.env.invalidate_all()
            items = self._as(self.env["kam.week.item"], self.user)
            return set(items.search([("code", "=", "blocked_quotation")]).mapped("res_id"))

        barred, exempted = self._quotation(), self._quotation()
        paid = self._quotation(partner=self.small, partner_invoice_id=self.big.id)
        draft = self._quotation()
        (barred | exempted | paid).action_quotation_sent()
        self.assertEqual(waiting(), set((barred | exempted | paid).ids))
        self._as(self.env["kam.order.ruling"], self.officer)._rule(exempted, "exempt", "A trial")
        self.assertEqual(waiting(), set((barred | paid).ids))
        self.assertNotIn(draft.id, waiting())
        self._frame()
        self.assertFalse({barred.id} & waiting(), "a call-off")

    # Switching on

    def test_switching_on_lists_whom_it_concerns(self):
        self.company.write({"kam_guard_from": False})
        new, old, small = self._quotation(), self._quotation(), self._quotation(1.0)
        self._age(old)
        Wizard = self._as(self.env["kam.guard.wizard"], self.admin).with_company(self.company)
        form = Form(Wizard)
        self.assertEqual(set(form.tier_ids), set(self.strategic | self.key))
        form.amount = LIMIT
        form.date_from = new.create_date.date() - DAY
        wizard = form.save()
        self.assertGreaterEqual(wizard.order_count, 1)
        self.assertFalse(wizard.order_ids, "she does not sell")
        self.assertIn(new.name, wizard.order_text)
        self.assertNotIn(small.name, wizard.order_text)
        concerned, earlier = wizard._concerned()
        self.assertIn(new, concerned.sudo())
        self.assertNotIn(small, concerned.sudo())
        self.assertIn(old, earlier.sudo())
        wizard.action_apply()
        self._assert_blocked(new)
        self._assert_passes(old | small)
        with self.assertRaises(UserError):
            wizard.action_switch_off()
        wizard.reason = "Year end"
        wizard.action_switch_off()
        self._assert_passes(new)
        log = self.env["kam.policy.log"].search([("field_name", "=", "kam_guard_from")], limit=1)
        self.assertEqual(log.why, "Year end")

    def test_nobody_else_switches_it(self):
        wizard = self._as(self.env["kam.guard.wizard"], self.admin).create({"amount": 1.0})
        for user in (self.gm, self.user, self.auditor):
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                wizard.with_user(user).action_apply()
