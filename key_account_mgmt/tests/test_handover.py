from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import KamCase

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestHandover(KamCase):
    """Accounts of one person go to another, accepted by him.  Source: g Q35."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.taker = cls._new_user("taker", "key_account_mgmt.group_kam_user")
        cls.head = cls._new_user("head", "key_account_mgmt.group_kam_user")
        cls.env["kam.department"].create(
            {
                "name": "Marketing",
                "company_id": cls.company.id,
                "manager_id": cls.head.id,
                "member_ids": [Command.set((cls.user | cls.taker).ids)],
            }
        )
        with freeze_time("2026-11-01 04:00:00"):
            cls.one, cls.two = (
                cls._account(cls._customer(name), cls.user) for name in ("Tianheng", "Ruisheng")
            )
        cls.action = cls._action("Send the drawings", cls.one, cls.user)

    @classmethod
    def _action(cls, name, account, user):
        return cls.env["kam.action"].create(
            {
                "name": name,
                "user_id": user.id,
                "date_due": date(2026, 12, 1),
                "account_id": account.id,
                "company_id": cls.company.id,
            }
        )

    def _draft(self, by=None, accounts=None, **values):
        vals = {
            "company_id": self.company.id,
            "from_user_id": self.user.id,
            "to_user_id": self.taker.id,
            "account_ids": [Command.set((self.one if accounts is None else accounts).ids)],
            "date_from": TODAY,
            "note": "Moves to another town",
            **values,
        }
        return self._as(self.env["kam.handover"], by or self.user).create(vals)

    def _proposed(self, **values):
        handover = self._draft(**values)
        handover.action_propose()
        return handover

    def _accepted(self, **values):
        handover = self._proposed(**values)
        self._as(handover, self.taker).action_accept()
        self.env.invalidate_all()
        return handover.with_env(self.env)

    def _night(self, day):
        with freeze_time(datetime.combine(day, datetime.min.time()) + timedelta(hours=4)):
            self._job("_cron_handovers", day, "kam.handover")
            self.env.invalidate_all()

    def _lead_days(self, account):
        rows = account.member_ids.filtered("is_lead").sorted("date_from")
        return [(row.user_id, row.date_from, row.date_to) for row in rows]

    # The road

    def test_accounts_actions_and_access_follow(self):
        """On the day itself: lead, team history, open actions; what is done stays."""
        done = self._action("Sent", self.one, self.user)
        done._write({"state": "done"})
        done.invalidate_recordset()
        other = self._action("Of a colleague", self.one, self.gm)
        handover = self._proposed()
        self.assertEqual((handover.state, self.one.user_id), ("proposed", self.user))
        with self.assertRaises(AccessError):
            self._as(self.one, self.taker).read(["note"])
        self._as(handover, self.taker).action_accept()
        self.env.invalidate_all()
        self.assertEqual((handover.state, handover.applied_on), ("done", TODAY))
        self.assertEqual((self.one.user_id, self.two.user_id), (self.taker, self.user))
        self.assertEqual(self.action.user_id, self.taker)
        self.assertEqual((done.user_id, other.user_id), (self.user, self.gm))
        self.assertEqual(
            self._lead_days(self.one),
            [(self.user, date(2026, 11, 1), TODAY - DAY), (self.taker, TODAY, False)],
        )
        self._as(self.one, self.taker).read(["note"])
        with self.assertRaises(AccessError):
            self._as(self.one, self.user).read(["note"])
        self.assertIn("Moves to another town", "".join(self.one.message_ids.mapped("body")))

    def test_the_receiver_reads_what_is_open_before_he_accepts(self):
        """Also the overdue receivables; of accounts he may not see yet."""
        self.one._as_engine().write({"overdue": 180_000.0})
        lead = self.env["crm.lead"].create(
            {
                "name": "Line 6",
                "type": "opportunity",
                "partner_id": self.one.partner_id.id,
                "user_id": self.user.id,
            }
        )
        handover = self._draft()
        self.assertIn("Overdue Receivables: 1", handover.preview)
        handover.action_propose()
        seen = self._as(handover, self.taker)
        self.assertEqual(
            [(line.kind, line.name, line.account_name) for line in seen.line_ids],
            [
                ("receivable", "Overdue receivables", "Tianheng"),
                ("action", "Send the drawings", "Tianheng"),
                ("opportunity", "Line 6", "Tianheng"),
            ],
        )
        self.assertEqual((seen.overdue, seen.account_text), (180_000.0, "Tianheng"))
        spec = self._spec(seen, "form", self.taker)
        seen.web_read(spec)
        # Snapshot: what happens later is not in it.
        self._action("Later", self.one, self.user)
        self.assertEqual(len(self._as(handover, self.taker).line_ids), 3)
        seen.action_accept()
        self.assertEqual(lead.user_id, self.user, "salespersons stay Odoo's")

    def test_the_receiver_hears_at_once_and_the_giver_of_the_answer(self):
        before = self.env["kam.notice"].search([])
        handover = self._proposed(by=self.officer)
        notice = self.env["kam.notice"].search([]) - before
        self.assertEqual((notice.user_id, notice.urgent, notice.topic),
                         (self.taker, True, "handover"))  # fmt: skip
        self._as(handover, self.taker).action_accept()
        answers = self.env["kam.notice"].search([]) - before - notice
        self.assertEqual(answers.user_id, self.officer | self.user)
        self.assertFalse(any(answers.mapped("urgent")))

    def test_a_refusal_says_why_and_moves_nothing(self):
        handover = self._proposed()
        action = self._as(handover, self.taker).action_refuse()
        wizard = self._as(self.env["kam.handover.refuse.wizard"], self.taker).with_context(
            **action["context"]
        )
        wizard.create({"reason": "Too many already"}).action_confirm()
        self.env.invalidate_all()
        self.assertEqual((handover.state, handover.refusal), ("refused", "Too many already"))
        self.assertEqual(self.one.user_id, self.user)
        with self.assertRaises(UserError):
            self._as(handover, self.taker).action_accept()
        # It can be proposed to somebody else now.
        self._proposed(to_user_id=self.gm.id)

    def test_a_coming_day_is_waited_for(self):
        """Before, on and after; late and twice."""
        day = TODAY + 3 * DAY
        handover = self._accepted(date_from=day)
        self.assertEqual(handover.state, "accepted")
        self._night(day - DAY)
        self.assertEqual(self.one.user_id, self.user)
        self._night(day)
        self._night(day)
        self.assertEqual((handover.state, self.one.user_id), ("done", self.taker))
        self.assertEqual(self._lead_days(self.one)[-1], (self.taker, day, False))
        late = self._accepted(accounts=self.two, date_from=day)
        self._night(day + 10 * DAY)
        self.assertEqual((late.state, late.applied_on), ("done", day + 10 * DAY))

    def test_for_a_time(self):
        """The accounts return on the day after the last one."""
        mine = self._action("Of the deputy himself", self.one, self.taker)
        last = TODAY + 7 * DAY
        handover = self._accepted(date_to=last, accounts=self.one | self.two)
        self.assertEqual(handover.state, "running")
        self.assertEqual(self.action.user_id, self.taker)
        with freeze_time("2026-11-25 04:00:00"):
            self._as(self.two, self.officer).user_id = self.gm
        self._night(last)
        self.assertEqual(self.one.user_id, self.taker)
        self._night(last + DAY)
        self._night(last + DAY)
        self.assertEqual((handover.state, handover.ended_on), ("done", last + DAY))
        self.assertEqual((self.one.user_id, self.action.user_id), (self.user, self.user))
        self.assertEqual(mine.user_id, self.taker, "what he had before stays his")
        self.assertEqual(self.two.user_id, self.gm, "given to somebody else meanwhile")
        self.assertEqual(
            self._lead_days(self.one),
            [
                (self.user, date(2026, 11, 1), TODAY - DAY),
                (self.taker, TODAY, last),
                (self.user, last + DAY, False),
            ],
        )
        found = self.one._handover_on(TODAY, TODAY)
        self.assertEqual(found, {self.one: handover})
        self.assertEqual(self.one._handover_on(last + DAY, last + DAY), {self.one: handover})
        self.assertFalse(self.one._handover_on(TODAY + DAY, last))

    def test_nothing_returns_to_who_has_left(self):
        handover = self._accepted(date_to=TODAY + DAY)
        self.user.active = False
        self._night(TODAY + 2 * DAY)
        self.assertEqual((handover.state, self.one.user_id), ("done", self.taker))

    def test_ended_early(self):
        handover = self._accepted(date_to=TODAY + 30 * DAY)
        with freeze_time("2026-11-25 04:00:00"):
            with self.assertRaises(AccessError):
                self._as(handover, self.taker).action_end()
            self._as(handover, self.user).action_end()
        self.env.invalidate_all()
        self.assertEqual((handover.state, self.one.user_id), ("done", self.user))

    def test_a_receiver_who_left_meanwhile(self):
        """It does not take place, and whoever proposed it hears."""
        handover = self._accepted(date_from=TODAY + DAY)
        self.taker.active = False
        self._night(TODAY + DAY)
        self.assertEqual((handover.state, self.one.user_id), ("cancelled", self.user))

    def test_all_roles_of_somebody_who_leaves(self):
        """Also a technician without accounts; already archived, by the office."""
        quality = self.env.ref("key_account_mgmt.kam_team_role_quality")
        vals = {"user_id": self.member.id, "role_id": quality.id, "date_from": date(2026, 1, 1)}
        row = self.env["kam.team.member"].create(
            {**vals, "account_id": self.one.id, "is_dedicated": True, "duties": "Audits"}
        )
        over = self.env["kam.team.member"].create(
            {**vals, "account_id": self.two.id, "date_to": TODAY - DAY}
        )
        self.two.executive_sponsor_id = self.member
        task = self._action("8D report", self.one, self.member)
        self.member.active = False
        self._accepted(
            by=self.officer,
            from_user_id=self.member.id,
            accounts=self.env["kam.account"],
            all_roles=True,
        )
        self.assertEqual((row.date_to, over.date_to), (TODAY - DAY, TODAY - DAY))
        new = self.one.member_ids.filtered(lambda m: m.role_id == quality) - row
        self.assertEqual(
            (new.user_id, new.date_from, new.date_to, new.is_dedicated, new.duties),
            (self.taker, TODAY, False, True, "Audits"),
        )
        self.assertEqual(len(self.two.member_ids), 2)
        self.assertEqual(self.two.executive_sponsor_id, self.taker)
        self.assertEqual(task.user_id, self.taker)

    def test_roles_for_a_time_return(self):
        expert = self.env.ref("key_account_mgmt.kam_team_role_expert")
        self.env["kam.team.member"].create(
            {
                "user_id": self.user.id,
                "role_id": expert.id,
                "account_id": self.two.id,
                "date_from": date(2026, 1, 1),
            }
        )
        self._accepted(all_roles=True, date_to=TODAY + DAY)
        self._night(TODAY + 2 * DAY)
        rows = self.two.member_ids.filtered(lambda m: m.role_id == expert).sorted("date_from")
        self.assertEqual(
            [(row.user_id, row.date_from, row.date_to) for row in rows],
            [
                (self.user, date(2026, 1, 1), TODAY - DAY),
                (self.taker, TODAY, TODAY + DAY),
                (self.user, TODAY + 2 * DAY, False),
            ],
        )

    # Who and what

    def test_who_may_give(self):
        """The person himself, his manager, the office; nobody for somebody else."""
        nothing = self.one.browse()
        for user in (self.user, self.head, self.officer, self.director):
            handover = self._draft(by=user, accounts=nothing)
            handover.action_all_accounts()
            self.assertEqual(handover.account_text, "Tianheng\nRuisheng")
            handover.action_propose()
            self._as(handover, user).action_cancel()
        for user in (self.taker, self.member):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._draft(by=user)
            handover = self._draft(by=user, accounts=nothing)
            handover.sudo()._as_engine().account_ids = self.one
            handover = self._as(handover, user)
            self.assertFalse(handover.account_text, "a draft tells no names")
            self.assertFalse(handover.preview)
            for method in ("action_propose", "action_all_accounts", "action_cancel"):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    getattr(handover, method)()
        for user in (self.admin, self.auditor, self.seller):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._draft(by=user)

    def test_only_the_receiver_answers(self):
        handover = self._proposed()
        for user in (self.user, self.officer, self.gm, self.member, self.admin):
            for method in ("action_accept", "action_refuse"):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    getattr(self._as(handover, user), method)()
        with self.assertRaises(AccessError):
            self._as(handover, self.taker).action_cancel()
        self.env.invalidate_all()
        self.assertEqual((handover.state, self.one.user_id), ("proposed", self.user))

    def test_what_cannot_be_proposed(self):
        others = self._account(self._customer("Others"), self.gm)
        portal = self.seller
        left = self._new_user("left", "key_account_mgmt.group_kam_user")
        left.active = False
        foreign = self._new_user("foreign", "key_account_mgmt.group_kam_user")
        company = self._new_company("Elsewhere", self.cny)
        foreign.write({"company_ids": [Command.set(company.ids)], "company_id": company.id})
        for text, values in (
            ("today", {"date_from": TODAY - DAY}),
            ("cannot take", {"to_user_id": portal.id}),
            ("cannot take", {"to_user_id": left.id}),
            ("cannot take", {"to_user_id": foreign.id}),
            ("Not led by User: Others", {"accounts": self.one | others}),
            ("Choose the accounts", {"accounts": self.one.browse()}),
            ("Say why", {"note": " "}),
        ):
            with self.assertRaisesRegex(ValidationError, text), self.cr.savepoint():
                self._proposed(by=self.officer, **values)

    def test_an_account_is_in_one_open_hand_over(self):
        first = self._proposed()
        with self.assertRaisesRegex(ValidationError, "already: Tianheng"), self.cr.savepoint():
            self._proposed(accounts=self.one | self.two)
        self._as(first, self.user).action_cancel()
        self._proposed(accounts=self.one | self.two)

    def test_a_proposed_hand_over_does_not_change(self):
        """Guarded on the server, whatever the road."""
        handover = self._proposed()
        for values in ({"to_user_id": self.gm.id}, {"note": "x"}, {"date_from": TODAY}):
            with self.assertRaises(UserError), self.cr.savepoint():
                self._as(handover, self.officer).write(values)
        draft = self._draft(accounts=self.two)
        for values in ({"state": "accepted"}, {"applied_on": TODAY}, {"proposed_by_id": 1}):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._as(draft, self.officer).write(values)
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._draft(accounts=self.two, by=self.officer, **values)
        forged = self._draft(accounts=self.two, by=self.officer)
        forged = forged.with_context(default_state="accepted").copy()
        self.assertEqual(forged.state, "draft")
        for user in (self.officer, self.user):
            line = self._as(handover, user).line_ids[:1]
            with self.assertRaises(AccessError):
                line.write({"name": "x"})

    def test_strangers_see_nothing_of_it(self):
        handover = self._proposed()
        for user in (self.member, self.head):
            self.assertFalse(self._as(self.env["kam.handover"], user).search([]))
            self.assertFalse(self._as(self.env["kam.handover.line"], user).search([]))
            with self.assertRaises(AccessError):
                self._as(handover, user).read(["note"])

    def test_given_to_somebody_else_before_its_day(self):
        """It stays there; a file that changed hands is not taken away."""
        handover = self._accepted(accounts=self.one | self.two, date_from=TODAY + DAY)
        self._as(self.two, self.officer).user_id = self.gm
        self._night(TODAY + DAY)
        self.assertEqual(handover.state, "done")
        self.assertEqual((self.one.user_id, self.two.user_id), (self.taker, self.gm))

    def test_what_is_open_follows_also_without_a_hand_over(self):
        """The office changes the lead on the file; what others promised stays theirs."""
        done = self._action("Sent", self.one, self.user)
        done._write({"state": "done"})
        done.invalidate_recordset()
        other = self._action("Of a colleague", self.one, self.gm)
        elsewhere = self._action("At Ruisheng", self.two, self.user)
        self._as(self.one, self.officer).user_id = self.taker
        self.env.invalidate_all()
        self.assertEqual(self.action.user_id, self.taker)
        self.assertEqual((done | elsewhere).user_id, self.user)
        self.assertEqual(other.user_id, self.gm)

    # Screens

    def test_three_clicks_from_an_account(self):
        """“Hand Over”, receiver and reason, “Propose”; from a person all he leads."""
        action = self._as(self.one, self.user).action_hand_over()
        Handover = self._as(self.env["kam.handover"], self.user)
        form = Form(Handover.with_context(**action["context"]))
        form.to_user_id = self.taker
        form.note = "Moves"
        handover = form.save()
        self.assertEqual(handover.account_ids, self.one)
        handover.action_propose()
        self._as(handover, self.user).action_cancel()
        form = Form(
            self._as(self.env["kam.handover"], self.officer).with_context(
                default_from_user_id=self.user.id, default_company_id=self.company.id
            )
        )
        form.to_user_id = self.taker
        form.note = "Leaves"
        self.assertEqual(form.save().account_ids, self.one | self.two)

    def test_the_manager_takes_all_accounts_of_his_people(self):
        handover = self._draft(by=self.head, accounts=self.one.browse())
        handover.action_all_accounts()
        handover.action_propose()
        self.assertEqual(handover.sudo().account_ids, self.one | self.two)

    def test_the_slip(self):
        """客户交接单: both names, dates, open items, signatures."""
        self.one._as_engine().write({"overdue": 180_000.0})
        handover = self._proposed(date_to=TODAY + 30 * DAY)
        report = self._as(self.env["ir.actions.report"], self.taker)
        html = report._render_qweb_html("key_account_mgmt.report_handover", handover.ids)[0]
        text = html.decode()
        for part in ("Hand-Over Slip", "User", "Taker", "Tianheng", "Send the drawings",
                     "180,000", "Moves to another town", "Signature", "12/22/2026"):  # fmt: skip
            self.assertIn(part, text)
        with self.assertRaises(AccessError):
            report = self._as(self.env["ir.actions.report"], self.member)
            report._render_qweb_html("key_account_mgmt.report_handover", handover.ids)

    def test_the_page_of_jobs_names_what_begins(self):
        self._accepted(date_from=TODAY + DAY)
        job = self._as(self.env.ref("key_account_mgmt.kam_job_handovers"), self.auditor)
        lines = job._job_forecast_handovers(self.company, TODAY + DAY)
        self.assertEqual(lines, ["Begin: User → Taker."])
        lines = job._job_forecast_handovers(self.company, TODAY)
        self.assertIn("No hand-over", lines[0])
