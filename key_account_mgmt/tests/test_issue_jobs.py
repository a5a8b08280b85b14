from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .common import GROUP
from .common_issue import NOW, IssueCase


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestIssueJobs(IssueCase):
    """J12 and what raises issues by itself.  Source: (e) J12, (c11), S1d-10, S1b-02."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ladder = cls.env["kam.issue.escalation"]
        ladder.search([]).unlink()
        for level, hours, receiver in ((1, 0, "handler"), (2, 4, "lead"), (3, 8, "director")):
            ladder.create({"level": level, "hours": hours, "receiver": receiver})
        cls._pack(cls)

    def _run(self, moment):
        with freeze_time(moment):
            self._job("_cron_issues", moment, "kam.issue")

    def _late(self):
        return [n.user_id.name for n in self._told(topic="issue_response_late").sorted("id")]

    def test_every_thirty_minutes(self):
        cron = self.env.ref("key_account_mgmt.kam_cron_issues")
        self.assertEqual((cron.interval_number, cron.interval_type), (30, "minutes"))
        self.assertTrue(cron.active)

    def test_each_level_once(self):
        """Two hours round the clock; told after the deadline, four and eight hours later."""
        issue = self._raise()
        due = issue.response_deadline
        told = []
        for minutes in (-30, 0, 30, 60, 239, 240, 270, 480, 510, 2000):
            self._run(due + timedelta(minutes=minutes))
            told.append(len(self._late()))
        self.assertEqual(told, [0, 0, 1, 1, 1, 2, 2, 3, 3, 3])
        self.assertEqual(self._late(), ["Member", "User", "Director"])
        self.assertEqual((issue.response_level, bool(issue.escalated_on)), (3, True))

    def test_late_it_tells_every_level_reached_and_nobody_twice(self):
        self.account.user_id = self.member
        issue = self._raise(self.member)
        self._run(issue.response_deadline + timedelta(hours=9))
        self.assertEqual(sorted(self._late()), ["Director", "Member"])
        self._run(issue.response_deadline + timedelta(hours=9))
        self.assertEqual(len(self._late()), 2, "run twice")

    def test_who_answered_is_left_alone(self):
        issue = self._raise()
        self._as(issue, self.member).action_respond()
        self._run(issue.response_deadline + timedelta(hours=9))
        self.assertFalse(self._late())
        self._run(issue.resolve_deadline + timedelta(hours=1))
        self.assertEqual(self._told(topic="issue_resolve_late").user_id, self.member)
        self._as(issue, self.member)._reply("New belt")
        self._run(issue.resolve_deadline + timedelta(hours=20))
        self.assertEqual(len(self._told(topic="issue_resolve_late")), 1)

    def test_on_a_working_clock_the_night_does_not_count(self):
        """Noon on Monday: four working hours, then four more until the second level."""
        self._pack("working", 0.0, 0.0)
        issue = self._raise()
        working = self.company._kam_working_time()
        second = working.add_hours(issue.response_deadline, 4)
        self._run(issue.response_deadline + timedelta(minutes=1))
        self.assertEqual(self._late(), ["Member"])
        self._run(second - timedelta(minutes=1))
        self.assertEqual(self._late(), ["Member"])
        self._run(second)
        self.assertEqual(self._late(), ["Member", "User"])

    def test_nothing_where_the_area_is_off_or_before_go_live(self):
        issue = self._raise()
        late = issue.response_deadline + timedelta(hours=1)
        self.env["res.config.settings"].create({"group_kam_area_issue": False}).set_values()
        self._run(late)
        self.assertFalse(self._late())
        self.env["res.config.settings"].create({"group_kam_area_issue": True}).set_values()
        self.company.kam_go_live_date = date(2026, 11, 24)
        self._run(late)
        self.assertFalse(self._late())
        self.company.kam_go_live_date = False
        self._run(late)
        self.assertTrue(self._late())

    # Late orders -------------------------------------------------------------------------

    def _promised(self, day="2026-11-20 04:00:00", delivered=3, partner=None):
        order = self.env["sale.order"].create(
            {
                "partner_id": (partner or self.customer).id,
                "company_id": self.company.id,
                "order_line": [
                    Command.create({"product_id": self.piece.id, "product_uom_qty": 10})
                ],
            }
        )
        order.action_confirm()
        order.commitment_date = day
        if "stock.picking" not in self.env:
            order.order_line.qty_delivered = delivered
        return order

    def _delays(self, day=date(2026, 11, 23)):
        self._job("_cron_delivery_delays", day, "kam.issue")
        return self.env["kam.issue"].search([("is_automatic", "=", True)])

    def test_a_late_order_raises_its_issue_once_with_a_plan(self):
        """Source: S1d-10."""
        order = self._promised()
        issue = self._delays()
        self.assertEqual((issue.order_id, issue.category), (order, "delivery"))
        self.assertEqual(issue.account_id, self.account)
        self.assertEqual(issue.measure_ids.mapped("issue_measure"), ["containment"])
        self.assertEqual(issue.measure_ids.date_due, date(2026, 11, 24))
        self.assertEqual(self._delays(), issue, "run twice")
        self.assertEqual(self._delays(date(2026, 11, 24)), issue)

    def test_on_its_day_an_order_is_not_late(self):
        self._promised("2026-11-23 01:00:00")
        self.assertFalse(self._delays())
        self.assertTrue(self._delays(date(2026, 11, 24)))

    def test_what_raises_nothing(self):
        if "stock.picking" not in self.env:
            self._promised(delivered=10)
        self._promised(partner=self._customer("Small"))
        self._promised("2026-08-01 04:00:00")
        self.assertFalse(self._delays())
        self._promised()
        self.company.kam_issue_no_delivery = True
        self.assertFalse(self._delays())
        self.company.kam_issue_no_delivery = False
        self.company.kam_go_live_date = date(2026, 11, 21)
        self.assertFalse(self._delays())

    # Visits ------------------------------------------------------------------------------

    def _visit(self, **values):
        self.env.ref(GROUP % "area_visit")._kam_switch_on()
        visit = self._as(self.env["kam.visit"], self.user).create(
            {
                "account_id": self.account.id,
                "mode_id": self.env["kam.visit.mode"].search([], limit=1).id,
                "purpose_id": self.env.ref("key_account_mgmt.kam_visit_purpose_regular").id,
                "start": "2026-11-23 01:00:00",
                "stop": "2026-11-23 02:00:00",
                "participant_ids": [Command.set(self.user.ids)],
                "report": "Looked at line 4",
                "next_action": "Send drawings",
                "next_action_date": "2026-12-01",
                "nothing_else": True,
                **values,
            }
        )
        visit.action_report()
        return visit

    def test_a_problem_heard_at_a_visit_becomes_an_issue(self):
        """Source: S1b-02, S1a-09."""
        visit = self._visit(problems="The door hums")
        issue = visit.sudo().issue_ids
        self.assertEqual(issue.description, "The door hums")
        self.assertEqual((issue.kind_id, issue.reporter_id), (self._kind("service"), self.user))
        self.assertEqual(str(issue.reported_on), "2026-11-23 02:00:00")
        visit._raise_problems()
        self.assertEqual(visit.sudo().issue_ids, issue, "once")

    def test_the_reporter_chooses_kind_and_severity_or_settles_it(self):
        kind = self._kind("quality")
        visit = self._visit(problems="x", problem_kind_id=kind.id, problem_severity="3")
        issue = visit.sudo().issue_ids
        self.assertEqual((issue.kind_id, issue.severity), (kind, "3"))
        self.assertFalse(self._visit(problems="x", problem_settled=True).sudo().issue_ids)
        self.assertFalse(self._visit().sudo().issue_ids)
