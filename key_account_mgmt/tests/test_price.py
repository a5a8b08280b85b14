from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import GROUP, KamCase
from .common_negotiation import NegotiationCase


@freeze_time("2026-11-23 04:00:00")
@tagged("post_install", "-at_install")
class TestPrice(KamCase):
    """What a level gets of prices, and what goes beyond it.

    Source: S0-144, S1g-06, S1p-12, S2-26, S1c-17 … S1c-19.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref(GROUP % "area_price")._kam_switch_on()
        cls.customer = cls._customer("Tianheng")
        cls.account = cls._account(cls.customer, cls.user)
        cls.piece.list_price = 100.0
        cls.special = cls.env["product.pricelist"].create(
            {
                "name": "Key prices",
                "currency_id": cls.cny.id,
                "company_id": False,
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "3_global",
                            "compute_price": "percentage",
                            "percent_price": 10.0,
                        }
                    )
                ],
            }
        )
        cls.days30, cls.days60 = cls.env["account.payment.term"].create(
            [
                {
                    "name": f"{days} days",
                    "company_id": False,
                    "line_ids": [
                        Command.create({"value": "percent", "value_amount": 100, "nb_days": days})
                    ],
                }
                for days in (30, 60)
            ]
        )

    def _quote(self, price=None, discount=0.0, quantity=1, **values):
        line = {"product_id": self.piece.id, "product_uom_qty": quantity}
        if discount:
            line["discount"] = discount
        if price is not None:
            line["price_unit"] = price
        return self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "order_line": [Command.create(line)],
                **values,
            }
        )

    def _wanted(self, order):
        return order.sudo()._kam_price_wanted().get(order, {})

    def _ask(self, order, user=None):
        """As a salesperson of the office; without his rights where those are another test's."""
        asked = self.env["kam.price.approval"].with_user(user or self.officer).sudo()
        approval = asked.create({"order_id": order.id, "reason": "First year of a new line"})
        approval.action_submit()
        return approval

    # Taken --------------------------------------------------------------------------------

    def test_the_first_level_brings_its_prices_a_later_one_proposes(self):
        """Source: S2-26, users §3.1."""
        self.key.write({"pricelist_id": self.special.id, "payment_term_id": self.days60.id})
        self._hold(self.account, self.key)
        self.assertEqual(self.account.pricelist_id, self.special)
        self.assertEqual(self.account.payment_term_id, self.days60)
        self.strategic.payment_term_id = self.days30
        self._hold(self.account, self.strategic, since=date(2026, 1, 1))
        self.assertEqual(self.account.payment_term_id, self.days60, "nothing by surprise")
        self.assertTrue(self.account.prices_differ)
        found = self.env["kam.account"].search([("prices_differ", "=", True)])
        self.assertIn(self.account, found)
        self._as(self.account, self.user).action_take_tier_prices()
        self.assertEqual(self.account.payment_term_id, self.days30)
        self.assertFalse(self.account.prices_differ)

    def test_new_quotations_take_them(self):
        self.account.write({"pricelist_id": self.special.id, "payment_term_id": self.days60.id})
        order = self._quote()
        self.assertEqual(order.pricelist_id, self.special)
        self.assertEqual(order.payment_term_id, self.days60)
        self.assertNotEqual(self.customer.property_product_pricelist, self.special)
        self.env["res.config.settings"].create({"group_kam_area_price": False}).set_values()
        self.assertNotEqual(self._quote().pricelist_id, self.special)

    def test_only_who_leads_the_account_sets_its_prices(self):
        self.account.member_ids.create(
            {
                "account_id": self.account.id,
                "user_id": self.member.id,
                "role_id": self.env["kam.team.role"].search([("code", "=", "expert")]).id,
            }
        )
        with self.assertRaises(AccessError):
            self._as(self.account, self.member).pricelist_id = self.special
        self._as(self.account, self.user).pricelist_id = self.special

    def test_long_term_prices_need_a_running_contract(self):
        """Source: S0-144."""
        self.special.kam_long_term = True
        self.account.pricelist_id = self.special
        self.assertNotEqual(self._quote().pricelist_id, self.special)
        order = self._quote(pricelist_id=self.special.id)
        self.assertEqual(self._wanted(order), {"long_term": 1})

    # Beyond -------------------------------------------------------------------------------

    def test_shipped_empty_nobody_is_asked(self):
        self._hold(self.account, self.key)
        self.assertFalse(self._wanted(self._quote(discount=80.0)))

    def test_a_discount_above_the_ceiling(self):
        """In its column, in the price, or through a cheaper list.  Source: S1p-12."""
        self.key.max_discount = 10.0
        self._hold(self.account, self.key)
        key = f"line-{self.piece.id}"
        self.assertFalse(self._wanted(self._quote(discount=10.0)))
        self.assertEqual(self._wanted(self._quote(discount=10.5)), {key: 10.5})
        self.assertEqual(self._wanted(self._quote(price=80.0)), {key: 20.0})
        cheap = self.special.copy({"name": "Cheap"})
        cheap.item_ids.percent_price = 30.0
        self.assertEqual(self._wanted(self._quote(pricelist_id=cheap.id)), {key: 30.0})
        self.account.pricelist_id = self.special
        order = self._quote()
        self.assertFalse(self._wanted(order), "his own list is no discount")
        other = self._quote(discount=50.0, partner_id=self._customer("Small").id)
        self.assertFalse(self._wanted(other))

    def test_a_longer_payment_term(self):
        self.key.payment_term_id = self.days30
        self._hold(self.account, self.key)
        self.assertFalse(self._wanted(self._quote(payment_term_id=self.days30.id)))
        order = self._quote(payment_term_id=self.days60.id)
        self.assertEqual(self._wanted(order), {"days": 60})

    def test_an_exceeded_credit_limit(self):
        self._hold(self.account, self.key)
        order = self._quote(price=1000.0)
        self.customer.with_company(self.company).credit_limit = order.amount_total
        self.assertFalse(self._wanted(order), "not switched on in Odoo")
        self.company.account_use_credit_limit = True
        self.assertFalse(self._wanted(order), "up to the limit")
        larger = self._quote(price=1001.0)
        self.assertEqual(list(self._wanted(larger)), ["credit"])

    def test_it_is_asked_once_and_better_figures_pass(self):
        self.key.max_discount = 10.0
        self._hold(self.account, self.key)
        order = self._quote(discount=20.0)
        self.assertIn(order.id, order._kam_price_block())
        with self.assertRaises(UserError):
            order.action_confirm()
        with self.assertRaises(ValidationError), self.cr.savepoint():
            order.write({"state": "sale"})
        approval = self._ask(order)
        request = approval._approval_request().with_user(self.director).sudo(False)
        request.action_approve("New line")
        self.assertEqual(approval.state, "approved")
        self.env.invalidate_all()
        self.assertFalse(order._kam_price_block())
        order.order_line.discount = 19.0
        self.assertFalse(order._kam_price_block(), "better for us")
        order.order_line.discount = 21.0
        self.assertTrue(order._kam_price_block(), "worse: asked again")
        order.order_line.discount = 20.0
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        with self.assertRaises(ValidationError):
            order.order_line.discount = 25.0

    def test_nobody_approves_figures_that_changed_meanwhile(self):
        self.key.max_discount = 10.0
        self._hold(self.account, self.key)
        order = self._quote(discount=20.0)
        approval = self._ask(order)
        order.order_line.discount = 60.0
        request = approval._approval_request().with_user(self.director).sudo(False)
        with self.assertRaises(UserError):
            request.action_approve("seen")

    def test_a_confirmed_order_keeps_its_payment_terms(self):
        """Whoever writes them: the form leaves them open.  Source: S1p-12, S2-26."""
        self.key.payment_term_id = self.days30
        self._hold(self.account, self.key)
        order = self._quote(payment_term_id=self.days30.id)
        order.action_confirm()
        for user in (self.env.user, self.officer):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                order.with_user(user).sudo().payment_term_id = self.days60
        with self.assertRaises(UserError), self.cr.savepoint():
            order.pricelist_id = self.special
        order.payment_term_id = False
        order.payment_term_id = self.days30

    def test_what_was_approved_may_still_be_written(self):
        self.key.payment_term_id = self.days30
        self._hold(self.account, self.key)
        order = self._quote(payment_term_id=self.days60.id)
        approval = self._ask(order)
        request = approval._approval_request().with_user(self.director).sudo(False)
        request.action_approve("New line")
        self.env.invalidate_all()
        order.action_confirm()
        order.payment_term_id = self.days30
        order.payment_term_id = self.days60

    def test_a_confirmed_order_is_not_given_to_who_does_not_get_its_prices(self):
        self.key.max_discount = 10.0
        self._hold(self.account, self.key)
        order = self._quote(discount=50.0, partner_id=self._customer("Small").id)
        order.action_confirm()
        with self.assertRaises(ValidationError), self.cr.savepoint():
            order.partner_id = self.customer
        order.partner_id = self._customer("Another")

    def test_the_lead_account_manager_does_not_go_beyond_the_level(self):
        """What the account has is not asked on its quotations: others set it."""
        self.key.write({"max_discount": 10.0, "payment_term_id": self.days30.id})
        self._hold(self.account, self.key)
        own = self._as(self.account, self.user)
        for vals in ({"payment_term_id": self.days60.id}, {"pricelist_id": self.special.id}):
            with self.assertRaises(AccessError), self.cr.savepoint():
                own.write(vals)
        own.payment_term_id = self.days30
        self._as(self.account, self.officer).write(
            {"payment_term_id": self.days60.id, "pricelist_id": self.special.id}
        )

    def test_nothing_to_ask(self):
        self._hold(self.account, self.key)
        with self.assertRaises(UserError):
            self._ask(self._quote())

    def test_approvals_are_not_forged(self):
        self.key.max_discount = 10.0
        self._hold(self.account, self.key)
        order = self._quote(discount=20.0)
        approvals = self.env["kam.price.approval"]
        for forged in ({"state": "approved"}, {"figures": {"days": 999}}):
            with self.assertRaises(AccessError), self.cr.savepoint():
                approvals.create({"order_id": order.id, "reason": "x", **forged})

    # Steps --------------------------------------------------------------------------------

    def _campaign(self):
        utm = self.env["utm.campaign"].create({"title": "Unit purchase"})
        campaign = self.env["kam.campaign"].create(
            {
                "campaign_id": utm.id,
                "company_id": self.company.id,
                "date_from": "2026-11-01",
                "target_ids": [],
            }
        )
        steps = self._as(self.env["kam.price.step"], self.director)
        for stage, quantity, discount in (("1", 50, 5.0), ("1", 100, 10.0), ("2", 100, 5.0)):
            steps.create(
                {
                    "kam_campaign_id": campaign.id,
                    "stage": stage,
                    "quantity_from": quantity,
                    "discount": discount,
                }
            )
        return utm

    def test_only_directors_set_steps(self):
        """Source: S1c-19."""
        self._campaign()
        step = self.env["kam.price.step"].search([], limit=1)
        for user in (self.officer, self.user, self.admin):
            with self.assertRaises(AccessError):
                self._as(step, user).discount = 50.0
        self._as(step, self.director).discount = 6.0
        log = self.env["kam.policy.log"].search([("res_model", "=", step._name)], limit=1)
        self.assertTrue(log, "changes are tracked")

    def test_a_units_orders_count_together(self):
        """Source: S1c-17, S1c-18."""
        utm = self._campaign()
        branch = self.env["res.partner"].create(
            {"name": "Workshop", "parent_id": self.customer.id, "type": "delivery"}
        )
        first = self._quote(quantity=60, campaign_id=utm.id, partner_id=branch.id)
        self.assertEqual(first._kam_group_discount(), 5.0)
        first.action_confirm()
        second = self._quote(quantity=40, campaign_id=utm.id)
        self.assertEqual(second._kam_group_discount(), 14.5)
        self.assertEqual(self._quote(quantity=40)._kam_group_discount(), 0.0)
        second.action_kam_apply_group_discount()
        self.assertEqual(second.order_line.discount, 14.5)

    def test_what_the_quantity_earns_needs_nobody(self):
        self.key.max_discount = 1.0
        self._hold(self.account, self.key)
        order = self._quote(quantity=100, discount=14.5, campaign_id=self._campaign().id)
        self.assertFalse(self._wanted(order))
        order.order_line.discount = 15.0
        self.assertTrue(self._wanted(order))

    # First --------------------------------------------------------------------------------

    def test_strategic_orders_first(self):
        """Source: S3-44."""
        other = self._customer("First")
        self._hold(self._account(other, self.user), self.strategic)
        self._hold(self.account, self.key)
        orders = self._quote() | self._quote(partner_id=other.id)
        found = self.env["sale.order"].search(
            [("id", "in", orders.ids)], order="kam_tier_id, commitment_date, date_order desc"
        )
        self.assertEqual(found.partner_id[:1], other)


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestAgreedPrices(NegotiationCase):
    """What a negotiation decided is not asked again.  Source: users §2, S1p-12."""

    def test_agreed_prices_and_days_need_nobody(self):
        self.env.ref(GROUP % "area_price")._kam_switch_on()
        negotiation = self._settle(self._begun(), 80.0, 60)
        negotiation.action_submit()
        self._confirm(negotiation)
        self.assertEqual(negotiation.state, "agreed")
        days30, days60 = (
            self.env["account.payment.term"].create(
                {
                    "name": f"{days} days",
                    "company_id": False,
                    "line_ids": [
                        Command.create({"value": "percent", "value_amount": 100, "nb_days": days})
                    ],
                }
            )
            for days in (30, 60)
        )
        self.piece.list_price = 100.0
        self.key.write({"max_discount": 10.0, "payment_term_id": days30.id})
        self._hold(self.account, self.key)
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "payment_term_id": days60.id,
                "order_line": [Command.create({"product_id": self.piece.id, "price_unit": 80.0})],
            }
        )
        key = f"line-{self.piece.id}"
        wanted = order.sudo()._kam_price_wanted()
        self.assertEqual(wanted, {order: {key: 20.0, "days": 60}})
        order.sudo().kam_negotiation_id = negotiation.sudo()
        self.assertFalse(order.sudo()._kam_price_wanted())
        order.order_line.price_unit = 79.0
        self.assertEqual(order.sudo()._kam_price_wanted(), {order: {key: 21.0}})
        order.order_line.price_unit = 80.0
        other = self._customer("Other")
        self._hold(self._account(other, self.user), self.key)
        strange = order.sudo().copy({"partner_id": other.id, "payment_term_id": days30.id})
        strange.order_line.price_unit = 80.0
        strange.kam_negotiation_id = negotiation.sudo()
        wanted = strange._kam_price_wanted()
        self.assertEqual(wanted, {strange: {key: 20.0}}, "agreed with somebody else")
