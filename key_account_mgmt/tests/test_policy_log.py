from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import GROUP, KamCase

# What a client could send in the hope that nothing is noticed.
TRICKS = {
    "install_mode": True,
    "module": "key_account_mgmt",
    "_force_unlink": True,
    "tracking_disable": True,
    "active_test": True,
    "kam_engine": True,
    "default_why": "planned",
    "default_is_own": False,
}


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestPolicyLog(KamCase):
    """Policy data keep a log of changes: who, old, new, why.  Source: design §6, S2-49."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Log = cls.env["kam.policy.log"]
        cls.criterion = cls.key.criterion_ids.filtered("threshold")[0]
        cls.start = cls.Log.search([], limit=1).id or 0

    def _rows(self, records=None):
        """Rows written since the test began, oldest first."""
        domain = [("id", ">", self.start)]
        if records:
            domain += [("res_model", "=", records._name), ("res_id", "in", records.ids)]
        self.env.flush_all()
        return self.Log.search(domain, order="id")

    def _values(self, records, *names):
        return [tuple(row[name] for name in names) for row in self._rows(records)]

    # What is logged

    def test_a_change_says_who_when_what_before_and_after(self):
        before = self.criterion.threshold
        self._as(self.criterion, self.admin).write({"threshold": "2100万"})
        row = self._rows().ensure_one()
        self.assertEqual(
            (row.user_id, str(row.date), row.operation, row.res_model, row.res_id),
            (self.admin, "2026-11-22 04:00:00", "write", "kam.tier.criterion", self.criterion.id),
        )
        self.assertEqual(
            (row.field_name, row.field_label, row.old_value, row.new_value, row.why),
            ("threshold", "Threshold", before, "21000000", False),
        )
        self.assertIn(self.s3.name, row.record_name)
        self.assertIn(self.key.name, row.record_name)
        self.assertEqual((row.policy_model, row.policy_id), ("kam.tier.scheme", self.s3.id))

    def test_only_real_changes_one_row_a_field(self):
        scheme = self._as(self.s3, self.admin)
        scheme.write({"basis": scheme.basis, "tax": scheme.tax, "name": scheme.name})
        self.assertFalse(self._rows())
        scheme.write({"basis": "order", "tax": scheme.tax, "min_tenure_months": 7})
        self.assertEqual(
            self._values(scheme, "field_name", "old_value", "new_value"),
            [("basis", "Posted invoices", "Confirmed orders"), ("min_tenure_months", "0", "7")],
        )

    def test_values_are_readable(self):
        scheme = self._as(self.s3, self.admin)
        scheme.write(
            {
                "fallback_tier_id": self.main.id,
                "approval_required": False,
                "company_ids": [Command.set(self.company.ids)],
                "demotion_margin": 12.5,
            }
        )
        rows = {row.field_name: (row.old_value, row.new_value) for row in self._rows(scheme)}
        self.assertEqual(
            rows,
            {
                "fallback_tier_id": (self.general.name, self.main.name),
                "approval_required": ("yes", "no"),
                "company_ids": (False, self.company.name),
                "demotion_margin": ("10", "12.5"),
            },
        )

    def test_the_version_counter_is_no_row_and_nobody_sets_it(self):
        self._as(self.criterion, self.admin).write({"threshold": "2100万"})
        self.assertNotIn("version", self._rows().mapped("field_name"))
        for user in (self.env.user, self.admin):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self.s3.with_user(user).write({"version": 1})

    def test_a_record_created_is_one_row_with_its_values(self):
        flag = self._as(self.env["kam.tier.flag"], self.admin).create(
            {"name": "Green Factory", "code": "green", "validity_months": 12}
        )
        row = self._rows().ensure_one()
        self.assertEqual((row.operation, row.res_id, row.old_value), ("create", flag.id, False))
        self.assertIn("Code: green\n", row.new_value)
        self.assertIn("Validity (Months): 12", row.new_value)

    def test_a_record_deleted_stays_by_name_with_all_the_database_deletes(self):
        scheme = self.s3.copy()
        parts = [scheme, *scheme.tier_ids, *scheme.criterion_ids]
        keys = {(part._name, part.id) for part in parts}
        name, start = scheme.name, self.Log.search([], limit=1).id or 0
        self._as(scheme, self.admin).unlink()
        rows = self.Log.search([("id", ">", start)])
        self.assertEqual({(row.res_model, row.res_id) for row in rows}, keys)
        self.assertEqual(len(rows), len(keys))
        self.assertEqual(set(rows.mapped("operation")), {"unlink"})
        row = rows.filtered(lambda row: row.res_model == "kam.tier.scheme")
        self.assertEqual(row.record_name, name)
        self.assertIn("Sales Basis: Posted invoices", row.old_value)
        with self.assertRaisesRegex(UserError, "not exist"):
            self._as(row, self.admin).action_open_record()

    def test_every_kind_of_policy_is_logged(self):
        """Of every model the administrator edits, and of the company's settings."""
        logged = set(dict(self.Log._selection_res_model()))
        self.assertLessEqual(
            {
                "kam.tier.scheme", "kam.tier", "kam.tier.criterion", "kam.tier.flag",
                "kam.metric", "kam.team.role", "kam.approval.route", "kam.approval.step",
                "kam.department", "kam.policy.doc", "res.company", "res.groups", "res.users",
            },
            logged,
        )  # fmt: skip
        step = self.env["kam.approval.step"].search([], limit=1)
        doc = self.env["kam.policy.doc"].create({"name": "Policy"})
        for record, vals in (
            (self.key, {"max_customers": 5}),
            (self.env["kam.tier.flag"].search([], limit=1), {"validity_months": 3}),
            (self._metric("annual_sales"), {"sequence": 999}),
            (self.env["kam.team.role"].search([], limit=1), {"duties": "Everything"}),
            (step.route_id, {"note": "§ 12"}),
            (step, {"always_ask": not step.always_ask}),
            (self.env["kam.department"].create({"name": "Sales"}), {"name": "Export"}),
            (doc, {"body": "<p>In <b>force</b></p>"}),
            (self.company, {"kam_go_live_date": "2026-01-01", "street": "Fuxing Road 1"}),
        ):
            record.write(vals)
            row = self._rows(record)[-1]
            self.assertEqual((row.operation, row.field_name), ("write", next(iter(vals))))
        self.assertEqual(self._rows(doc)[-1].new_value, "In *force*")
        self.assertEqual(self._rows(self.company).company_id, self.company)

    def test_by_every_road(self):
        """Import, web_save, superuser, a line of its parent."""
        flag = self.env["kam.tier.flag"].search([], limit=1)
        admin = self._as(flag, self.admin)
        xmlid = flag.get_external_id()[flag.id]
        result = admin.load(["id", "validity_months"], [[xmlid, "31"]])
        self.assertTrue(result["ids"], result["messages"])
        admin.web_save({"validity_months": 32}, {"validity_months": {}})
        admin.sudo().write({"validity_months": 33})
        flag.with_user(self.env.ref("base.user_root")).validity_months = 34
        self.assertEqual(
            self._values(flag, "user_id", "new_value"),
            [(self.admin, "31"), (self.admin, "32"), (self.admin, "33"),
             (self.env.ref("base.user_root"), "34")],
        )  # fmt: skip
        commands = [Command.update(self.criterion.id, {"threshold": "2100万"})]
        self._as(self.key, self.admin).write({"criterion_ids": commands})
        self.assertEqual(self._values(self.criterion, "new_value"), [("21000000",)])

    def test_the_dialog_of_translations_is_a_road_too(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        key = self._as(self.key, self.admin)
        key.update_field_translations("name", {"zh_CN": "重点客户"})
        self.assertEqual(
            self._values(key, "field_name", "new_value"), [("name", "[zh_CN] 重点客户")]
        )

    def test_no_context_of_a_client_hides_a_change(self):
        flag = self.env["kam.tier.flag"].create({"name": "Green", "code": "green"})
        tricky = self._as(flag, self.admin).with_context(**TRICKS)
        tricky.write({"validity_months": 3})
        tricky.create({"name": "Blue", "code": "blue"})
        tricky.unlink()
        rows = self._rows()[-3:]
        self.assertEqual(rows.mapped("operation"), ["write", "create", "unlink"])
        self.assertEqual(set(rows.mapped("why")), {False})

    def test_what_a_module_ships_is_not_a_change(self):
        with patch.object(self.env.registry, "ready", False):
            flag = self.env["kam.tier.flag"].create({"name": "Green", "code": "green"})
            flag.validity_months = 3
            self.user.group_ids += self.env.ref(GROUP % "officer")
            flag.unlink()
        self.assertFalse(self._rows())

    def test_a_change_that_is_refused_leaves_no_row(self):
        with self.assertRaises(UserError), self.cr.savepoint():
            self._as(self.criterion, self.admin).write({"threshold": "a lot"})
        self.assertFalse(self._rows())

    # Why

    def test_who_made_the_change_says_why_once(self):
        self._as(self.s3, self.admin).write({"basis": "order", "tax": "included"})
        rows = self._as(self._rows(), self.admin)
        self.assertEqual(set(rows.mapped("can_explain")), {True})
        rows.web_save({"why": "The market asks for it"}, {"why": {}})
        self.assertEqual(set(rows.mapped("why")), {"The market asks for it"})
        self.assertEqual(set(rows.mapped("can_explain")), {False})
        with self.assertRaisesRegex(UserError, "stays"):
            rows[0].write({"why": "No: the board does"})

    def test_nobody_else_says_why_and_nothing_else_is_written(self):
        self._as(self.s3, self.admin).write({"basis": "order"})
        row = self._rows().ensure_one()
        other = self._new_user("admin2", GROUP % "admin")
        for user in (other, self.gm, self.director, self.env.user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                row.with_user(user).write({"why": "because"})
        for user in (self.auditor, self.officer, self.user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                row.with_user(user).write({"why": "because"})
        own = self._as(row, self.admin)
        self.assertFalse(self._as(row, other).can_explain)
        for vals in (
            {"why": "because", "new_value": "nothing"},
            {"user_id": self.gm.id},
            {"date": "2020-01-01 00:00:00"},
            {"old_value": "x"},
            {"is_own": True},
            {},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError), self.cr.savepoint():
                own.write(vals)
        for empty in ("", "  ", False):
            with self.assertRaises(UserError):
                own.write({"why": empty})
        self.assertFalse(row.why)

    def test_the_reason_can_come_with_the_change(self):
        scheme = self._as(self.s3, self.admin)._with_policy_reason("Board of 20 November")
        scheme.write({"basis": "order"})
        self.assertEqual(self._rows().why, "Board of 20 November")

    # Rows are what happened

    def test_nobody_makes_changes_or_deletes_a_row(self):
        self._as(self.s3, self.admin).write({"basis": "order"})
        row = self._rows().ensure_one()
        vals = row.copy_data()[0]
        for user in (self.env.user, self.admin, self.gm, self.auditor):
            for context in ({}, TRICKS):
                log = row.with_user(user).with_context(**context)
                for function in (
                    lambda log=log: log.create(vals),
                    lambda log=log: log.write({"new_value": "x"}),
                    lambda log=log: log.unlink(),
                    lambda log=log: log.sudo().unlink(),
                    lambda log=log: log.copy(),
                ):
                    with self.assertRaises(AccessError), self.cr.savepoint():
                        function()
        self.assertTrue(row.exists())

    def test_who_reads_the_log(self):
        self._as(self.s3, self.admin).write({"basis": "order"})
        row = self._rows().ensure_one()
        for user in (self.admin, self.auditor, self.director, self.executive, self.gm):
            self.assertEqual(self._as(row, user).new_value, "Confirmed orders")
        for user in (self.member, self.user, self.officer, self.seller):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._as(row, user).read(["new_value"])

    def test_the_log_of_another_company_is_not_shown(self):
        other = self._new_company("Yunting Rail", self.cny)
        self.s3.copy({"company_id": other.id})
        rows = self._rows().filtered(lambda row: row.company_id == other)
        self.assertEqual(set(rows.mapped("res_model")) - {"res.company"},
                         {"kam.tier.scheme", "kam.tier", "kam.tier.criterion"})  # fmt: skip
        for user in (self.admin, self.auditor, self.gm):
            self.assertFalse(self._as(self.Log, user).search([("id", "in", rows.ids)]))

    # Which policy

    def test_an_evaluation_says_which_policy_it_used(self):
        customer = self._customer("Tianheng", 30e6, "leading")
        before = self._evaluation(customer).policy_version
        self._as(self.criterion, self.admin).write({"threshold": "2100万"})
        last = self._rows(self.criterion)[-1]
        evaluation = self._evaluation(customer)
        self.assertEqual(evaluation.policy_version, f"s3 v{self.s3.version} #{last.id} 2026-11-22")
        self.assertNotEqual(before, evaluation.policy_version)
        for user in (self.env.user, self.officer, self.gm):
            with self.assertRaises(AccessError), self.cr.savepoint():
                evaluation.with_user(user).write({"policy_version": "s3 v1"})
        with self.assertRaises(AccessError), self.cr.savepoint():
            evaluation.create({"name": "X", "policy_version": "s3 v1"})

    def test_the_day_of_a_version_is_the_company_s(self):
        with freeze_time("2026-11-21 23:00:00"):
            self.criterion.threshold = "2100万"
        self.assertTrue(self.s3._policy_version("UTC").endswith(" 2026-11-21"))
        self.assertTrue(self.s3._policy_version("Asia/Shanghai").endswith(" 2026-11-22"))

    def test_a_round_says_which_route_it_took(self):
        evaluation = self._evaluation(self._customer("Tianheng", 30e6, "leading"))
        request = self._approve(evaluation).sudo().approval_request_ids[:1]
        step = request.route_id.step_ids[0]
        version = request.route_version
        step.name = "The General Manager Himself"
        self.assertEqual(request.route_version, version)
        number = self._rows(step)[-1].id
        self.assertEqual(request.route_id._policy_version("UTC"), f"#{number} 2026-11-22")
        second = self._evaluation(self._customer("Beichen", 30e6, "leading"))
        request = self._approve(second).sudo().approval_request_ids[:1]
        self.assertEqual(request.route_version, f"#{number} 2026-11-22")


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestGroupLog(KamCase):
    """Entering and leaving a group of ours is logged, one's own above all.

    Source: design §5 "granting oneself a group of ours is logged".
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls._new_user("boss", "base.group_system")
        cls.group_gm = cls.env.ref(GROUP % "gm")
        cls.group_export = cls.env.ref(GROUP % "export")
        cls.start = cls.env["kam.policy.log"].search([], limit=1).id or 0

    def _rows(self):
        self.env.flush_all()
        return self.env["kam.policy.log"].search([("id", ">", self.start)], order="id")

    def _facts(self):
        return [
            (row.user_id, row.operation, row.res_model, row.res_id, row.is_own)
            for row in self._rows()
        ]

    def test_granting_oneself_a_group(self):
        self._as(self.boss, self.boss).write({"group_ids": [Command.link(self.group_gm.id)]})
        self.assertEqual(self._facts(), [(self.boss, "grant", "res.users", self.boss.id, True)])
        row = self._rows()
        self.assertEqual((row.old_value, row.new_value), (False, self.group_gm.full_name))
        self.assertIn("kam_boss", row.record_name)

    def test_from_both_sides_and_back(self):
        group = self._as(self.group_gm, self.boss)
        group.write({"user_ids": [Command.link(self.user.id)]})
        self._as(self.user, self.boss).write({"group_ids": [Command.unlink(self.group_gm.id)]})
        self.assertEqual(
            self._facts(),
            [
                (self.boss, "grant", "res.users", self.user.id, False),
                (self.boss, "revoke", "res.users", self.user.id, False),
            ],
        )
        self.assertEqual(self._rows()[-1].old_value, self.group_gm.full_name)

    def test_a_new_user_with_a_group(self):
        user = self._new_user("newcomer", GROUP % "officer")
        self.assertEqual(self._facts(), [(self.env.user, "grant", "res.users", user.id, False)])

    def test_a_group_that_implies_ours(self):
        """Neither a detour by implication nor a group of one's own is a way around."""
        sales = self.env.ref("sales_team.group_sale_manager")
        self.boss.group_ids += sales
        sales = self._as(sales, self.boss)
        sales.write({"implied_ids": [Command.link(self.group_export.id)]})
        rows = self._rows()
        count = len(rows)
        row = rows.filtered(lambda row: row.res_model == "res.groups").ensure_one()
        self.assertEqual(
            (row.operation, row.res_id, row.is_own, row.new_value),
            ("grant", sales.id, True, self.group_export.full_name),
        )
        # Whoever is in it has got the right by that.
        self.assertIn((self.boss, "grant", "res.users", self.boss.id, True), self._facts())
        sales.write({"user_ids": [Command.link(self.user.id)]})
        row = self._rows()[count:].ensure_one()
        self.assertEqual((row.operation, row.res_id), ("grant", self.user.id))
        self.assertIn(f"→ {self.group_export.full_name}", row.new_value)
        own = self._as(self.env["res.groups"], self.boss).create(
            {"name": "Mine", "implied_ids": [Command.link(self.group_gm.id)],
             "user_ids": [Command.link(self.boss.id)]}
        )  # fmt: skip
        rows = self._rows()[count + 1 :]
        self.assertEqual(
            {(row.res_model, row.res_id, row.is_own) for row in rows},
            {("res.groups", own.id, True), ("res.users", self.boss.id, True)},
        )
        own.unlink()
        self.assertEqual(set(self._rows()[-2:].mapped("operation")), {"revoke"})

    def test_other_groups_and_fields_are_not_ours(self):
        self.boss.write({"group_ids": [Command.link(self.env.ref("base.group_no_one").id)]})
        self.boss.write({"name": "The Boss"})
        self.group_gm.write({"comment": "At the top"})
        self.group_gm.write({"user_ids": [Command.link(user.id) for user in self.gm]})
        self.assertFalse(self._rows())

    def test_context_does_not_hide_it(self):
        boss = self._as(self.boss, self.boss).with_context(**TRICKS)
        boss.write({"group_ids": [Command.link(self.group_gm.id)]})
        self.assertEqual(self._facts(), [(self.boss, "grant", "res.users", self.boss.id, True)])
