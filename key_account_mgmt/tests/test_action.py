from datetime import date, datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import KamCase

DAY = timedelta(days=1)
# A Friday; where the company works it is noon.
TODAY = date(2026, 11, 20)


class ActionCase(KamCase):
    """One account led by ``user``, with ``member`` in its team; the office asks for things."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.account = cls._hold(cls._account(cls._customer("Tianheng"), cls.user), cls.key)
        cls.hidden = cls._account(cls._customer("Hongyue"), cls.officer)
        cls.role = cls.env["kam.team.role"].search([], limit=1)
        cls.colleague = cls._new_user("colleague", "key_account_mgmt.group_kam_member")
        for person in (cls.member, cls.colleague):
            cls.env["kam.team.member"].create(
                {
                    "account_id": cls.account.id,
                    "user_id": person.id,
                    "role_id": cls.role.id,
                    "date_from": date(2026, 1, 1),
                }
            )
        cls.env["kam.notice"]._as_engine().search([]).write({"sent_on": "2026-01-01 00:00:00"})
        for person in (cls.member, cls.user, cls.officer):
            person.email = f"{person.login}@example.com"

    def _action(self, by=None, **values):
        values = {
            "name": "Send the drawings",
            "user_id": self.member.id,
            "date_due": TODAY + 7 * DAY,
            "account_id": self.account.id,
            **values,
        }
        return self._as(self.env["kam.action"], by or self.officer).create(values).sudo(False)

    def _waiting(self, user=None):
        Notice = self.env["kam.notice"].sudo()
        found = Notice.search(Notice._waiting_domain(), order="id")
        return found.filtered(lambda notice: not user or notice.user_id == user)

    def _watch(self, day=TODAY):
        self._job("_cron_watch", day, "kam.action")


@freeze_time("2026-11-20 04:00:00")
@tagged("post_install", "-at_install")
class TestAction(ActionCase):
    """A promise with an owner and a day: who may do what, and what is in time.

    Source: S0-77, J22, K29.
    """

    # Facts

    def test_it_begins_open_whatever_the_client_says(self):
        action = self._action()
        self.assertEqual((action.state, action.date_due_first), ("open", TODAY + 7 * DAY))
        for name, value in (
            ("state", "done"),
            ("is_on_time", True),
            ("done_on", "2026-11-01 00:00:00"),
            ("done_by_id", self.member.id),
            ("date_due_first", "2027-01-01"),
            ("postponed_count", 3),
            ("is_postponed_late", True),
            ("cancel_reason", "x"),
            ("told", 2),
        ):
            with self.subTest(field=name):
                with self.assertRaises(AccessError):
                    self._action(**{name: value})
                with self.assertRaises(AccessError):
                    self._as(action, self.officer).write({name: value})
        forged = self._as(self.env["kam.action"], self.officer).with_context(default_state="done")
        made = forged.create({"name": "X", "date_due": TODAY, "user_id": self.member.id})
        self.assertEqual(made.state, "open")

    def test_the_company_is_that_of_the_account(self):
        other = self._new_company("Yunting Rail", self.cny)
        foreign = self._account(self._customer("Metro"), company=other)
        action = self.env["kam.action"].create(
            {
                "name": "X",
                "date_due": TODAY,
                "user_id": self.officer.id,
                "account_id": foreign.id,
                "company_id": self.company.id,
            }
        )
        self.assertEqual(action.company_id, other)
        with self.assertRaises(AccessError):
            action.company_id = self.company

    def test_a_copy_begins_anew(self):
        action = self._action()
        self._as(action, self.member).action_done()
        copy = self._as(action, self.officer).copy()
        self.assertEqual((copy.state, copy.is_on_time, copy.done_on), ("open", False, False))

    def test_its_owner_works_here(self):
        portal = self.env.ref("base.group_portal")
        left = self._new_user("left", "key_account_mgmt.group_kam_member")
        left.active = False
        outsider = self.env["res.users"].create(
            {"name": "Outside", "login": "kam_outside", "group_ids": [(6, 0, portal.ids)]}
        )
        for user in (left, outsider):
            with self.assertRaises(ValidationError, msg=user.name):
                self._action(user_id=user.id)

    def test_one_document_at_most(self):
        Action = type(self.env["kam.action"])
        both = patch.object(Action, "_document_fields", lambda self: ["account_id", "user_id"])
        one = patch.object(Action, "_document_fields", lambda self: ["account_id"])
        with both, self.assertRaises(ValidationError):
            self._action()
        with one:
            self._action()

    # Who may

    def test_who_sees_it(self):
        """The owner, the account's people, the office, readers; nobody else."""
        action = self._action(user_id=self.colleague.id)
        for user, sees in (
            (self.colleague, True),
            (self.member, True),
            (self.user, True),
            (self.officer, True),
            (self.admin, True),
            (self.auditor, True),
            (self._new_user("strange", "key_account_mgmt.group_kam_user"), False),
        ):
            found = self._as(self.env["kam.action"], user).search([("id", "=", action.id)])
            self.assertEqual(bool(found), sees, user.name)
        with self.assertRaises(AccessError):
            self._as(self.env["kam.action"], self.seller).search([])
        with freeze_time("2026-11-25 04:00:00"):
            self.account.member_ids.filtered(lambda m: m.user_id == self.member).date_to = date(
                2026, 11, 24
            )
            found = self._as(self.env["kam.action"], self.member).search([("id", "=", action.id)])
            self.assertFalse(found, "former members see it no more")

    def test_nobody_reaches_a_hidden_account_through_it(self):
        mine = {"user_id": self.member.id}
        with self.assertRaises(AccessError):
            self._action(by=self.member, account_id=self.hidden.id, **mine)
        with self.assertRaises(AccessError):
            by_default = self._as(self.env["kam.action"], self.member).with_context(
                default_account_id=self.hidden.id
            )
            by_default.create({"name": "X", "date_due": TODAY})
        action = self._action(by=self.member, **mine)
        with self.assertRaises(AccessError):
            self._as(action, self.member).account_id = self.hidden
        self._as(action, self.member).account_id = False

    def test_who_changes_what(self):
        action = self._action()
        for user in (self.officer, self.user, self.gm):
            self._as(action, user).write({"name": f"By {user.name}", "note": "x"})
        owner = self._as(action, self.member)
        owner.write({"result": "Sent", "note": "By mail", "date_due": TODAY + 8 * DAY})
        for values in ({"name": "Less"}, {"user_id": self.colleague.id}, {"account_id": False}):
            with self.assertRaises(AccessError, msg=values):
                owner.write(values)
        for values in ({"name": "X"}, {"date_due": TODAY}, {"result": "x"}, {"note": "x"}):
            with self.assertRaises(AccessError, msg=values):
                self._as(action, self.colleague).write(values)
            with self.assertRaises(AccessError, msg=values):
                self._as(action, self.auditor).write(values)
        for user in (self.officer, self.gm, self.member):
            with self.assertRaises(AccessError):
                self._as(action, user).unlink()

    def test_what_is_closed_stays(self):
        action = self._action()
        self._as(action, self.member).action_done()
        for values in ({"name": "X"}, {"date_due": TODAY}, {"user_id": self.user.id}):
            with self.assertRaises(UserError, msg=values):
                self._as(action, self.officer).write(values)
        self._as(action, self.member).result = "Taken over by the customer"

    def test_who_ticks_it_off(self):
        for user in (self.member, self.user, self.officer):
            action = self._action(by=self.gm)
            self._as(action, user).action_done()
            self.assertEqual((action.state, action.done_by_id), ("done", user))
        for user in (self.colleague, self.auditor, self.admin, self.seller):
            action = self._action(by=self.gm)
            with self.assertRaises(AccessError, msg=user.name):
                self._as(action, user).action_done()
        # He asked for it; he does not say that it was done.
        asked = self._action(by=self.colleague)
        with self.assertRaises(AccessError):
            self._as(asked, self.colleague).action_done()

    def test_in_time_up_to_the_day_included(self):
        """Where the company works: it is the 21st in Shanghai before it is in London."""
        for moment, on_time in (
            ("2026-11-19 04:00:00", True),
            ("2026-11-20 15:59:59", True),
            ("2026-11-20 16:00:00", False),
            ("2026-11-21 04:00:00", False),
        ):
            action = self._action(date_due=TODAY)
            with freeze_time(moment):
                self._as(action, self.member).action_done()
                self.assertEqual(action.done_on, datetime.fromisoformat(moment))
            self.assertEqual(action.is_on_time, on_time, moment)

    def test_done_twice_is_done_once(self):
        action = self._action(date_due=TODAY)
        self._as(action, self.member).action_done()
        with freeze_time("2026-11-25 04:00:00"):
            self._as(action, self.user).action_done()
        self.assertEqual((action.done_by_id, action.is_on_time), (self.member, True))

    def test_postponed_in_time_is_in_time(self):
        action = self._action(date_due=TODAY)
        self._as(action, self.member).date_due = TODAY + 3 * DAY
        self.assertEqual(action.date_due_first, TODAY)
        self.assertEqual((action.postponed_count, action.is_postponed_late), (1, False))
        self._as(action, self.member).date_due = TODAY + 3 * DAY
        self._as(action, self.member).date_due = TODAY + 2 * DAY
        self.assertEqual(action.postponed_count, 1, "the same day, or an earlier one")
        with freeze_time("2026-11-22 04:00:00"):
            self._as(action, self.member).action_done()
        self.assertTrue(action.is_on_time)

    def test_postponed_when_it_was_late_stays_late(self):
        action = self._action(date_due=TODAY)
        with freeze_time("2026-11-21 04:00:00"):
            self._as(action, self.member).date_due = TODAY + 30 * DAY
            self.assertFalse(action.is_overdue)
            self._as(action, self.member).action_done()
        self.assertTrue(action.is_postponed_late)
        self.assertFalse(action.is_on_time)
        self.assertEqual(action.date_due_first, TODAY)

    def test_who_cancels_it(self):
        action = self._action()
        for user in (self.member, self.colleague, self.auditor):
            with self.assertRaises(AccessError, msg=user.name):
                self._as(action, user)._cancel("No")
            with self.assertRaises(AccessError, msg=user.name):
                self._as(action, user).action_cancel()
        with self.assertRaises(UserError):
            self._as(action, self.user)._cancel("  ")
        window = self._as(action, self.user).action_cancel()
        wizard = (
            self._as(self.env[window["res_model"]], self.user)
            .with_context(**window["context"])
            .create({"reason": "The customer has them"})
        )
        wizard.action_confirm()
        self.assertEqual(
            (action.state, action.cancel_reason), ("cancelled", "The customer has them")
        )
        with self.assertRaises(UserError):
            self._as(action, self.member).action_done()
        own = self._action(by=self.member)
        self._as(own, self.member)._cancel("Not needed")
        self.env["kam.department"].create(
            {
                "name": "Technology",
                "company_id": self.company.id,
                "manager_id": self.colleague.id,
                "member_ids": [(6, 0, self.member.ids)],
            }
        )
        theirs = self._action()
        self._as(theirs, self.colleague)._cancel("My people do something else")
        self.assertEqual(theirs.state, "cancelled")

    def test_what_is_done_is_not_cancelled(self):
        action = self._action()
        self._as(action, self.member).action_done()
        with self.assertRaises(UserError):
            self._as(action, self.officer)._cancel("No")

    def test_who_reopens_it(self):
        action = self._action(date_due=TODAY)
        self._as(action, self.member).action_done()
        with self.assertRaises(AccessError):
            self._as(action, self.user).action_reopen()
        # A slip of the finger.
        self._as(action, self.member).action_reopen()
        self.assertEqual((action.state, action.is_on_time, action.done_on), ("open", False, False))
        self._as(action, self.member).action_done()
        with freeze_time("2026-11-20 16:00:00"):
            with self.assertRaises(AccessError):
                self._as(action, self.member).action_reopen()
            self._as(action, self.officer).action_reopen()
        self.assertEqual(action.state, "open")

    # Overdue

    def test_overdue_from_the_day_after_not_before_go_live(self):
        action = self._action(date_due=TODAY)
        for moment, overdue in (
            ("2026-11-20 15:59:00", False),
            ("2026-11-20 16:00:00", True),
            ("2026-12-20 04:00:00", True),
        ):
            with freeze_time(moment):
                self._assert_overdue(action, overdue, moment)
        with freeze_time("2026-12-20 04:00:00"):
            self.company.kam_go_live_date = TODAY + DAY
            self._assert_overdue(action, False, "before go-live")
            self.company.kam_go_live_date = TODAY
            self._assert_overdue(action, True, "since go-live")
            self._as(action, self.member).action_done()
            self._assert_overdue(action, False, "done")

    def _assert_overdue(self, action, overdue, message):
        own = self._as(action, self.member)
        self.assertEqual(own.is_overdue, overdue, message)
        for wanted in (True, False):
            found = own.search([("is_overdue", "=", wanted), ("id", "=", action.id)])
            self.assertEqual(bool(found), overdue == wanted, message)

    def test_one_on_time_figure(self):
        """Done in time ÷ done or overdue; what is not due yet does not count.  Source: K29."""
        in_time = self._action(date_due=TODAY)
        late = self._action(date_due=TODAY - DAY)
        self._action(date_due=TODAY - DAY, name="still open")
        self._action(date_due=TODAY + DAY, name="not due yet")
        cancelled = self._action(date_due=TODAY - DAY, name="cancelled")
        self._as(in_time | late, self.member).action_done()
        self._as(cancelled, self.officer)._cancel("No")
        Action = self._as(self.env["kam.action"], self.officer)
        [[rate]] = Action._read_group(
            [("account_id", "=", self.account.id)], [], ["on_time_rate:avg"]
        )
        self.assertAlmostEqual(rate, 100 / 3)
        self.assertEqual(Action.fields_get(["on_time_rate"])["on_time_rate"]["aggregator"], "avg")

    # The account

    def test_the_account_counts_them(self):
        self._action(date_due=TODAY - DAY)
        self._action()
        self._as(self._action(), self.member).action_done()
        account = self._as(self.account, self.member)
        self.assertEqual((account.open_action_count, account.overdue_action_count), (2, 1))
        window = account.action_open_actions()
        self.assertEqual(self.env["kam.action"].search_count(window["domain"]), 3)

    def test_they_move_when_contacts_are_merged(self):
        action, done = self._action(), self._action()
        self._as(done, self.member).action_done()
        target = self._account(self._customer("Tianheng again"), self.user)
        self.env["kam.account"]._merge_partners(self.account.partner_id, target.partner_id)
        self.assertEqual((action | done).account_id, target)


