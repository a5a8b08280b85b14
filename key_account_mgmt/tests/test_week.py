from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..models.account.week_item import WeekSource
from .common import GROUP
from .test_action import DAY, TODAY, ActionCase

ITEM = "kam.week.item"


@freeze_time("2026-11-18 04:00:00")
@tagged("post_install", "-at_install")
class TestWeek(ActionCase):
    """What waits for me, by account; the figures of my accounts.

    The 18th is a Wednesday, so the week ends on the 22nd.  Source: users §2, §6.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wednesday = TODAY - 2 * DAY

    def _mine(self, user, **context):
        model = self._as(self.env[ITEM], user)
        return model.with_context(**context).search([("user_id", "=", user.id)])

    def _promise(self, day, **values):
        return self._action(by=self.gm, date_due=day, name=f"Promised for {day}", **values)

    def _buckets(self, user=None):
        return {item.date_due: item.bucket[2:] for item in self._mine(user or self.member)}

    # The items

    def test_when(self):
        """Overdue, today, until Sunday, the next fourteen days, later."""
        wanted = {
            date(2026, 11, 17): "overdue",
            date(2026, 11, 18): "today",
            date(2026, 11, 19): "week",
            date(2026, 11, 22): "week",
            date(2026, 11, 23): "next",
            date(2026, 12, 2): "next",
            date(2026, 12, 3): "later",
        }
        for day in reversed(wanted):
            self._promise(day)
        self.assertEqual(self._buckets(), wanted)
        self.assertEqual(self._mine(self.member).mapped("date_due"), list(wanted), "by date")

    def test_the_day_is_that_of_the_company(self):
        self._promise(date(2026, 11, 18))
        for moment, bucket in (
            ("2026-11-17 15:59:59", "week"),
            ("2026-11-17 16:00:00", "today"),
            ("2026-11-18 15:59:59", "today"),
            ("2026-11-18 16:00:00", "overdue"),
        ):
            with freeze_time(moment):
                self.assertEqual(set(self._buckets().values()), {bucket}, moment)

    def test_nothing_is_due_before_go_live(self):
        self._promise(date(2026, 11, 17))
        self.company.kam_go_live_date = date(2026, 11, 17)
        self.assertEqual(set(self._buckets().values()), {"overdue"})
        self.company.kam_go_live_date = date(2026, 11, 18)
        self.assertEqual(set(self._buckets().values()), {"later"})

    def test_everybody_his_own_the_office_everybodys(self):
        self._promise(TODAY)
        own = self._promise(TODAY, user_id=self.user.id)
        for user, people in (
            (self.member, self.member),
            (self.user, self.user),
            (self.colleague, self.env["res.users"]),
            (self.officer, self.member | self.user),
            (self.director, self.member | self.user),
            (self.auditor, self.member | self.user),
        ):
            items = self._as(self.env[ITEM], user).search([("account_id", "=", self.account.id)])
            self.assertEqual(items.user_id, people, user.name)
        item = self._mine(self.user).filtered(lambda i: i.res_id == own.id)
        with self.assertRaises(AccessError):
            self._as(item, self.member).read(["date_due"])
        with self.assertRaises(AccessError):
            self._as(item, self.member).action_open()
        for method in ("action_retrieve_dashboard", "action_open_overdue"):
            with self.assertRaises(AccessError, msg=method):
                getattr(self._as(self.env[ITEM], self.seller), method)()

    def test_nobody_writes_one(self):
        self._promise(TODAY)
        item = self._mine(self.member)
        for user in (self.member, self.gm, self.admin):
            with self.assertRaises(AccessError):
                self._as(item, user).write({"date_due": TODAY})
            with self.assertRaises(AccessError):
                self._as(item, user).unlink()

    def test_an_item_says_what_it_is_and_opens_it(self):
        action = self._promise(TODAY)
        [item] = self._mine(self.member)
        self.assertEqual((item.title, item.state_text), (action.name, "To Do"))
        self.assertEqual(item.display_name, action.name)
        self.assertEqual(item.account_id, self.account)
        window = item.action_open()
        self.assertEqual((window["res_model"], window["res_id"]), ("kam.action", action.id))
        self.assertEqual(dict(item._selection_code())["action"], "Action")

    def test_done_without_opening(self):
        action = self._promise(TODAY)
        [item] = self._mine(self.member)
        self.assertEqual(item.quick, "done")
        item.action_quick()
        self.assertEqual(action.state, "done")
        self.assertFalse(self._mine(self.member))

    def test_what_is_closed_is_gone(self):
        self._as(self._promise(TODAY), self.gm)._cancel("No")
        self.assertFalse(self._mine(self.member))

    def test_who_left_sees_his_week_without_the_document(self):
        """Whose turn it is may have lost sight of the document meanwhile."""
        self._promise(TODAY)
        none = patch.object(
            type(self.env["kam.action"]), "_filtered_access", lambda self, op: self.browse()
        )
        with none:
            self.assertFalse(self._mine(self.member).title)

    def test_later_domains_add_theirs(self):
        """One query gives all; numbers keep the ids apart."""
        self._promise(TODAY)
        Item = type(self.env[ITEM])
        base = Item._week_sources
        sql = SQL(
            "SELECT id AS res_id, %s AS user_id, id AS account_id, company_id,"
            " %s::date AS date_due, 7 AS sort FROM kam_account WHERE id = %s",
            self.member.id, TODAY, self.account.id,
        )  # fmt: skip
        more = [WeekSource(99, "fileit", "kam.account", sql)]
        with patch.object(Item, "_week_sources", lambda self: base(self) + more):
            items = self._mine(self.member)
            self.assertEqual(set(items.mapped("code")), {"action", "fileit"})
            other = items.filtered(lambda item: item.code == "fileit")
            self.assertEqual(other.id, self.account.id * 100 + 99)
            self.assertEqual(other.title, self.account.display_name)
            self.assertEqual(dict(other._selection_code())["fileit"], "Account File")
            self.assertFalse(other.quick)
            with self.assertRaises(UserError):
                other.action_quick()

    def test_planning_needs_something_to_plan(self):
        self._promise(TODAY)
        items = self._mine(self.member)
        with self.assertRaises(UserError):
            items.action_plan_visits()
        Item = type(self.env[ITEM])
        rows = [{"account_id": self.account.id}]
        with (
            patch.object(Item, "_week_plan_rows", lambda self: rows),
            patch.object(Item, "_week_plan_action", lambda self, found: {"rows": found}),
        ):
            self.assertEqual(items.action_plan_visits(), {"rows": rows})

    # What I submitted and is stuck

    def _submitted(self):
        evaluation = self._evaluation(self.account.partner_id)
        evaluation.with_user(self.officer).action_submit()
        return evaluation, evaluation.sudo()._approval_request()

    def _stuck(self):
        items = self._mine(self.officer)
        return items.filtered(lambda item: item.code == "approval")

    def test_late_approvals_of_mine(self):
        _evaluation, request = self._submitted()
        self.assertFalse(self._stuck(), "it has no deadline")
        step = request.step_ids.sudo()._as_engine()
        for deadline, late in (("2026-11-18 04:00:01", False), ("2026-11-18 03:59:59", True)):
            step.write({"deadline": deadline})
            self.assertEqual(bool(self._stuck()), late, deadline)
        self.assertEqual(self._stuck().res_id, request.id)
        self.assertEqual(self._stuck().title, request.name)

    def test_returned_until_submitted_again(self):
        evaluation, request = self._submitted()
        self._as(request.step_ids, self.gm).action_return("Add the evidence")
        self.assertEqual(self._stuck().state_text, "Returned")
        self._as(evaluation, self.officer).action_submit()
        self.assertFalse(self._stuck())

    def test_refused_for_a_fortnight(self):
        _evaluation, request = self._submitted()
        self._as(request, self.gm).action_refuse("No")
        self.assertTrue(self._stuck())
        with freeze_time("2026-12-02 04:00:00"):
            self.assertTrue(self._stuck())
        with freeze_time("2026-12-02 04:00:01"):
            self.assertFalse(self._stuck())

    # Banner

    def _banner(self, user=None):
        return self._as(self.env[ITEM], user or self.member).action_retrieve_dashboard()

    def _tile(self, code, user=None):
        return next(t["count"] for t in self._banner(user)["tiles"] if t["code"] == code)

    def _figures(self, user=None):
        return {figure["code"]: figure for figure in self._banner(user)["figures"]}

    def test_the_numbers_are_those_of_the_list(self):
        for day in (15, 16, 18, 20, 22, 23, 30):
            self._promise(date(2026, 11, day))
        self._promise(date(2026, 11, 16), user_id=self.user.id)
        for user, counts in (
            (self.member, (2, 1, 2)),
            (self.user, (1, 0, 0)),
            (self.gm, (0, 0, 0)),
        ):
            found = tuple(self._tile(code, user) for code in ("overdue", "today", "this_week"))
            self.assertEqual(found, counts, user.name)

    def test_every_tile_sets_filters_there_are(self):
        view = self.env.ref("key_account_mgmt.kam_week_item_view_search").arch
        for tile in self._banner()["tiles"]:
            for name in tile["filters"]:
                self.assertIn(f'name="{name}"', view)

    def test_overdue_money_of_my_accounts(self):
        second = self._account(self._customer("Beichen"), self.user)
        for account, overdue in ((self.account, 800_000), (second, 400_000), (self.hidden, 9e6)):
            account._as_engine().write({"overdue": overdue})
        figure = self._figures(self.user)["overdue_money"]
        self.assertIn("1,200,000", figure["value"])
        self.assertEqual((figure["before"], figure["level"]), ("at 2 accounts", "danger"))
        second._as_engine().write({"overdue": 0})
        self.assertEqual(self._figures(self.user)["overdue_money"]["before"], "Tianheng")
        self.assertFalse(self._figures(self.member), "he leads none")

    def test_overdue_money_opens_the_documents_behind_it(self):
        due = {"invoice_date_due": date(2026, 10, 1)}
        invoice = self._invoice(self.account.partner_id, date(2026, 9, 1), 500.0, **due)
        foreign = self._invoice(self.hidden.partner_id, date(2026, 9, 1), 900.0, **due)
        (self.account | self.hidden)._as_engine().write({"overdue": 500.0})
        self.user.group_ids += self.env.ref("account.group_account_readonly")
        window = self._as(self.env[ITEM], self.user).action_open_overdue()
        lines = self.env[window["res_model"]].search(window["domain"])
        self.assertEqual(lines.move_id, invoice)
        self.assertNotIn(foreign, lines.move_id)

    def test_overdue_money_without_documents_opens_the_accounts(self):
        self.account._as_engine().write({"overdue": 500.0})
        window = self._as(self.env[ITEM], self.user).action_open_overdue()
        self.assertEqual(window["res_model"], "kam.account")
        self.assertEqual(self.env["kam.account"].search(window["domain"]), self.account)
        with self.assertRaises(UserError):
            self._as(self.env[ITEM], self.member).action_open_overdue()

    def test_this_month_against_the_last(self):
        """To the same day, the day included."""
        partner = self.account.partner_id
        self.assertEqual(self._figures(self.user)["sales_month"]["change"], False)
        for day, amount in (
            (date(2026, 10, 1), 100_000.0),
            (date(2026, 10, 18), 100_000.0),
            (date(2026, 10, 19), 5_000_000.0),
            (date(2026, 11, 1), 150_000.0),
            (date(2026, 11, 18), 84_000.0),
            (date(2026, 9, 30), 7_000_000.0),
        ):
            self._invoice(partner, day, amount)
        self._invoice(self.hidden.partner_id, date(2026, 11, 2), 9e6)
        figure = self._figures(self.user)["sales_month"]
        self.assertIn("234,000", figure["value"])
        self.assertIn("200,000", figure["before"])
        self.assertEqual((figure["change"], figure["level"]), ("+17 %", "success"))

    def test_my_visits_and_reports(self):
        mode = self.env["kam.visit.mode"].create({"name": "On site", "code": "x_onsite"})
        purpose = self.env["kam.visit.purpose"].create({"name": "Regular", "code": "x_regular"})
        for day, state, user in (
            ("2026-10-18", "reported", self.user),
            ("2026-10-19", "reported", self.user),
            ("2026-11-02", "reported", self.officer),
            ("2026-11-03", "to_report", self.user),
            ("2026-11-04", "cancelled", self.user),
            ("2026-11-05", "reported", self.officer),
        ):
            mine = [Command.link(self.user.id)] if day == "2026-11-02" else []
            self.env["kam.visit"]._as_engine().create(
                {
                    "account_id": self.account.id,
                    "mode_id": mode.id,
                    "purpose_id": purpose.id,
                    "start": f"{day} 02:00:00",
                    "stop": f"{day} 03:00:00",
                    "day": day,
                    "state": state,
                    "user_id": user.id,
                    "participant_ids": mine,
                }
            )
        figure = self._figures(self.user)["visits_month"]
        self.assertEqual(figure["value"], "2")
        self.assertTrue(figure["before"].endswith(" 1"))
        self.assertEqual(self._tile("reports", self.user), 1)
        self.assertEqual(self._tile("reports", self.officer), 0)

    # Home

    def test_service_begins_here(self):
        """Also who has no other role of ours.  Source: users §6."""
        service = self._new_user("service", GROUP % "service")
        model = self._as(self.env["res.users"], service)
        self.assertEqual(model._kam_home_action_xmlid(), "key_account_mgmt.kam_week_item_action")
        self.assertFalse(self._mine(service))
        self.assertEqual({tile["count"] for tile in self._banner(service)["tiles"]}, {0})
        self.assertFalse(self._figures(service))

    # Cost

    @mute_logger("odoo.models.unlink")
    def test_constant_queries_at_5_and_500(self):
        """List, grouped list and banner."""
        spec = self._spec(self.env[ITEM], "list", self.user)

        def queries():
            model = self._as(self.env[ITEM], self.user)
            domain = [("user_id", "=", self.user.id)]
            model.search([], limit=1).read(["title"])
            self.env.flush_all()
            model.invalidate_model()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            found = model.web_search_read(domain, spec)
            model.formatted_read_group(domain, ["account_id"], ["__count"])
            model.action_retrieve_dashboard()
            return found["length"], self.cr.sql_log_count - before

        partners = self._new_customers(25)
        accounts = list(self.env["kam.account"]._open_for(partners[:5], self.company).values())
        self._fill(accounts, 5)
        queries()
        few = queries()
        self.assertEqual(few[0], 5)
        accounts += self.env["kam.account"]._open_for(partners[5:], self.company).values()
        self._fill(accounts, 495)
        many = queries()
        self.assertEqual(many[0], 500)
        self.assertEqual(many[1], few[1])

    def _fill(self, accounts, count):
        for account in accounts:
            account.user_id = self.user
        self.env["kam.action"].create(
            [
                {
                    "name": f"Thing {number}",
                    "user_id": self.user.id,
                    "date_due": self.wednesday + timedelta(days=number % 40 - 10),
                    "account_id": accounts[number % len(accounts)].id,
                }
                for number in range(count)
            ]
        )
