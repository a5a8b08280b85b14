from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_pursuit import PursuitCase

TODAY = date(2026, 11, 22)


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestReviewPursuit(PursuitCase):
    """The filing meeting has each running pursuit.  Source: S1n-11, S1n-12, J06."""

    def _run(self, day=TODAY):
        self._job("_cron_reviews", day, "kam.review")
        self.env.invalidate_all()
        return self.env["kam.review"].search([("company_id", "=", self.company.id)], limit=1)

    def _about(self, review, pursuit):
        return review.line_ids.filtered(lambda line: line.pursuit_id == pursuit.sudo())

    def test_every_month_in_which_a_pursuit_runs(self):
        """Applied for is not running; registered is, approved or not; ended it was."""
        pursuit = self._applied()
        self.assertFalse(self._run())
        self._as(pursuit, self.officer).action_register()
        review = self._run()
        line = self._about(review, pursuit)
        self.assertEqual((line.owner_id, line.account_id), (self.user, self.account))
        self.assertIn(pursuit.number, line.name)
        self.assertIn(self.user, review.participant_ids)
        self.assertEqual(self._run(), review)
        self.assertEqual(len(review.line_ids), 1)
        second = self._registered(self.rival, self._lead(self.rival, kam_project="Other"))
        self._run()
        self.assertTrue(self._about(review, second), "one that begins later comes on it, too")
        self.assertEqual(self._run(date(2026, 12, 1)).date_from, date(2026, 12, 1))

    def test_a_missed_month_has_what_ran_in_it(self):
        """November was held, December and January were slept through."""
        pursuit = self._running()
        with freeze_time("2026-11-23 04:00:00"):
            self._as(self._run(), self.officer).action_start()
        with freeze_time("2026-12-10 04:00:00"):
            self._as(pursuit, self.user)._end("won", "Frame contract signed")
        with freeze_time("2027-02-03 04:00:00"):
            later = self._registered(lead=self._lead(self.user, kam_project="Other"))
            self._run(date(2027, 2, 3))
            reviews = self.env["kam.review"].search(
                [("company_id", "=", self.company.id)], order="date_from"
            )
            self.assertEqual(
                reviews.mapped("date_from"),
                [date(2026, 11, 1), date(2026, 12, 1), date(2027, 2, 1)],
                "in January nothing ran",
            )
            self.assertTrue(self._about(reviews[1], pursuit))
            self.assertFalse(self._about(reviews[1], later))

    def test_the_area_is_off(self):
        self._registered()
        Settings = self.env["res.config.settings"]
        Settings.create({"group_kam_area_pursuit": False}).set_values()
        self.assertFalse(self._run())

    def test_ended_it_is_on_the_agenda_once_more(self):
        pursuit = self._running()
        with freeze_time("2026-11-23 04:00:00"):
            self._as(self._run(), self.officer).action_start()
        with freeze_time("2026-11-28 04:00:00"):
            self._as(pursuit, self.user)._end("won", "Frame contract signed")
        with freeze_time("2026-12-01 04:00:00"):
            self.assertEqual(
                self._run(date(2026, 12, 1)).date_from, date(2026, 11, 1), "nothing runs"
            )
            other = self._registered(lead=self._lead(self.user, kam_project="Other"))
            december = self._run(date(2026, 12, 1))
            self.assertIn("Won", self._about(december, pursuit).progress_text)
            self.assertTrue(self._about(december, other))
            self._as(december, self.officer).action_start()
        with freeze_time("2027-01-04 04:00:00"):
            january = self._run(date(2027, 1, 4))
            self.assertFalse(self._about(january, pursuit))

    def test_what_moved_since_the_last_meeting(self):
        pursuit = self._running()
        review = self._as(self._run(), self.officer)
        text = self._about(review, pursuit).progress_text
        self.assertIn("Registered", text)
        with freeze_time("2026-11-23 04:00:00"):
            review.action_start()
        with freeze_time("2026-12-02 04:00:00"):
            step = self._as(pursuit.progress_ids, self.user)
            step.result = "They want a sample"
            step.action_done()
            self._night(date(2026, 12, 2))
            report = self._as(pursuit.report_ids, self.user)
            report.text = "Their engineers are on our side"
            report.action_report()
            december = self._run(date(2026, 12, 2))
        text = self._about(december, pursuit).progress_text
        self.assertIn("See their engineers: They want a sample", text)
        self.assertIn("Stage report: Their engineers are on our side", text)
        self.assertNotIn("Registered", text, "heard of in November")

    def test_what_is_late(self):
        """An overdue step, its report, silence; an overdue decision of an earlier meeting."""
        pursuit = self._running()
        review = self._as(self._run(), self.officer)
        line = self._about(review, pursuit)
        self.assertFalse(line.late_text)
        review.action_start()
        line.write(
            {
                "judgement": "at_risk",
                "decision": "Ask their boss",
                "decision_user_id": self.user.id,
                "decision_date": date(2026, 11, 27),
            }
        )
        review.action_close()
        self.assertEqual(review.action_ids.account_id, self.account)
        day = date(2026, 12, 30)
        with freeze_time(f"{day} 04:00:00"):
            self._night(day)
            december = self._run(day)
            late = self._about(december, pursuit)
            for words in ("See their engineers", "Stage report", "Decided: Ask their boss"):
                self.assertIn(words, late.late_text)
            self.assertIn("No progress since", late.late_text)
            self.assertGreaterEqual(late.late_count, 4)
            self._as(review.action_ids, self.user).action_done()
            self._run(day)
            self.assertNotIn("Ask their boss", late.late_text)

    def test_the_line_opens_its_pursuit(self):
        pursuit = self._registered()
        review = self._run()
        line = self._about(review, pursuit)
        action = self._as(line, self.officer).action_open_subject()
        self.assertEqual((action["res_model"], action["res_id"]), ("kam.pursuit", pursuit.id))
        action = self._as(pursuit, self.user).action_open_reviews()
        found = self._as(self.env["kam.review"], self.user).search(action["domain"])
        self.assertEqual(found, review)

    def test_nobody_elses_deals_open_up(self):
        """A participant reads his own line before; no pursuit he is not on, ever."""
        mine = self._registered()
        theirs = self._registered(self.rival, self._lead(self.rival, kam_project="Other"))
        review = self._run()
        Line = self._as(self.env["kam.review.line"], self.rival)
        self.assertEqual(Line.search([("review_id", "=", review.id)]).pursuit_id.ids, theirs.ids)
        with self.assertRaises(AccessError):
            self._as(self._about(review, mine), self.rival).action_open_subject()
        office = self._as(review, self.officer)
        office.action_start()
        office.line_ids.write({"judgement": "on_track"})
        office.action_close()
        self.assertEqual(len(Line.search([("review_id", "=", review.id)])), 2, "the minutes")
        with self.assertRaises(AccessError):
            self._as(self._about(review, mine), self.rival).action_open_subject()

    def test_the_pursuit_of_a_line_is_not_forged(self):
        pursuit = self._registered()
        review = self._as(self._run(), self.officer)
        with self.assertRaises(AccessError):
            self._as(self.env["kam.review.line"], self.officer).create(
                {"review_id": review.id, "name": "x", "pursuit_id": pursuit.id}
            )
        with self.assertRaises(AccessError):
            self._as(self._about(review, pursuit), self.officer).pursuit_id = False
        second = self._about(review, pursuit)
        self._as(second, self.officer).action_add_decision()
        extra = review.line_ids.filtered("is_extra")
        self.assertEqual(extra.pursuit_id, pursuit.sudo())

    def test_as_many_queries_for_many(self):
        """The agenda reads steps and reports of all pursuits at once."""
        kind = self.env.ref("key_account_mgmt.kam_review_kind_filing_month")
        Review = self.env["kam.review"].sudo()

        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            entries = Review._agenda_filing_month(self.company, kind._period_on(TODAY))
            return len(entries), self.cr.sql_log_count - before

        self._registered()
        queries()
        one = queries()
        for number in range(4):
            self._registered(lead=self._lead(self.user, kam_project=f"Project {number}"))
        many = queries()
        self.assertEqual((one[0], many[0]), (1, 5))
        self.assertLessEqual(many[1], one[1] + 3)
