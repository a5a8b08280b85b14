from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_plan import PlanCase
from .common_visit import NOW


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestWorkCalendar(PlanCase):
    """J20: the year by quarters, next year's drafts in November.  S1q-24 … S1q-27."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._hold(cls.tianheng, cls.key)
        cls.company.kam_go_live_date = date(2026, 1, 1)

    def _night(self, day):
        with freeze_time(f"{day} 18:10:00"):
            self._job("_cron_plans", day, "kam.plan")
        self.env.invalidate_all()

    def _calendar(self, year=2026):
        return self.env["kam.work.calendar"].search(
            [("company_id", "=", self.company.id), ("year", "=", year)]
        )

    def _work(self, measure, year=2026):
        line = self._calendar(year).line_ids.filtered(lambda one: one.measure == measure)
        return line[:1]

    def _drafts(self):
        return self.env["kam.plan"].search(
            [("company_id", "=", self.company.id), ("year", "=", 2027)]
        )

    def test_the_calendar_of_the_year(self):
        """Every quarter has its work; twice changes nothing."""
        self._night(date(2026, 10, 31))
        calendar = self._calendar()
        self.assertEqual(set(calendar.line_ids.mapped("quarter")), {"1", "2", "3", "4"})
        self.assertEqual(self._work("files").date_due, date(2026, 3, 31))
        self.assertEqual(self._work("obligations").date_due, date(2026, 6, 30))
        count = len(calendar.line_ids)
        self._night(date(2026, 10, 31))
        self.assertEqual((self._calendar(), len(calendar.line_ids)), (calendar, count))
        self.assertFalse(self._calendar(2027))
        self.assertFalse(self._drafts())

    def test_next_year_begins_in_november(self):
        """S1q-27: the calendar and a draft for every key account somebody leads."""
        self._night(date(2026, 11, 1))
        self.assertTrue(self._calendar(2027))
        draft = self._drafts()
        self.assertEqual(draft.account_id, self.tianheng)
        self.assertEqual(
            (draft.kind, draft.state, draft.user_id, draft.complete_by),
            ("marketing", "draft", self.user, date(2026, 12, 31)),
        )
        self.assertEqual((draft.date_from, draft.date_to), (date(2027, 1, 1), date(2027, 12, 31)))
        self.assertTrue(draft.drafted_by_night and draft.action_ids)
        self.assertEqual(draft.action_ids.user_id, self.user)
        notices = self.env["kam.notice"].search([("topic", "=", "plan")])
        self.assertEqual(notices.user_id, self.user)
        self._night(date(2026, 11, 2))
        self.assertEqual(self._drafts(), draft)
        self.assertEqual(self.env["kam.notice"].search([("topic", "=", "plan")]), notices)
        self._move(self._as(draft, self.user), "cancel")
        self._night(date(2026, 12, 1))
        self.assertEqual(self._drafts(), draft, "what was cancelled is not drafted again")

    def test_late_it_catches_up(self):
        self._night(date(2026, 12, 31))
        self.assertEqual(self._drafts().account_id, self.tianheng)
        self._night(date(2027, 1, 2))
        self.assertTrue(self._calendar(2027))

    def test_this_years_plan_is_where_the_next_begins(self):
        self._plan(
            kind="marketing", date_from=date(2026, 1, 1), date_to=date(2026, 12, 31), strategy="Up"
        )
        self._night(date(2026, 11, 1))
        self.assertEqual(self._drafts().strategy, "Up")

    def test_one_draft_for_a_group(self):
        """A plant below a key account is planned with its head; one below a file that is
        none has its own."""
        self._hold(self.plant, self.key)
        self._night(date(2026, 11, 1))
        self.assertEqual(self._drafts().account_id, self.tianheng)
        self.assertEqual(self._work("next_plans")._measured(), (2, 2), "planned with its head")
        self._move(self._as(self._drafts(), self.user), "cancel")
        self.tianheng.user_id = False
        self._night(date(2026, 11, 2))
        self.assertEqual(self._drafts().account_id, self.tianheng | self.plant)

    def test_who_is_suspended_or_led_by_nobody_gets_none(self):
        self._hold(self.plant, self.key)
        self._hold(self.other, self.key)
        self.plant._set_life_cycle("paused", "moving")
        self.other.user_id = False
        self._night(date(2026, 11, 1))
        self.assertEqual(self._drafts().account_id, self.tianheng)

    def test_an_area_that_is_off_has_no_job(self):
        self.env.ref("base.group_user").implied_ids -= self.env.ref(
            "key_account_mgmt.group_kam_area_plan"
        )
        self._night(date(2026, 11, 1))
        self.assertFalse(self._calendar() or self._drafts())

    def test_nothing_before_go_live(self):
        self.company.kam_go_live_date = date(2026, 12, 1)
        self._night(date(2026, 11, 30))
        self.assertFalse(self._calendar() or self._drafts())
        self._night(date(2026, 12, 1))
        self.assertTrue(self._calendar() and self._drafts())
        self.assertFalse(self._work("files").frozen_on, "nobody's work before go-live")

    def test_measured_by_what_the_system_knows(self):
        """S1q-24: of the key and target accounts; S1q-26, S1q-27."""
        self._hold(self.plant, self.key)
        self._night(date(2026, 11, 1))
        analyses = self._work("analyses")
        self.assertEqual((analyses.done_count, analyses.total_count), (0, 2))
        insight = self.env["kam.insight"].create(
            {
                "account_id": self.tianheng.id,
                "name": "Analysis",
                "kind_id": self.env.ref("key_account_mgmt.kam_insight_kind_analysis").id,
                "date": date(2026, 3, 31),
                "leader_id": self.user.id,
                "value_score": 50,
                "potential_score": 50,
            }
        )
        insight.with_user(self.user).action_confirm()
        self.env.invalidate_all()
        self.assertEqual((analyses.done_count, analyses.progress), (1, 50.0))
        insight._as_engine().date = date(2026, 4, 1)
        self.env.invalidate_all()
        self.assertEqual(analyses.done_count, 0, "not in the quarter")
        plans = self._work("next_plans")
        self.assertEqual((plans.done_count, plans.total_count, plans.is_reached), (2, 2, True))
        action = self._as(self.env["kam.action"], self.user).create(
            {"name": "Improve", "date_due": date(2026, 9, 30), "account_id": self.tianheng.id}
        )
        late = action.copy({"date_due": date(2026, 10, 1)})
        improve = self._work("actions")
        self.env.invalidate_all()
        self.assertEqual((improve.done_count, improve.total_count), (0, 1))
        (action | late).action_done()
        self.env.invalidate_all()
        self.assertEqual((improve.done_count, improve.total_count), (1, 1))

    def test_what_a_quarter_reached_is_kept(self):
        """The day after its end, once."""
        self._night(date(2026, 9, 1))
        line = self._work("actions")
        action = self._as(self.env["kam.action"], self.user).create(
            {"name": "Improve", "date_due": date(2026, 9, 30)}
        )
        self._night(date(2026, 9, 30))
        self.assertFalse(line.frozen_on)
        self._night(date(2026, 10, 1))
        self.assertEqual((line.frozen_on, line.progress), (date(2026, 10, 1), 0.0))
        action.action_done()
        self.env.invalidate_all()
        self.assertEqual(line.progress, 0.0)
        self._night(date(2026, 10, 2))
        self.assertEqual(line.frozen_on, date(2026, 10, 1))
        with self.assertRaises(UserError):
            self._as(line, self.officer).target = 10
        with self.assertRaises(UserError):
            self._as(line, self.officer).unlink()
        for values in ({"frozen_progress": 100.0}, {"done_on": date(2026, 9, 1)}):
            with self.assertRaises(AccessError):
                self._as(line, self.officer).write(values)

    def test_ticked_by_its_owner(self):
        """S1q-27: what nothing measures; My Week of its owner."""
        self._night(date(2026, 11, 1))
        line = self._calendar().line_ids.filtered(
            lambda one: one.measure == "manual" and one.quarter == "4"
        )

        def week():
            found = self._as(self.env["kam.week.item"], self.member).search(
                [("user_id", "=", self.member.id), ("code", "=", "work")]
            )
            return found.mapped("res_id")

        self._as(line, self.officer).user_id = self.member
        self.assertEqual(week(), line.ids)
        with self.assertRaises(AccessError):
            self._as(line, self.stranger).action_done()
        with self.assertRaises(AccessError):
            self._as(line, self.member).write({"note": "x"})
        self._as(line, self.member).action_done()
        self.assertEqual((line.progress, line.done_by_id), (100.0, self.member))
        self.assertFalse(week())
        self._as(line, self.member).action_undo()
        self.assertEqual(line.progress, 0.0)
        measured = self._work("files")
        with self.assertRaises(UserError):
            self._as(measured, self.officer).action_done()

    def test_what_was_added_to_the_yearly_work(self):
        self._night(date(2026, 11, 1))
        calendar = self._as(self._calendar(2027), self.officer)
        before = calendar.line_ids
        self.env["kam.work.template"].create({"name": "Forum", "quarter": "3"})
        calendar.action_add_yearly_work()
        self.assertEqual((calendar.line_ids - before).name, "Forum")
        calendar.action_add_yearly_work()
        self.assertEqual(len(calendar.line_ids), len(before) + 1)
        with self.assertRaises(AccessError):
            self._as(calendar, self.user).action_add_yearly_work()

    def test_the_forecast(self):
        job = self.env.ref("key_account_mgmt.kam_job_plans")
        text = job._job_forecast_plans(self.company, date(2026, 11, 1))
        self.assertIn("1", text[0])
        self.assertIn("November", job._job_forecast_plans(self.company, date(2026, 10, 31))[0])


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestWorkSummary(PlanCase):
    """The meeting of the quarter exists by itself, with its work.  S1q-27, (c17), J20."""

    def _meeting(self):
        kind = self.env.ref("key_account_mgmt.kam_review_kind_work_summary")
        domain = [("company_id", "=", self.company.id), ("kind_id", "=", kind.id)]
        return self.env["kam.review"].search(domain)

    def test_the_meeting_of_the_quarter(self):
        self._job("_cron_reviews", self.day, "kam.review")
        self.assertFalse(self._meeting(), "there is no work yet")
        self._job("_cron_plans", self.day, "kam.plan")
        self._job("_cron_reviews", self.day, "kam.review")
        meeting = self._meeting()
        work = self.env["kam.work.calendar.line"].search(
            [("company_id", "=", self.company.id), ("year", "=", 2026), ("quarter", "=", "4")]
        )
        self.assertTrue(work)
        self.assertEqual(meeting.line_ids.work_line_id, work)
        self.assertIn("0/1", "".join(meeting.line_ids.mapped("progress_text")))
        self._job("_cron_reviews", self.day, "kam.review")
        self.assertEqual(self._meeting(), meeting)
        self.assertEqual(meeting.line_ids.work_line_id, work)

    def test_late_is_what_was_not_reached_in_its_time(self):
        self._job("_cron_plans", self.day, "kam.plan")
        line = self.env["kam.work.calendar.line"].search(
            [("company_id", "=", self.company.id), ("measure", "=", "manual")], limit=1
        )
        due = line.date_due
        self.assertFalse(line._review_facts(due)["late"])
        self.assertTrue(line._review_facts(due.replace(year=due.year + 1))["late"])
        line.with_user(self.officer).action_done()
        self.assertFalse(line._review_facts(due.replace(year=due.year + 1))["late"])

    def test_nothing_while_the_area_is_off(self):
        self._job("_cron_plans", self.day, "kam.plan")
        self.env.ref("base.group_user").implied_ids -= self.env.ref(
            "key_account_mgmt.group_kam_area_plan"
        )
        self._job("_cron_reviews", self.day, "kam.review")
        self.assertFalse(self._meeting())


@tagged("post_install", "-at_install")
class TestPlanArea(PlanCase):
    """An area that is off has no menu.  Design §1."""

    MENUS = ("plan", "target_list", "campaign", "work_calendar", "plan_template")

    def _menus(self, user):
        self.env.flush_all()
        self.env.registry.clear_all_caches()
        menus = self.env["ir.ui.menu"].with_user(user).load_menus(False)
        todo, found = list(menus["root"]["children"]), set()
        while todo:
            menu = menus[todo.pop()]
            todo += menu["children"]
            found.add((menu["xmlid"] or "").removeprefix("key_account_mgmt.kam_"))
        return {name for name in self.MENUS if f"{name}_menu" in found}

    def test_menus(self):
        for user in (self.officer, self.user):
            self.assertEqual(
                self._menus(user), {"plan", "target_list", "campaign", "work_calendar"}
            )
        self.assertIn("plan_template", self._menus(self.admin))
        self.assertFalse(self._menus(self.seller))
        self.env.ref("base.group_user").implied_ids -= self.env.ref(
            "key_account_mgmt.group_kam_area_plan"
        )
        for user in (self.officer, self.user, self.admin):
            self.assertFalse(self._menus(user))
