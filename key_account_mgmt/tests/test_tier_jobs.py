from datetime import date
from unittest.mock import patch

from psycopg2 import OperationalError

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import KamCase


@tagged("post_install", "-at_install")
class TestTierJobs(KamCase):
    """J01 and J02: idempotent, catching up, one failing unit stops no other.

    Source: S0-35, S0-36, S2-09, S3-20.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.kam_go_live_date = date(2025, 6, 1)
        cls.s3.activated_on = date(2025, 6, 1)
        cls.big = cls._customer("Tianheng", 30e6, "leading")
        cls.open = cls._customer("Hongyue", 25e6)
        cls.small = cls._customer("Corner Shop", 10_000)
        cls.account = cls._hold(cls._account(cls.big, cls.user), cls.main)

    def _suggestions(self, scheme=None):
        return self.env["kam.tier.suggestion"].search(
            [("company_id", "=", self.company.id), ("scheme_id", "=", (scheme or self.s3).id)]
        )

    def _annual(self):
        return self.env["kam.tier.evaluation"].search(
            [("company_id", "=", self.company.id), ("kind", "=", "annual")], order="day"
        )

    # J01

    def test_differences_are_listed_every_night(self):
        """Source: S2-09."""
        self._job("_cron_nightly", self.day)
        found = {(s.partner_id, s.change, s.suggested_tier_id) for s in self._suggestions()}
        self.assertEqual(
            found,
            {
                (self.big, "up", self.key),
                (self.open, "unassessed", self.env["kam.tier"]),
            },
        )
        self.assertEqual(self.account.suggested_tier_id, self.key)
        self.assertEqual(self.account.tier_id, self.main)

    def test_the_night_run_twice_gives_the_same_rows(self):
        """And remembers since when it differs."""
        names = ["id", "partner_id", "change", "since"]
        self._job("_cron_nightly", date(2026, 11, 20))
        before = self._suggestions().read(names)
        figures = self.env["kam.metric.value"].search_count([("partner_id", "=", self.big.id)])
        self._job("_cron_nightly", date(2026, 11, 20))
        self._job("_cron_nightly", date(2026, 11, 21))
        self.assertEqual(self._suggestions().read(names), before)
        self.assertEqual(
            self.env["kam.metric.value"].search_count([("partner_id", "=", self.big.id)]), figures
        )

    def test_a_difference_that_vanished_is_dropped(self):
        self._job("_cron_nightly", self.day)
        self._hold(self.account, self.key, self.day)
        self._stand(self.open, "medium")
        self._job("_cron_nightly", self.day)
        self.assertEqual(
            [(s.partner_id, s.change) for s in self._suggestions()], [(self.open, "new")]
        )

    def test_the_header_shows_the_figures_of_the_night(self):
        self._job("_cron_nightly", self.day)
        self.assertEqual(self.account.sales, 30e6)
        self.assertEqual(self.account.state, "active")

    def test_a_failing_unit_stops_no_other(self):
        """It is logged, and the next night repairs it."""
        model = type(self.env["kam.tier.evaluation"])
        with patch.object(model, "_refresh_figures", autospec=True, side_effect=ValueError):
            self._failing_job("_cron_nightly", self.day)
        self.assertTrue(self._suggestions())
        self.assertFalse(self.account.sales)
        with patch.object(model, "_suggest_scheme", autospec=True, side_effect=ValueError):
            self._failing_job("_cron_nightly", self.day)
        self.assertEqual(self.account.sales, 30e6)

    def test_a_unit_that_met_another_worker_is_run_again_soon(self):
        """Two workers at once: what is left to do is told to the scheduler."""
        left = []
        model = type(self.env["kam.tier.evaluation"])
        cron = type(self.env["ir.cron"])
        with (
            patch.object(model, "_refresh_figures", autospec=True, side_effect=OperationalError),
            patch.object(cron, "_commit_progress", lambda *a, remaining: left.append(remaining)),
            mute_logger("odoo.addons.key_account_mgmt.models.core.job_mixin"),
        ):
            self.env["kam.tier.evaluation"]._cron_nightly(self.day)
        self.assertEqual(left[-1], 1)
        self.assertTrue(self._suggestions())

    def test_killed_after_half_of_the_rows_nothing_of_the_unit_stays(self):
        model = type(self.env["kam.tier.suggestion"])
        original = model._replace

        def killed(records, *args):
            original(records, *args)
            raise RuntimeError("killed")

        with patch.object(model, "_replace", killed):
            self._failing_job("_cron_nightly", self.day)
        self.assertFalse(self._suggestions())
        self._job("_cron_nightly", self.day)
        self.assertEqual(len(self._suggestions()), 2)

    def test_nothing_happens_before_go_live_or_without_a_scheme(self):
        self.company.kam_go_live_date = date(2026, 11, 23)
        self._job("_cron_nightly", date(2026, 11, 22))
        self.assertFalse(self._suggestions())
        self._job("_cron_nightly", date(2026, 11, 23))
        self.assertTrue(self._suggestions())
        self.s3.write({"is_primary": False, "active": False})
        companies = [c for c, _day in self.env["kam.tier.evaluation"]._live_companies(self.day)]
        self.assertNotIn(self.company, companies)

    def test_a_scheme_that_applies_by_itself(self):
        """The same trail as the others, once a night.  Source: S2-09, S2-11 – S2-13."""
        value = self._scheme("s2_value")
        value.write({"active": True, "approval_required": False, "auto_apply": True})
        self._job("_cron_nightly", self.day)
        self._job("_cron_nightly", self.day)
        evaluation = self.env["kam.tier.evaluation"].search(
            [("company_id", "=", self.company.id), ("kind", "=", "auto")]
        )
        self.assertEqual((len(evaluation), evaluation.state), (1, "applied"))
        assignment = self.account.assignment_ids.filtered(lambda a: a.scheme_id == value)
        self.assertEqual((assignment.origin, assignment.date_from), ("auto", self.day))
        self.assertTrue(assignment.evaluation_line_id.result_ids)
        self.assertEqual(self.account.tier_id, self.main, "beside the primary tier")
        self.assertFalse(self._suggestions(value), "nothing is left to decide")

    def test_a_scheme_with_approval_applies_nothing_by_itself(self):
        self._job("_cron_nightly", self.day)
        self.assertFalse(
            self.env["kam.tier.evaluation"].search([("company_id", "=", self.company.id)])
        )

    def test_the_morning_message_is_one_per_person(self):
        Notice = self.env["kam.notice"]
        for title in ("One", "Two"):
            Notice._queue(self.user, title, ["fact"])
        Notice._queue(self.officer, "Three")
        before = self.env["mail.mail"].search([])
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 1.0)
        self.env["ir.config_parameter"].sudo()
        notices = Notice.search([("user_id", "in", (self.user | self.officer).ids)])
        for group in notices.grouped("user_id").values():
            group._as_engine()._send()
        self.assertTrue(all(notices.mapped("sent_on")))
        self.assertEqual(len(self.env["mail.mail"].search([]) - before), 2)
        self.assertFalse(Notice.search([("id", "in", notices.ids), ("sent_on", "=", False)]))

    # J02

    def test_one_evaluation_per_year(self):
        """In January, waiting computed for the office.  Source: S0-35, S3-20, g Q7."""
        for day in (date(2026, 1, 1), date(2026, 1, 2), date(2026, 6, 1), date(2026, 12, 31)):
            self._job("_cron_yearly", day)
        evaluation = self._annual()
        self.assertEqual(len(evaluation), 1)
        self.assertEqual(
            (evaluation.state, evaluation.day, evaluation.period_key, evaluation.scheme_ids),
            ("computed", date(2026, 1, 1), "2026-01", self.s3),
        )
        self._job("_cron_yearly", date(2027, 1, 1))
        self.assertEqual(self._annual().mapped("day"), [date(2026, 1, 1), date(2027, 1, 1)])

    def test_an_outage_is_caught_up(self):
        self._job("_cron_yearly", date(2026, 3, 15))
        self.assertEqual(self._annual().day, date(2026, 1, 1))

    def test_what_was_due_before_go_live_is_not_owed(self):
        self._job("_cron_yearly", date(2025, 12, 31))
        self.assertFalse(self._annual())
        self.company.kam_go_live_date = date(2026, 1, 2)
        self._job("_cron_yearly", date(2026, 2, 1))
        self.assertFalse(self._annual())
        self.company.kam_go_live_date = date(2026, 1, 1)
        self._job("_cron_yearly", date(2026, 2, 1))
        self.assertTrue(self._annual())

    def test_a_scheme_switched_on_later_waits_for_its_first_month(self):
        self.s3.activated_on = date(2026, 2, 1)
        self._job("_cron_yearly", date(2026, 3, 1))
        self.assertFalse(self._annual())
        self._job("_cron_yearly", date(2027, 1, 1))
        self.assertEqual(self._annual().day, date(2027, 1, 1))

    def test_schemes_of_one_month_share_an_evaluation(self):
        self.s0.write({"active": True, "activated_on": date(2025, 6, 1)})
        self.s1n.write({"active": True, "activated_on": date(2025, 6, 1), "evaluation_month": "4"})
        self._job("_cron_yearly", date(2026, 5, 1))
        self.assertEqual(
            {e.period_key: e.scheme_ids for e in self._annual()},
            {"2026-01": self.s3 | self.s0, "2026-04": self.s1n},
        )

    def test_the_interval_is_respected(self):
        """At least yearly; a company may ask for every six months.  Source: S0-35."""
        self.s3.evaluation_interval_months = 6
        for day in (date(2026, 1, 5), date(2026, 6, 30), date(2026, 7, 1), date(2027, 1, 1)):
            self._job("_cron_yearly", day)
        self.assertEqual(self._annual().mapped("period_key"), ["2026-01", "2026-07", "2027-01"])
        self.s3.evaluation_interval_months = 24
        self._job("_cron_yearly", date(2028, 1, 1))
        self.assertEqual(len(self._annual()), 3)
        self._job("_cron_yearly", date(2029, 1, 1))
        self.assertEqual(self._annual()[-1].period_key, "2029-01")

    def test_two_workers_make_one(self):
        """The second one finds the round made, by the unique index if need be."""
        self._job("_cron_yearly", date(2026, 1, 1))
        evaluation = self._annual()
        self.env["kam.tier.evaluation"]._create_yearly(self.company, self.s3, date(2026, 1, 1))
        self.assertEqual(self._annual(), evaluation)
        model = type(self.env["kam.tier.evaluation"])
        with patch.object(model, "search_count", lambda *args, **kwargs: 0):
            self._failing_job("_cron_yearly", date(2026, 1, 1))
        self.assertEqual(self._annual(), evaluation)

    def test_a_year_that_fails_is_made_the_next_day(self):
        writer = "odoo.addons.key_account_mgmt.models.tier.tier_evaluation_compute.EvaluationWriter"
        with patch(f"{writer}.store", side_effect=RuntimeError("killed")):
            self._failing_job("_cron_yearly", date(2026, 1, 1))
        self.assertFalse(self._annual())
        self._job("_cron_yearly", date(2026, 1, 2))
        self.assertEqual(self._annual().day, date(2026, 1, 1))

    def test_who_was_not_evaluated_for_a_year(self):
        """Source: S0-35."""
        today = date(2026, 11, 22)
        never = self._account(self.small)
        for last, overdue in ((date(2025, 11, 21), True), (date(2025, 11, 22), False)):
            self.account._as_engine().write({"last_evaluation_date": last})
            with patch("odoo.fields.Date.context_today", lambda *args: today):
                self.account.invalidate_recordset()
                self.assertEqual(self.account.evaluation_overdue, overdue)
                found = self.env["kam.account"].search([("evaluation_overdue", "=", True)])
                self.assertEqual(self.account in found, overdue)
                self.assertIn(never, found)
                fresh = self.env["kam.account"].search([("evaluation_overdue", "!=", True)])
                self.assertEqual(self.account in fresh, not overdue)

    # Companies

    def test_each_company_for_itself(self):
        """One partner, two companies, two tiers."""
        other = self._new_company("Yunting Rail", self.cny)
        other.kam_go_live_date = date(2025, 6, 1)
        self._sell(self.big, 6e6, company=other)
        self._stand(self.big, "medium", company_id=other.id)
        for company, tier in ((self.company, self.key), (other, self.main)):
            env = self.env(context={"allowed_company_ids": company.ids})
            evaluation = env["kam.tier.evaluation"].create(
                {
                    "company_id": company.id,
                    "day": self.day,
                    "scheme_ids": [Command.set(self.s3.ids)],
                    "partner_ids": [Command.set(self.big.ids)],
                }
            )
            evaluation.action_compute()
            evaluation._as_engine().write({"state": "approved"})
            evaluation._apply(self.day)
            self.assertEqual(self.big.with_company(company).kam_tier_id, tier)
        self.assertEqual(self.big.with_company(self.company).kam_tier_id, self.key)
        accounts = self._as(self.env["kam.account"], self.officer).search(
            [("partner_id", "=", self.big.id)]
        )
        self.assertEqual(accounts.company_id, self.company)
        self.assertFalse(
            self.env["kam.tier.assignment"]
            .with_user(self.officer)
            .search([("company_id", "=", other.id)])
        )
        self._job("_cron_nightly", self.day)
        self.assertEqual(self.big.with_company(other).kam_tier_id, self.main)
