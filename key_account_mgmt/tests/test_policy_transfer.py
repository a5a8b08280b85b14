import base64
import copy
import json

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import GROUP, KamCase


@tagged("post_install", "-at_install")
class TestPolicyTransfer(KamCase):
    """The policy moves between databases as one file.

    Source: users.md §4 "policy data export/import as one file".
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.criterion = cls.key.criterion_ids.filtered("threshold")[0]
        cls.approver = cls._new_user("approver", GROUP % "executive")
        route = cls.env["kam.approval.route"].search([], limit=1)
        cls.step = cls.env["kam.approval.step"].create(
            {
                "route_id": route.id,
                "name": "Finance",
                "approver_type": "user",
                "user_id": cls.approver.id,
                "fallback_user_id": cls.gm.id,
            }
        )
        sales = cls.env["kam.department"].create({"name": "Sales", "manager_id": cls.user.id})
        cls.department = cls.env["kam.department"].create(
            {"name": "Export", "parent_id": sales.id, "member_ids": cls.user.ids}
        )
        cls.doc = cls.env["kam.policy.doc"].create(
            {"name": "Policy", "body": "<p>Purpose</p><p>Scope</p>", "effective_date": "2026-01-01"}
        )
        cls.doc.update_field_translations("body", {"zh_CN": {"Purpose": "目的", "Scope": "范围"}})
        cls.key.with_context(lang="zh_CN").name = "重点客户"

    def _wizard(self, content=None, user=None, name="policy.json"):
        model = self._as(self.env["kam.policy.transfer.wizard"], user or self.admin)
        wizard = model.create({})
        if content is not None:
            text = content if isinstance(content, bytes) else json.dumps(content).encode()
            wizard.write({"file": base64.b64encode(text), "file_name": name})
        return wizard

    def _export(self):
        wizard = self._wizard()
        wizard.action_export()
        self.assertRegex(wizard.export_name, r"^policy-.*\.json$")
        return json.loads(base64.b64decode(wizard.export_file))

    def _import(self, content, user=None):
        wizard = self._wizard(content, user)
        wizard.action_import()
        self.env.invalidate_all()
        return wizard

    def _last(self):
        self.env.flush_all()
        return self.env["kam.policy.log"].search([], limit=1).id

    def _by_id(self, content):
        return {
            (part["model"], item["id"]): (item["values"], item.get("translations"))
            for part in content["models"]
            for item in part["records"]
        }

    def _item(self, content, record):
        xmlid = record.get_external_id()[record.id]
        part = next(part for part in content["models"] if part["model"] == record._name)
        return next(item for item in part["records"] if item["id"] == xmlid)

    def _assert_refused(self, content, pattern, user=None):
        last = self._last()
        for action in ("action_check", "action_import"):
            wizard = self._wizard(content, user)
            with (
                self.subTest(action=action),
                self.assertRaisesRegex(UserError, pattern),
                self.cr.savepoint(),
                mute_logger("odoo.sql_db"),
            ):
                getattr(wizard, action)()
        self.env.invalidate_all()
        self.assertEqual(self._last(), last)

    # Export

    def test_what_needs_another_comes_after_it(self):
        names = [part["model"] for part in self._export()["models"]]
        for first, later in (
            ("kam.metric", "kam.tier.criterion"),
            ("kam.tier.scheme", "kam.tier"),
            ("kam.tier", "kam.tier.criterion"),
            ("kam.approval.route", "kam.approval.step"),
        ):
            self.assertLess(names.index(first), names.index(later))
        self.assertNotIn("res.company", names)

    def test_the_file_knows_people_by_login_and_leaves_out_what_is_local(self):
        content = self._export()
        values = self._item(content, self.step)["values"]
        self.assertEqual(
            (values["user_id"], values["fallback_user_id"]), ("kam_approver", "kam_gm")
        )
        self.assertLessEqual({"zh_CN", "en_US"}, set(content["languages"]))
        translations = self._item(content, self.key)["translations"]
        self.assertEqual(translations["zh_CN"]["name"], "重点客户")
        for record, local in (
            (self.department, {"manager_id", "member_ids"}),
            (self.doc, {"attachment_ids"}),
            (self.s3, {"is_primary", "activated_on", "version"}),
        ):
            self.assertTrue(local.isdisjoint(self._item(content, record)["values"]))

    # Import

    def test_round_trip(self):
        """Whatever was changed, renamed or deleted comes back as it was."""
        content = self._export()
        self.criterion.threshold = "2100万"
        self.s3.write({"basis": "order", "fallback_tier_id": False, "demotion_margin": 5})
        self.key.with_context(lang="zh_CN").name = "关键客户"
        self.main.with_context(lang="en_US").write({"name": "Principal", "is_key_account": True})
        self.doc.write({"effective_date": False, "body": "<p>Purpose</p>"})
        self.department.parent_id = False
        self._metric("annual_sales").description = "Sales"
        deleted = self.s0.tier_ids.criterion_ids[:1]
        deleted.unlink()
        self.step.unlink()
        self.assertNotEqual(self._by_id(self._export()), self._by_id(content))
        self._import(content)
        self.assertEqual(self._by_id(self._export()), self._by_id(content))
        self.assertEqual(self.s3.basis, "invoice")
        self.assertEqual(self.s3.fallback_tier_id, self.general)
        step = self.env["kam.approval.step"].search([("name", "=", "Finance")])
        self.assertEqual((step.user_id, step.fallback_user_id), (self.approver, self.gm))
        self.assertEqual(self.department.member_ids, self.user)
        self.assertEqual(self.department.parent_id.manager_id, self.user)

    def test_everything_lands_in_the_log_with_the_file_as_reason(self):
        content = self._export()
        self.criterion.threshold = "2100万"
        last = self._last()
        self._import(content)
        rows = self.env["kam.policy.log"].search([("id", ">", last)])
        self.assertEqual(
            (rows.user_id, rows.why, rows.field_name, rows.old_value),
            (self.admin, "imported from policy.json", "threshold", "21000000"),
        )

    def test_a_second_import_changes_nothing(self):
        content = self._export()
        self.criterion.threshold = "2100万"
        self._import(content)
        last, version = self._last(), self.s3.version
        wizard = self._import(content)
        self.assertEqual((self._last(), self.s3.version), (last, version))
        self.assertIn("already as in the file", wizard.preview_html)

    def test_a_policy_of_another_database(self):
        """Records nobody here has: a scheme with levels and criteria, shown first."""
        scheme = self.s3.copy()
        scheme.write({"code": "moved", "fallback_tier_id": scheme.tier_ids[-1].id})
        content = self._export()
        scheme.unlink()
        wizard = self._wizard(content)
        wizard.action_check()
        self.assertFalse(self._moved())
        self.assertIn(f"{self.s3.name} (copy)", wizard.preview_html)
        self.assertEqual(wizard.state, "preview")
        wizard.action_import()
        self.env.invalidate_all()
        moved = self._moved()
        self.assertEqual(len(moved.tier_ids), 4)
        self.assertEqual(moved.fallback_tier_id, moved.tier_ids[-1])
        self.assertEqual(
            moved.tier_ids.criterion_ids.sorted("id").mapped("threshold"),
            self.s3.tier_ids.criterion_ids.sorted("id").mapped("threshold"),
        )
        self.assertEqual((moved.version > 0, moved.is_primary), (True, False))
        xmlid = moved.get_external_id()[moved.id]
        self.assertEqual(self.env.ref(xmlid), moved)

    def _moved(self):
        schemes = self.env["kam.tier.scheme"].with_context(active_test=False)
        return schemes.search([("code", "=", "moved")])

    def test_the_preview_keeps_nothing(self):
        content = self._export()
        self.criterion.threshold = "2100万"
        last = self._last()
        wizard = self._wizard(content)
        wizard.action_check()
        self.env.invalidate_all()
        self.assertEqual((self.criterion.threshold, self._last()), ("21000000", last))
        self.assertIn("21000000 →", wizard.preview_html)

    def test_nothing_is_ever_deleted(self):
        content = self._export()
        mine = self.env["kam.tier.flag"].create({"name": "Green", "code": "green"})
        for part in content["models"]:
            part["records"] = part["records"][:1]
        self._import(content)
        self.assertTrue(mine.exists() and self.general.exists())

    def test_bounds_that_move_together_are_judged_at_the_end(self):
        """Thresholds of neighbouring levels may pass each other on the way."""
        content = self._export()
        for tier in self.s3.tier_ids:
            for criterion in tier.criterion_ids.filtered("threshold"):
                values = self._item(content, criterion)["values"]
                values["threshold"] = str(int(float(values["threshold"])) * 10)
        self._import(content)
        self.assertFalse(self.s3._band_problems())
        ranks = [self._item(content, tier)["values"] for tier in (self.strategic, self.key)]
        ranks[0]["rank"], ranks[1]["rank"] = ranks[1]["rank"], ranks[0]["rank"]
        ranks[0]["rank"] = ranks[1]["rank"]
        self._assert_refused(content, "same rank")

    def test_a_missing_person_is_left_out_with_a_warning(self):
        """Whoever is entered here stays; a new step asks nobody, which stops submissions."""
        content = self._export()
        self._item(content, self.step)["values"]["user_id"] = "nobody@example.com"
        wizard = self._import(content)
        self.assertEqual(self.step.user_id, self.approver)
        self.assertRegex(wizard.preview_html, "Finance.*nobody@example.com")
        route = self.step.route_id
        self.step.unlink()
        wizard = self._import(content)
        step = route.step_ids.filtered(lambda step: step.name == "Finance")
        self.assertEqual((len(step), step.user_id.id), (1, False))
        self.assertEqual(step.fallback_user_id, self.gm)
        self.assertRegex(wizard.preview_html, "Finance.*nobody@example.com")
        last = self._last()
        self._import(content)
        self.assertEqual(self._last(), last)

    def test_without_the_import_a_step_needs_its_person(self):
        with self.assertRaises(UserError), self.cr.savepoint():
            self.step.with_context(kam_people=True).user_id = False

    def test_a_missing_company_is_an_error_not_every_company(self):
        scheme = self.s3.copy({"company_id": self.company.id})
        content = self._export()
        self.assertIn(self.company.name, content["companies"].values())
        xmlid = self._item(content, scheme)["values"]["company_id"]
        renamed = json.loads(json.dumps(content).replace(xmlid, "__export__.elsewhere"))
        # The name finds it.
        last = self._last()
        self._import(renamed)
        self.assertEqual(self._last(), last)
        renamed["companies"]["__export__.elsewhere"] = "Somebody Else Ltd"
        self._assert_refused(renamed, "no company “Somebody Else Ltd”")

    # Errors

    def test_all_or_nothing_and_the_error_names_record_and_column(self):
        content = self._export()
        broken = copy.deepcopy(content)
        self._item(broken, self.key)["values"]["min_customers"] = 99
        self._item(broken, self.criterion)["values"]["operator"] = "about"
        self._assert_refused(broken, "Tier Criterion.*Operator.*about")
        self.assertNotEqual(self.key.min_customers, 99)
        broken = copy.deepcopy(content)
        self._item(broken, self.criterion)["values"]["threshold"] = "a lot"
        self._assert_refused(broken, "Tier Criterion.*“a lot” is not a number")
        broken = copy.deepcopy(content)
        self._item(broken, self.criterion)["values"]["metric_id"] = "elsewhere.metric"
        self._assert_refused(broken, "Tier Criterion.*Metric.*elsewhere.metric")

    def test_files_that_are_none(self):
        content = self._export()
        other = {**content, "version": 2}
        self._assert_refused(other, "version 2.*version 1")
        for text in (b"", b"code;name\n", b"\xff\xfe", b"[]", b"{}", b'{"format": "x"}'):
            self._assert_refused(text, "not a policy file")
        for broken in (
            {**content, "models": None},
            {**content, "models": [{"model": "kam.tier"}]},
            {**content, "models": content["models"] * 2},
            {**content, "models": [{"model": "kam.tier", "records": [{"id": "a.b"}]}]},
            {**content, "languages": "en_US"},
            {**content, "companies": []},
        ):
            self._assert_refused(broken, "damaged")

    def test_a_file_reaches_nothing_but_policy(self):
        content = self._export()
        user = {"id": "a.b", "values": {"login": "mallory"}}
        self._assert_refused(
            {**content, "models": [{"model": "res.users", "records": [user]}]}, "no policy data"
        )
        for values in ({"version": 1}, {"is_primary": True}, {"tier_ids": ["a.b"]}):
            item = {"id": self.s3.get_external_id()[self.s3.id], "values": values}
            self._assert_refused(
                {**content, "models": [{"model": "kam.tier.scheme", "records": [item]}]},
                "no field",
            )
        item = {"id": "base.main_company", "values": {"name": "X", "code": "x"}}
        self._assert_refused(
            {**content, "models": [{"model": "kam.team.role", "records": [item]}]},
            "different model",
        )

    def test_only_the_administrator(self):
        content = self._export()
        boss = self._new_user("boss", "base.group_system")
        for user in (self.officer, self.gm, self.auditor, self.user, boss):
            with self.assertRaises(AccessError):
                self._wizard(user=user)
            wizard = self.env["kam.policy.transfer.wizard"].create({})
            wizard.write({"file": base64.b64encode(json.dumps(content).encode())})
            for action in ("action_export", "action_check", "action_import", "action_restart"):
                for records in (wizard.with_user(user), wizard.with_user(user).sudo()):
                    with (
                        self.subTest(user=user.login, action=action),
                        self.assertRaises(AccessError),
                    ):
                        getattr(records, action)()
        theirs = self._wizard()
        other = self._new_user("admin2", GROUP % "admin")
        with self.assertRaises(AccessError):
            self._as(theirs, other).read(["state"])

    def test_one_s_own_rights_hold(self):
        """Policy of a company one does not work for is neither exported nor changed."""
        other = self._new_company("Yunting Rail", self.cny)
        scheme = self.s3.copy({"company_id": other.id})
        content = self._export()
        ids = {item["id"] for part in content["models"] for item in part["records"]}
        self.assertNotIn(scheme.get_external_id()[scheme.id], ids)
        self.admin.company_ids = [Command.link(other.id)]
        content = self._export()
        self._item(content, scheme)["values"]["basis"] = "order"
        self.admin.company_ids = [Command.unlink(other.id)]
        with self.assertRaises(UserError), self.cr.savepoint():
            self._import(content)
        self.env.invalidate_all()
        self.assertEqual(scheme.basis, "invoice")
