from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import SQL, mute_logger

from .common import GROUP, KamCase

LOGGER = "odoo.addons.key_account_mgmt.models.core.exception_kind"
KIND = "kam.exception.kind"


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestExceptions(KamCase):
    """One row per kind with number, worst case and owner; users §2, §6, design §4.7."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls._account(cls._customer("Mine"), cls.user)
        cls.theirs = cls._account(cls._customer("Theirs"), cls.member)
        cls.open = cls._account(cls._customer("Open"))
        cls._figures(cls.mine, overdue=10.0)
        cls._figures(cls.theirs, overdue=30.0, tier_since=date(2026, 11, 3))
        cls.kind = cls._kind()
        cls.action = cls.env.ref("key_account_mgmt.kam_exception_kind_action")

    @classmethod
    def _figures(cls, account, **values):
        account.sudo()._as_engine().write(values)

    @classmethod
    def _kind(cls, **values):
        return cls.env[KIND].create(
            {
                "code": f"test_{len(values)}_{cls.env[KIND].search_count([])}",
                "name": "Money is late",
                "res_model": "kam.account",
                "domain": "[('overdue', '>', 0)]",
                "worst_order": "overdue desc, id",
                "worst_fields": "partner_id, overdue",
                "since_field": "tier_since",
                "owner_field": "user_id",
                **values,
            }
        )

    def _spoil(self, kind, **values):
        """As if what the kind rests on had gone since it was saved."""
        for column, value in values.items():
            self.env.cr.execute(
                SQL("UPDATE kam_exception_kind SET %s = %s WHERE id = %s",
                    SQL.identifier(column), value, kind.id)
            )  # fmt: skip
        kind.invalidate_recordset()

    def _page(self, user, domain=(), **context):
        """What the page shows to a reader, as the client asks for it."""
        spec = {"name": {}, "status": {}, "count": {}, "worst_name": {}, "worst_since": {},
                "worst_age": {}, "owner_ids": {"fields": {"display_name": {}}}}  # fmt: skip
        model = self._as(self.env[KIND], user).with_context(**context)
        return model.web_search_read(list(domain), spec)["records"]

    # What a row says

    def test_number_worst_case_since_and_owner(self):
        row = self._as(self.kind, self.officer)
        self.assertEqual((row.status, row.count), ("found", 2))
        self.assertTrue(row.worst_name.startswith("Theirs · "), row.worst_name)
        self.assertIn("30.00", row.worst_name)
        self.assertEqual(row.worst_since, date(2026, 11, 3))
        self.assertEqual(row.worst_age, "19 days")
        self.assertEqual(row.owner_ids, self.member)

    def test_ages_in_words(self):
        for days, text in ((0, "today"), (1, "1 day"), (60, "60 days"), (61, "2 months"),
                           (-1, False)):  # fmt: skip
            since = self.day - timedelta(days=days)
            self._figures(self.theirs, tier_since=since)
            shown = self._as(self.kind, self.officer).worst_since
            self.assertEqual(shown, since if days >= 0 else False)
            self.assertEqual(self._as(self.kind, self.officer).worst_age, text)
        chinese = self.env["res.lang"]._activate_lang("zh_CN")
        self._figures(self.theirs, tier_since=date(2026, 11, 3))
        row = self._as(self.kind, self.officer).with_context(lang=chinese.code)
        self.assertEqual(row.worst_age, "19天")

    def test_in_order_says_nothing(self):
        self._figures(self.mine | self.theirs, overdue=0.0)
        row = self._as(self.kind, self.officer)
        self.assertEqual((row.status, row.count, row.worst_name), ("none", 0, False))
        self.assertFalse(row.owner_ids)

    def test_owners_may_be_several(self):
        role = self.env["kam.team.role"].search([], limit=1)
        self.theirs.member_ids = [
            Command.create({"user_id": user.id, "role_id": role.id})
            for user in (self.user, self.officer)
        ]
        self.kind.owner_field = "member_ids.user_id"
        row = self._as(self.kind, self.officer)
        # The lead is in the team, too.
        self.assertEqual(row.owner_ids, self.user | self.officer | self.member)

    # Whose eyes

    def test_everybody_sees_with_his_own_rights(self):
        """Company and account rules hold for the number and the worst case."""
        self.env["ir.model.access"].create(
            {
                "name": "test",
                "model_id": self.env["ir.model"]._get_id(KIND),
                "group_id": self.env.ref(GROUP % "member").id,
                "perm_read": True,
            }
        )
        row = self._as(self.kind, self.user)
        self.assertEqual((row.count, row.owner_ids), (1, self.user))
        self.assertIn("Mine", row.worst_name)
        other = self._new_company("Yunting Rail", self.cny)
        self.director.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        row = self._as(self.kind, self.director)
        self.assertEqual((row.status, row.count, row.worst_name), ("none", 0, False))

    def test_nobody_lends_his_rights(self):
        """Asked by code without limits, it still counts what the person may see."""
        self._figures(self.theirs, user_id=self.officer.id)
        row = self._as(self.kind, self.user).sudo()
        self.assertEqual((row.count, row.owner_ids), (1, self.user))

    def test_records_he_may_not_read_are_not_shown(self):
        jobs = self._kind(res_model="ir.cron", domain="[]", worst_order="id", worst_fields="name",
                          since_field=False, owner_field="user_id")  # fmt: skip
        row = self._as(jobs, self.officer)
        self.assertEqual((row.status, row.count, row.worst_name), ("denied", 0, False))
        shown = self._page(self.officer, [("status", "!=", "denied")])
        self.assertNotIn(jobs.id, [record["id"] for record in shown])
        with self.assertRaises(AccessError):
            row.action_open()

    def test_what_he_may_not_read_of_the_worst_is_left_out(self):
        """Restricted fields are no window for who may not see them."""
        self.kind.worst_fields = "partner_id, partner_id.credit, overdue"
        self.kind.since_field = False
        self.assertRegex(self._as(self.kind, self.officer).worst_name, r"^Theirs · [^·]*30\.00")

    def test_a_row_may_be_for_certain_groups(self):
        self.kind.group_ids = self.env.ref(GROUP % "auditor")
        for user, visible in ((self.officer, False), (self.gm, False), (self.auditor, True),
                              (self.admin, True)):  # fmt: skip
            found = self._as(self.env[KIND], user).search([("id", "=", self.kind.id)])
            self.assertEqual(bool(found), visible, user.name)
        with self.assertRaises(AccessError):
            self._as(self.kind, self.officer).action_open()

    def test_only_the_administrator_changes_kinds(self):
        for user in (self.officer, self.director, self.gm, self.auditor, self.user):
            with self.assertRaises(AccessError):
                self._as(self.kind, user).name = "Mine"
        self._as(self.kind, self.admin).name = "Late money"
        for user in (self.member, self.user, self.seller):
            with self.assertRaises(AccessError):
                self._page(user)

    def test_own_people(self):
        """A director's own people are those of the departments he manages."""
        top = self.env["kam.department"].create(
            {"name": "Marketing", "manager_id": self.director.id}
        )
        below = self.env["kam.department"].create(
            {"name": "North", "parent_id": top.id, "member_ids": [Command.set(self.user.ids)]}
        )
        row = self._as(self.kind, self.director)
        self.assertEqual(row.count, 2)
        own = row.with_context(kam_own_people=True)
        self.assertEqual((own.count, own.owner_ids), (1, self.user))
        records = self.env["kam.account"].search(own.action_open()["domain"])
        self.assertEqual(records, self.mine)
        below.parent_id = False
        own = self._as(self.kind, self.director).with_context(kam_own_people=True)
        self.assertFalse(own.count)
        self.kind.owner_field = False
        own = self._as(self.kind, self.director).with_context(kam_own_people=True)
        self.assertFalse(own.count)

    # The page

    def test_only_what_is_out_of_order_is_shown_first(self):
        quiet = self._kind(domain="[('overdue', '>', 99)]")
        for domain in ([("status", "in", ("found", "broken"))], [("count", ">", 0)],
                       [("count", "!=", 0)]):  # fmt: skip
            ids = [record["id"] for record in self._page(self.officer, domain)]
            self.assertIn(self.kind.id, ids)
            self.assertNotIn(quiet.id, ids)
        for domain in ([("count", "=", 0)], [("status", "=", "none")], [("count", "<", 1)]):
            ids = [record["id"] for record in self._page(self.officer, domain)]
            self.assertNotIn(self.kind.id, ids)
            self.assertIn(quiet.id, ids)
        self.assertIn("search_default_out_of_order", self.action.context)

    def test_a_broken_kind_says_so_and_the_others_work(self):
        """A module gone, a field renamed, an order or filter that does not fit."""
        for values in (
            {"res_model": "kam.gone"},
            {"domain": "[('gone', '=', 1)]"},
            {"domain": "[('overdue', '>',"},
            {"domain": "[('company_id', '>', 'text')]"},
            {"worst_order": "gone desc"},
            {"worst_fields": "partner_id.gone"},
            {"since_field": "gone"},
            {"owner_field": "user_id.gone"},
        ):
            with self.subTest(values):
                broken = self._kind(sequence=1)
                self._spoil(broken, **values)
                with mute_logger(LOGGER, "odoo.sql_db", "odoo.domains"):
                    rows = {row["id"]: row for row in self._page(self.officer)}
                self.assertEqual(rows[broken.id]["status"], "broken")
                self.assertIn("Does not work", rows[broken.id]["worst_name"])
                self.assertEqual(rows[self.kind.id]["count"], 2)
                with mute_logger("odoo.sql_db"), self.assertRaises(UserError):
                    self._as(broken, self.officer).action_open()
                broken.unlink()

    def test_what_does_not_work_is_not_saved(self):
        for values in (
            {"res_model": "kam.gone"},
            {"res_model": "kam.account.state.wizard"},
            {"res_model": "kam.evidence.mixin"},
            {"domain": "[('gone', '=', 1)]"},
            {"domain": "[('user_id.gone', '=', 1)]"},
            {"domain": "__import__('os')"},
            {"domain": "[('overdue', '>', 0"},
            {"domain": "[('tier_since', '<', 'soon')]"},
            {"domain": "[('user_id', 'any!', [])]"},
            {"domain": "[('member_ids', 'any', [('user_id', 'any!', [])])]"},
            {"domain": "7"},
            {"worst_order": "gone"},
            {"worst_order": "id; drop table"},
            {"worst_order": "sales_trend desc"},
            {"worst_fields": "gone"},
            {"worst_fields": "name.gone"},
            {"since_field": "name"},
            {"owner_field": "partner_id"},
            {"owner_field": "group_root_id.user_id"},
            {"action_xmlid": "gone"},
            {"action_xmlid": "key_account_mgmt.gone"},
            {"action_xmlid": "key_account_mgmt.group_kam_admin"},
            {"action_xmlid": "key_account_mgmt.kam_tier_suggestion_action"},
            {"open_context": "[]"},
            {"open_context": "{'a': uid}"},
        ):
            with self.subTest(values), mute_logger("odoo.sql_db", "odoo.domains"):
                with self.assertRaises(ValidationError), self.cr.savepoint():
                    self._as(self.env[KIND], self.admin).create(
                        {"code": "x", "name": "X", "res_model": "kam.account", **values}
                    )
                with self.assertRaises(ValidationError), self.cr.savepoint():
                    self._as(self.kind, self.admin).write(values)

    def test_the_administrator_chooses_records_by_name(self):
        with Form(self._as(self.kind, self.admin)) as form:
            self.assertEqual(form.model_id.model, "kam.account")
            form.model_id = self.env["ir.model"]._get("kam.department")
            self.assertEqual(form.domain, "[]")
            form.owner_field = "manager_id"
        self.assertEqual(self.kind.res_model, "kam.department")
        self.assertFalse(self.kind.worst_order)

    def test_the_list_holds_exactly_what_was_counted(self):
        self.kind.action_xmlid = "key_account_mgmt.kam_account_action"
        self.kind.open_context = "{'group_by': ['user_id']}"
        action = self._as(self.kind, self.officer).action_open()
        self.assertEqual(action["name"], "Money is late")
        self.assertEqual(action["context"], {"create": False, "group_by": ["user_id"]})
        self.assertEqual(action["views"][0][1], "list")
        self.assertEqual(self.env["kam.account"].search_count(action["domain"]), 2)
        self.assertFalse({"id", "path"} & action.keys())

    def test_every_shipped_kind_works_for_every_reader(self):
        kinds = self.env[KIND].search([]) - self.kind
        self.assertGreater(len(kinds), 10)
        # A kind of an area is for whoever works with the area.
        for area in kinds.group_ids:
            area._kam_switch_on()
        for user in (self.officer, self.director, self.gm, self.admin, self.auditor):
            models = set(kinds.mapped("res_model"))
            readable = {
                name for name in models if self.env[name].with_user(user).has_access("read")
            }
            specs = {name: self._spec(self.env[name], "list", user) for name in readable}
            for kind in self._as(kinds, user):
                with self.subTest(kind=kind.code, user=user.name):
                    self.assertFalse(kind._problem())
                    if kind.res_model not in readable:
                        # Only records of Odoo's own apps need a right of those apps.
                        self.assertFalse(kind.res_model.startswith("kam."))
                        self.assertEqual(kind.status, "denied")
                        with self.assertRaises(AccessError):
                            kind.action_open()
                        continue
                    self.assertIn(kind.status, ("found", "none"))
                    action = kind.action_open()
                    model = self._as(self.env[kind.res_model], user)
                    spec = specs[kind.res_model]
                    found = model.with_context(**action["context"]).web_search_read(
                        action["domain"], spec
                    )
                    self.assertEqual(found["length"], kind.count)

    def test_the_page_costs_constant_queries(self):
        """One count and one worst case per kind, whatever the number.  Source: design §7."""

        def queries():
            self._page(self.officer)
            self.env.flush_all()
            self.env.invalidate_all()
            model = self.env[KIND].with_env(self.env(user=self.officer, su=False, context={}))
            before = self.cr.sql_log_count
            model.search([("id", "=", self.kind.id)]).mapped("count")
            return self.cr.sql_log_count - before

        few = queries()
        accounts = self.env["kam.account"]._open_for(self._new_customers(30), self.company)
        for account in accounts.values():
            self._figures(account, overdue=5.0)
        self.assertEqual(self._as(self.kind, self.officer).count, 32)
        self.assertEqual(queries(), few)

    # Where the app opens

    def test_homes(self):
        """Source: users §6."""
        name = "key_account_mgmt.kam_"
        for user, action in (
            (self.gm, "approval_request_step_action_mine"),
            (self.executive, "approval_request_step_action_mine"),
            (self.director, "exception_kind_action"),
            (self.officer, "exception_kind_action"),
            (self.user, "week_item_action"),
            (self.member, "week_item_action"),
            (self.auditor, "approval_request_action_audit"),
            (self.seller, "account_action"),
        ):
            model = self._as(self.env["res.users"], user)
            self.assertEqual(model._kam_home_action_xmlid(), name + action, user.name)
        self.officer.group_ids += self.env.ref(GROUP % "executive")
        home = self._as(self.env["res.users"], self.officer)._kam_home_action_xmlid()
        self.assertEqual(home, name + "approval_request_step_action_mine")
