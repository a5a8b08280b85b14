from contextlib import suppress
from datetime import date, datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import OperationalError

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import KamCase

MIXIN = "odoo.addons.key_account_mgmt.models.core.job_mixin"


class JobCase(KamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.kam_go_live_date = date(2025, 6, 1)
        cls.s3.activated_on = date(2025, 6, 1)
        cls.big = cls._customer("Tianheng", 30e6, "leading")
        cls.account = cls._hold(cls._account(cls.big, cls.user), cls.main)
        cls.nightly = cls.env.ref("key_account_mgmt.kam_job_nightly")
        cls.yearly = cls.env.ref("key_account_mgmt.kam_job_yearly")
        cls.morning = cls.env.ref("key_account_mgmt.kam_job_notices")
        cls.env["kam.job.run"].sudo()._as_engine().search([]).unlink()
        # Whatever the database brings along is not part of the story.
        cls.env["kam.notice"]._as_engine().search([]).write({"sent_on": "2026-01-01 00:00:00"})

    def _runs(self, job=None):
        return self.env["kam.job.run"].search(
            [("job_id", "=", (job or self.nightly).id)], order="id"
        )

    def _states(self, job=None):
        return [(run.unit, run.state) for run in self._runs(job)]


@tagged("post_install", "-at_install")
class TestJobRuns(JobCase):
    """What scheduled work leaves behind.  Source: S0-35, S0-36, S2-09."""

    def test_every_unit_leaves_a_row(self):
        self._job("_cron_nightly", self.day)
        self.assertEqual(
            self._states(),
            [
                (f"Compare with “{self.s3.name}”", "done"),
                ("Figures of the account files", "done"),
            ],
        )
        for run in self._runs():
            self.assertEqual((run.company_id, run.job_id), (self.company, self.nightly))
            self.assertTrue(run.started and run.ended and run.job_started)
        self.assertEqual(self._runs().mapped("count"), [1, 1], "one differs, one file")
        self.assertEqual(len(set(self._runs().mapped("job_started"))), 1)

    def test_a_failing_unit_says_why_and_the_others_go_on(self):
        model = type(self.env["kam.tier.evaluation"])
        with patch.object(model, "_suggest_scheme", autospec=True, side_effect=ValueError("why")):
            self._failing_job("_cron_nightly", self.day)
        failed, done = self._runs()
        self.assertEqual((failed.state, failed.message), ("failed", "ValueError: why"))
        self.assertEqual((done.state, done.message), ("done", False))

    def test_a_unit_that_met_another_worker(self):
        model = type(self.env["kam.tier.evaluation"])
        with (
            patch.object(model, "_refresh_figures", autospec=True, side_effect=OperationalError),
            mute_logger(MIXIN),
        ):
            self._job("_cron_nightly", self.day)
        self.assertEqual(self._runs().mapped("state"), ["done", "met"])

    def test_nothing_to_do_is_told_too(self):
        self._job("_cron_yearly", date(2026, 1, 1))
        self._job("_cron_yearly", date(2026, 1, 2))
        self.assertEqual(self._runs(self.yearly).mapped("state"), ["done", "idle"])

    def test_killed_in_the_middle(self):
        """The row of the unit is committed before the work; the next night closes it."""
        seen = []

        def look(records, company, day):
            seen.extend(self._runs().mapped("state"))
            raise SystemExit  # the worker dies: no handler of ours sees it

        model = type(self.env["kam.tier.evaluation"])
        # Not assertRaises: it would undo what was committed before, too.
        with patch.object(model, "_refresh_figures", look), suppress(SystemExit):
            self._job("_cron_nightly", self.day)
        self.assertEqual(seen, ["done", "running"])
        # The transaction that died wrote nothing; what was committed before stays.
        self.assertEqual(self._runs().mapped("state"), ["done", "running"])
        self._job("_cron_nightly", self.day)
        self.assertEqual(self._runs().mapped("state"), ["done", "interrupted", "done", "done"])

    def test_the_row_of_a_unit_is_there_at_the_commit_before_it(self):
        at_commit = []
        cron = type(self.env["ir.cron"])

        def commit(*args, **kwargs):
            self.env.flush_all()
            at_commit.append(self._runs().mapped("state"))

        self.patch(cron, "_commit_progress", commit)
        self.env["kam.tier.evaluation"]._cron_nightly(self.day)
        self.assertEqual(at_commit, [["running"], ["done", "running"], ["done", "done"]])

    def test_a_second_worker_leaves_the_job_to_the_first(self):
        """And writes nothing: the row would hide what the first one does."""
        model = type(self.env["kam.tier.evaluation"])

        def taken(records, job):
            class Lock:
                def __enter__(self):
                    return False

                def __exit__(self, *args):
                    return None

            return Lock()

        with patch.object(model, "_only_worker", taken):
            self._job("_cron_nightly", self.day)
        self.assertFalse(self._runs())

    def test_rows_are_kept_for_ninety_days(self):
        self._job("_cron_nightly", self.day)
        run = self._runs()[0]
        now = fields.Datetime.now()
        Run = self.env["kam.job.run"]
        for age, kept in ((timedelta(days=90, seconds=-5), True), (timedelta(days=91), False)):
            run._as_engine().write({"started": now - age})
            Run._gc_old_runs()
            self.assertEqual(bool(run.exists()), kept, age)

    def test_nobody_writes_the_log(self):
        self._job("_cron_nightly", self.day)
        run = self._runs()[0]
        for records in (run, run.sudo(), run.with_user(self.admin)):
            for attack in (
                lambda r=records: r.write({"state": "done"}),
                lambda r=records: r.unlink(),
                lambda r=records: r.copy(),
                lambda r=records: r.create({"code": "x"}),
            ):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    attack()

    def test_runs_of_another_company_are_not_read(self):
        other = self._new_company("Yunting Rail", self.cny)
        other.kam_go_live_date = date(2025, 6, 1)
        self._job("_cron_nightly", self.day)
        self.assertIn(other, self._runs().company_id)
        for user in (self.officer, self.auditor, self.admin):
            found = self._as(self.env["kam.job.run"], user).search([])
            self.assertEqual(found.company_id, self.company, user.name)

    def test_the_night_costs_the_same_for_many_accounts(self):
        def cost():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._job("_cron_nightly", self.day)
            return self.env.cr.sql_log_count - before

        costs = []
        for count in (4, 20):
            for number in range(count):
                self._account(self._customer(f"Customer {count} {number}", 1e6), self.user)
            self._job("_cron_nightly", self.day)
            costs.append(cost())
        self.assertEqual(*costs)


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestJobPage(JobCase):
    """One page says what the jobs did tonight and will do tomorrow."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for job, hour in ((cls.nightly, 17), (cls.yearly, 18), (cls.morning, 0)):
            job.cron_id.write({"nextcall": datetime(2026, 11, 23, hour), "active": True})
            job.cron_id.flush_recordset()

    def _page(self, job, user=None):
        names = ["last_run", "result", "failure_count", "next_run", "forecast", "warning"]
        [values] = self._as(job, user or self.auditor).read(names)
        return values

    def test_what_it_did(self):
        model = type(self.env["kam.tier.evaluation"])
        with patch.object(model, "_suggest_scheme", autospec=True, side_effect=ValueError("why")):
            self._failing_job("_cron_nightly", self.day)
        page = self._page(self.nightly)
        self.assertEqual(page["result"], "1 done, 1 failed, records: 1")
        self.assertEqual(page["failure_count"], 1)
        with freeze_time("2026-11-22 05:00:00"):
            self._job("_cron_nightly", self.day)
            page = self._page(self.nightly)
            self.assertEqual(page["result"], "2 done, records: 2", "of the last run")
            self.assertEqual(page["failure_count"], 1, "of the week")
            self.assertEqual(page["last_run"], datetime(2026, 11, 22, 5))
        with freeze_time("2026-11-29 04:00:01"):
            self.assertEqual(self._page(self.nightly)["failure_count"], 0)

    def test_what_the_night_will_do(self):
        """Source: S2-09, S0-36."""
        self._job("_cron_nightly", self.day)
        lines = self._page(self.nightly)["forecast"].split("\n")
        self.assertEqual(
            lines,
            [
                f"Compare with “{self.s3.name}” (customers that differed last time: 1).",
                "Refresh the figures of account files: 1.",
            ],
        )
        for effective, expected in ((date(2026, 11, 24), False), (date(2026, 11, 23), True)):
            evaluation = self._evaluation(self.big, effective_date=effective)
            evaluation._as_engine().write({"state": "approved"})
            first = self._page(self.nightly)["forecast"].split("\n")[0]
            self.assertEqual(
                first.startswith("Apply evaluations that take effect (1)"), expected, effective
            )

    def test_a_scheme_that_applies_by_itself_is_named_so(self):
        self.s3.write({"approval_required": False, "auto_apply": True})
        self.assertIn("Apply “", self._page(self.nightly)["forecast"])

    def test_when_the_next_round_is_due(self):
        """Source: S0-35."""
        self._job("_cron_yearly", date(2026, 1, 1))
        self.assertIn("01/01/2027", self._page(self.yearly)["forecast"])
        self.s3.evaluation_interval_months = 24
        self.assertIn("01/01/2028", self._page(self.yearly)["forecast"])
        self.s3.evaluation_interval_months = 6
        self.assertTrue(self._page(self.yearly)["forecast"].startswith("Make and compute"))
        self._job("_cron_yearly", date(2026, 7, 1))
        self.assertIn("01/01/2027", self._page(self.yearly)["forecast"])

    def test_before_go_live_it_will_do_nothing(self):
        for go_live, nothing in ((date(2026, 11, 24), True), (date(2026, 11, 23), False)):
            self.company.kam_go_live_date = go_live
            for job in (self.nightly, self.yearly):
                forecast = self._page(job)["forecast"]
                self.assertEqual(forecast.startswith("Nothing before"), nothing, go_live)
        self.s3.write({"is_primary": False, "active": False})
        self.assertIn("no tiering scheme", self._page(self.nightly)["forecast"])

    def test_how_many_people_will_hear(self):
        self.assertIn("Nobody", self._page(self.morning)["forecast"])
        Notice = self.env["kam.notice"]
        for user, title in ((self.user, "One"), (self.user, "Two"), (self.officer, "Three")):
            Notice._queue(user, title)
        self.assertIn("that day: 2, of 3", self._page(self.morning)["forecast"])

    def test_warnings(self):
        """Switched off, never ran, too long ago: a day and an hour for a daily job."""
        self.nightly.cron_id.lastcall = False
        self.assertIn("never", self._page(self.nightly)["warning"])
        self._job("_cron_nightly", self.day)
        for moment, warned in (("2026-11-23 05:00:00", False), ("2026-11-23 05:00:01", True)):
            with freeze_time(moment):
                self.assertEqual(bool(self._page(self.nightly)["warning"]), warned, moment)
        self.nightly.cron_id.active = False
        page = self._page(self.nightly)
        self.assertIn("Switched off", page["warning"])
        self.assertEqual((page["next_run"], page["forecast"]), (False, ""))

    def test_who_reads_and_who_runs(self):
        cron = type(self.env["ir.cron"])
        calls = []
        self.patch(cron, "method_direct_trigger", lambda crons: calls.append(crons) or True)
        for user in (self.officer, self.director, self.gm, self.auditor):
            job = self._as(self.nightly, user)
            self.assertTrue(job.read(["name", "forecast"]))
            with self.assertRaises(AccessError):
                job.action_run_now()
        for user in (self.member, self.user, self.seller):
            for name in ("action_run_now", "action_open_runs"):
                with self.assertRaises(AccessError):
                    getattr(self._as(self.nightly, user), name)()
        self.assertFalse(calls)
        self.assertEqual(
            self._as(self.nightly, self.admin).action_run_now()["tag"], "display_notification"
        )
        self.assertEqual(calls[0].ids, self.nightly.cron_id.ids)
        action = self._as(self.nightly, self.auditor).action_open_runs()
        self.assertEqual(action["domain"], [("job_id", "in", self.nightly.ids)])

    def test_run_now_runs_as_the_scheduler_does(self):
        self.assertFalse(self.admin.has_group("base.group_system"))
        with self.enter_registry_test_mode():
            self._as(self.morning, self.admin).action_run_now()
        self.assertEqual(self._runs(self.morning).state, "idle")

    def test_the_page_costs_the_same_for_many_accounts_and_runs(self):
        jobs = self.nightly | self.yearly | self.morning
        spec = self._spec(jobs, "kanban", self.auditor)

        def cost():
            records = self._as(self.env["kam.job"], self.auditor)
            before = self.env.cr.sql_log_count
            records.web_search_read([("id", "in", jobs.ids)], spec)
            return self.env.cr.sql_log_count - before

        self._job("_cron_nightly", self.day)
        cost()
        few = cost()
        for number in range(10):
            self._account(self._customer(f"Customer {number}", 1e6), self.user)
        for _night in range(5):
            self._job("_cron_nightly", self.day)
        self.assertEqual(cost(), few)
        self.assertLess(few, 60)
