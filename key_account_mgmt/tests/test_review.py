from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import KamCase

# A Friday; where the company works it is noon.
TODAY = date(2026, 11, 20)


class ReviewCase(KamCase):
    """Two subjects on the agenda: Tianheng of ``user`` is late, Ruisheng of ``stranger``
    is not.  ``officer`` prepares, ``executive`` takes the chair."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.env.ref("key_account_mgmt.group_kam_area_pursuit")._kam_switch_on()
        cls.kind = cls.env.ref("key_account_mgmt.kam_review_kind_filing_month")
        cls.stranger = cls._new_user("stranger", "key_account_mgmt.group_kam_user")
        cls.tianheng = cls._account(cls._customer("Tianheng"), cls.user)
        cls.ruisheng = cls._account(cls._customer("Ruisheng"), cls.stranger)
        cls.env["kam.notice"]._as_engine().search([]).write({"sent_on": "2026-01-01 00:00:00"})
        cls.entries = [
            cls._entry(cls.tianheng, cls.user, late=[{"day": "2026-11-10", "text": "Sample"}]),
            cls._entry(cls.ruisheng, cls.stranger, progress=[{"text": "Visited", "who": "Li"}]),
        ]

    @classmethod
    def _entry(cls, account, owner, runs=True, progress=(), late=()):
        return {
            "subject": {"account_id": account.id},
            "runs": runs,
            "name": account.name,
            "owner_id": owner.id,
            "facts": {"progress": list(progress), "late": list(late)},
        }

    def setUp(self):
        super().setUp()
        agenda = patch.object(
            type(self.env["kam.review"]),
            "_agenda_filing_month",
            lambda model, company, period: list(self.entries) if company == self.company else [],
            create=True,
        )
        agenda.start()
        self.addCleanup(agenda.stop)

    def _run(self, day=TODAY):
        self._job("_cron_reviews", day, "kam.review")
        return self._reviews()

    def _reviews(self):
        return self.env["kam.review"].search([("company_id", "=", self.company.id)])

    def _held(self):
        review = self._run()
        self._as(review, self.officer).action_start()
        return self._as(review, self.officer)

    def _about(self, review, account):
        return review.line_ids.filtered(
            lambda li: li.account_id.id == account.id and not li.is_extra
        )

    def _judged(self):
        review = self._held()
        review.line_ids.write({"judgement": "on_track"})
        return review

    def _decide_on(self, line, **values):
        line.write(
            {
                "decision": "Send a second sample",
                "decision_user_id": self.user.id,
                "decision_date": date(2026, 12, 1),
                **values,
            }
        )

    def _told(self, user, topic):
        Notice = self.env["kam.notice"].sudo()
        return Notice.search(
            [
                ("user_id", "=", user.id),
                ("topic", "=", topic),
                ("sent_on", "=", False),
                ("settled_on", "=", False),
            ]
        )


@freeze_time("2026-11-20 04:00:00")
@tagged("post_install", "-at_install")
class TestReviewJob(ReviewCase):
    """J06: the meeting exists by itself.  Source: J06, S1n-11."""

    def test_the_meeting_of_the_month_is_made_once(self):
        review = self._run()
        self.assertEqual(len(review), 1)
        self.assertEqual(review.state, "planned")
        self.assertEqual(review.date, date(2026, 11, 25))
        self.assertEqual(
            (review.date_from, review.date_to), (date(2026, 11, 1), date(2026, 11, 30))
        )
        self.assertEqual(review.chair_id, self.executive)
        self.assertEqual(review.user_id, self.officer)
        self.assertEqual(
            review.participant_ids, self.executive | self.officer | self.user | self.stranger
        )
        self.assertEqual(set(review.line_ids.mapped("name")), {"Tianheng", "Ruisheng"})
        before = review.line_ids
        self.assertEqual(self._run(), review)
        self.assertEqual(review.line_ids, before, "run twice: nothing new")
        self.assertEqual(len(self._told(self.user, "review_planned")), 1, "told once")

    def test_in_the_next_month_there_is_another(self):
        first = self._run()
        self._run(date(2026, 11, 30))
        self.assertEqual(self._reviews(), first)
        self._run(date(2026, 12, 1))
        self.assertEqual(len(self._reviews()), 2)

    def test_missed_months_are_made_up(self):
        """Late it makes every month it slept through, each once."""
        before = self._run()
        # A Saturday: what was missed is planned for the next working day.
        late = date(2027, 2, 6)
        reviews = self._run(late)
        made = (reviews - before).sorted("date_from")
        self.assertEqual(
            made.mapped("date_from"), [date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)]
        )
        self.assertEqual(
            made.mapped("date"), [date(2027, 2, 8), date(2027, 2, 8), date(2027, 2, 25)]
        )
        self.assertEqual(set(made.mapped("state")), {"planned"})
        self.assertEqual(self._run(late), reviews, "run twice: nothing new")

    def test_missed_months_end_at_go_live_and_after_a_quarter(self):
        self._run()
        Review = self.env["kam.review"].sudo()
        day = date(2028, 6, 10)
        self.assertEqual(len(Review._missed_periods(self.company, self.kind, day)), 3)
        self.company.kam_go_live_date = date(2028, 4, 15)
        missed = Review._missed_periods(self.company, self.kind, day)
        self.assertEqual([period.start for period in missed], [date(2028, 4, 1), date(2028, 5, 1)])

    def test_killed_while_making_up_it_continues(self):
        self._run()
        Review = type(self.env["kam.review"])
        make, made = Review._make_review, []

        def fail(model, company, kind, period, today):
            if made:
                raise ValueError("killed")
            made.append(period)
            return make(model, company, kind, period, today)

        reviews = self.env["kam.review"].sudo()
        with (
            patch.object(Review, "_make_review", fail),
            self.assertRaises(ValueError),
            self.cr.savepoint(),
        ):
            reviews._keep_review(self.company, self.kind, date(2027, 1, 5))
        self.env.invalidate_all()
        self.assertEqual(len(self._reviews()), 1, "not half of them")
        self.assertEqual(len(self._run(date(2027, 1, 5))), 3)

    def test_nothing_runs_no_meeting(self):
        type(self).entries, before = (
            [self._entry(self.tianheng, self.user, runs=False)],
            self.entries,
        )
        try:
            self.assertFalse(self._run())
        finally:
            type(self).entries = before

    def test_the_area_is_off_no_meeting(self):
        with patch.object(
            type(self.env["res.groups"]), "_kam_area_is_on", lambda model, area: area != "pursuit"
        ):
            self.assertFalse(self._run())

    def test_nothing_before_go_live(self):
        self.company.kam_go_live_date = date(2026, 11, 21)
        self.assertFalse(self._run(date(2026, 11, 20)))
        self.assertTrue(self._run(date(2026, 11, 21)))

    def test_a_day_off_and_a_late_start(self):
        """25 July 2026 is a Saturday; on the 28th there is no day before it left."""
        review = self._run(date(2026, 7, 1))
        self.assertEqual(review.date, date(2026, 7, 24))
        self.assertEqual(self._run(date(2026, 9, 28))[0].date, date(2026, 9, 28))

    def test_what_comes_and_goes(self):
        review = self._run()
        new = self._account(self._customer("Qilan"), self.user)
        before = self.entries
        type(self).entries = [before[0], self._entry(new, self.member)]
        try:
            self._about(review, self.ruisheng).with_user(self.officer).note = "spoken about"
            self._run()
            self.assertEqual(
                set(review.line_ids.account_id.ids),
                {self.tianheng.id, self.ruisheng.id, new.id},
                "what somebody said something about stays",
            )
            self.assertIn(self.member, review.participant_ids)
            self._about(review, self.ruisheng).with_user(self.officer).note = False
            self._run()
            self.assertNotIn(self.ruisheng, review.line_ids.account_id)
        finally:
            type(self).entries = before

    def test_facts_are_refreshed_until_the_end(self):
        review = self._run()
        line = self._about(review, self.tianheng)
        self.assertEqual(line.late_count, 1)
        self.assertIn("Sample", line.late_text)
        before = self.entries
        type(self).entries = [self._entry(self.tianheng, self.user), before[1]]
        try:
            self._run()
            self.assertEqual((line.late_count, line.late_text), (0, ""))
        finally:
            type(self).entries = before

    def test_moved_everybody_hears_it_again(self):
        review = self._as(self._run(), self.officer)
        self.assertEqual(len(self._told(self.user, "review_planned")), 1)
        review.place = "Room 3"
        self.assertEqual(len(self._told(self.user, "review_planned")), 1)
        review.date = date(2026, 11, 26)
        [notice] = self._told(self.user, "review_planned")
        self.assertIn("26", notice.lines[0])
        review.participant_ids |= self.member
        self.assertEqual(len(self._told(self.member, "review_planned")), 1)
        self.assertEqual(self._told(self.user, "review_planned"), notice)

    def test_the_order_of_the_agenda(self):
        """A second decision stands below its subject, what people add at the end."""
        review = self._held()
        free = self._as(self.env["kam.review.line"], self.officer).create(
            {"review_id": review.id, "name": "Fair"}
        )
        first = review.line_ids[0]
        first.action_add_decision()
        self.env.invalidate_all()
        self.assertEqual(review.line_ids[0], first)
        self.assertTrue(review.line_ids[1].is_extra)
        self.assertEqual(review.line_ids[-1], free)

    def test_cancelled_it_is_not_made_again(self):
        review = self._as(self._run(), self.officer)
        with self.assertRaises(UserError):
            review.action_cancel()
        review.reason = "Spring Festival"
        review.action_cancel()
        self.assertEqual(self._run().state, "cancelled")
        review.action_plan_again()
        self.assertEqual((review.state, review.reason), ("planned", False))

    def test_the_next_counts_from_the_last_one_held(self):
        Review = self.env["kam.review"]
        period = self._run()._period()
        self.assertEqual(Review._since(self.kind, self.company, period), date(2026, 10, 1))
        self._as(self._reviews(), self.officer).action_start()
        self._run(date(2026, 12, 2))
        december = self._reviews()[0]
        self.assertEqual(
            Review._since(self.kind, self.company, december._period()), date(2026, 11, 20)
        )

    def test_what_it_will_do(self):
        lines = self.env["kam.job"]._job_forecast_reviews(self.company, TODAY)
        self.assertIn("2", lines[0])
        self._run()
        self.assertNotIn("2", self.env["kam.job"]._job_forecast_reviews(self.company, TODAY)[0])


@freeze_time("2026-11-20 04:00:00")
@tagged("post_install", "-at_install")
class TestReviewMeeting(ReviewCase):
    """In the meeting, and its minutes.  Source: (c17), S1n-12, (f) P3."""

    def test_the_whole_road(self):
        review = self._judged()
        self.assertEqual((review.state, review.held_on), ("held", TODAY))
        line = self._about(review, self.tianheng)
        self._decide_on(line)
        review.action_close()
        self.assertEqual(review.state, "reported")
        action = review.action_ids
        self.assertEqual(
            (action.name, action.user_id, action.date_due, action.account_id, action.state),
            ("Send a second sample", self.user, date(2026, 12, 1), self.tianheng, "open"),
        )
        for person in (self.executive, self.user, self.stranger):
            self.assertEqual(len(self._told(person, "review_minutes")), 1, person.name)
        self.assertFalse(self._told(self.officer, "review_minutes"), "who sends them knows")
        self.assertFalse(self._told(self.user, "review_planned"), "settled")
        self._as(action, self.user).action_done()
        self.assertEqual(review.state, "closed")
        self._as(action, self.officer).action_reopen()
        self.assertEqual(review.state, "reported")
        self._as(action, self.officer)._cancel("not needed")
        self.assertEqual(review.state, "closed")

    def test_nothing_decided_is_closed_at_once(self):
        review = self._judged()
        review.action_close()
        self.assertEqual(review.state, "closed")

    def test_each_subject_is_judged(self):
        review = self._held()
        self._about(review, self.tianheng).judgement = "late"
        with self.assertRaises(UserError) as caught:
            review.action_close()
        self.assertIn("Ruisheng", str(caught.exception))

    def test_a_decision_has_owner_and_day(self):
        review = self._judged()
        line = self._about(review, self.tianheng)
        for values in (
            {"decision_user_id": False},
            {"decision_date": False},
            {"decision": False},
            {"decision_date": date(2026, 11, 19)},
        ):
            self._decide_on(line, **values)
            with self.assertRaises(UserError, msg=str(values)):
                review.action_close()
        self._decide_on(line, decision_date=TODAY)
        review.action_close()
        with self.assertRaises(ValidationError):
            self.env["kam.review.line"]._as_engine().create(
                {"review_id": review.id, "name": "x", "decision_user_id": self.seller.id}
            )

    def test_two_decisions_about_one_subject(self):
        review = self._judged()
        line = self._about(review, self.tianheng)
        self._decide_on(line)
        line.action_add_decision()
        extra = review.line_ids.filtered("is_extra")
        self.assertEqual((extra.name, extra.account_id), (line.name, line.account_id))
        self._decide_on(extra, decision="Visit them", decision_user_id=self.member.id)
        review.action_refresh()
        self.assertTrue(extra.exists(), "the agenda leaves it alone")
        review.action_close()
        self.assertEqual(set(review.action_ids.mapped("name")), {line.decision, "Visit them"})

    def test_something_of_their_own(self):
        review = self._held()
        review.line_ids = [(0, 0, {"name": "Fair in March"})]
        free = review.line_ids.filtered(lambda li: li.name == "Fair in March")
        self.assertFalse(free.facts)
        review.line_ids.filtered("facts").write({"judgement": "late"})
        review.action_close()
        self.assertEqual(review.state, "closed")

    def test_minutes_stay_as_they_were_sent(self):
        review = self._judged()
        line = self._about(review, self.tianheng)
        review.action_close()
        for attempt in (
            lambda: line.write({"note": "x"}),
            line.unlink,
            lambda: review.write({"place": "x"}),
            lambda: review.write({"line_ids": [(0, 0, {"name": "x"})]}),
            review.unlink,
            review.action_start,
            review.action_close,
            review.action_refresh,
            line.action_add_decision,
        ):
            with self.assertRaises(UserError):
                attempt()

    def test_nothing_is_forged(self):
        Review = self._as(self.env["kam.review"], self.officer)
        for name, value in (
            ("state", "closed"),
            ("held_on", TODAY),
            ("closed_on", "2026-11-20 00:00:00"),
            ("period_key", "2026-11-01"),
        ):
            with self.assertRaises(AccessError, msg=name):
                Review.create({"name": "x", "date": TODAY, name: value})
        review = self._held()
        line = self._about(review, self.tianheng)
        for record, vals in (
            (review, {"state": "closed"}),
            (review, {"date_from": TODAY}),
            (line, {"facts": {}}),
            (line, {"owner_id": self.officer.id}),
            (line, {"late_count": 0}),
            (line, {"review_id": self._reviews()[0].id}),
        ):
            with self.assertRaises(AccessError, msg=str(vals)):
                record.write(vals)
        with self.assertRaises(UserError):
            line.name = "Other"
        with self.assertRaises(UserError):
            line.unlink()

    def test_who_does_what(self):
        review = self._run()
        for user in (self.member, self.user, self.admin, self.auditor):
            mine = self._as(review, user)
            for name in ("action_start", "action_refresh", "action_close", "action_cancel"):
                with self.assertRaises(AccessError, msg=f"{user.name} {name}"):
                    getattr(mine, name)()
        with self.assertRaises(AccessError):
            self._as(self.env["kam.action"], self.user).create(
                {
                    "name": "x",
                    "date_due": TODAY,
                    "account_id": self.tianheng.id,
                    "review_id": review.id,
                }
            )

    def test_who_sees_what(self):
        """One's own before, the whole minutes after; nothing for who took no part."""
        review = self._held()
        Line = self.env["kam.review.line"]
        domain = [("review_id", "=", review.id)]
        own = self._as(Line, self.user).search(domain)
        self.assertEqual(own.mapped("name"), ["Tianheng"])
        self.assertFalse(self._as(Line, self.member).search(domain))
        for user in (self.officer, self.gm, self.admin, self.auditor):
            self.assertEqual(len(self._as(Line, user).search(domain)), 2, user.name)
        review.chair_id = self.member
        self.assertEqual(len(self._as(Line, self.member).search(domain)), 2, "who chairs it")
        review.chair_id = self.executive
        self.assertFalse(self._as(Line, self.member).search(domain))
        review.line_ids.write({"judgement": "on_track"})
        review.action_close()
        self.assertEqual(len(self._as(Line, self.user).search(domain)), 2)
        self.assertFalse(self._as(Line, self.member).search(domain))
        self.assertFalse(self._as(self.env["kam.review"], self.member).search([]))

    def test_my_week(self):
        review = self._run()
        Item = self.env["kam.week.item"]
        found = {
            user: self._as(Item, user).search(
                [("user_id", "=", user.id), ("res_model", "=", "kam.review")]
            )
            for user in (self.officer, self.executive, self.user)
        }
        self.assertEqual(found[self.officer].code, "review")
        self.assertEqual(found[self.officer].date_due, review.date)
        self.assertEqual(found[self.executive].code, "review_chair")
        self.assertFalse(found[self.user])

    def test_minutes_are_printed(self):
        review = self._judged()
        self._decide_on(self._about(review, self.tianheng))
        review.action_close()
        html = (
            self._as(self.env["ir.actions.report"], self.user)
            ._render_qweb_html("key_account_mgmt.report_review_minutes", review.ids)[0]
            .decode()
        )
        for text in ("Tianheng", "Ruisheng", "Send a second sample", "Executive", "Visited (Li)"):
            self.assertIn(text, html)

    def test_one_periodic_meeting_whoever_is_first(self):
        review = self._run()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env["kam.review"]._as_engine().create(
                {
                    "name": "x",
                    "kind_id": self.kind.id,
                    "company_id": self.company.id,
                    "date": TODAY,
                    "period_key": review.period_key,
                }
            )

    def test_accounts_merged_keep_their_minutes(self):
        review = self._judged()
        review.action_close()
        line = self._about(review, self.ruisheng)
        self.ruisheng.sudo()._as_engine()._merge_into(self.tianheng)
        self.assertEqual(line.account_id, self.tianheng)
