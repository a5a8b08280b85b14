from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_status_report import LATE, MONTH, NOW, StatusCase


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestStatusLater(StatusCase):
    """What happens to a report after it was made: late, handed over, merged, left."""

    def _week(self, user):
        self.env.invalidate_all()
        found = self._as(self.env["kam.week.item"], user).search([("user_id", "=", user.id)])
        return {item.code for item in found if item.code.startswith("status")}

    def _paper(self, report, user, account):
        self.env.invalidate_all()
        own = self._as(self.env["report.key_account_mgmt.report_status"], user)
        rows = own._get_report_values(report.ids)["papers"][report.id]["rows"]
        [row] = [row for row in rows if row["account"] == account.display_name]
        return row

    # Made late ------------------------------------------------------------------------

    def test_made_on_its_due_day_or_later_it_is_due_later(self):
        """S3-33, g Q14: before, on and after the 5th; nobody is late with what was not there."""
        for day, due in (
            (date(2026, 11, 1), date(2026, 11, 5)),
            (date(2026, 11, 4), date(2026, 11, 5)),
            (date(2026, 11, 5), date(2026, 11, 9)),
            (date(2026, 11, 23), date(2026, 11, 27)),
        ):
            report = self._run(day)
            self.assertEqual(report.date_due, due, day)
            self.assertEqual(set(report.line_ids.mapped("date_due")), {due})
            report._as_engine().unlink()

    # Acknowledging --------------------------------------------------------------------

    def test_who_has_left_keeps_no_report_waiting(self):
        """S3-35: and it is not acknowledged by nobody."""
        self.company.kam_status_leader_ids = [Command.set(self.member.ids)]
        report = self._submitted()
        self._as(report, self.gm).action_acknowledge()
        self._run(date(2026, 11, 4))
        self.assertEqual(report.state, "submitted", "the leader is still there")
        self.company.kam_status_leader_ids = [Command.clear()]
        self._run(date(2026, 11, 4))
        self.assertEqual(report.state, "acknowledged")

    def test_who_comes_instead_is_asked(self):
        """S3-35: the general manager was replaced before he read it."""
        report = self._submitted()
        group = self.env.ref("key_account_mgmt.group_kam_gm").sudo()
        self.gm.group_ids += self.env.ref("key_account_mgmt.group_kam_user")
        group.user_ids = [Command.clear()]
        self._run(date(2026, 11, 4))
        self.assertEqual(report.state, "submitted", "nobody has read it")
        group.user_ids = [Command.set(self.director.ids)]
        for _again in range(2):
            self._run(date(2026, 11, 4))
            self.assertEqual(
                report._every_acknowledgement().user_id, self.gm | self.director, "asked once"
            )
        self.assertIn("status_acknowledge", self._week(self.director))
        self._as(report, self.director).action_acknowledge()
        self.env.invalidate_all()
        self.assertEqual(report.state, "acknowledged")
        self.assertFalse(self._week(self.gm), "nothing waits for him any more")

    def test_a_named_leader_prints_it(self):
        """S3-35: he sees no account file and reads the report of it all the same."""
        expert = self._new_user("expert", "key_account_mgmt.group_kam_user")
        self.company.kam_status_leader_ids = [Command.set(expert.ids)]
        report = self._submitted()
        self.assertTrue(self._paper(report, expert, self.other))
        self.env.invalidate_all()
        lines = self._as(report, expert).line_ids
        self.assertIn("Ruisheng", lines.read(["display_name"])[1]["display_name"])

    # Missing --------------------------------------------------------------------------

    def test_a_draft_of_a_missing_line_is_not_the_report(self):
        """(c16): a submitted report says what was gathered, until the supplement is handed in."""
        self._in_october(personnel="Buyer Li leaves")
        report = self._submitted(complete=False)
        own = self._of(report, user=self.user)
        own.write({"personnel": "They will leave us", "change_1": "Bad news"})
        row = self._paper(report, self.gm, self.tianheng)
        self.assertIn("Buyer Li leaves", str(row["texts"]))
        self.assertNotIn("leave us", str(row))
        self.assertNotIn("Bad news", str(row) + own.changes_text)
        own.action_supplement()
        row = self._paper(report, self.gm, self.tianheng)
        self.assertIn("They will leave us", str(row["texts"]))
        self.assertIn("Bad news", row["changes"])

    def test_a_missing_line_waits_in_the_week_of_who_leads_the_account(self):
        """Handed over, the report still says who led it; the new one hands in what is missing."""
        report = self._submitted(complete=False)
        self.assertIn("status_supplement", self._week(self.user))
        self.tianheng.user_id = self.stranger
        self.assertEqual(self._of(report).user_id, self.user)
        self.assertNotIn("status_supplement", self._week(self.user))
        self._told_nothing()
        with freeze_time(LATE):
            self._as(report, self.officer).action_remind_late()
        self.assertFalse(self._told(self.user, "status_late"))
        self.assertTrue(self._told(self.stranger, "status_late"))
        own = self._of(report, user=self.stranger)
        with self.assertRaises(UserError):
            own.action_complete()
        own.action_supplement()
        self._of(report, self.other, self.stranger).action_supplement()
        self.env.invalidate_all()
        self.assertFalse(self._told(self.stranger, "status_late"))
        self.assertFalse(self._week(self.stranger))
        with self.assertRaisesRegex(UserError, "No line is missing"):
            self._as(report, self.officer).action_remind_late()

    # Accounts that go -----------------------------------------------------------------

    def test_an_account_that_left_leaves_the_open_report(self):
        """S3-33: archived, or its level ended after all before the month did."""
        report = self._run()
        self._of(report, user=self.user).action_complete()
        self.other.sudo()._as_engine().active = False
        self._run()
        self.assertEqual(report.line_ids.account_id, self.tianheng)
        self.assertEqual(report.state, "completed", "it keeps nobody waiting")
        levels = self.env["kam.tier.assignment"]._as_engine().search([])
        levels.write({"date_to": date(2026, 10, 1)})
        self._run()
        self.assertFalse(report.exists(), "a report of nobody is none")

    def test_a_submitted_report_keeps_them(self):
        report = self._submitted()
        self.other.sudo()._as_engine().active = False
        self._run(date(2026, 11, 4))
        self.assertEqual(len(report._every_line()), 2)

    def test_two_merged_files_go_on_as_one_line(self):
        """Nothing that was written is lost, nothing counts twice."""
        self._hold(self.plant, self.key)
        report = self._run()
        self._of(report, self.plant, self.officer).demand = "Twice as much"
        self._of(report, self.other, self.officer).demand = "Half as much"
        self.plant.sudo()._as_engine()._merge_into(self.other)
        self.assertEqual(report.line_ids.account_id, self.tianheng | self.other)
        self.assertEqual(self._of(report, self.other).demand, "Half as much\nTwice as much")

    def test_a_submitted_report_that_names_both_keeps_both(self):
        self._hold(self.plant, self.key)
        report = self._run()
        self._as(report, self.officer).action_submit()
        self.plant.sudo()._as_engine()._merge_into(self.other)
        self.assertEqual(len(report.line_ids), 3)

    # What it says ---------------------------------------------------------------------

    def test_the_plan_keeps_what_was_done_meanwhile(self):
        """Submitted on the 6th, it still names what was planned for the days before."""
        visit = self._visit("2026-11-04 02:00:00")
        action = self.env["kam.action"].create(
            {
                "name": "Send the drawing",
                "account_id": self.tianheng.id,
                "user_id": self.user.id,
                "date_due": date(2026, 11, 5),
            }
        )
        report = self._run()
        plan = self._of(report).next_plan
        self.assertIn("Send the drawing", plan)
        with freeze_time("2026-11-05 08:00:00"):
            self._fill(visit, next_action_date=date(2026, 12, 12)).action_report()
            self._as(action, self.user).action_done()
        with freeze_time(LATE):
            self._as(report, self.officer).action_refresh()
        self.assertEqual(self._of(report).next_plan, plan)

    def test_a_year_is_spread_where_its_months_have_no_target(self):
        """K27: the finest target of a month, as in the sales report."""
        for kind, start, amount, expected in (
            ("year", date(2026, 1, 1), 120.0, (10.0, 100.0)),
            ("quarter", date(2026, 10, 1), 90.0, (30.0, 120.0)),
            ("month", MONTH, 50.0, (50.0, 140.0)),
        ):
            self._target(kind, start, amount)
            line = self._of(self._run())
            self.assertEqual((line.target_month, line.target_ytd), expected, kind)
            self.assertTrue(line.has_target)

    def test_nothing_sold_of_a_target_is_zero_percent(self):
        """(f) P6: without a target there is no percentage."""
        self._target("year", date(2026, 1, 1), 120.0)
        report = self._run()
        self.assertEqual(self._paper(report, self.gm, self.tianheng)["attained"], "0")
        self.assertEqual(self._paper(report, self.gm, self.other)["attained"], "–")

    def test_it_is_in_the_language_of_the_company(self):
        """Whoever refreshes it, with whatever context."""
        self.env["res.lang"]._activate_lang("fr_FR")
        visit = self._visit("2026-11-24 02:00:00")
        visit.purpose_id.sudo().with_context(lang="fr_FR").name = "Pour l'affaire"
        report = self._run()
        before = self._of(report).next_plan
        self.assertIn(visit.purpose_id.name, before)
        office = self._as(report, self.officer).with_context(lang="fr_FR", active_test=False)
        office.action_refresh()
        self.assertEqual(self._of(report).next_plan, before)