@freeze_time("2026-11-20 04:00:00")
@tagged("post_install", "-at_install")
class TestActionNotice(ActionCase):
    """One message a morning, whatever the number; design §4.7, J22."""

    def setUp(self):
        super().setUp()
        self.mails = self.env["mail.mail"].search([])

    def _mails(self, user=None):
        mails = self.env["mail.mail"].search([], order="id") - self.mails
        return mails.filtered(lambda m: not user or m.email_to == user.email_formatted)

    def _own(self, **values):
        """By the owner himself: nobody gives it to him."""
        return self._action(by=self.member, **values)

    def test_on_the_morning_of_the_day_and_once_when_it_has_passed(self):
        action = self._own(date_due=date(2026, 11, 24))
        told = []
        for day in range(20, 31):
            self._watch(date(2026, 11, day))
            self._watch(date(2026, 11, day))
            waiting = self._waiting(self.member)
            told += [(day, notice.title.partition(":")[0]) for notice in waiting]
            waiting._as_engine().write({"sent_on": "2026-11-20 00:00:00"})
        self.assertEqual(told, [(24, "Due"), (25, "Overdue")])
        self.assertEqual(action.told, 2)

    def test_what_falls_on_a_weekend_is_told_before(self):
        self._own(date_due=date(2026, 11, 21))
        self._own(date_due=date(2026, 11, 22))
        self._own(date_due=date(2026, 11, 23))
        self._watch(date(2026, 11, 19))
        self.assertFalse(self._waiting(self.member))
        self._watch(date(2026, 11, 20))
        self.assertEqual(len(self._waiting(self.member)), 2)
        self._watch(date(2026, 11, 21))
        self.assertEqual(len(self._waiting(self.member)), 2, "nobody works on Saturday")

    def test_after_an_outage_it_is_told_as_it_is(self):
        self._own(date_due=date(2026, 11, 2))
        self._watch(date(2026, 11, 20))
        [notice] = self._waiting(self.member)
        self.assertTrue(notice.title.startswith("Overdue"))
        self._watch(date(2026, 11, 23))
        self.assertEqual(len(self._waiting(self.member)), 1)

    def test_what_is_settled_is_not_told(self):
        done, moved, cancelled = (self._own(date_due=TODAY) for _number in range(3))
        self._watch()
        self.assertEqual(len(self._waiting(self.member)), 3)
        self._as(done, self.member).action_done()
        self._as(moved, self.member).date_due = TODAY + 5 * DAY
        self._as(cancelled, self.member)._cancel("No")
        self.assertFalse(self._waiting(self.member))
        self._watch(TODAY + 5 * DAY)
        self.assertEqual(self._waiting(self.member).res_id, moved.id)

    def test_nobody_who_left_and_nothing_before_go_live(self):
        action = self._own(date_due=TODAY)
        self.member.active = False
        self._watch()
        self.assertFalse(self._waiting(self.member))
        self.member.active = True
        self.company.kam_go_live_date = TODAY + DAY
        self._watch()
        self.assertFalse(self._waiting(self.member))
        self.company.kam_go_live_date = TODAY
        self._watch()
        self.assertEqual(self._waiting(self.member).res_id, action.id)

    def test_given_by_somebody_else(self):
        """In the morning; at once only where it is due within a day."""
        action = self._action(date_due=TODAY + 2 * DAY)
        [notice] = self._waiting(self.member)
        self.assertIn("Officer asks you", notice.title)
        self.assertIn("Tianheng", notice.lines)
        self.assertFalse(self._mails())
        self._as(action, self.officer).user_id = self.colleague
        self.assertFalse(self._waiting(self.member), "it is not his any more")
        self.assertTrue(self._waiting(self.colleague))
        self._action(date_due=TODAY + DAY)
        self.assertEqual(len(self._mails(self.member)), 1)
        self._watch(TODAY)
        self.assertFalse(self._waiting(self.member), "told already")

    def test_many_at_once_are_one_message(self):
        values = {"user_id": self.member.id, "date_due": TODAY, "account_id": self.account.id}
        office = self._as(self.env["kam.action"], self.officer)
        office.create([{**values, "name": f"Thing {number}"} for number in range(12)])
        self.assertEqual(len(self._mails(self.member)), 1)

    def test_nobody_is_mailed_by_following(self):
        """No letter of Odoo's own for being made the owner."""
        self.member.notification_type = "email"
        quiet = self.env["kam.action"].with_context(tracking_disable=False)
        action = quiet.with_user(self.officer).create(
            {"name": "X", "user_id": self.member.id, "date_due": TODAY + 7 * DAY}
        )
        action.user_id = self.user
        self.env.flush_all()
        self.assertFalse(action.message_follower_ids)
        self.assertFalse(self._mails())

    def test_a_month_of_promises(self):
        """Three a working day, none of them kept: one message per working morning."""
        days = [date(2026, 11, 1) + DAY * number for number in range(30)]
        for day in days:
            for number in range(3):
                self._own(name=f"{day} {number}", date_due=day)
        mornings = 0
        for day in days:
            with freeze_time(f"{day} 00:00:00"):
                self._watch(day)
                before = len(self._mails(self.member))
                self._morning()
                sent = len(self._mails(self.member)) - before
                self.assertEqual(sent, 1 if day.weekday() < 5 else 0, day)
                mornings += sent
        self.assertEqual(mornings, 21)
        with freeze_time("2026-12-08 00:00:00"):
            before = len(self._mails(self.member))
            self._watch(date(2026, 12, 1))
            self._morning()
            self._watch(date(2026, 12, 8))
            self._morning()
            self.assertEqual(len(self._mails(self.member)), before + 1, "told; nothing is new")

    def _morning(self):
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 1.0)
        self.env["kam.notice"]._cron_send()

    def test_the_page_of_jobs_says_what_it_will_do(self):
        self._own(date_due=TODAY)
        job = self.env.ref("key_account_mgmt.kam_job_actions")
        self.assertIn("1", job._job_forecast_actions(self.company, TODAY)[0])
        self.assertIn("0", job._job_forecast_actions(self.company, TODAY - DAY)[0])


