from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..policy.periods import Period
from .common import GROUP
from .common_visit import VisitCase

MONTH = date(2026, 10, 1)
# The 3rd of November, noon in Shanghai; due on the 5th.
NOW = "2026-11-03 04:00:00"
LATE = "2026-11-06 04:00:00"


class StatusCase(VisitCase):
    """Tianheng (strategic) of ``user``, Ruisheng (key) of ``stranger``; the report is that
    of October 2026.  ``officer`` submits, ``gm`` acknowledges.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for area in ("status", "issue", "contract"):
            cls.env.ref(GROUP % f"area_{area}")._kam_switch_on()
        cls._hold(cls.tianheng, cls.strategic)
        cls._hold(cls.other, cls.key)
        cls.Report = cls.env["kam.status.report"]
        cls._told_nothing()

    @classmethod
    def _told_nothing(cls):
        notices = cls.env["kam.notice"].sudo()._as_engine()
        notices.search([("sent_on", "=", False)]).write({"sent_on": "2026-01-01 00:00:00"})

    def _run(self, day=date(2026, 11, 3)):
        self._job("_cron_status_reports", day, "kam.status.report")
        return self._report()

    def _reports(self):
        return self.Report.search([("company_id", "=", self.company.id)])

    def _report(self, month=MONTH):
        return self._reports().filtered(lambda report: report.month == month)

    def _of(self, report, account=None, user=None):
        account = account or self.tianheng
        line = report.sudo().line_ids.filtered(lambda li: li.account_id == account)
        return self._as(line.sudo(False), user) if user else line

    def _in_october(self, **values):
        """A visit report of 20 October."""
        with freeze_time("2026-10-20 08:00:00"):
            visit = self._visit("2026-10-20 01:00:00")
            self._fill(visit, next_action_date=date(2026, 11, 12), **values).action_report()
        return visit

    def _submitted(self, complete=True):
        report = self._run()
        if complete:
            self._of(report, user=self.user).action_complete()
            self._of(report, self.other, self.stranger).action_complete()
        self._as(report, self.officer).action_submit()
        self.env.invalidate_all()
        return report

    def _told(self, user, topic):
        return (
            self.env["kam.notice"]
            .sudo()
            .search(
                [
                    ("user_id", "=", user.id),
                    ("topic", "=", topic),
                    ("sent_on", "=", False),
                    ("settled_on", "=", False),
                ]
            )
        )

    def _target(self, kind, start, amount):
        return self.env["kam.target"].create(
            {
                "company_id": self.company.id,
                "subject_kind": "account",
                "account_id": self.tianheng.id,
                "period_kind": kind,
                "date_from": start,
                "amount": amount,
            }
        )


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestStatusReport(StatusCase):
    """What the report says, who completes, submits and acknowledges it.  Source: (c16)."""

    def test_every_key_account_has_a_line(self):
        """S3-33: strategic and key accounts, nobody else."""
        self._hold(self.plant, self.main)
        # Another scheme and a label beside the primary one do not count.
        self._hold(self.plant, self.s0.tier_ids.filtered("is_key_account")[0])
        report = self._run()
        self.assertEqual(report.state, "generated")
        self.assertEqual((report.month, report.date_to), (MONTH, date(2026, 10, 31)))
        self.assertEqual(report.date_due, date(2026, 11, 5))
        self.assertEqual(report.line_ids.account_id, self.tianheng | self.other)
        self.assertEqual(self._of(report).tier_id, self.strategic)
        self.assertEqual(self._of(report).user_id, self.user)
        self.assertEqual(report.user_id, self.officer)

    def test_the_level_of_the_last_day_counts(self):
        """S3-33: who became a key account in November is not in the report of October."""
        self._hold(self.plant, self.key, date(2026, 11, 1))
        report = self._run()
        self.assertNotIn(self.plant, report.line_ids.account_id)

    def test_figures_of_the_month_and_the_year(self):
        """S3-33: sales of the month, year to date, last year."""
        partner = self.tianheng.partner_id
        for month, amount in (
            (date(2026, 10, 1), 100.0),
            (date(2026, 3, 1), 40.0),
            (date(2026, 11, 1), 7.0),
            (date(2025, 10, 1), 60.0),
            (date(2025, 12, 1), 9.0),
        ):
            self._sell(partner, amount, month)
        line = self._of(self._run())
        self.assertEqual(line.sales_month, 100.0)
        self.assertEqual(line.sales_month_last_year, 60.0)
        self.assertEqual(line.sales_ytd, 140.0)
        self.assertEqual(line.sales_last_year, 60.0)
        self.assertEqual(line.light_sales, "green")
        self.assertAlmostEqual(line.attainment, 140 / 0.6, 3)

    def test_sales_against_the_target_of_the_account(self):
        """S3-33: of the month, and of the year so far where every month has one."""
        self._sell(self.tianheng.partner_id, 90.0, MONTH)
        self._target("month", MONTH, 20.0)
        report = self._run()
        line = self._of(report)
        self.assertEqual((line.target_month, line.has_target), (20.0, False))
        self.assertEqual(line.light_sales, "none", "no year before, no target of the year")
        for month in range(1, 10):
            self._target("month", date(2026, month, 1), 10.0)
        self._as(report, self.officer).action_refresh()
        line = self._of(report)
        self.assertEqual((line.target_ytd, line.has_target), (110.0, True))
        self.assertEqual(line.light_sales, "yellow")
        self.assertFalse(self._of(report, self.other).has_target)

    def test_lines_are_reports_that_were_due(self):
        """K12: in time when completed by the due day."""
        report = self._run()
        self._of(report, user=self.user).action_complete()
        metrics = [self._metric(code) for code in ("reports_due", "reports_in_time")]
        november = Period(date(2026, 11, 1), date(2026, 11, 30))
        partners = (self.tianheng | self.other).partner_id
        with freeze_time(LATE):
            found = [m._evaluate(partners, self.company, november) for m in metrics]
        keys = [(account.partner_id.id, self.company.id) for account in (self.tianheng, self.other)]
        self.assertEqual([[values[key] for key in keys] for values in found], [[1, 1], [1, 0]])

    def test_the_limits_of_the_lights_are_policy(self):
        """Policy is data: company settings decide."""
        self._sell(self.tianheng.partner_id, 85.0, date(2026, 10, 1))
        self._sell(self.tianheng.partner_id, 100.0, date(2025, 10, 1))
        report = self._run()
        self.assertEqual(self._of(report).light_sales, "yellow")
        self.company.kam_status_sales_red = 90
        self._as(report, self.officer).action_refresh()
        self.assertEqual(self._of(report).light_sales, "red")
        self.company.kam_status_sales_yellow = 80
        self.company.kam_status_sales_red = 70
        self._as(report, self.officer).action_refresh()
        self.assertEqual(self._of(report).light_sales, "green")

    def test_it_is_written_from_the_visit_report(self):
        """S3-33, users §2: already written from Tuesday's visit report; she edits."""
        visit = self._in_october(
            personnel="Buyer Li leaves", need_change="Quieter doors", competitor="Nidec quotes"
        )
        line = self._of(self._run())
        self.assertEqual(line.personnel, "Buyer Li leaves")
        self.assertEqual(line.demand, "Quieter doors")
        self.assertEqual(line.competitor, "Nidec quotes")
        self.assertFalse(line.problems)
        self.assertEqual(
            [line.change_1, line.change_2, line.change_3],
            ["Buyer Li leaves", "Nidec quotes", "Quieter doors"],
        )
        self.assertEqual(line.next_plan, "Send the offer")
        fact = line.fact_ids.filtered(lambda f: f.block == "personnel")
        self.assertEqual((fact.res_model, fact.res_id), ("kam.visit", visit.id))
        action = self._as(fact, self.user).action_open_source()
        self.assertEqual((action["res_model"], action["res_id"]), ("kam.visit", visit.id))

    def test_visits_of_other_months_are_not_in_it(self):
        with freeze_time("2026-11-02 08:00:00"):
            visit = self._visit("2026-11-02 01:00:00")
            self._fill(visit, personnel="Later").action_report()
        self.assertFalse(self._of(self._run()).personnel)

    def test_insights_are_gathered_by_kind(self):
        """S3-33: insight kinds name the heading; what is not confirmed is not told."""
        kinds = self.env["kam.insight.kind"]
        needs = kinds.search([("code", "=", "needs")])
        self.assertEqual(needs.status_block, "demand")
        values = {"account_id": self.tianheng.id, "date": date(2026, 10, 9)}
        insight = self.env["kam.insight"].create(
            {"name": "They want 55 dB", "kind_id": needs.id, **values}
        )
        self.assertFalse(self._of(self._run()).demand)
        insight._as_engine().write({"state": "confirmed"})
        self.assertEqual(self._of(self._run()).demand, "They want 55 dB")
        needs.status_block = False
        self.assertFalse(self._of(self._run()).demand)

    def test_issues_open_and_late_at_the_end_of_the_month(self):
        issue = self.env["kam.issue"].create(
            {
                "account_id": self.tianheng.id,
                "kind_id": self.env.ref("key_account_mgmt.kam_issue_kind_technical").id,
                "description": "The door hums",
                "severity": "2",
                "reported_on": "2026-10-12 02:00:00",
            }
        )
        line = self._of(self._run())
        self.assertEqual((line.issues_open, line.issues_late), (1, 1))
        self.assertEqual(line.light_issues, "red")
        self.assertIn("The door hums", line.problems)
        issue._as_engine().write({"state": "closed", "closed_on": "2026-11-02 02:00:00"})
        self.assertEqual(self._of(self._run()).issues_open, 1, "it was open at the end")
        issue._as_engine().write({"closed_on": "2026-10-31 02:00:00"})
        line = self._of(self._run())
        self.assertEqual((line.issues_open, line.light_issues), (0, "green"))

    def test_his_edit_completes_the_line(self):
        """(c16): the account manager edits, his edit marks the line complete."""
        report = self._run()
        line = self._of(report, user=self.user)
        self.assertEqual(line.status, "open")
        line.demand = "A new series"
        self.assertEqual(line.status, "complete")
        self.assertEqual(line.completed_by_id, self.user)
        self.assertEqual(report.state, "generated")
        self._of(report, self.other, self.stranger).action_complete()
        self.env.invalidate_all()
        self.assertEqual(report.state, "completed")

    def test_a_refresh_keeps_what_was_edited(self):
        """Facts are computed anew, edits stay, also those of a completed line."""
        self._in_october(personnel="Buyer Li leaves")
        report = self._run()
        self._of(report, user=self.user).demand = "Mine"
        self._sell(self.tianheng.partner_id, 5.0, MONTH)
        self._in_october(personnel="Wang comes", need_change="Theirs")
        self._run()
        line = self._of(report)
        self.assertEqual(line.sales_month, 5.0)
        self.assertEqual((line.demand, line.personnel), ("Mine", "Buyer Li leaves"))
        self.assertIn("Wang comes", line.fact_ids.mapped("text"))

    def test_what_nobody_edited_follows(self):
        self._in_october(personnel="Buyer Li leaves")
        report = self._run()
        self._in_october(personnel="Wang comes")
        self._as(report, self.officer).action_refresh()
        self.assertEqual(self._of(report).personnel, "Buyer Li leaves\nWang comes")
        self.assertEqual(self._of(report).status, "open")

    def test_facts_are_not_written_by_hand(self):
        report = self._run()
        line = self._of(report, user=self.user)
        for vals in (
            {"sales_month": 1.0},
            {"status": "complete"},
            {"light_sales": "green"},
            {"report_id": report.id},
            {"demand": "x", "overdue": 0.0},
            {"fact_ids": [Command.clear()]},
        ):
            with self.assertRaises(AccessError):
                line.write(vals)
            with self.assertRaises(AccessError):
                line.sudo().write(vals)
        with self.assertRaises(AccessError):
            self._as(report, self.officer).write({"state": "submitted"})
        with self.assertRaises(AccessError):
            self.Report.create({"company_id": self.company.id, "month": MONTH})
        with self.assertRaises(UserError):
            report.unlink()

    def test_submission_freezes_figures_and_texts(self):
        """(c16), bad input: an invoice dated back after close changes nothing."""
        self._sell(self.tianheng.partner_id, 5.0, MONTH)
        report = self._submitted()
        self.assertEqual(report.state, "submitted")
        self.assertFalse(report.submitted_late)
        self._sell(self.other.partner_id, 8.0, MONTH)
        self._run()
        line = self._of(report)
        self.assertEqual(line.sales_month, 5.0)
        self.assertEqual(self._of(report, self.other).sales_month, 0.0)
        for user in (self.user, self.officer):
            with self.assertRaises(UserError):
                self._of(report, user=user).write({"demand": "Later"})
        with self.assertRaises(UserError):
            self._as(report, self.officer).action_refresh()
        with self.assertRaises(UserError):
            self._as(report, self.officer).write({"summary": "Later"})
        with self.assertRaises(UserError):
            self._as(report, self.officer).action_submit()
        with self.assertRaises(UserError):
            line.sudo().write({"demand": "Later"})

    def test_figures_are_those_of_the_submission(self):
        """What was posted between the 1st and the submission is in it."""
        report = self._run()
        self._sell(self.tianheng.partner_id, 5.0, MONTH)
        self._as(report, self.officer).action_submit()
        self.assertEqual(self._of(report).sales_month, 5.0)

    def test_submitted_with_missing_lines_and_a_supplement(self):
        """users §2: she submits the complete ones; the others follow in a supplement."""
        report = self._run()
        self._of(report, user=self.user).demand = "Mine"
        self._as(report, self.officer).action_submit()
        self.env.invalidate_all()
        missing = self._of(report, self.other)
        self.assertEqual(missing.status, "missing")
        self.assertEqual(self._as(report, self.gm).missing_names, "Ruisheng")
        own = self._of(report, self.other, self.stranger)
        own.demand = "Ours"
        self.assertEqual(own.status, "missing")
        own.action_supplement()
        self.assertEqual(own.status, "supplement")
        self.assertTrue(self._told(self.gm, "status_supplement"))
        with self.assertRaises(UserError):
            own.demand = "Changed"
        with self.assertRaises(UserError):
            own.action_supplement()
        self.assertEqual(report.state, "submitted")

    def test_the_late_flag(self):
        """(c16), g Q14: late after the due day, the 5th."""
        report = self._run()
        for moment, late in (("2026-11-05 04:00:00", False), (LATE, True)):
            with freeze_time(moment):
                self.env.invalidate_all()
                self.assertEqual(report.is_late, late, moment)
                self.assertEqual(self._of(report).is_late, late, moment)
        with freeze_time(LATE):
            self._as(report, self.officer).action_submit()
        self.assertTrue(report.submitted_late)

    def test_the_due_day_is_a_setting(self):
        """g Q14."""
        self.company.kam_status_due_day = 31
        self.assertEqual(self._run().date_due, date(2026, 11, 30))

    def test_remind_late(self):
        """users §2: one notice each, once a day."""
        self._hold(self.plant, self.key)
        report = self._run()
        self._told_nothing()
        self._of(report, self.other, self.stranger).action_complete()
        office = self._as(report, self.officer)
        office.action_remind_late()
        told = self._told(self.user, "status_late")
        self.assertEqual(len(told), 1)
        self.assertEqual(told.lines, ["Tianheng, Tianheng Suzhou"])
        self.assertFalse(self._told(self.stranger, "status_late"))
        with self.assertRaises(UserError):
            office.action_remind_late()
        with freeze_time("2026-11-04 04:00:00"):
            office.action_remind_late()
        self.assertEqual(len(self._told(self.user, "status_late")), 2)
        for account in (self.tianheng, self.plant):
            self._of(report, account, self.user).action_complete()
        self.assertFalse(self._told(self.user, "status_late"), "settled")

    def test_everybody_acknowledges_for_himself(self):
        """S3-35: the general manager and the leaders named in Settings."""
        self.company.kam_status_leader_ids = [Command.set(self.member.ids)]
        report = self._submitted()
        rows = report.acknowledgement_ids
        self.assertEqual(rows.user_id, self.gm | self.member)
        for user in (self.gm, self.member):
            self.assertTrue(self._told(user, "status_submitted"))
        with self.assertRaises(AccessError):
            self._as(rows, self.officer).action_acknowledge()
        self._as(report, self.gm).action_acknowledge()
        self.env.invalidate_all()
        self.assertEqual(report.state, "submitted")
        with self.assertRaises(UserError):
            self._as(report, self.gm).action_acknowledge()
        self.assertFalse(self._told(self.gm, "status_submitted"))
        leader = self._as(report, self.member)
        self.assertTrue(leader.can_acknowledge)
        self.assertEqual(len(leader.line_ids), 2, "a named leader reads the whole report")
        leader.action_acknowledge()
        self.env.invalidate_all()
        self.assertEqual(report.state, "acknowledged")
        self.assertTrue(all(rows.mapped("acknowledged_on")))

    def test_one_leader_acknowledges_for_nobody_else(self):
        """S3-35: also where he sees no row but his own."""
        self.company.kam_status_leader_ids = [Command.set(self.member.ids)]
        report = self._submitted()
        self.env.invalidate_all()
        leader = self._as(report, self.member)
        self.assertEqual(len(leader.acknowledgement_ids), 1)
        leader.action_acknowledge()
        self.env.invalidate_all()
        self.assertEqual((report.state, report.acknowledged_count), ("submitted", 1))
        self._as(report, self.gm).action_acknowledge()
        self.env.invalidate_all()
        self.assertEqual((report.state, report.acknowledged_count), ("acknowledged", 2))

    def test_a_leader_works_with_us(self):
        with self.assertRaises(ValidationError):
            self.company.kam_status_leader_ids = [Command.set(self.seller.ids)]

    def test_somebody_must_acknowledge(self):
        report = self._run()
        self.env.ref(GROUP % "gm").sudo().user_ids = [Command.clear()]
        with self.assertRaises(UserError):
            self._as(report, self.officer).action_submit()

    def test_a_figure_opens_its_documents(self):
        report = self._run()
        line = self._of(report, user=self.user)
        for name in ("sales_month", "sales_ytd", "sales_last_year", "collections", "overdue"):
            action = line.with_context(kam_figure=name).action_explain()
            self.assertEqual(action["type"], "ir.actions.act_window")
        with self.assertRaises(UserError):
            line.with_context(kam_figure="proposed").action_explain()
        with self.assertRaises(UserError):
            line.action_explain()

    def test_a_line_follows_the_account_manager(self):
        """Bad input: an account that changes its manager, or has none."""
        report = self._run()
        self.tianheng.user_id = self.stranger
        self.assertEqual(self._of(report).user_id, self.stranger)
        self.tianheng.user_id = False
        self.assertFalse(self._of(report).user_id)
        self._of(report, user=self.officer).demand = "Written by the office"
        self.assertEqual(self._of(report).status, "complete")
        self._of(report, self.other, self.stranger).action_complete()
        self._as(report, self.officer).action_submit()
        self.env.invalidate_all()
        self.other.user_id = self.user
        self.assertEqual(self._of(report, self.other).user_id, self.stranger, "frozen")

    def test_merged_files_keep_their_lines(self):
        report = self._run()
        self.other.sudo()._as_engine()._merge_into(self.plant)
        self.assertEqual(self._of(report, self.plant).status, "open")

    def test_my_week(self):
        """The account manager's lines, the office's report, what leaders acknowledge."""
        report = self._run()

        def items(user):
            self.env.invalidate_all()
            found = self._as(self.env["kam.week.item"], user).search([("user_id", "=", user.id)])
            return {(item.code, item.res_id) for item in found if item.code.startswith("status")}

        line = self._of(report)
        self.assertEqual(items(self.user), {("status_line", line.id)})
        self.assertEqual(items(self.officer), {("status_report", report.id)})
        self.assertFalse(items(self.gm))
        week = self._as(self.env["kam.week.item"], self.user)
        item = week.search([("code", "=", "status_line"), ("user_id", "=", self.user.id)])
        self.assertIn("Oct", item.title)
        item.action_quick()
        self.assertFalse(items(self.user))
        self._as(report, self.officer).action_submit()
        self.assertFalse(items(self.officer))
        row = report.acknowledgement_ids
        self.assertEqual(items(self.gm), {("status_acknowledge", row.id)})
        week = self._as(self.env["kam.week.item"], self.gm)
        item = week.search([("code", "=", "status_acknowledge")])
        self.assertEqual(item.action_open()["res_model"], "kam.status.report")
        item.action_quick()
        self.assertFalse(items(self.gm))

    def test_exceptions(self):
        """Lines late by person, report not submitted, not acknowledged."""
        kinds = {
            code: self.env.ref(f"key_account_mgmt.kam_exception_kind_status_{code}")
            for code in ("line_late", "not_submitted", "not_acknowledged")
        }

        def counts():
            self.env.invalidate_all()
            return [self._as(kind, self.director).count for kind in kinds.values()]

        report = self._run()
        self.assertEqual(counts(), [0, 0, 0])
        with freeze_time(LATE):
            self.assertEqual(counts(), [2, 1, 0])
            self._as(report, self.officer).action_submit()
            self.assertEqual(counts(), [2, 0, 0])
        with freeze_time("2026-11-14 04:00:00"):
            self.assertEqual(counts(), [2, 0, 1])
            self._as(report, self.gm).action_acknowledge()
            self.assertEqual(counts(), [0, 0, 0])

    def test_the_paper(self):
        """(f) P6, S3-34: one table first, details behind."""
        self._in_october(personnel="Buyer Li leaves")
        report = self._submitted(complete=False)
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html("key_account_mgmt.report_status", report.ids)[0]
            .decode()
        )
        for text in ("Annex 1", "Tianheng", "Buyer Li leaves", "Ruisheng", "Not completed"):
            self.assertIn(text, html)
        self.assertNotIn("rofit", html)
        own = self._as(self.env["report.key_account_mgmt.report_status"], self.user)
        rows = own._get_report_values(report.ids)["papers"][report.id]["rows"]
        self.assertEqual([row["account"] for row in rows], ["Tianheng"])
