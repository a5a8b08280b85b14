"""Service packs: by level, taken once, deviated from with a reason; deliveries first."""

from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from lxml import html
from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools.misc import mute_logger

from .common import GROUP, KamCase


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestServicePack(KamCase):
    """Source: S0-22 … S0-32, S0-136, S0-138, S3-14."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pack, cls.standard = (
            cls.env.ref(f"key_account_mgmt.kam_service_pack_{code}") for code in ("strategic", "l3")
        )
        cls.key.service_pack_id = cls.standard
        cls.account = cls._account(cls._customer("Tianheng"), cls.user)

    def test_the_shipped_packs_say_what_the_policy_says(self):
        """Source: S0-136, S0-138, S3-14, S2-27."""
        packs = self.env["kam.service.pack"].search([])
        of_s0 = packs.filtered(lambda p: p.code in ("l1", "l2", "l3"))
        self.assertEqual(set(of_s0.mapped("hours")), {"24x7"})
        for pack in of_s0:
            kinds = set(pack.item_ids.mapped("kind"))
            self.assertLessEqual({"pre_sales", "order", "technical", "maintenance"}, kinds)
        kinds = set(self.pack.item_ids.mapped("kind"))
        self.assertLessEqual({"reception", "technical", "delivery", "maintenance"}, kinds)
        for item in packs.item_ids:
            self.assertTrue(item.content and item.procedure and item.standard, item.name)
        for code, pack in (("l1", "l1"), ("l2", "l2"), ("l3", "l3")):
            tier = self.env.ref(f"key_account_mgmt.kam_tier_s0_{code}")
            self.assertEqual(tier.service_pack_id.code, pack)
            self.assertTrue(tier.strategy)
            self.assertEqual(tier.new_product_priority, code == "l1", "S0-26")
        self.assertEqual(self.strategic.service_pack_id, self.pack)
        self.assertTrue(self.strategic.delivery_priority)
        self.assertFalse(self.key.delivery_priority)

    def test_the_first_level_brings_its_pack_later_ones_propose(self):
        """Source: S0-22, users §3.1: nothing changes by surprise."""
        self._hold(self.account, self.key)
        self.assertEqual(self.account.service_pack_id, self.standard)
        self.assertFalse(self.account.pack_differs)
        self.account._assign_tier(self.s3, self.strategic, date(2026, 1, 1), "evaluation")
        self.assertEqual(self.account.service_pack_id, self.standard)
        self.assertTrue(self.account.pack_differs)
        [proposal] = self.account.with_context(lang="en_US")._pack_proposals(self.strategic)
        self.assertEqual(proposal, "Service pack: Standard Service → Strategic Service")
        self.assertFalse(self.account._pack_proposals(self.main), "it has none")
        found = self.account.search([("id", "=", self.account.id), ("pack_differs", "=", True)])
        self.assertEqual(found, self.account)
        self._as(self.account, self.user).action_take_tier_pack()
        self.assertEqual(self.account.service_pack_id, self.pack)
        self.assertFalse(self.account._pack_proposals(self.strategic))
        self.assertFalse(
            self.account.search([("id", "=", self.account.id), ("pack_differs", "=", True)])
        )

    def test_the_pack_is_among_the_proposals_of_a_change_of_level(self):
        """Source: S0-22, S0-36."""
        hooks = [c for c in type(self.account).__mro__ if "_strategy_proposals" in vars(c)]
        if len(hooks) < 2:
            self.skipTest("nothing proposes anything yet")
        self._hold(self.account, self.key)
        account = self.account.with_context(lang="en_US")
        proposals = account._strategy_proposals(account, self.key, self.strategic)
        self.assertIn("Service pack: Standard Service → Strategic Service", proposals)

    def test_a_pack_agreed_before_the_first_level_stays(self):
        self.account.service_pack_id = self.pack
        self._hold(self.account, self.key)
        self.assertEqual(self.account.service_pack_id, self.pack)
        self.assertTrue(self.account.pack_differs)

    def test_a_label_brings_no_pack(self):
        label = self.s1n.tier_ids[0]
        label.service_pack_id = self.pack
        self._hold(self.account, label)
        self.assertFalse(self.account.service_pack_id)

    def test_a_level_without_a_pack_has_nothing_to_take(self):
        self._hold(self.account, self.main)
        with self.assertRaises(UserError):
            self.account.action_take_tier_pack()

    def test_who_decides_on_the_service(self):
        """The lead account manager and the office, over RPC as well."""
        self._hold(self.account, self.key)
        colleague = self._new_user("colleague", GROUP % "user")
        role = self.env.ref("key_account_mgmt.kam_team_role_service")
        self.env["kam.team.member"].create(
            {"account_id": self.account.id, "user_id": colleague.id, "role_id": role.id}
        )
        deviation = {"account_id": self.account.id, "name": "Inspection", "reason": "Old lifts"}
        for user in (colleague, self.member, self.admin, self.auditor, self.seller):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._as(self.account, user).write({"service_pack_id": self.pack.id})
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._as(self.account, user).action_take_tier_pack()
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._as(self.env["kam.service.deviation"], user).create(deviation)
        for user in (self.user, self.officer):
            self._as(self.account, user).write({"service_pack_id": self.pack.id})
            record = self._as(self.env["kam.service.deviation"], user).create(
                {**deviation, "user_id": self.gm.id}
            )
            self.assertEqual(record.user_id, user, "who agreed is who writes")
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._as(record, colleague).date_to = self.day
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._as(record, user).user_id = self.gm
        with self.assertRaises(UserError), self.cr.savepoint():
            self._as(record, self.user).unlink()
        self._as(record, self.officer).unlink()

    def test_deviations_have_a_reason_and_days(self):
        deviations = self.env["kam.service.deviation"]
        values = {"account_id": self.account.id, "name": "Faster", "reason": "Agreed"}
        with self.assertRaises(ValidationError), self.cr.savepoint():
            deviations.create({**values, "reason": "  "})
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.cr.savepoint():
            deviations.create({**values, "date_from": self.day, "date_to": date(2026, 11, 21)})
        deviations.create({**values, "date_from": self.day, "date_to": self.day})

    def test_a_pack_of_another_company_is_refused(self):
        other = self._new_company("Yunting Rail", self.cny)
        foreign = self.pack.copy({"company_id": other.id})
        self.assertNotEqual(foreign.code, self.pack.code)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.account.service_pack_id = foreign
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.key.service_pack_id = foreign

    def test_hours_make_sense(self):
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.pack.write({"response_hours": 8, "resolution_hours": 4})
        self.pack.write({"response_hours": 2, "resolution_hours": 24, "hours": "24x7"})
        text = self.pack.with_context(lang="en_US")._sla_text()
        self.assertEqual(text, "7 × 24 Hours: response within 2 h, resolution within 24 h")
        self.pack.write({"response_hours": 0, "resolution_hours": 0})
        self.assertEqual(self.pack.with_context(lang="en_US")._sla_text(), "7 × 24 Hours")

    def test_changes_of_a_pack_are_policy(self):
        """Source: S2-50: logged with who and when, the services under their pack."""
        logs = self.env["kam.policy.log"].sudo()
        item = self.pack.item_ids[0]
        item.standard = "Within one day"
        log = logs.search([("res_model", "=", item._name), ("res_id", "=", item.id)], limit=1)
        self.assertEqual((log.policy_model, log.policy_id), (self.pack._name, self.pack.id))
        self.assertEqual(log.new_value, "Within one day")

    def test_the_service_sheet(self):
        """Source: S0-22, S1d-06, (f) P31."""
        self._hold(self.account, self.strategic)
        self.pack.hotline = "400 123 4567"
        action = self._as(self.account, self.user).action_print_service_sheet()
        self.assertEqual(action["report_name"], "key_account_mgmt.report_service_sheet")
        report = self._as(self.env["ir.actions.report"], self.user).with_context(lang="en_US")
        content = report._render_qweb_html(action["report_name"], self.strategic.ids)[0]
        page = " ".join(html.fromstring(content).text_content().split())
        for text in ("Strategic", "400 123 4567", "Visit reception", "Strategic Service"):
            self.assertIn(text, page)
        with self.assertRaises(UserError):
            self._account(self._customer("None")).action_print_service_sheet()


@tagged("post_install", "-at_install")
class TestDeliveriesFirst(KamCase):
    """Source: S3-31, S3-45; without Inventory nothing happens and nothing fails."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._hold(cls._account(cls._customer("Tianheng"), cls.user), cls.strategic)

    def _sale(self, partner, **values):
        return self._order(partner, "2026-11-01 04:00:00", 10.0, **values)

    def test_the_level_of_the_customer_decides(self):
        order = self._sale(self.account.partner_id)
        self.assertTrue(order._kam_delivers_first())
        self.assertEqual(order.kam_priority, "1")
        contact = self.env["res.partner"].create(
            {"name": "Plant", "parent_id": self.account.partner_id.id}
        )
        self.assertTrue(self._sale(contact)._kam_delivers_first())
        self.assertFalse(self._sale(self._customer("Nobody"))._kam_delivers_first())
        key = self._hold(self._account(self._customer("Key"), self.user), self.key)
        order = self._sale(key.partner_id)
        self.assertEqual(order.kam_priority, "0")
        self.key.delivery_priority = True
        self.assertTrue(order._kam_delivers_first())

    def test_the_end_customer_counts_too(self):
        agent = self._customer("Agent")
        order = self._sale(agent, kam_end_customer_id=self.account.partner_id.id)
        self.assertTrue(order._kam_delivers_first())

    def test_a_paused_customer_has_no_precedence(self):
        order = self._sale(self.account.partner_id)
        self.account._set_life_cycle("paused", "renovation")
        self.assertFalse(order._kam_delivers_first())

    def test_a_plain_salesperson_confirms_as_before(self):
        order = self.env["sale.order"].create(
            {"partner_id": self.account.partner_id.id, "company_id": self.company.id}
        )
        self._as(order, self.seller).action_confirm()
        self.assertEqual(order.state, "sale")

    def test_open_deliveries_get_the_star(self):
        """With deliveries as Inventory keeps them: only open, outgoing or internal ones."""

        class Delivery:
            def __init__(self, state, code, priority="0"):
                self.state, self.picking_type_code, self.priority = state, code, priority

        deliveries = [
            Delivery("assigned", "outgoing"),
            Delivery("confirmed", "internal"),
            Delivery("done", "outgoing"),
            Delivery("cancel", "outgoing"),
            Delivery("assigned", "incoming"),
        ]
        model = self.env.registry["sale.order"]
        order = self._sale(self.account.partner_id)
        with patch.object(model, "_kam_deliveries", lambda order: deliveries):
            self._sale(self._customer("Nobody"))
            self.assertEqual({d.priority for d in deliveries}, {"0"})
            order._kam_prioritise_deliveries()
            self.assertEqual([d.priority for d in deliveries], ["1", "1", "0", "0", "0"])
            deliveries.append(Delivery("waiting", "outgoing"))
            order.order_line._action_launch_stock_rule()
            self.assertEqual(deliveries[-1].priority, "1", "ordered later")
            deliveries.append(Delivery("waiting", "outgoing"))
            self._sale(self.account.partner_id)
            self.assertEqual(deliveries[-1].priority, "1", "on confirming")