@freeze_time("2026-11-20 04:00:00")
@tagged("post_install", "-at_install")
class TestActionExceptions(ActionCase):
    """What the office sees of promises that are not kept; users §6."""

    def _row(self, code):
        kind = self.env.ref(f"key_account_mgmt.kam_exception_kind_{code}")
        return self._as(kind, self.officer)

    def test_overdue(self):
        action = self._action(date_due=TODAY)
        for moment, count in (("2026-11-20 15:59:00", 0), ("2026-11-20 16:00:00", 1)):
            with freeze_time(moment):
                self.assertEqual(self._row("action_overdue").count, count, moment)
        with freeze_time("2026-11-23 04:00:00"):
            row = self._row("action_overdue")
            self.assertIn("Tianheng", row.worst_name)
            self.assertEqual((row.owner_ids, row.worst_since), (self.member, TODAY))
            self._as(action, self.member).action_done()
            self.assertFalse(self._row("action_overdue").count)

    def test_of_people_who_left(self):
        action = self._action()
        self.assertFalse(self._row("action_owner_left").count)
        self.member.active = False
        self.assertEqual(self._row("action_owner_left").count, 1)
        self._as(action, self.officer).user_id = self.user
        self.assertFalse(self._row("action_owner_left").count)

    def test_postponed_when_overdue(self):
        action = self._action(date_due=TODAY - DAY)
        self._as(action, self.member).date_due = TODAY + 9 * DAY
        row = self._row("action_postponed_late")
        self.assertEqual((row.count, row.worst_since), (1, TODAY - DAY))
        self._as(action, self.user)._cancel("No")
        self.assertFalse(self._row("action_postponed_late").count)
