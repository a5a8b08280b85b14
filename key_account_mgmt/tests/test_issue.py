from datetime import date, datetime, timedelta

from freezegun import freeze_time
from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_issue import NOW, IssueCase

MONDAY = datetime(2026, 11, 23, 4)


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestIssue(IssueCase):
    """What a customer has a right to hear an answer to.  Source: (c11), S0-52, S2-55."""

    # Raising ---------------------------------------------------------------------------

    def test_three_fields_raise_it(self):
        """Kind, text, severity; the rest is worked out.  Source: users §1, S1d-11."""
        issue = self._raise()
        self.assertEqual(issue.name, "The door hums")
        self.assertTrue(issue.number)
        self.assertEqual((issue.state, issue.user_id), ("assigned", self.member))
        self.assertEqual(issue.department_id, self.env["kam.department"])
        self.assertEqual((issue.reporter_id, issue.company_id), (self.user, self.company))
        self.assertEqual(issue.partner_id, self.customer)
        self.assertEqual(issue.reported_day, date(2026, 11, 23))
        self.assertTrue(self._told(self.member, "issue_given").urgent)

    def test_nobody_of_the_team_has_the_role(self):
        self._kind("service").department_id = self.technology
        issue = self._raise(kind="service")
        self.assertEqual((issue.state, issue.user_id.ids), ("new", []))
        self.assertEqual(issue.department_id, self.technology)
        self.assertTrue(self._told(self.chief, "issue_given"))

    def test_nobody_begins_in_the_middle(self):
        """Create, a default, a copy, an import: only the buttons say how far it is."""
        for forged in (
            {"state": "closed"},
            {"replied_on": NOW},
            {"response_on_time": True},
            {"response_deadline": "2030-01-01 00:00:00"},
            {"reporter_id": self.officer.id},
            {"customer_satisfaction": "5"},
            {"is_automatic": True},
        ):
            with self.assertRaises(AccessError, msg=forged), self.cr.savepoint():
                self._raise(**forged)
        with self.assertRaises(UserError):
            self._raise(measure_ids=[Command.create({"name": "Done", "state": "done"})])
        defaults = {
            "default_state": "closed",
            "default_response_deadline": "2030-01-01 00:00:00",
            "default_reporter_id": self.officer.id,
        }
        issues = self._as(self.env["kam.issue"], self.user).with_context(**defaults)
        issue = issues.create(
            {
                "account_id": self.account.id,
                "kind_id": self._kind("technical").id,
                "description": "x",
            }
        )
        self.assertEqual((issue.state, issue.reporter_id), ("assigned", self.user))
        self.assertLess(issue.response_deadline, datetime(2027, 1, 1))
        copy = issue.copy()
        self.assertEqual((copy.state, copy.number != issue.number), ("assigned", True))
        for name, value in (("state", "closed"), ("reported_on", "2026-11-01 00:00:00")):
            with self.assertRaises(AccessError), self.cr.savepoint():
                issue.write({name: value})

    def test_not_of_a_stranger_not_in_the_future_not_without_a_word(self):
        with self.assertRaises(AccessError):
            self._raise(self.stranger)
        with self.assertRaises(UserError):
            self._raise(reported_on="2026-11-24 04:00:00")
        with self.assertRaises(UserError):
            self._raise(description="  ")
        self.assertTrue(self._raise(self.service), "after-sales raises for every customer")

    # Until when ------------------------------------------------------------------------

    def test_deadlines_in_working_hours(self):
        """Q15: a key account has four working hours and three working days."""
        issue = self._raise()
        self.assertEqual(issue.clock, "working")
        working = self.company._kam_working_time()
        self.assertEqual(issue.response_deadline, working.add_hours(MONDAY, 4))
        self.assertEqual(issue.resolve_day, date(2026, 11, 26))
        self.assertEqual(issue.resolve_deadline, working.intervals(issue.resolve_day)[-1][1])
        other = self._account(self._customer("Small"), self.user)
        small = self._raise(account_id=other.id)
        self.assertEqual(small.response_deadline, working.add_hours(MONDAY, 24))
        self.assertEqual(small.resolve_day, date(2026, 12, 2))

    def test_a_holiday_is_no_working_day(self):
        self.env["kam.calendar.day"].create(
            {"name": "Holiday", "date": "2026-11-24", "company_id": self.company.id}
        )
        self.assertEqual(self._raise().resolve_day, date(2026, 11, 27))

    def test_round_the_clock(self):
        """7 × 24: a holiday and the night count; the pack's promise is the earlier one.

        Source: S0-138, Q15.
        """
        self._pack()
        issue = self._raise()
        self.assertEqual(issue.clock, "24x7")
        self.assertEqual(issue.response_deadline, MONDAY + timedelta(hours=2))
        self.assertEqual(issue.resolve_deadline, MONDAY + timedelta(hours=24))
        self._pack(response=0.0, resolution=0.0)
        issue = self._raise()
        self.assertEqual(issue.response_deadline, MONDAY + timedelta(hours=4))
        self.assertEqual(issue.resolve_deadline, MONDAY + timedelta(days=3))

    def test_over_a_change_of_the_clock(self):
        """Working hours follow the wall; round the clock the hours that pass count."""
        self.company.resource_calendar_id.tz = "Europe/Berlin"
        with freeze_time("2026-10-26 08:00:00"):
            # Friday afternoon in summer time, the clock is put back on Sunday.
            heard = datetime(2026, 10, 23, 13)
            issue = self._raise(reported_on=heard)
            self.assertEqual(issue.response_deadline, self.company._kam_add_working_hours(heard, 4))
            self._pack(response=72.0, resolution=96.0)
            self.env.ref("key_account_mgmt.kam_issue_deadline_key").response_hours = 0
            issue = self._raise(reported_on=heard)
            self.assertEqual(issue.response_deadline, heard + timedelta(hours=72))

    def test_before_go_live_nothing_is_due(self):
        self.company.kam_go_live_date = date(2026, 11, 24)
        issue = self._raise()
        self.assertFalse(issue.response_deadline or issue.resolve_deadline or issue.is_late)
        self.company.kam_go_live_date = date(2026, 11, 23)
        self.assertTrue(self._raise().response_deadline)

    def test_another_severity_sets_the_deadline_anew(self):
        self.env["kam.issue.deadline"].create(
            {"severity": "3", "key_only": True, "response_hours": 1, "resolution_days": 1}
        )
        issue = self._raise()
        before = issue.response_deadline
        issue.severity = "3"
        self.assertLess(issue.response_deadline, before)
        self.assertEqual(issue.resolve_day, date(2026, 11, 24))

    def test_quality_of_a_strategic_customer_is_never_minor(self):
        """Source: S3-52."""
        self.assertEqual(self._raise(kind="quality").severity, "1")
        self._hold(self.account, self.strategic, since=date(2026, 11, 1))
        self.assertEqual(self._raise(kind="quality").severity, "2")
        self.assertEqual(self._raise(kind="quality", severity="3").severity, "3")
        minor = self._raise(kind="quality")
        minor.severity = "1"
        self.assertEqual(minor.severity, "2")

    def test_strategic_accounts_come_first(self):
        other = self._hold(self._account(self._customer("First"), self.user), self.strategic)
        late = self._raise(severity="3")
        first = self._raise(account_id=other.id)
        issues = self._as(self.env["kam.issue"], self.user).search([])
        self.assertEqual(issues.ids, (first | late).ids)

    # Steps -----------------------------------------------------------------------------

    def _replied(self, **values):
        values.setdefault("user_id", self.member.id)
        issue = self._raise(**values)
        handler = self._as(issue, self.member)
        handler.action_respond()
        handler._reply("New belt", "Old tension")
        return self._as(issue, self.user)

    def test_from_new_to_closed(self):
        """Source: (c11), K25, K30."""
        issue = self._raise()
        handler = self._as(issue, self.member)
        with freeze_time(issue.response_deadline):
            handler.action_respond()
        self.assertEqual((issue.state, issue.response_on_time), ("in_progress", True))
        with freeze_time(issue.resolve_deadline + timedelta(seconds=1)):
            handler._reply("New belt", "Old tension")
        self.assertEqual((issue.state, issue.reply_on_time), ("replied", False))
        self.assertFalse(issue.next_deadline, "what was answered is not late any more")
        lead = self._as(issue, self.user)
        lead._verify("4", "Quiet now")
        self.assertEqual((issue.state, issue.verified_by_id), ("verified", self.user))
        lead.action_close()
        self.assertEqual((issue.state, issue.closed_by_id), ("closed", self.user))
        with self.assertRaises(UserError):
            lead.write({"root_cause": "Another"})

    def test_a_reply_at_once_is_the_response_too(self):
        issue = self._raise()
        self._as(issue, self.member)._reply("New belt")
        self.assertTrue(issue.responded_on and issue.response_on_time)

    def test_a_dissatisfied_customer_sends_it_back(self):
        issue = self._replied()
        with self.assertRaises(UserError):
            issue._verify("1", "")
        issue._verify("1", "It hums again")
        self.assertEqual((issue.state, issue.reopen_count), ("in_progress", 1))
        self.assertFalse(issue.replied_on)
        self.assertEqual(issue.customer_satisfaction, "1")
        self.assertTrue(issue.next_deadline, "the clock runs on")

    def test_rejected_with_a_reason(self):
        issue = self._raise()
        with self.assertRaises(UserError):
            self._as(issue, self.member)._reject(" ")
        self._as(issue, self.member)._reject("Not our product")
        self.assertEqual(issue.state, "rejected")
        with self.assertRaises(AccessError):
            self._as(issue, self.user)._reopen("It is")
        self._as(issue, self.officer)._reopen("It is")
        self.assertEqual(issue.state, "in_progress")

    def test_steps_are_of_those_who_handle_it(self):
        self._join(self.account, self.helper, "expert")
        issue = self._as(self._raise(), self.helper)
        for step in (issue.action_respond, issue.action_take, lambda: issue._reply("x")):
            with self.assertRaises(AccessError):
                step()
        with self.assertRaises(AccessError):
            issue.write({"severity": "3"})
        with self.assertRaises(AccessError):
            issue.write({"root_cause": "x"})
        self._as(issue, self.service).action_respond()
        self.assertEqual(issue.state, "in_progress")

    def test_a_handler_has_access(self):
        with self.assertRaises(ValidationError):
            self._raise().write({"user_id": self.seller.id})

    def test_passed_on(self):
        issue = self._raise()
        self._as(issue, self.user).user_id = self.helper
        self.assertTrue(self._told(self.helper, "issue_given"))

    # Closing ---------------------------------------------------------------------------

    def test_closing_needs_cause_and_verified_measures(self):
        """Source: S3-53."""
        issue = self._replied(kind="quality")
        issue._verify("4", "")
        with self.assertRaisesRegex(UserError, "preventive"):
            issue.action_close()
        measure = self._measure(issue)
        with self.assertRaisesRegex(UserError, "to be done"):
            issue.action_close()
        self._as(measure, self.member).action_done()
        with self.assertRaisesRegex(UserError, "to be verified"):
            issue.action_close()
        self._as(measure, self.user)._verify_measure(True, "53 dB")
        issue.action_close()
        self.assertEqual(issue.state, "closed")

    def test_a_complaint_needs_the_customers_view(self):
        issue = self._replied(kind="complaint")
        issue._verify(False, "Seen")
        with self.assertRaisesRegex(UserError, "customer's view"):
            issue.action_close()
        issue._ask_customer("4", "Fast")
        issue.action_close()

    def test_an_enquiry_needs_no_cause(self):
        issue = self._raise(kind="enquiry", user_id=self.member.id)
        self._as(issue, self.member)._reply("630 kg")
        lead = self._as(issue, self.user)
        lead._verify(False, "")
        lead.action_close()

    # Measures --------------------------------------------------------------------------

    def test_nobody_verifies_his_own_measure(self):
        issue = self._raise(kind="quality")
        measure = self._measure(issue, "corrective")
        self.assertEqual((measure.account_id, measure.company_id), (self.account, self.company))
        with self.assertRaises(UserError):
            self._as(measure, self.user)._verify_measure(True, "too early")
        self._as(measure, self.member).action_done()
        with self.assertRaises(AccessError):
            self._as(measure, self.member)._verify_measure(True, "mine")
        with self.assertRaises(UserError):
            self._as(measure, self.user)._verify_measure(False, "still 60 dB")
        self._as(measure, self.user)._verify_measure(False, "still 60 dB", date(2026, 12, 4))
        self.assertEqual((measure.state, measure.date_due), ("open", date(2026, 12, 4)))
        self._as(measure, self.member).action_done()
        self._as(measure, self.user)._verify_measure(True, "53 dB")
        self.assertEqual(measure.verified_by_id, self.user)
        self._as(measure, self.officer).action_reopen()
        self.assertFalse(measure.verified_on, "done anew, verified anew")

    def test_verification_is_not_typed(self):
        issue = self._raise()
        with self.assertRaises(AccessError):
            self._measure(issue, verified_on=NOW)
        measure = self._measure(issue)
        for vals in ({"verified_on": NOW}, {"issue_id": False}):
            with self.assertRaises(AccessError):
                self._as(measure, self.user).write(vals)

    def test_measures_are_decided_by_handlers(self):
        self._join(self.account, self.helper, "expert")
        issue = self._raise()
        with self.assertRaises(AccessError):
            self._measure(issue, user=self.helper)
        with self.assertRaises(AccessError):
            self._measure(issue, user=self.stranger)
        self.assertTrue(self._measure(issue, user=self.service))
        issue.sudo().user_id = self.stranger
        self.assertTrue(self._measure(issue, user=self.stranger), "handles it, on no team")

    def test_a_measure_is_of_the_account_of_its_issue(self):
        """Adding measures is no way to another account, nor to any without an issue."""
        other = self._account(self._customer("Small"), self.helper)
        issue = self._raise()
        measure = self._measure(issue, user=self.service, account_id=other.id)
        self.assertEqual(measure.sudo().account_id, self.account)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._measure(issue, user=self.service).account_id = other
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(self.env["kam.action"], self.service).create(
                {
                    "name": "Promise",
                    "account_id": other.id,
                    "user_id": self.service.id,
                    "date_due": "2026-12-01",
                }
            )

    # Access ----------------------------------------------------------------------------

    def test_an_ex_member_sees_nothing_from_the_day_after(self):
        issue = self._raise(self.member, kind="suggestion")
        issue.sudo()._as_engine().user_id = False
        self._leave("2026-11-22")
        self.assertFalse(self._as(self.env["kam.issue"], self.member).search([]))
        self.assertTrue(self._as(self.env["kam.issue"], self.user).search([]))

    # Elsewhere -------------------------------------------------------------------------

    def test_the_account_counts_its_issues(self):
        self._raise()
        self._as(self._raise(), self.member)._reject("Twice")
        account = self._as(self.account, self.user)
        self.assertEqual((account.open_issue_count, account.late_issue_count), (1, 0))
        with freeze_time("2026-12-20 04:00:00"):
            self.assertEqual(self._as(self.account, self.user).late_issue_count, 1)
        issues = self._as(self.env["kam.issue"], self.user)._open_for(self.customer)
        self.assertEqual(len(issues), 1)

    def test_after_sales_begins_at_the_issues(self):
        """Source: users §6."""
        users = self._as(self.env["res.users"], self.service)
        self.assertEqual(users._kam_home_action_xmlid(), "key_account_mgmt.kam_issue_action")
        users = self._as(self.env["res.users"], self.member)
        self.assertEqual(users._kam_home_action_xmlid(), "key_account_mgmt.kam_week_item_action")

    def test_a_hand_over_takes_issues_along(self):
        issue = self._raise(user_id=self.user.id)
        items = self.account._handover_items(self.user)
        self.assertIn(issue.id, [i["res_id"] for i in items if i["model"] == "kam.issue"])

    def test_my_week(self):
        issue = self._raise()
        items = self._as(self.env["kam.week.item"], self.member).search(
            [("code", "=", "issue"), ("user_id", "=", self.member.id)]
        )
        self.assertEqual(items.mapped("res_id"), issue.ids)
        items.action_quick()
        self.assertEqual(issue.state, "in_progress")

    def test_analysed_by_kind_product_and_department(self):
        """The pivot's rows and columns; each sees his own issues in it.  Source: S0-53."""
        arch = self._spec_of("pivot")
        names = [node.get("name") for node in arch.iter("field")]
        self.assertEqual(names, ["kind_id", "product_id", "department_id"])
        self._kind("service").department_id = self.technology
        self._raise(kind="service", product_id=self.piece.id)
        self._raise(kind="complaint")
        groups = self._as(self.env["kam.issue"], self.user)._read_group([], names, ["__count"])
        found = {(kind.code, product, count) for kind, product, _department, count in groups}
        none = self.piece.browse()
        self.assertEqual(found, {("service", self.piece, 1), ("complaint", none, 1)})
        self.assertFalse(self._as(self.env["kam.issue"], self.helper)._read_group([], names))

    def _spec_of(self, view_type):
        return etree.fromstring(self.env["kam.issue"].get_view(view_type=view_type)["arch"])

    def test_the_handling_sheet(self):
        """P23 prints for whoever handles it."""
        issue = self._replied(kind="quality")
        self._measure(issue)
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "key_account_mgmt.report_issue", issue.ids
        )
        for text in (issue.number, "Old tension", "New belt", "Test the noise"):
            self.assertIn(text, html.decode())
