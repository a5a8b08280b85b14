import contextlib
from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.status import status_jobs
from .test_status_report import NOW, StatusCase


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestStatusJob(StatusCase):
    """J05: the report exists on the 1st.  Source: J05, S3-33."""

    def _months(self):
        return sorted(self._reports().mapped("month"))

    def _state(self):
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT 'r', id, xmin::text FROM kam_status_report
             UNION ALL SELECT 'l', id, xmin::text FROM kam_status_report_line
             UNION ALL SELECT 'f', id, xmin::text FROM kam_status_fact ORDER BY 1, 2
            """
        )
        return [row[:2] for row in self.env.cr.fetchall()]

    def test_on_the_first_of_the_month(self):
        self._run(date(2026, 10, 31))
        self.assertEqual(self._months(), [date(2026, 9, 1)])
        self._run(date(2026, 11, 1))
        self.assertEqual(self._months(), [date(2026, 9, 1), date(2026, 10, 1)])

    def test_twice_changes_nothing(self):
        self._in_october(personnel="Buyer Li leaves")
        self._run()
        before = self._state()
        told = len(self._told(self.user, "status_lines"))
        self.assertEqual(told, 1)
        self._run()
        self._run(date(2026, 11, 4))
        self.assertEqual(self._state(), before)
        self.assertEqual(len(self._told(self.user, "status_lines")), told)

    def test_catches_up_three_months(self):
        self._run(date(2026, 5, 2))
        self.assertEqual(self._months(), [date(2026, 4, 1)])
        self._run(date(2026, 11, 3))
        self.assertEqual(self._months(), [date(2026, month, 1) for month in (4, 8, 9, 10)])

    def test_nothing_before_go_live(self):
        """Design §1: nothing before it is due."""
        self.company.kam_go_live_date = date(2026, 11, 1)
        self._run()
        self.assertFalse(self._reports())
        self.company.kam_go_live_date = date(2026, 10, 31)
        self._run()
        self.assertEqual(self._months(), [date(2026, 10, 1)])

    def test_an_area_that_is_off_has_no_job(self):
        self.env["res.config.settings"].create({"group_kam_area_status": False}).set_values()
        self._run()
        self.assertFalse(self._reports())
        job = self.env.ref("key_account_mgmt.kam_job_status_reports")
        self.assertTrue(job._job_forecast_status_reports(self.company, date(2026, 11, 3)))

    def test_forecast(self):
        job = self.env.ref("key_account_mgmt.kam_job_status_reports")
        self.assertIn("first", job._job_forecast_status_reports(self.company, date(2026, 11, 3))[0])
        self._run()
        [text] = job._job_forecast_status_reports(self.company, date(2026, 11, 30))
        self.assertIn("refreshed", text)
        texts = job._job_forecast_status_reports(self.company, date(2026, 12, 1))
        self.assertIn("2026-11", texts[0])

    def _three(self):
        self._hold(self.plant, self.key)
        batch = patch.object(status_jobs, "BATCH", 1)
        batch.start()
        self.addCleanup(batch.stop)

    def test_killed_in_the_middle_it_goes_on(self):
        """A kill leaves a resumable report: marked as not filled, nobody was told."""
        self._three()
        made = []
        keep = type(self.Report)._keep_lines

        def dying(report, facts, account_ids):
            if len(made) == 2:
                raise KeyboardInterrupt
            made.append(account_ids)
            return keep(report, facts, account_ids)

        # Not by assertRaises, which takes back what was done.
        with (
            patch.object(type(self.Report), "_keep_lines", dying),
            contextlib.suppress(KeyboardInterrupt),
        ):
            self._run()
            self.fail("not killed")
        report = self._report()
        self.assertEqual(len(report.line_ids), 2)
        self.assertFalse(report.filled_on)
        self.assertEqual(report.state, "generated")
        self.assertFalse(self._told(self.user, "status_lines"))
        self._run()
        self.assertEqual(len(report.line_ids), 3)
        self.assertTrue(report.filled_on)
        self.assertEqual(len(self._told(self.user, "status_lines")), 1)

    def test_a_failing_batch_stops_no_other(self):
        self._three()
        broken = self.other.id
        keep = type(self.Report)._keep_lines

        def failing(report, facts, account_ids):
            if broken in account_ids:
                raise ValueError("broken")
            return keep(report, facts, account_ids)

        with patch.object(type(self.Report), "_keep_lines", failing):
            self._failing_job_status()
        report = self._report()
        self.assertEqual(report.line_ids.account_id, self.tianheng | self.plant)
        self.assertFalse(report.filled_on)
        self._run()
        self.assertTrue(report.filled_on)

    def _failing_job_status(self):
        with mute_logger("odoo.addons.key_account_mgmt.models.core.job_mixin", "odoo.sql_db"):
            self._run()

    def test_no_key_account_no_report(self):
        self.env["kam.tier.assignment"]._as_engine().search([]).write({"date_to": date(2026, 1, 2)})
        self._run()
        self.assertFalse(self._reports())

    def test_a_new_key_account_joins_an_open_report(self):
        report = self._run()
        self._of(report, user=self.user).action_complete()
        self._of(report, self.other, self.stranger).action_complete()
        self.env.invalidate_all()
        self.assertEqual(report.state, "completed")
        self._hold(self.plant, self.key)
        self._run()
        self.assertEqual(report.state, "generated")
        self.assertEqual(len(report.line_ids), 3)

    def test_constant_queries(self):
        """The number of queries of facts does not depend on the number of accounts."""
        self._run()

        def spent():
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            report = self._report()._as_engine()
            facts = report._facts()
            report._keep_lines(facts, facts.account_ids)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        few = spent()
        for number in range(20):
            account = self._account(self._customer(f"More {number}"), self.user)
            self._hold(account, self.key)
        self._run()
        self.assertLessEqual(spent(), few + 3)
