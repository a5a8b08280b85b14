"""The pack for a meeting with the customer holds nothing internal."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_issue import IssueCase

REPORT = "key_account_mgmt.report_review_pack"


@freeze_time("2026-11-23 04:00:00")
@tagged("post_install", "-at_install")
class TestReviewPack(IssueCase):
    """S1d-09, users §5: 季度业务回顾资料."""

    def _pack_of(self, user=None, **values):
        Wizard = self._as(self.env["kam.review.pack.wizard"], user or self.user)
        return Wizard.create({"account_id": self.account.id, **values})

    def _html(self, pack, user=None):
        report = self._as(self.env["ir.actions.report"], user or self.user)
        return report._render_qweb_html(REPORT, pack.ids)[0].decode()

    def test_last_quarter_is_proposed(self):
        pack = self._pack_of()
        self.assertEqual((pack.date_from, pack.date_to), (date(2026, 7, 1), date(2026, 9, 30)))
        pack.period = "year"
        self.assertEqual((pack.date_from, pack.date_to), (date(2025, 1, 1), date(2025, 12, 31)))

    def test_one_click(self):
        action = self._as(self.account, self.user).action_review_pack()
        self.assertEqual(action["context"]["default_account_id"], self.account.id)
        self.assertEqual(self._pack_of().action_print()["report_name"], REPORT)

    def test_days_the_wrong_way_round(self):
        pack = self._pack_of(period="own", date_from="2026-09-30", date_to="2026-09-01")
        with self.assertRaises(UserError):
            pack.action_print()

    def test_sales_beside_last_year(self):
        self._invoice(self.account.partner_id, date(2026, 7, 10), 34567.0)
        self._invoice(self.account.partner_id, date(2025, 7, 10), 12345.0)
        html = self._html(self._pack_of())
        for text in ("34,567", "12,345", "+180", self.account.partner_id.name, self.user.name):
            self.assertIn(text, html)

    def test_invoiced_is_what_was_invoiced(self):
        """Whatever the company's KPI of sales is based on."""
        self._invoice(self.account.partner_id, date(2026, 7, 10), 34567.0)
        self.env.ref("key_account_mgmt.kam_kpi_k01").basis = "order"
        self.assertIn("34,567", self._html(self._pack_of()))

    def _visit_on(self, day, purpose, state="planned"):
        visit = self.env["kam.visit"].create(
            {"account_id": self.account.id, "start": f"{day} 02:00:00", "user_id": self.user.id}
        )
        values = {"start": f"{day} 02:00:00", "stop": f"{day} 03:00:00", "day": day}
        visit.contact_ids = self.env["res.partner"].create(
            {"name": purpose, "parent_id": self.account.partner_id.id}
        )
        visit._as_engine().write({**values, "state": state})

    def test_planned_visits_do_not_push_out_those_held(self):
        """On the 90th day it is named, later it is not."""
        self._visit_on("2026-08-20", "Held Then", "reported")
        for number in range(20):
            self._visit_on("2026-12-01", f"Planned {number}")
        html = self._html(self._pack_of())
        self.assertIn("Held Then", html)
        self.assertIn("Planned 1", html)
        planned = self.env["kam.visit"].search([("state", "=", "planned")])
        planned._as_engine().write({"state": "cancelled"})
        self._visit_on("2027-02-21", "On the last day")
        self._visit_on("2027-02-22", "Too far off")
        html = self._html(self._pack_of())
        self.assertIn("On the last day", html)
        self.assertNotIn("Too far off", html)

    def test_what_the_customer_was_not_told_is_not_shown(self):
        issue = self._raise(description="Found by ourselves")
        issue.sudo()._as_engine().write({"reported_day": "2026-08-03", "is_automatic": True})
        number = issue.number
        self.assertNotIn(number, self._html(self._pack_of()))
        issue.sudo()._as_engine().responded_on = "2026-08-04 02:00:00"
        self.assertIn(number, self._html(self._pack_of()))

    def test_whoever_reads_everything_prints_it(self):
        """The auditor; he changes nothing by it."""
        self.auditor.company_ids |= self.company
        pack = self._pack_of(user=self.auditor)
        self.assertIn(self.account.partner_id.name, self._html(pack, self.auditor))

    def test_nothing_internal(self):
        """No profit, level, internal note, bottom line, cause or other customer."""
        issue = self._raise(description="SECRET-TEXT of us")
        issue.sudo()._as_engine().write(
            {
                "customer_view": "The door is too loud",
                "reply": "We changed the bearing",
                "root_cause": "SECRET-CAUSE",
                "verify_note": "SECRET-SEEN",
                "reported_day": "2026-08-03",
            }
        )
        self.env["kam.action"]._as_engine().create(
            {
                "name": "SECRET-MEASURE",
                "issue_id": issue.id,
                "issue_measure": "corrective",
                "account_id": self.account.id,
                "company_id": self.company.id,
                "user_id": self.user.id,
                "date_due": "2026-08-20",
            }
        )
        visit = self.env["kam.visit"].create(
            {
                "account_id": self.account.id,
                "start": "2026-12-20 02:00:00",
                "user_id": self.user.id,
            }
        )
        visit._as_engine().write(
            {
                "state": "reported",
                "start": "2026-08-20 02:00:00",
                "stop": "2026-08-20 03:00:00",
                "day": "2026-08-20",
            }
        )
        for name in ("next_action", "outline", "disputed_points"):
            visit._as_engine()[name] = "SECRET-NEXT"
        other = self._account(self._customer("SECRET-OTHER"), self.user)
        self._invoice(other.partner_id, date(2026, 7, 10), 98765.0)
        self.env["kam.negotiation"].create(
            {"name": "SECRET-ROUND", "partner_id": self.account.partner_id.id}
        )
        self.account.partner_id.comment = "SECRET-NOTE"
        self.key.name = "SECRET-LEVEL"
        html = self._html(self._pack_of(user=self.gm), self.gm)
        self.assertIn("The door is too loud", html)
        self.assertIn("We changed the bearing", html)
        self.assertNotIn("SECRET", html)
        self.assertNotIn("98,765", html)
        for word in ("profit", "margin", "score", "bottom line", "risk"):
            self.assertNotIn(word, html.lower())

    def test_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        pack = self._pack_of()
        self.account.partner_id.lang = "en_US"
        english = self._html(pack)
        self.assertIn("07/01/2026", english)
        self.assertIn("Business Review", english)
        self.account.partner_id.lang = "zh_CN"
        self.assertNotIn("07/01/2026", self._html(pack))

    def test_only_of_accounts_one_reads(self):
        stranger = self._new_user("pack_stranger", "key_account_mgmt.group_kam_user")
        with self.assertRaises(AccessError):
            self._pack_of(user=stranger).action_print()
        pack = self._pack_of()
        with self.assertRaises(AccessError):
            self._html(pack, stranger)
