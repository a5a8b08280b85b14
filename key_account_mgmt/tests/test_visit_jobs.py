from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from .common_visit import NOW, VisitCase


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestVisitJobs(VisitCase):
    """J04: reports that wait, visits that were missed, one reminder."""

    def _night(self, moment):
        with freeze_time(moment):
            self._job("_cron_visits", None, "kam.visit")
        self.env.invalidate_all()

    def _notices(self):
        return self.env["kam.notice"].search([("topic", "=", "visit_report")])

    def _facts(self):
        visits = self.env["kam.visit"].search([("company_id", "=", self.company.id)])
        return visits.read(["state", "report_due", "reason", "report_told_on"], load=None)

    def test_a_visit_over_waits_for_its_report(self):
        visit = self._visit()
        self._night("2026-11-24 02:59:59")
        self.assertEqual(visit.state, "planned")
        self._night("2026-11-24 03:00:00")
        self.assertEqual((visit.state, visit.report_due), ("to_report", date(2026, 11, 27)))

    def test_missed_after_ten_working_days(self):
        """Monday the 23rd and ten working days: the 7th is the last one."""
        visit = self._held()
        self._night("2026-12-07 10:00:00")
        self.assertEqual(visit.state, "to_report")
        self._night("2026-12-07 17:45:00")
        self.assertEqual((visit.state, visit.report_due), ("missed", date(2026, 11, 26)))
        self.assertIn("10", visit.reason)

    def test_the_company_says_how_many_days(self):
        self.company.kam_visit_missed_days = 4
        visit = self._held()
        self._night("2026-11-27 15:00:00")
        self.assertEqual(visit.state, "to_report")
        self._night("2026-11-27 16:00:00")
        self.assertEqual(visit.state, "missed")
        # Never before the report may still be in time.
        self.company.kam_visit_missed_days = 1
        self.assertEqual(self.company._kam_visit_missed_days(), 3)

    def test_a_reopened_report_gets_its_time_again(self):
        visit = self._reported()
        with freeze_time("2027-01-04 02:00:00"):
            self._as(visit, self.officer)._reopen("wrong")
        self._night("2027-01-05 17:45:00")
        self.assertEqual(visit.state, "to_report")
        self._night("2027-02-15 17:45:00")
        self.assertEqual(visit.state, "missed")

    def test_one_reminder_on_the_last_day(self):
        """To the organiser only, once; settled when the report comes."""
        visit = self._held(participant_ids=self._people(self.user, self.member))
        self._night("2026-11-24 17:45:00")
        self.assertFalse(self._notices())
        self._night("2026-11-25 17:45:00")
        notice = self._notices()
        self.assertEqual((notice.user_id, notice.res_id), (self.user, visit.id))
        for moment in ("2026-11-25 17:45:00", "2026-11-26 17:45:00"):
            self._night(moment)
            self.assertEqual(self._notices(), notice)
        self._fill(visit).action_report()
        self.assertTrue(notice.settled_on)

    def test_an_outage_is_caught_up(self):
        """Three weeks without a night: the same as if it had run every day."""
        planned, held = self._visit(), self._held()
        self._night("2026-12-14 17:45:00")
        self.assertEqual((planned.state, held.state), ("missed", "missed"))
        self.assertFalse(self._notices())

    def test_run_twice_it_changes_nothing(self):
        self._visit()
        self._held()
        for moment in ("2026-11-26 17:45:00", "2026-12-14 17:45:00"):
            self._night(moment)
            before, notices = self._facts(), self._notices()
            self._night(moment)
            self.assertEqual(self._facts(), before)
            self.assertEqual(self._notices(), notices)

    def test_nothing_before_go_live(self):
        self.company.kam_go_live_date = date(2026, 11, 24)
        visit = self._held()
        self._night("2027-02-01 17:45:00")
        self.assertEqual((visit.state, visit.report_due), ("to_report", False))
        self.assertFalse(self._notices())

    def test_the_page_of_jobs_says_what_will_happen(self):
        job = self.env["kam.job"].search([("code", "=", "kam.visit/visits")])
        self.assertTrue(job)
        self._visit("2026-11-23 01:30:00")
        self._held()
        with freeze_time("2026-11-26 02:00:00"):
            lines = job._job_forecast_visits(self.company, date(2026, 11, 26))
        self.assertEqual([line[-2:] for line in lines], ["1.", "1."])

    def test_constant_queries(self):
        """However many visits end on a day."""
        counts = []
        for number in (2, 12):
            for _each in range(number):
                self._visit("2026-11-23 02:30:00")
            self.env.flush_all()
            self.env.invalidate_all()
            with freeze_time("2026-11-23 04:00:00"):
                before = self.cr.sql_log_count
                self.env["kam.visit"]._hold_visits(self.company)
                self.env.flush_all()
                counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
