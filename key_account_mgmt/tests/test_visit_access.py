from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_visit import NOW, VisitCase

GUARDED = {
    "state": "reported",
    "day": "2026-01-01",
    "report_due": "2030-01-01",
    "reported_on": "2026-11-23 00:00:00",
    "reported_by_id": 1,
    "entered_late": True,
    "reason": "x",
    "event_id": 1,
    "check_in_on": "2026-11-23 00:00:00",
    "check_in_latitude": 1.0,
    "reopened_on": "2026-11-23 00:00:00",
    "report_told_on": "2026-11-23",
}


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestVisitAccess(VisitCase):
    """Who reaches a visit, and what nobody can forge; design §6."""

    def test_who_sees_a_visit(self):
        """The account's people, the office, administrator and auditor; g Q36."""
        visit = self._visit()
        for user, sees in (
            (self.user, True),
            (self.member, True),
            (self.stranger, False),
            (self.officer, True),
            (self.gm, True),
            (self.auditor, True),
            (self.admin, True),
            (self.seller, False),
        ):
            self.assertIs(self._as(visit, user).has_access("read"), sees, user.name)
        for user in (self.auditor, self.admin):
            self.assertFalse(self._as(visit, user).has_access("write"))

    def test_an_ex_member_sees_nothing_from_the_day_after(self):
        visit = self._visit(participant_ids=self._people(self.user, self.member))
        row = self.tianheng.member_ids.filtered(lambda m: m.user_id == self.member)
        row.date_to = date(2026, 11, 23)
        self.assertTrue(self._as(visit, self.member).has_access("write"))
        with freeze_time("2026-11-24 02:00:00"):
            self.assertFalse(self._as(visit, self.member).has_access("read"))
            with self.assertRaises(AccessError):
                self._visit("2026-11-25 02:00:00", user=self.member)

    def test_nobody_enters_visits_of_accounts_he_is_not_on(self):
        with self.assertRaises(AccessError):
            self._visit(user=self.stranger)
        self.assertTrue(self._visit(user=self.member))

    def test_a_common_visit_is_read_by_both_teams(self):
        self.plant.user_id = self.stranger
        visit = self._visit(user=self.officer, also_account_ids=[(6, 0, self.plant.ids)])
        theirs = self._as(visit, self.stranger)
        self.assertTrue(theirs.has_access("read"))
        self.assertFalse(theirs.has_access("write"))

    def test_nobody_deletes_a_visit(self):
        visit = self._visit()
        for user in (self.user, self.officer, self.gm, self.admin):
            with self.assertRaises(UserError), self.cr.savepoint():
                self._as(visit, user).with_context(_force_unlink=True).unlink()
        with self.assertRaises(UserError):
            visit.sudo().unlink()

    def test_facts_cannot_be_forged(self):
        """By write, create, default, personal default, copy, import, as superuser."""
        visit = self._visit()
        for name, value in GUARDED.items():
            for user in (self.user, self.gm):
                with self.assertRaises(AccessError, msg=name), self.cr.savepoint():
                    self._as(visit, user).write({name: value})
            with self.assertRaises(AccessError, msg=name), self.cr.savepoint():
                visit.sudo().with_context(kam_engine=True).write({name: value})
            if name != "day":
                with self.assertRaises(AccessError, msg=name), self.cr.savepoint():
                    self._visit(**{name: value})
        self.assertEqual(self._visit(day=date(2026, 1, 1)).day, date(2026, 11, 24))
        self.env["ir.default"].set("kam.visit", "state", "reported", user_id=self.user.id)
        defaults = {f"default_{name}": value for name, value in GUARDED.items()}
        forged = (
            self._as(self.env["kam.visit"], self.user)
            .with_context(**defaults)
            .create(
                {
                    "account_id": self.tianheng.id,
                    "start": "2026-11-24 02:00:00",
                    "stop": "2026-11-24 03:00:00",
                }
            )
        )
        self.assertEqual((forged.state, forged.day), ("planned", date(2026, 11, 24)))
        self.assertFalse(forged.reported_on or forged.entered_late or forged.check_in_on)
        copied = self._reported().copy()
        self.assertEqual(copied.state, "to_report")
        self.assertFalse(copied.report or copied.reported_on or copied.event_id)

    def test_an_import_forges_nothing(self):
        rows = self._as(self.env["kam.visit"], self.user).load(
            ["account_id/.id", "start", "stop", "state", "reported_on"],
            [[str(self.tianheng.id), "2026-11-01 02:00:00", "2026-11-01 03:00:00", "reported",
              "2026-11-01 04:00:00"]],
        )  # fmt: skip
        self.assertFalse(rows["ids"])
        self.assertTrue(rows["messages"])

    def test_the_account_of_a_visit_does_not_change(self):
        with self.assertRaises(AccessError):
            self._visit().account_id = self.plant

    def test_nobody_takes_over_a_visit_by_himself(self):
        visit = self._visit()
        with self.assertRaises(AccessError):
            self._as(visit, self.member).user_id = self.member
        self._as(visit, self.officer).user_id = self.member
        self._as(visit, self.member).user_id = self.user

    # Concession limit, S1r-04

    def test_who_sees_the_concession_limit(self):
        visit = self._visit(user=self.officer, user_id=self.member.id, account_id=self.tianheng.id)
        self._as(visit, self.director).concession_limit = "5 %"
        for user, sees in (
            (self.member, True),
            (self.user, True),
            (self.director, True),
            (self.gm, True),
            (self.officer, False),
            (self.auditor, False),
            (self.admin, False),
        ):
            mine = self._as(visit, user)
            self.assertEqual(bool(mine.concession_limit), sees, user.name)
            self.assertEqual(bool(mine.read(["concession_limit"])[0]["concession_limit"]), sees)
            Concession = self._as(self.env["kam.visit.concession"], user)
            if user in (self.auditor, self.admin):
                self.assertFalse(Concession.has_access("read"))
            else:
                self.assertEqual(bool(Concession.search([])), sees, user.name)
                grouped = Concession._read_group([], ["limit"], ["__count"])
                self.assertEqual(bool(grouped), sees, user.name)
        self.assertNotIn("5 %", str(visit.sudo().message_ids.mapped("body")))
        self.assertNotIn("5 %", str(self._event(visit).read()))

    def test_nobody_gets_at_the_limit_by_taking_the_visit_over(self):
        visit = self._visit()
        visit.concession_limit = "5 %"
        self._as(visit, self.officer).user_id = self.officer
        self.assertFalse(self._as(visit, self.officer).concession_limit)
        with self.assertRaises(AccessError):
            self._as(visit, self.member).concession_limit = "9 %"
        own = self._as(visit.sudo().env["kam.visit.concession"].search([]), self.gm)
        for change in (
            lambda: own.write({"organiser_id": self.member.id}),
            lambda: own.create({"visit_id": visit.id, "organiser_id": 1, "limit": "x"}),
            own.unlink,
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                change()

    def test_an_ex_member_does_not_keep_the_limit(self):
        visit = self._visit(user=self.officer, user_id=self.member.id)
        self._as(visit, self.director).concession_limit = "5 %"
        self.assertTrue(self._as(self.env["kam.visit.concession"], self.member).search([]))
        row = self.tianheng.member_ids.filtered(lambda m: m.user_id == self.member)
        row.date_to = date(2026, 11, 22)
        self.assertFalse(self._as(self.env["kam.visit.concession"], self.member).search([]))

    # Dialogs

    def _log(self, user=None, action="action_kam_log_visit", record=None, **values):
        record = self._as(record or self.tianheng, user or self.user)
        opened = getattr(record, action)()
        form = Form(record.env[opened["res_model"]].with_context(**opened["context"]))
        for name, value in values.items():
            setattr(form, name, value)
        return form.save()

    def test_a_call_is_logged_and_reported_in_one_dialog(self):
        """Account, contact, opportunity; S0-79, S0-117."""
        self.env.ref("sales_team.group_sale_salesman_all_leads").sudo().user_ids |= self.user
        lead = self.env["crm.lead"].create(
            {"name": "Line 2", "partner_id": self.contact.id, "user_id": self.user.id,
             "company_id": self.company.id, "type": "opportunity"}
        )  # fmt: skip
        for record in (self.tianheng, self.contact, lead):
            wizard = self._log(
                record=record,
                mode_id=self._mode("wechat"),
                report="They asked for drawings",
                next_action="Send drawings",
                next_action_date=date(2026, 11, 25),
                nothing_else=True,
            )
            wizard.action_log()
            visit = self.env["kam.visit"].search([], order="id desc", limit=1)
            self.assertEqual((visit.account_id, visit.state), (self.tianheng, "reported"))
            self.assertEqual(visit.mode_id, self._mode("wechat"))
            self.assertEqual(bool(visit.contact_ids), record != self.tianheng)
            self.assertEqual(bool(visit.lead_id), record == lead)
            self.assertEqual(visit.action_ids.name, "Send drawings")

    def test_what_is_still_to_come_is_not_logged(self):
        wizard = self._log(start=self._at("2026-11-23 02:00:01"), report="x")
        with self.assertRaises(UserError):
            wizard.action_log_only()
        wizard.start = self._at("2026-11-23 01:30:00")
        wizard.action_log_only()
        visit = self.env["kam.visit"].search([], order="id desc", limit=1)
        self.assertEqual((visit.state, visit.stop), ("to_report", self._at(NOW)))

    def test_a_customer_without_a_file_is_offered_one(self):
        partner = self._customer("Newcomer")
        partner.user_id = self.user
        wizard = self._log(record=partner)
        self.assertFalse(wizard.account_id)
        with self.assertRaises(UserError):
            wizard.action_log_only()
        wizard.action_open_account()
        self.assertEqual(wizard.account_id.partner_id, partner)
        wizard.action_log_only()
        with self.assertRaises(AccessError):
            self._as(partner, self.seller).action_kam_log_visit()
        member = self._log(record=self._customer("Another"), user=self.member)
        with self.assertRaises(AccessError):
            member.action_open_account()

    def test_one_trip(self):
        """A meeting for each account; rows of other domains arrive filled in."""
        rows = [
            {"account_id": self.tianheng.id, "purpose_id": self._purpose("quality").id},
            {"account_id": self.plant.id, "day": date(2026, 11, 26), "user_id": self.user.id},
            {"account_id": self.tianheng.id, "day": date(2026, 11, 26)},
            {"account_id": self.tianheng.id, "day": date(2026, 11, 1)},
        ]
        Visit = self._as(self.env["kam.visit"], self.user)
        wizard = self._plan(Visit._plan_action(rows))
        starts = wizard.line_ids.sorted("id").mapped("start")
        # The day after today at nine, two of one day after each other, never a day past.
        self.assertEqual(starts[1], self._at("2026-11-26 01:00:00"))
        self.assertEqual(starts[2], self._at("2026-11-26 03:00:00"))
        self.assertEqual(starts[0].date(), date(2026, 11, 24))
        self.assertEqual(starts[3], self._at("2026-11-24 03:00:00"))
        wizard.location = "Suzhou"
        action = wizard.action_plan()
        visits = Visit.search(action["domain"])
        self.assertEqual(len(visits), 4)
        self.assertEqual(len(visits.event_id), 4)
        self.assertEqual(set(visits.mapped("state")), {"planned"})
        self.assertEqual(set(visits.mapped("location")), {"Suzhou"})
        self.assertIn(self._purpose("quality"), visits.purpose_id)

    def _plan(self, action):
        env = self._as(self.env["kam.visit.plan.wizard"], self.user).env
        return Form(env[action["res_model"]].with_context(**action["context"])).save()

    def test_one_visit_for_all(self):
        accounts = self._as(self.tianheng | self.plant, self.user)
        wizard = self._plan(accounts.action_kam_plan_visits())
        wizard.one_visit = True
        visit = self.env["kam.visit"].browse(wizard.action_plan()["res_id"])
        self.assertEqual(visit.account_id | visit.also_account_ids, self.tianheng | self.plant)
        self.assertEqual(len(visit.event_id), 1)

    def test_planned_in_the_past_is_refused(self):
        wizard = self._plan(self._as(self.tianheng, self.user).action_kam_plan_visits())
        wizard.line_ids.start = "2026-11-23 01:59:59"
        with self.assertRaises(UserError) as caught:
            wizard.action_plan()
        self.assertIn("Log", str(caught.exception))
        wizard.line_ids.start = "2026-11-23 02:00:00"
        wizard.action_plan()

    def test_the_report_is_sent_inside_only(self):
        """To who may read it anyway, with the morning's message; P11."""
        visit = self._reported()
        wizard = self._as(self.env["kam.visit.send.wizard"], self.user).create(
            {"visit_id": visit.id, "user_ids": [(6, 0, self.stranger.ids)]}
        )
        with self.assertRaises(UserError):
            wizard.action_send()
        wizard.user_ids = self.executive
        mails = self.env["mail.mail"].search_count([])
        wizard.action_send()
        notice = self.env["kam.notice"].search([("user_id", "=", self.executive.id)])
        self.assertIn("They ask for a longer warranty", notice.lines)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        draft = self._as(self.env["kam.visit.send.wizard"], self.user).create(
            {"visit_id": self._held().id, "user_ids": [(6, 0, self.executive.ids)]}
        )
        with self.assertRaises(UserError):
            draft.action_send()

    def test_papers(self):
        """P10 and P11 say what was written, to the reader what he may see."""
        visit = self._held(outline="Ask for the plan of next year", questions="Price?")
        visit.concession_limit = "5 %"
        self._fill(visit, competitor="Keruite offers less").action_report()
        Report = self.env["ir.actions.report"]
        for code, user, words, hidden in (
            ("outline", self.user, ("plan of next year", "Price?", "5 %"), ()),
            ("outline", self.member, ("plan of next year",), ("5 %",)),
            ("report", self.member, ("longer warranty", "Keruite", "Send the offer"), ("5 %",)),
        ):
            name = f"key_account_mgmt.report_visit_{code}"
            html = self._as(Report, user)._render_qweb_html(name, visit.ids)[0].decode()
            for word in words:
                self.assertIn(word, html)
            for word in hidden:
                self.assertNotIn(word, html)
        with self.assertRaises(AccessError):
            self._as(Report, self.stranger)._render_qweb_html(
                "key_account_mgmt.report_visit_report", visit.ids
            )

    def test_forms_open_for_everybody_who_may(self):
        visit = self._reported()
        for user in (self.user, self.member, self.officer, self.auditor, self.admin):
            spec = self._spec(self.env["kam.visit"], "form", user)
            self._as(visit, user).web_read(spec)
