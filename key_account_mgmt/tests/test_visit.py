from datetime import date, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common_visit import NOW, VisitCase


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestVisit(VisitCase):
    """What a visit is, from plan to report; (c4), S0-73 … S0-80."""

    # Times

    def test_the_future_is_planned_the_past_waits_for_its_report(self):
        self.assertEqual(self._visit().state, "planned")
        self.assertEqual(self._held().state, "to_report")
        # Its end has just passed, is just to come.
        self.assertEqual(self._visit("2026-11-23 01:00:00").state, "to_report")
        self.assertEqual(self._visit("2026-11-23 01:00:01").state, "planned")

    def test_the_day_is_that_of_the_company(self):
        """Time zones; across midnight the start decides.  Source: design §4.3."""
        self.assertEqual(self._visit("2026-11-24 15:59:00", hours=3).day, date(2026, 11, 24))
        self.assertEqual(self._visit("2026-11-24 16:00:00").day, date(2026, 11, 25))
        self.company.resource_calendar_id.tz = "America/New_York"
        self.assertEqual(self._visit("2026-11-25 03:00:00").day, date(2026, 11, 24))

    def test_an_end_before_the_start_is_refused(self):
        with self.assertRaises(ValidationError):
            self._visit(hours=-1)
        self.assertTrue(self._visit(hours=0))
        self.assertTrue(self._visit(hours=24 * 31))
        with self.assertRaises(ValidationError):
            self._visit(hours=24 * 31 + 1)
        visit = self._visit()
        with self.assertRaises(ValidationError):
            visit.stop = visit.start - timedelta(minutes=1)

    def test_the_deadline_counts_working_days(self):
        """Three after the day it ended; Q14.  A setting of the company changes it."""
        self.assertFalse(self._visit().report_due)
        self.assertEqual(self._held().report_due, date(2026, 11, 26))
        # Friday evening to Saturday morning, Shanghai time: Monday, Tuesday, Wednesday.
        self.assertEqual(self._visit("2026-11-20 12:00:00", hours=8).report_due, date(2026, 11, 25))
        self.company.kam_visit_report_days = 1
        self.assertEqual(self._held().report_due, date(2026, 11, 24))

    def test_a_calendar_without_working_days_counts_all(self):
        """A deadline must not stop a visit from being entered."""
        first = date(2026, 11, 1)
        self.env["kam.calendar.day"].create(
            [
                {
                    "name": "Closed",
                    "date": first + timedelta(days=number),
                    "kind": "holiday",
                    "company_id": self.company.id,
                }
                for number in range(420)
            ]
        )
        self.assertEqual(self._held().report_due, date(2026, 11, 26))
        self.assertEqual(self._visit("2026-11-20 02:00:00").report_due, date(2026, 11, 23))

    def test_nothing_is_due_before_go_live(self):
        self.company.kam_go_live_date = date(2026, 11, 24)
        visit = self._held()
        self.assertEqual(visit.state, "to_report")
        self.assertFalse(visit.report_due)
        with freeze_time("2026-12-20 02:00:00"):
            self._fill(visit, next_action_date=date(2026, 12, 30)).action_report()
        self.assertFalse(visit.entered_late)

    def test_moving_a_visit_moves_day_and_state(self):
        visit = self._visit()
        visit.write({"start": "2026-11-23 00:00:00", "stop": "2026-11-23 01:00:00"})
        self.assertEqual((visit.state, visit.day), ("to_report", date(2026, 11, 23)))
        self.assertEqual(visit.report_due, date(2026, 11, 26))
        visit.write({"start": "2026-11-25 00:00:00", "stop": "2026-11-25 01:00:00"})
        self.assertEqual((visit.state, visit.report_due), ("planned", False))

    # Whom

    def test_one_visit_for_two_accounts_of_a_group(self):
        visit = self._held(also_account_ids=[(6, 0, self.plant.ids)])
        self.assertEqual(self.plant.last_visit_date, date(2026, 11, 23))
        self.assertEqual(self.tianheng.last_visit_date, date(2026, 11, 23))
        for wrong in (self.other, self.tianheng):
            with self.assertRaises(ValidationError):
                visit.sudo().also_account_ids = wrong
        with self.assertRaises(AccessError):
            visit.also_account_ids = self.other.with_env(visit.env)

    def test_contacts_and_opportunity_are_the_customers(self):
        self._visit(contact_ids=[(6, 0, self.contact.ids)])
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        with self.assertRaises(ValidationError):
            self._visit(contact_ids=[(6, 0, stranger.ids)])
        Lead = self.env["crm.lead"]
        good = Lead.create({"name": "Ours", "partner_id": self.contact.id})
        wrong = Lead.create({"name": "Theirs", "partner_id": stranger.id})
        self.assertTrue(self._visit(lead_id=good.id))
        with self.assertRaises(ValidationError):
            self._visit(lead_id=wrong.id)

    def test_the_organiser_takes_part_unless_somebody_else_does(self):
        self.assertEqual(self._visit().participant_ids, self.user)
        for_boss = self._visit(user_id=self.executive.id, participant_ids=[])
        self.assertEqual(for_boss.participant_ids, self.executive)
        with self.assertRaises(ValidationError):
            self._visit().participant_ids = False
        portal = new_test_user(self.env, "outside", groups="base.group_portal")
        with self.assertRaises(ValidationError):
            self._visit().participant_ids |= portal

    # Preparation

    def test_prepared_needs_outline_materials_background(self):
        """First visits and executive meetings, where the setting requires it; S0-74, S1r-03."""
        file = self.env["ir.attachment"].with_user(self.user).create({"name": "x", "raw": b"x"})
        for code in ("first", "executive"):
            visit = self._visit(purpose_id=self._purpose(code).id)
            for values in (
                {},
                {"outline": "Goals"},
                {"outline": "Goals", "background_done": True},
                {"outline": " ", "background_done": True, "material_ids": [(6, 0, file.ids)]},
            ):
                with self.assertRaises(ValidationError, msg=values), self.cr.savepoint():
                    visit.write({**values, "is_prepared": True})
            visit.write(
                {
                    "outline": "Goals",
                    "background_done": True,
                    "material_ids": [(6, 0, file.ids)],
                    "is_prepared": True,
                }
            )
            with self.assertRaises(ValidationError), self.cr.savepoint():
                visit.outline = False
        self._visit(purpose_id=self._purpose("regular").id).is_prepared = True
        self.company.kam_visit_preparation_free = True
        self._visit(purpose_id=self._purpose("first").id).is_prepared = True

    def test_warnings_never_stop_anybody(self):
        """Two visits of one person at the same time; a first visit out of the blue, S1r-05."""
        first = self._visit(purpose_id=self._purpose("first").id)
        self.assertIn("call", first.warning)
        self._held(mode_id=self._mode("phone").id)
        first.invalidate_recordset()
        self.assertFalse(first.warning)
        second = self._visit("2026-11-24 02:30:00")
        self.assertIn("User", second.warning)
        self.assertFalse(self._visit("2026-11-24 03:30:00").warning)

    # Report

    def test_the_report_asks_text_next_action_and_blocks(self):
        """S0-76, S0-77, S0-115, S3-28, S3-29."""
        visit = self._held()
        with self.assertRaises(UserError) as caught:
            visit.action_report()
        for word in ("Report", "Next Action", "Business Progress", "Competitors"):
            self.assertIn(word, str(caught.exception))
        self.assertNotIn("Performance", str(caught.exception))
        self._fill(visit, nothing_else=False, progress="Line 2 runs", problems_none=True)
        with self.assertRaises(UserError) as caught:
            visit.action_report()
        self.assertIn("Changed Needs", str(caught.exception))
        self.assertNotIn("Business Progress", str(caught.exception))
        self.assertNotIn("Problems", str(caught.exception))
        visit.action_nothing_new()
        visit.action_report()
        self.assertEqual(visit.state, "reported")
        self.assertFalse(visit.progress_none)
        self.assertTrue(visit.need_change_none and visit.personnel_none)

    def test_satisfaction_only_on_return_visits_technical_only_where_asked(self):
        """S0-44, S1h-10, S3-39."""
        visit = self._fill(self._held(purpose_id=self._purpose("return").id))
        with self.assertRaises(UserError) as caught:
            visit.action_report()
        self.assertIn("Satisfaction", str(caught.exception))
        visit.satisfaction = "4"
        visit.action_report()
        technical = self._held(purpose_id=self._purpose("technical").id)
        self._fill(technical, nothing_else=False, **{
            f"{name}_none": True
            for name in ("progress", "need_change", "problems", "personnel", "competitor")
        })  # fmt: skip
        with self.assertRaises(UserError) as caught:
            technical.action_report()
        self.assertIn("Performance", str(caught.exception))

    def test_reported_before_it_happened_is_refused(self):
        visit = self._fill(self._visit())
        with self.assertRaises(UserError):
            visit.action_report()
        with freeze_time("2026-11-24 01:59:59"), self.assertRaises(UserError):
            visit.action_report()
        with freeze_time("2026-11-24 02:00:00"):
            visit.action_report()
        self.assertEqual(visit.state, "reported")

    def test_late_is_judged_by_the_day(self):
        """In time until the end of the last day in Shanghai; entered late after it; Q14."""
        for moment, late in (("2026-11-26 15:59:59", False), ("2026-11-26 16:00:00", True)):
            visit = self._fill(self._held())
            with freeze_time(moment):
                visit.action_report()
            self.assertIs(visit.entered_late, late, moment)
            self.assertEqual(visit.day, date(2026, 11, 23))
            self.assertEqual(visit.reported_by_id, self.user)

    def test_only_who_was_there_reports(self):
        """Not even the office; who was there adds himself first."""
        visit = self._fill(self._held())
        for user in (self.member, self.officer, self.gm):
            with self.assertRaises(AccessError, msg=user.name):
                self._as(visit, user).action_report()
        mine = self._as(visit, self.member)
        mine.participant_ids |= self.member
        mine.action_report()
        self.assertEqual(visit.reported_by_id, self.member)

    def test_the_next_action_becomes_an_action_and_a_visit(self):
        """S0-77, S0-78."""
        visit = self._fill(self._held(purpose_id=self._purpose("first").id), next_is_visit=True)
        visit.action_report()
        action = visit.action_ids
        self.assertEqual(
            (action.name, action.user_id, action.date_due, action.account_id),
            ("Send the offer", self.user, date(2026, 11, 30), self.tianheng),
        )
        following = visit.next_visit_id
        self.assertEqual((following.state, following.day), ("planned", date(2026, 11, 30)))
        # At the same hour, and no longer a first visit.
        self.assertEqual(following.start, self._at("2026-11-30 00:00:00"))
        self.assertEqual(following.purpose_id, self._purpose("regular"))
        self.assertTrue(following.event_id)
        self.assertFalse(self._reported().next_visit_id)

    def test_the_next_action_lies_ahead(self):
        visit = self._fill(self._held(), next_action_date=date(2026, 11, 22))
        with self.assertRaises(UserError):
            visit.action_report()
        visit.next_action_date = date(2026, 11, 23)
        visit.action_report()
        late = self._fill(self._held(), next_action_date=date(2026, 11, 24), next_is_visit=True)
        with freeze_time("2026-11-25 02:00:00"), self.assertRaises(UserError):
            late.action_report()

    def test_a_report_stays_as_it_was_handed_in(self):
        file = self.env["ir.attachment"].with_user(self.user).create({"name": "x", "raw": b"x"})
        visit = self._held()
        visit.report_file_ids = file
        self._fill(visit).action_report()
        file = visit.report_file_ids
        for values in (
            {"participant_ids": [(4, self.member.id)]},
            {"start": "2026-11-22 00:00:00"},
            {"also_account_ids": [(4, self.plant.id)]},
            {"purpose_id": self._purpose("executive").id},
            {"mode_id": self._mode("phone").id},
            {"report": "Better"},
            {"report_file_ids": [(5,)]},
            {"user_id": self.officer.id},
            {"concession_limit": "5 %"},
        ):
            for user in (self.user, self.officer, self.gm):
                with self.assertRaises(UserError, msg=(values, user.name)), self.cr.savepoint():
                    self._as(visit, user).write(values)
        for change in (
            lambda: self._as(file, self.user).unlink(),
            lambda: self._as(file, self.user).write({"raw": b"y"}),
            lambda: file.sudo().write({"name": "z"}),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                change()
        with self.assertRaises(UserError):
            visit.action_report()

    def test_a_report_is_reopened_with_a_reason(self):
        visit = self._reported()
        with self.assertRaises(AccessError):
            visit._reopen("wrong customer named")
        office = self._as(visit, self.officer)
        with self.assertRaises(UserError):
            office._reopen(" ")
        with freeze_time("2026-12-01 02:00:00"):
            office._reopen("wrong figures")
            self.assertEqual(visit.state, "to_report")
            self.assertFalse(visit.reported_on or visit.reported_by_id)
            self.assertEqual(visit.report, "They ask for a longer warranty")
            self.assertIn("wrong figures", str(visit.message_ids[0].body))
            self.assertIn("longer warranty", str(visit.message_ids[0].body))
            visit.write({"report": "As it was", "next_action_date": date(2026, 12, 5)})
            visit.action_report()
        self.assertTrue(visit.entered_late)
        # The same promise is not made twice; another day is another promise.
        self.assertEqual(len(visit.action_ids), 2)

    # Other ends

    def test_cancel_miss_reschedule_need_a_reason_and_a_fitting_state(self):
        planned, held = self._visit(), self._held()
        with self.assertRaises(UserError):
            planned._cancel("")
        with self.assertRaises(UserError):
            planned._miss("not begun")
        event = self._event(planned)
        planned._cancel("closed for repairs")
        self.assertEqual((planned.state, planned.reason), ("cancelled", "closed for repairs"))
        self.assertFalse(event.active)
        with self.assertRaises(UserError):
            planned.location = "Suzhou"
        held._miss("nobody was there")
        self.assertEqual((held.state, held.report_due), ("missed", False))
        with self.assertRaises(UserError):
            held._reschedule(self._at("2026-11-22 00:00:00"), self._at("2026-11-22 01:00:00"), "x")
        held._reschedule(self._at("2026-11-27 00:00:00"), self._at("2026-11-27 01:00:00"), "again")
        self.assertEqual((held.state, held.day), ("planned", date(2026, 11, 27)))
        self.assertEqual(self._event(held).start, held.start)
        reported = self._reported()
        for end in (reported._cancel, reported._miss):
            with self.assertRaises(UserError):
                end("x")

    def test_a_missed_visit_may_be_reported_late(self):
        visit = self._held()
        visit._miss("thought so")
        self._fill(visit)
        with freeze_time("2026-11-30 02:00:00"):
            visit.action_report()
        self.assertEqual((visit.state, visit.entered_late), ("reported", True))

    def test_check_in(self):
        """Time and place, by who takes part, on the day; never asked for."""
        visit = self._visit("2026-11-23 06:00:00", participant_ids=self._people(self.user))
        with self.assertRaises(AccessError):
            self._as(visit, self.member).action_check_in(31.2, 121.5)
        for wrong in ((91, 0), (0, 181), ("x", 0), (float("nan"), 0)):
            with self.assertRaises(UserError, msg=wrong):
                visit.action_check_in(*wrong)
        for moment in ("2026-11-22 15:59:59", "2026-11-23 16:00:00"):
            with freeze_time(moment), self.assertRaises(UserError, msg=moment):
                visit.action_check_in()
        visit.action_check_in(31.2, 121.5)
        self.assertEqual((visit.state, visit.check_in_by_id), ("to_report", self.user))
        self.assertAlmostEqual(visit.check_in_latitude, 31.2)
        with self.assertRaises(UserError):
            visit.action_check_in(1, 1)
        # The browser told no place: the time suffices. Nor is there a duty to check in.
        quiet = self._visit("2026-11-23 06:00:00")
        quiet.action_check_in()
        self.assertTrue(quiet.check_in_on)
        # Checked in, it waits for its report also when its time is changed.
        quiet.stop = "2026-11-23 09:00:00"
        self.assertEqual(quiet.state, "to_report")

    # Accounts

    def test_last_and_next_visit_of_an_account(self):
        """Calls do not count, cancelled ones neither; g Q9."""
        self.assertFalse(self.tianheng.last_visit_date or self.tianheng.next_visit_date)
        self._held(mode_id=self._mode("phone").id)
        self._visit()._cancel("no")
        self.tianheng.invalidate_recordset()
        self.assertFalse(self.tianheng.last_visit_date or self.tianheng.next_visit_date)
        self._visit("2026-09-10 02:00:00")
        self._visit("2026-11-30 02:00:00")
        self._visit("2026-11-25 02:00:00")
        self.tianheng.invalidate_recordset()
        self.assertEqual(self.tianheng.last_visit_date, date(2026, 9, 10))
        self.assertEqual(self.tianheng.next_visit_date, date(2026, 11, 25))
        Account = self.env["kam.account"]
        mine = [("id", "in", (self.tianheng | self.plant).ids)]
        for condition, found in (
            (("last_visit_date", "<", "2026-09-10"), Account),
            (("last_visit_date", "<", "2026-09-11"), self.tianheng),
            (("last_visit_date", ">=", "2026-09-10"), self.tianheng),
            (("last_visit_date", "=", False), self.plant),
            (("last_visit_date", "!=", False), self.tianheng),
            (("next_visit_date", "=", "2026-11-25"), self.tianheng),
        ):
            self.assertEqual(Account.search([*mine, condition]), found, condition)

    def test_dates_of_many_accounts_take_constant_queries(self):
        accounts = self.tianheng | self.plant
        for number in range(10):
            accounts |= self._account(self._customer(f"Customer {number}"), self.user)
        counts = []
        for some in (accounts[:2], accounts):
            self.env.flush_all()
            self.env.invalidate_all()
            some.fetch(["user_id"])
            before = self.cr.sql_log_count
            some.mapped("last_visit_date")
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_merging_contacts_moves_visits(self):
        visit = self._held()
        common = self._held(account_id=self.plant.id, also_account_ids=[(6, 0, self.tianheng.ids)])
        kept = self._account(self._customer("Kept"), self.user)
        self.env["kam.account"]._merge_partners(self.tianheng.partner_id, kept.partner_id)
        self.assertEqual(visit.account_id, kept)
        self.assertEqual(common.also_account_ids, kept)

    def test_metrics(self):
        """Days since the last visit; reports in time ÷ due."""
        self._visit("2026-11-13 02:00:00", also_account_ids=[(6, 0, self.plant.ids)])
        self._held(mode_id=self._mode("phone").id)
        Metric = self.env["kam.metric"]
        days = Metric.search([("code", "=", "days_since_last_visit")])
        partners = (self.tianheng | self.plant | self.other).partner_id
        run = Metric._new_run(self.company, date(2026, 11, 23), partners)
        values = run.values(days)
        self.assertEqual([values.get(partner.id) for partner in partners], [10.0, 10.0, None])
        self._reported()
        rate = Metric.search([("code", "=", "visit_report_timeliness")])
        run = Metric._new_run(self.company, date(2026, 12, 1), partners, window="year_to_date")
        # Due: 18 November once, 26 November twice, one of them a call; in time: one.
        self.assertAlmostEqual(run.value(rate, self.tianheng.partner_id.id), 100 / 3, places=3)

    def test_visits_handed_over(self):
        """Planned ones go to the receiver with the meeting; who was there reports; Q35."""
        planned, held = self._visit(), self._held()
        mine = self._as(self.tianheng, self.user)
        self.assertEqual(mine._open_visits(self.user), held | planned)
        (planned | held).sudo()._as_engine()._pass_on(self.user, self.officer)
        self.assertEqual((planned | held).user_id, self.officer)
        self.assertEqual(planned.participant_ids, self.officer)
        self.assertEqual(self._event(planned).partner_ids, self.officer.partner_id)
        self.assertEqual(held.participant_ids, self.user)
        self.assertFalse(mine._open_visits(self.user))

    @mute_logger("odoo.sql_db")
    def test_codes_are_unique(self):
        for model in ("kam.visit.mode", "kam.visit.purpose"):
            values = {"name": "x", "code": "twice"}
            self.env[model].create(values)
            with self.assertRaises(IntegrityError), self.cr.savepoint():
                self.env[model].create(values)
