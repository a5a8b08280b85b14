from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_people import XMLID, PeopleCase

TODAY = date(2026, 11, 23)
TOMORROW = date(2026, 11, 24)
YESTERDAY = date(2026, 11, 22)


class RequestCase(PeopleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.Notice = cls.env["kam.notice"].sudo()._as_engine()
        cls.Notice.search([]).write({"sent_on": "2026-01-01 00:00:00"})

    def _told(self, user, waiting=True):
        domain = [("user_id", "=", user.id), ("res_model", "=", "kam.request")]
        notices = self.Notice.search(domain)
        return (
            notices.filtered(lambda n: not n.sent_on and not n.settled_on) if waiting else notices
        )

    def _trial(self, **values):
        values.setdefault("quality_user_id", self.quality.id)
        return self._ask(kind="trial", product="Door operator X", quantity=20, **values)

    def _accepted(self, request, day=TOMORROW, user=None):
        self._as(request, user or self.helper)._accept(day)
        return request

    def _answered(self, request, user=None):
        if request.state == "new":
            self._accepted(request)
        self._as(request, user or self.helper)._answer("Bearing changed")
        return request

    def _passed(self, request):
        self._as(request, self.quality)._pass_gate("passed", TODAY, "")
        return request


@freeze_time("2026-11-23 04:00:00")
@tagged("post_install", "-at_install")
class TestRequest(RequestCase):
    """What one department asks of another.  Source: c18, S0-39, S0-42, S0-48, S2-60."""

    # Asking ---------------------------------------------------------------------------

    def test_asking_takes_kind_what_and_whom(self):
        request = self._ask()
        self.assertEqual(
            (request.state, request.requester_id, request.requester_department_id),
            ("new", self.user, self.sales),
        )
        self.assertEqual((request.department_id, request.to_department), (self.technology, False))
        self.assertEqual(request.company_id, self.company)
        self.assertTrue(request.is_cross_department)
        # Three working days from Monday on, as the kind says.
        self.assertEqual((request.date_wanted, request.date_due), (date(2026, 11, 26),) * 2)

    def test_nobody_asks_in_another_name_or_from_the_middle(self):
        """Create, a default, a copy, an import: the engine alone says who and where."""
        for forged in (
            {"requester_id": self.officer.id},
            {"state": "closed"},
            {"answer": "Done"},
            {"on_time": "yes"},
            {"on_time_rate": 100.0},
            {"gate_result": "passed"},
            {"site_result": "passed"},
            {"date_promised": TODAY},
        ):
            with self.assertRaises(AccessError, msg=forged), self.cr.savepoint():
                self._ask(**forged)
        defaults = {f"default_{name}": value for name, value in (
            ("state", "closed"), ("requester_id", self.officer.id), ("on_time", "yes"),
            ("is_trial", True), ("response_days", 1.0), ("to_department", True),
        )}  # fmt: skip
        request = self._as(self.env["kam.request"], self.user).with_context(**defaults)
        request = request.create(
            {
                "name": "x",
                "kind_id": self.env.ref(XMLID % ("request_kind", "feedback")).id,
                "account_id": self.account.id,
                "user_id": self.helper.id,
            }
        )
        self.assertEqual((request.state, request.requester_id), ("new", self.user))
        self.assertFalse(request.on_time or request.is_trial or request.to_department)
        self.assertFalse(request.response_days)
        self._answered(request)
        copy = self._as(request, self.user).copy()
        self.assertEqual((copy.state, copy.answer, copy.on_time), ("new", False, False))

    def test_somebody_must_be_asked_about_something_by_a_day_to_come(self):
        for values in (
            {"user_id": False},
            {"account_id": False},
            {"date_wanted": YESTERDAY},
        ):
            with self.assertRaises(UserError, msg=values), self.cr.savepoint():
                self._ask(**{"user_id": self.helper.id, **values})
        self.assertTrue(self._ask(date_wanted=TODAY))
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._ask(user_id=self.seller.id)

    def test_one_asks_only_about_what_one_may_read(self):
        """Asking is no way to learn of an account or a deal."""
        for values in (
            {"account_id": self.elsewhere.id},
            {"account_id": False, "lead_id": self._lead(self.elsewhere).id},
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._ask(user=self.member, **values)

    def _lead(self, account):
        return self.env["crm.lead"].create(
            {
                "name": "Line 7",
                "type": "opportunity",
                "partner_id": account.partner_id.id,
                "company_id": self.company.id,
                "user_id": self.user.id,
            }
        )

    def test_asked_from_a_deal_it_is_about_the_customer(self):
        """Source: S0-48."""
        self.user.group_ids += self.env.ref("sales_team.group_sale_salesman")
        lead = self._lead(self.account)
        action = self._as(lead, self.user).action_kam_ask()
        self.assertEqual(action["context"]["default_account_id"], self.account.id)
        request = self._ask(account_id=False, lead_id=lead.id)
        self.assertEqual(request.account_id, self.account)
        self.assertEqual(self._as(lead, self.user).kam_request_count, 1)
        self.assertEqual(self._as(self.account, self.user).request_count, 1)
        # Odoo may delete or merge the deal; the request stays.
        lead.unlink()
        self.assertFalse(request.exists().lead_id)

    def test_the_usual_department_is_asked(self):
        """Source: S1r-10."""
        kind = self.env.ref(XMLID % ("request_kind", "support"))
        kind.department_id = self.technology
        request = self._ask(kind="support", user_id=False)
        self.assertEqual((request.department_id, request.to_department), (self.technology, True))

    def test_priority_follows_the_tier(self):
        """Strategic and urgent first; the office may change it.  Source: S3-32, S3-41."""
        self.assertEqual(self._ask().priority, "0")
        self.assertEqual(self._ask(kind="emergency").priority, "1")
        self.assertEqual(self._ask(priority="1").priority, "0")
        self._hold(self.account, self.key)
        self.assertEqual(self._ask().priority, "0")
        self._hold(self.account, self.strategic, date(2026, 2, 1))
        self.assertTrue(self.strategic.request_priority)
        request = self._ask(kind="trial")
        self.assertEqual(request.priority, "1")
        for user in (self.user, self.helper):
            with self.assertRaises(AccessError):
                self._as(request, user).priority = "0"
        self._as(request, self.officer).priority = "0"

    # The road ---------------------------------------------------------------------------

    def test_from_asking_to_closing(self):
        request = self._accepted(self._ask())
        self.assertEqual((request.state, request.date_promised), ("accepted", TOMORROW))
        self._as(request, self.helper)._answer("Bearing changed")
        self.assertEqual((request.state, request.answered_by_id), ("answered", self.helper))
        self._as(request, self.user).action_confirm()
        self.assertEqual(request.state, "closed")
        self.assertTrue(request.closed_on)

    def test_every_step_belongs_to_its_side(self):
        """Confirming only who asked; answering only the owner or his manager."""
        request = self._ask()
        for user in (self.user, self.member, self.officer):
            for step in (
                lambda r: r._accept(TOMORROW), lambda r: r._decline("no"), lambda r: r._answer("x"),
            ):  # fmt: skip
                with self.assertRaises(AccessError, msg=user.name):
                    step(self._as(request, user))
        self._answered(request, self.chief)
        for user in (self.helper, self.chief, self.member, self.officer, self.gm):
            with self.assertRaises(AccessError, msg=user.name):
                self._as(request, user).action_confirm()
            with self.assertRaises(AccessError, msg=user.name):
                self._as(request, user)._send_back("more", TOMORROW)
        for user in (self.stranger, self.admin, self.auditor, self.seller):
            for method in ("action_confirm", "action_answer", "action_cancel", "action_gate"):
                with self.assertRaises(AccessError, msg=user.name):
                    getattr(self._as(request, user), method)()

    def test_steps_out_of_order_are_refused(self):
        request = self._ask()
        mine, theirs = self._as(request, self.user), self._as(request, self.helper)
        with self.assertRaises(UserError):
            mine.action_confirm()
        with self.assertRaises(UserError):
            mine.action_resubmit()
        theirs._accept(TODAY)
        with self.assertRaises(UserError):
            theirs._accept(TODAY)
        theirs._answer("Done")
        for step in (
            lambda: theirs._answer("Again"), lambda: theirs._decline("no"),
            mine.action_resubmit,
        ):  # fmt: skip
            with self.assertRaises(UserError):
                step()
        mine.action_confirm()
        with self.assertRaises(UserError):
            mine._cancel("Too late")

    def test_words_and_days_are_asked_for(self):
        request = self._ask()
        theirs = self._as(request, self.helper)
        for step in (
            lambda: theirs._accept(False),
            lambda: theirs._accept(YESTERDAY),
            lambda: theirs._decline("  "),
            lambda: theirs._answer(""),
            lambda: self._as(request, self.user)._cancel(None),
        ):
            with self.assertRaises(UserError):
                step()
        theirs._accept(TODAY)

    def test_the_dialog_takes_the_step(self):
        request = self._ask()
        action = self._as(request, self.helper).action_accept()
        wizard = self._as(self.env["kam.request.wizard"], self.helper)
        wizard.with_context(**action["context"]).create({}).action_apply()
        self.assertEqual((request.state, request.date_promised), ("accepted", date(2026, 11, 26)))
        forged = wizard.create({"request_id": request.id, "step": "answer", "text": "x"})
        self._as(self.env["kam.request.wizard"], self.user).create(
            {"request_id": request.id, "step": "cancel", "text": "Not needed"}
        ).action_apply()
        with self.assertRaises(UserError):
            forged.action_apply()
        self.assertEqual(request.state, "cancelled")

    def test_no_field_of_the_road_is_written_by_hand(self):
        request = self._answered(self._ask())
        values = {
            "state": "closed", "requester_id": self.officer.id, "answer": "Else",
            "answered_day": YESTERDAY, "on_time": "yes", "on_time_rate": 1.0, "response_days": 1.0,
            "date_promised": TODAY, "closed_on": "2026-11-23", "account_id": self.elsewhere.id,
            "kind_id": request.kind_id.id, "company_id": self.company.id, "to_department": True,
            "is_trial": True, "gate_result": "passed", "site_result": "passed",
            "overdue_told": TODAY,
        }  # fmt: skip
        for user in (self.user, self.helper, self.officer, self.gm):
            for name, value in values.items():
                with self.assertRaises(AccessError, msg=(user.name, name)):
                    self._as(request, user).write({name: value})
        for user in (self.member, self.helper, self.user):
            with self.assertRaises(AccessError):
                self._as(request, user).name = "Something else"
            with self.assertRaises(AccessError):
                self._as(request, user).unlink()

    def test_sent_back_it_is_answered_again(self):
        request = self._answered(self._ask())
        mine = self._as(request, self.user)
        with self.assertRaises(UserError):
            mine._send_back("", TOMORROW)
        with self.assertRaises(UserError):
            mine._send_back("The drawing", YESTERDAY)
        mine._send_back("The drawing is missing", TOMORROW)
        self.assertEqual((request.state, request.date_due), ("accepted", TOMORROW))
        self.assertEqual(request.sent_back_count, 1)
        self.assertIn("The drawing is missing", str(request.message_ids.mapped("body")))
        self._answered(request)
        mine.action_confirm()

    def test_declined_it_goes_to_somebody_else(self):
        request = self._ask()
        self._as(request, self.helper)._decline("Not ours")
        mine = self._as(request, self.user)
        mine.user_id = self.member
        mine.action_resubmit()
        self.assertEqual((request.state, request.user_id), ("new", self.member))
        with self.assertRaises(AccessError):
            self._as(request, self.helper)._accept(TOMORROW)
        self._accepted(request, user=self.member)

    def test_handed_on_it_waits_for_the_new_owner(self):
        request = self._accepted(self._ask())
        with self.assertRaises(AccessError):
            self._as(request, self.user).user_id = self.member
        self._as(request, self.chief).user_id = self.chief
        self.assertEqual((request.state, request.date_promised), ("new", False))
        self.assertEqual(request.user_id, self.chief)

    def test_only_who_asked_rewords_it_and_not_after_it_was_taken(self):
        request = self._ask()
        self._as(request, self.user).name = "Door noise, line 3"
        with self.assertRaises(AccessError):
            self._as(request, self.helper).name = "Nothing"
        self._accepted(request)
        with self.assertRaises(AccessError):
            self._as(request, self.user).date_wanted = TODAY

    def test_of_a_department_anybody_may_take_it(self):
        """Accepting takes it; a colleague may still answer."""
        request = self._ask(user_id=False, department_id=self.technology.id)
        self.assertTrue(self._as(request, self.helper).read(["name"]))
        self._accepted(request, user=self.helper)
        self.assertEqual(request.user_id, self.helper)
        self._answered(request, self.chief)
        self.assertEqual(request.state, "answered")

    # In time ----------------------------------------------------------------------------

    def test_on_the_last_day_it_is_in_time_the_day_after_late(self):
        """Source: S3-47, KPI K13."""
        for now, on_time, rate in (
            ("2026-11-24 15:59:00", "yes", 100.0),
            ("2026-11-24 16:01:00", "no", 0.0),
        ):
            request = self._accepted(self._ask())
            with freeze_time(now):
                self._answered(request)
            # Midnight is at 16:00 UTC where the company works.
            self.assertEqual((request.on_time, request.on_time_rate), (on_time, rate), now)

    def test_overdue_from_the_day_after(self):
        request = self._ask(date_wanted=TODAY)
        early = self._ask(date_wanted=TODAY)
        self._accepted(early, TOMORROW)
        for now, overdue in (
            ("2026-11-23 15:00:00", request.browse()),
            ("2026-11-23 17:00:00", request),
            ("2026-11-25 04:00:00", request | early),
        ):
            with freeze_time(now):
                self.env.invalidate_all()
                both = request | early
                self.assertEqual(both.filtered("is_overdue"), overdue, now)
                found = both.search([("id", "in", both.ids), ("is_overdue", "=", True)])
                self.assertEqual(found, overdue, now)
                found = both.search([("id", "in", both.ids), ("is_overdue", "=", False)])
                self.assertEqual(found, both - overdue, now)
        with freeze_time("2026-11-25 04:00:00"):
            self.company.kam_go_live_date = TOMORROW
            self.env.invalidate_all()
            self.assertEqual((request | early).filtered("is_overdue"), early)
            self._answered(early)
            self.env.invalidate_all()
            self.assertFalse(early.is_overdue)

    def test_averages_count_answers_only(self):
        """Source: S2-60."""
        done, late = self._answered(self._ask()), self._accepted(self._ask())
        with freeze_time("2026-11-25 04:00:00"):
            self._answered(late)
        self._ask()
        self.env.flush_all()
        [[rate, days, count]] = self.env["kam.request"]._read_group(
            [("account_id", "=", self.account.id)],
            [],
            ["on_time_rate:avg", "response_days:avg", "__count"],
        )
        self.assertEqual((rate, count), (50.0, 3))
        self.assertGreaterEqual(days, 0.0)
        self.assertEqual(done.on_time, "yes")


@freeze_time("2026-11-23 04:00:00")
@tagged("post_install", "-at_install")
class TestRequestTrial(RequestCase):
    """Trial production and samples.  Source: S3-41, S3-42, S3-47."""

    def test_a_trial_leaves_only_through_the_quality_gate(self):
        """Source: S3-42, S3-47."""
        request = self._accepted(self._trial())
        with self.assertRaisesRegex(UserError, "quality gate"):
            self._answered(request)
        checker = self._as(request, self.quality)
        with self.assertRaises(UserError):
            checker._pass_gate("failed", TODAY, " ")
        checker._pass_gate("failed", TODAY, "Rattles at 3 Hz")
        with self.assertRaisesRegex(UserError, "quality gate"):
            self._answered(request)
        with self.assertRaises(UserError):
            checker._pass_gate("passed", TOMORROW, "")
        self._passed(request)
        self.assertEqual((request.gate_count, request.gate_user_id), (2, self.quality))
        self.assertIn("Rattles at 3 Hz", str(request.message_ids.mapped("body")))
        self._answered(request)
        self.assertEqual(request.state, "answered")

    def test_a_trial_is_closed_only_when_it_proved_itself_on_site(self):
        """Source: S3-42."""
        request = self._answered(self._passed(self._accepted(self._trial())))
        mine = self._as(request, self.user)
        with self.assertRaisesRegex(UserError, "verification"):
            mine.action_confirm()
        with self.assertRaises(UserError):
            mine._verify_on_site("failed", TODAY, "")
        mine._verify_on_site("failed", TODAY, "Door sticks")
        with self.assertRaisesRegex(UserError, "verification"):
            mine.action_confirm()
        with self.assertRaises(UserError):
            mine._verify_on_site("passed", TOMORROW, "")
        mine._verify_on_site("passed", TODAY, "")
        mine.action_confirm()
        self.assertEqual((request.state, request.site_user_id), ("closed", self.user))

    def test_sent_back_a_trial_passes_everything_again(self):
        request = self._answered(self._passed(self._accepted(self._trial())))
        self._as(request, self.user)._verify_on_site("failed", TODAY, "Door sticks")
        self._as(request, self.user)._send_back("Make it wider", TOMORROW)
        self.assertFalse(request.gate_result or request.site_result)
        with self.assertRaises(UserError):
            self._answered(request)

    def test_only_a_quality_engineer_checks(self):
        """In that role on a team today, or the office; chosen by those who ask or answer."""
        request = self._accepted(self._trial())
        for user in (self.user, self.helper, self.chief, self.member):
            with self.assertRaises(AccessError, msg=user.name):
                self._as(request, user)._pass_gate("passed", TODAY, "")
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._as(request, self.helper).quality_user_id = self.helper
        self.elsewhere.member_ids.filtered(lambda m: m.user_id == self.quality).date_to = YESTERDAY
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._trial()
        self._as(request, self.officer)._pass_gate("passed", TODAY, "")
        with self.assertRaises(AccessError):
            self._as(request, self.member).quality_user_id = False

    def test_the_team_s_quality_engineer_is_proposed(self):
        self.assertFalse(self._ask(kind="sample").quality_user_id)
        self._join(self.account, self.quality, "quality")
        self.assertEqual(self._ask(kind="sample").quality_user_id, self.quality)

    def test_nothing_but_a_trial_has_a_gate(self):
        request = self._ask()
        with self.assertRaises(UserError):
            self._as(request, self.officer)._pass_gate("passed", TODAY, "")
        with self.assertRaises(UserError):
            self._as(request, self.user)._verify_on_site("passed", TODAY, "")


@freeze_time("2026-11-23 04:00:00")
@tagged("post_install", "-at_install")
class TestRequestReaders(RequestCase):
    """Those concerned, nobody else; design §6."""

    def test_those_concerned_see_it_nobody_else(self):
        """Both sides, their managers, the team, the office.  Source: S2-60."""
        request = self._trial()
        both = self._ask(user_id=False, department_id=self.technology.id)
        named = self._ask()
        for user in (
            self.user, self.helper, self.quality, self.chief, self.director, self.member,
            self.officer, self.gm, self.admin, self.auditor,
        ):  # fmt: skip
            self.assertTrue(self._as(request, user).read(["name"]), user.name)
        self.assertTrue(self._as(both, self.helper).read(["name"]))
        colleague = self._new_user("colleague", "key_account_mgmt.group_kam_member")
        self.technology.member_ids += colleague
        self.assertTrue(self._as(both, colleague).read(["name"]))
        for user in (self.stranger, colleague):
            with self.assertRaises(AccessError):
                self._as(named, user).read(["name"])
            self.assertFalse(self._as(named.browse(), user).search([("id", "=", named.id)]))

    def test_an_ex_member_sees_it_no_more(self):
        """From the day after his last one."""
        request = self._ask()
        self._leave(TODAY)
        self.assertTrue(self._as(request, self.member).read(["name"]))
        with freeze_time("2026-11-24 04:00:00"), self.assertRaises(AccessError):
            self._as(request, self.member).read(["name"])

    def test_an_owner_reads_the_request_without_the_account(self):
        """Being asked opens no account file."""
        request = self._ask()
        spec = self._spec(request, "form", self.helper)
        [values] = self._as(request, self.helper).web_read(spec)
        self.assertEqual(values["account_id"]["display_name"], "Tianheng")
        with self.assertRaises(AccessError):
            self._as(self.account, self.helper).read(["note"])


@freeze_time("2026-11-23 04:00:00")
@tagged("post_install", "-at_install")
class TestRequestNotice(RequestCase):
    """One message a morning, an emergency at once.  Source: J22."""

    def test_whoever_is_asked_hears_it_in_the_morning_an_emergency_at_once(self):
        request = self._ask()
        self.assertEqual(self._told(self.helper).res_id, request.id)
        self.assertFalse(self._told(self.user))
        self.env.ref(XMLID % ("request_kind", "emergency")).is_urgent = True
        self._ask(kind="emergency")
        self.assertEqual(len(self._told(self.helper)), 1)
        self.assertEqual(len(self._told(self.helper, waiting=False)), 2)
        self._as(request, self.helper)._answer("At once")
        self.assertFalse(self._told(self.helper))
        self.assertEqual(len(self._told(self.user)), 1)
        self._as(request, self.user).action_confirm()
        self.assertFalse(self._told(self.user))

    def test_a_department_hears_it_through_its_manager(self):
        self._ask(user_id=False, department_id=self.technology.id)
        self.assertTrue(self._told(self.chief))
        self.assertFalse(self._told(self.helper))

    def test_no_letter_no_follower(self):
        mails = self.env["mail.mail"].search_count([])
        request = self._answered(self._ask())
        self._as(request, self.user).action_confirm()
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        self.assertFalse(request.message_follower_ids)
        self.assertFalse(request.message_ids.notification_ids)

    def test_overdue_is_told_once_to_both(self):
        """J22; twice nothing new, late it catches up, promised anew and late again: again."""
        request = self._ask(date_wanted=TODAY)
        self.Notice._settle("request_asked", request)
        self._job("_cron_requests", TODAY, model="kam.request")
        self.assertFalse(self._told(self.helper) | self._told(self.user))
        for day in (date(2026, 12, 24), date(2026, 12, 25)):
            with freeze_time(f"{day} 04:00:00"):
                self._job("_cron_requests", day, model="kam.request")
                self.assertEqual((len(self._told(self.helper)), len(self._told(self.user))), (1, 1))
        with freeze_time("2026-12-26 04:00:00"):
            self._accepted(request, date(2026, 12, 27))
        with freeze_time("2026-12-27 04:00:00"):
            self._job("_cron_requests", date(2026, 12, 27), model="kam.request")
            self.assertEqual(len(self._told(self.helper)), 1)
        with freeze_time("2026-12-28 04:00:00"):
            self._job("_cron_requests", date(2026, 12, 28), model="kam.request")
            self.assertEqual(len(self._told(self.helper)), 2)
            self._answered(request)
            self.assertFalse(self._told(self.helper))

    def test_overdue_before_the_go_live_is_told_to_nobody(self):
        self._ask(date_wanted=TODAY)
        waiting = self._told(self.helper)
        self.company.kam_go_live_date = date(2026, 11, 24)
        self._job("_cron_requests", date(2026, 11, 30), model="kam.request")
        self.assertEqual(self._told(self.helper), waiting)
        self.company.kam_go_live_date = TODAY
        self._job("_cron_requests", date(2026, 11, 30), model="kam.request")
        self.assertEqual(len(self._told(self.helper)), 2)

    def test_who_left_is_not_told_his_manager_is(self):
        self._ask(date_wanted=TODAY)
        self.helper.active = False
        self._job("_cron_requests", TOMORROW, model="kam.request")
        self.assertTrue(self._told(self.chief))

    def test_the_job_says_what_it_will_do(self):
        job = self.env.ref("key_account_mgmt.kam_job_requests")
        self._ask(date_wanted=TODAY)
        [line] = job._job_forecast_requests(self.company, TOMORROW)
        self.assertIn("1", line)

    # My Week, handing over, merging -------------------------------------------------------

    def test_open_ones_stand_in_both_weeks(self):
        """J22: in the owner's from the beginning, in the asker's when it is his turn."""
        request = self._ask(date_wanted=TODAY)

        def weeks(*users):
            self.env.flush_all()
            items = self.env["kam.week.item"].search(
                [("res_model", "=", "kam.request"), ("res_id", "=", request.id)]
            )
            return {item.user_id: item.quick for item in items}

        self.assertEqual(weeks(), {self.helper: "answer"})
        with freeze_time("2026-11-24 04:00:00"):
            # There is nothing to confirm yet.
            self.assertEqual(weeks(), {self.helper: "answer", self.user: False})
        self._answered(request)
        self.assertEqual(weeks(), {self.user: "confirm"})
        self._as(request, self.user).action_confirm()
        self.assertFalse(weeks())

    def test_what_is_open_follows_the_receiver(self):
        """Source: Q35."""
        owed, asked, closed = self._ask(), self._ask(), self._ask()
        self._as(closed, self.user)._cancel("Not needed")
        mine = self.account._handover_requests(self.user)
        self.assertEqual(mine, owed | asked)
        mine._hand_over(self.user, self.member)
        self.assertEqual(mine.requester_id, self.member)
        self.assertEqual(closed.requester_id, self.user)
        theirs = self.account._handover_requests(self.helper)
        theirs._hand_over(self.helper, self.member)
        self.assertEqual((owed.user_id, owed.state), (self.member, "new"))

    def test_merged_accounts_keep_their_requests(self):
        double = self._customer("Tianheng (double)")
        old = self._account(double, self.user)
        request = self._ask(account_id=old.id)
        records = self.customer | double
        self.env["base.partner.merge.automatic.wizard"]._merge(records.ids, self.customer)
        self.env.invalidate_all()
        self.assertEqual(request.account_id, self.account)

    def test_only_the_administrator_changes_the_kinds(self):
        kind = self.env.ref(XMLID % ("request_kind", "feedback"))
        self._as(kind, self.admin).days = 7
        for user in (self.member, self.user, self.officer, self.gm, self.auditor):
            with self.assertRaises(AccessError):
                self._as(kind, user).days = 1

    def test_kinds_the_policies_name_are_there(self):
        """Source: S0-39, S0-42, S0-48, S1r-10, S3-30, S3-41."""
        codes = self.env["kam.request.kind"].search([]).mapped("code")
        self.assertLessEqual(
            {"feedback", "resource", "solution", "trial", "sample", "emergency", "support"},
            set(codes),
        )
