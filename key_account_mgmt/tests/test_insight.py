"""Insights: who writes what, what confirming freezes, what it gives the tier."""

from datetime import date, timedelta

from freezegun import freeze_time
from lxml import html
from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools.misc import mute_logger

from .common import GROUP, KamCase


class InsightCase(KamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._account(cls._customer("Tianheng", 30e6, "leading"), cls.user)
        cls.stranger = cls._new_user("stranger", GROUP % "user")
        cls.kinds = {kind.code: kind for kind in cls.env["kam.insight.kind"].search([])}

    def _insight(self, kind="needs", user=None, **values):
        insights = self._as(self.env["kam.insight"], user or self.user)
        values = {"account_id": self.account.id, **values}
        return insights.create({"name": "Quieter", "kind_id": self.kinds[kind].id, **values})

    def _analysis(self, **values):
        scores = {"value_score": 80, "potential_score": 60, "leader_id": self.user.id}
        return self._insight("analysis", **{**scores, **values})


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestInsight(InsightCase):
    """Source: S0-65, S0-67 … S0-70, S1r-08, S1r-12, (e) J16."""

    def test_an_analysis_needs_both_scores(self):
        """Source: S0-69."""
        for scores in ({"value_score": 0}, {"potential_score": 0}):
            with self.assertRaisesRegex(UserError, "Score customer value"), self.cr.savepoint():
                self._analysis(**scores).action_confirm()
        analysis = self._analysis()
        analysis.action_confirm()
        self.assertEqual((analysis.state, analysis.confirmed_by_id), ("confirmed", self.user))

    def test_an_analysis_is_led_by_the_lead_account_manager(self):
        """Source: S0-67: the one of today, or of the day of the analysis."""
        for leader in (False, self.stranger.id):
            with self.assertRaisesRegex(UserError, "is led by"), self.cr.savepoint():
                self._analysis(leader_id=leader).action_confirm()
        role = self.env.ref("key_account_mgmt.kam_team_role_manager")
        values = {"account_id": self.account.id, "role_id": role.id, "user_id": self.stranger.id}
        days = {"date_from": date(2026, 1, 1), "date_to": date(2026, 6, 30)}
        self.env["kam.team.member"].create({**values, **days})
        late = self._analysis(leader_id=self.stranger.id, date=date(2026, 7, 1))
        with self.assertRaisesRegex(UserError, "is led by"), self.cr.savepoint():
            late.action_confirm()
        self._analysis(leader_id=self.stranger.id, date=date(2026, 6, 30)).action_confirm()

    def test_scores_and_shares_have_their_bounds(self):
        for values in ({"value_score": 101}, {"potential_score": -1}, {"share": 100.5}):
            with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.cr.savepoint():
                self._insight(**values)
        self._insight(value_score=100, potential_score=0, share=100.0)

    def test_what_is_confirmed_stays_as_it_is(self):
        """By everybody, also the lines of its comparison; the office only archives."""
        analysis = self._analysis()
        self.assertEqual(
            analysis.comparison_ids.aspect_id, self.env["kam.insight.aspect"].search([])
        )
        row = analysis.comparison_ids[0]
        row.competitor = "Cheaper"
        analysis.action_confirm()
        for user in (self.user, self.officer, self.gm):
            mine, line = self._as(analysis, user), self._as(row, user)
            for change in (
                lambda i=mine: i.write({"needs": "x"}),
                lambda i=mine: i.write({"active": False, "name": "x"}),
                lambda i=mine: i.write({"comparison_ids": [Command.clear()]}),
                lambda i=mine: i.write({"attachment_ids": [Command.clear()]}),
                lambda i=mine: i.unlink(),
                lambda r=line: r.write({"us": "x"}),
                lambda r=line: r.unlink(),
                lambda r=line: r.copy(),
                lambda r=line: r.create(
                    {"insight_id": r.insight_id.id, "aspect_id": r.aspect_id.id}
                ),
            ):
                with self.assertRaises(UserError), self.cr.savepoint():
                    change()
        with self.assertRaises(UserError), self.cr.savepoint():
            self._as(analysis, self.user).active = False
        self._as(analysis, self.officer).active = False
        self.assertFalse(analysis.active)

    def test_nobody_forges_a_confirmation(self):
        forged = {"state": "confirmed", "confirmed_by_id": self.gm.id}
        for name, value in forged.items():
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._insight(user=self.officer, **{name: value})
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._insight().write({name: value})
        defaults = {f"default_{name}": value for name, value in forged.items()}
        insight = self._as(self.env["kam.insight"], self.user).with_context(**defaults)
        insight = insight.create(
            {"name": "x", "kind_id": self.kinds["needs"].id, "account_id": self.account.id}
        )
        self.assertEqual((insight.state, insight.confirmed_by_id.id), ("draft", False))

    def test_the_author_is_who_writes(self):
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._insight(user_id=self.gm.id)
        insight = self._insight()
        with self.assertRaises(AccessError), self.cr.savepoint():
            insight.user_id = self.gm
        self._as(insight, self.officer).user_id = self.member

    def test_who_confirms(self):
        """The author, the lead account manager, the office; an analysis not the author."""
        role = self.env.ref("key_account_mgmt.kam_team_role_technical")
        self.env["kam.team.member"].create(
            [
                {"account_id": self.account.id, "user_id": user.id, "role_id": role.id}
                for user in (self.member, self.stranger)
            ]
        )
        needs = self._insight(user=self.member)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(needs, self.stranger).action_confirm()
        self._as(needs, self.member).action_confirm()
        analysis = self._insight(
            "analysis", self.member, value_score=1, potential_score=1, leader_id=self.user.id
        )
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(analysis, self.member).action_confirm()
        self._as(analysis, self.officer).action_confirm()
        for user in (self.auditor, self.admin, self.seller):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._as(self._insight(), user).action_confirm()

    def test_a_customer_is_named_unless_the_company_learned_it(self):
        """Source: S1r-12, S1r-13, (e) J16."""
        for code, kind in self.kinds.items():
            if kind.without_account:
                insight = self._insight(code, account_id=False)
                self.assertEqual(insight.company_id, self.company)
            else:
                with self.assertRaises(ValidationError), self.cr.savepoint():
                    self._insight(code, account_id=False)
        branch = self._new_company("Yunting North", self.cny, parent=self.company)
        with self.assertRaisesRegex(ValidationError, "is a branch"), self.cr.savepoint():
            self.env["kam.insight"].create(
                {"name": "x", "kind_id": self.kinds["lesson"].id, "company_id": branch.id}
            )
        shared = {code for code, kind in self.kinds.items() if kind.without_account}
        self.assertEqual(shared, {"success", "technique", "lesson", "support", "market"})

    def test_who_reads_and_writes_what(self):
        """Source: g Q36: the account's team; company knowledge everybody, its author writes."""
        own, lesson = self._insight(), self._insight("lesson", account_id=False)
        both = [("id", "in", (own | lesson).ids)]
        for user, found in (
            (self.user, own | lesson),
            (self.stranger, lesson),
            (self.member, lesson),
            (self.officer, own | lesson),
            (self.auditor, own | lesson),
            (self.admin, own | lesson),
        ):
            self.assertEqual(self._as(own, user).search(both), found, user.name)
        with self.assertRaises(AccessError):
            self._as(own, self.seller).search(both)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(lesson, self.stranger).name = "x"
        self._as(lesson, self.user).name = "Late drawings cost weeks"
        for user in (self.stranger, self.member):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._insight(user=user)
        with self.assertRaises(UserError), self.cr.savepoint():
            self._as(lesson, self.stranger).unlink()
        self._as(lesson, self.user).unlink()

    def test_a_former_member_sees_nothing_from_the_day_after(self):
        """Source: S0-05."""
        insight = self._analysis()
        role = self.env.ref("key_account_mgmt.kam_team_role_technical")
        self.env["kam.team.member"].create(
            {
                "account_id": self.account.id,
                "user_id": self.member.id,
                "role_id": role.id,
                "date_from": self.day - timedelta(days=9),
                "date_to": self.day,
            }
        )
        for moment, seen in (("2026-11-22 04:00:00", True), ("2026-11-23 04:00:00", False)):
            with freeze_time(moment):
                mine = self._as(self.env["kam.insight"], self.member)
                self.assertEqual(bool(mine.search([("id", "=", insight.id)])), seen)
                rows = self._as(self.env["kam.insight.comparison"], self.member)
                self.assertEqual(bool(rows.search([("insight_id", "=", insight.id)])), seen)

    def test_the_form_proposes_leader_and_aspects(self):
        draft = self.env["kam.insight"].with_user(self.user).new({"account_id": self.account.id})
        draft.kind_id = self.kinds["analysis"]
        draft._onchange_kind_id()
        self.assertEqual(draft.leader_id, self.user)
        self.assertEqual(len(draft.comparison_ids), 7)

    def test_from_an_opportunity(self):
        """Source: S1r-12: this customer's, and what the company learned elsewhere."""
        other = self._account(self._customer("Other"), self.user)
        own, lesson = self._insight(), self._insight("lesson", account_id=False)
        foreign = self._insight(account_id=other.id)
        lead = self.env["crm.lead"].create(
            {
                "name": "Lifts",
                "partner_id": self.account.partner_id.id,
                "user_id": self.user.id,
                "company_id": self.company.id,
            }
        )
        self.user.group_ids += self.env.ref("sales_team.group_sale_salesman")
        action = self._as(lead, self.user).action_kam_insights()
        found = own.search([*action["domain"], ("id", "in", (own | lesson | foreign).ids)])
        self.assertEqual(found, own | lesson)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(lead, self.seller).action_kam_insights()
        action = self._as(self.account, self.user).action_open_insights()
        self.assertEqual(own.search(action["domain"]), own)

    def test_the_hook_of_later_domains(self):
        """Obligations are fulfilled by what is confirmed, once."""
        seen = []
        model = self.env.registry["kam.insight"]
        self.patch(model, "_on_insight_confirmed", lambda self: seen.append(self.ids))
        needs = self._insight()
        needs.action_confirm()
        needs.action_confirm()
        self.assertEqual([ids for ids in seen if ids], [needs.ids])


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestInsightScores(InsightCase):
    """Scores of the latest confirmed analysis are figures of the customer.  Source: S0-69."""

    def _score(self, code="customer_value_score", partner=None, company=None):
        return self._figure(code, partner or self.account.partner_id, company=company)

    def test_the_latest_confirmed_analysis_counts(self):
        self.assertIsNone(self._score(), "not assessed is not zero")
        self._analysis(date=date(2026, 3, 1), value_score=70).action_confirm()
        self._analysis(date=date(2026, 2, 1), value_score=10).action_confirm()
        self._analysis(date=date(2026, 4, 1), value_score=99)
        self._insight("needs", value_score=5, date=date(2026, 10, 1)).action_confirm()
        self.assertEqual(self._score(), 70.0)
        self.assertEqual(self._score("customer_potential_score"), 60.0)
        later = self._analysis(date=date(2026, 10, 31), value_score=55)
        later.action_confirm()
        self.assertEqual(self._score(), 55.0)
        self._as(later, self.officer).active = False
        self.assertEqual(self._score(), 70.0, "archived by the office")

    def test_each_company_for_itself(self):
        self._analysis(date=date(2026, 3, 1)).action_confirm()
        other = self._new_company("Yunting Rail", self.cny)
        self.assertIsNone(self._score(company=other))

    def test_it_is_a_criterion(self):
        """A tier may rest on it; without an analysis the customer is not assessed."""
        scheme = self.s3.copy({"name": "Scored", "code": "scored"})
        top = scheme.tier_ids.sorted("rank")[0]
        scheme.tier_ids.criterion_ids.unlink()
        self.env["kam.tier.criterion"].create(
            {
                "tier_id": top.id,
                "metric_id": self._metric("customer_value_score").id,
                "operator": ">=",
                "threshold": "70",
            }
        )
        scheme.fallback_tier_id = scheme.tier_ids.sorted("rank")[-1]
        scheme.active = True
        partner = self.account.partner_id
        analysis = self._analysis(date=date(2026, 3, 1), value_score=70)
        analysis.action_confirm()
        line = self._line(self._evaluation(partner, scheme), partner)
        self.assertEqual(line.suggested_tier_id, top)
        self._as(analysis, self.officer).active = False
        self._analysis(date=date(2026, 3, 1), value_score=69).action_confirm()
        line = self._line(self._evaluation(partner, scheme), partner)
        self.assertEqual(line.suggested_tier_id, scheme.fallback_tier_id)

    def test_it_explains_itself_by_the_analysis(self):
        analysis = self._analysis(date=date(2026, 3, 1))
        analysis.action_confirm()
        metric = self._metric("customer_value_score").with_user(self.user)
        action = metric._explain_action(
            self.account.partner_id.with_user(self.user), self.company, self.window
        )
        self.assertEqual(action["res_model"], "kam.insight")
        self.assertEqual(action["domain"], [("id", "in", analysis.ids)])


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestProfilePapers(InsightCase):
    """Prints P7 and P8; (f)."""

    def _page(self, report, records, user=None):
        records = self._as(records, user or self.user).with_context(lang="en_US")
        content = records.env["ir.actions.report"]._render_qweb_html(
            f"key_account_mgmt.{report}", records.ids
        )[0]
        return " ".join(html.fromstring(content).text_content().split())

    def test_the_customer_file(self):
        """Source: S0-153, S1m-08, (f) P7."""
        self._hold(self.account, self.key)
        self.account.write(
            {
                "legal_representative": "Li Gang",
                "decision_process": "Technology first",
                "cooperation_history": "Since 2012",
                "service_pack_id": self.env.ref("key_account_mgmt.kam_service_pack_l1").id,
            }
        )
        self.account.service_pack_id.hotline = "400 123 4567"
        role = self.env.ref("key_account_mgmt.kam_team_role_technical")
        values = {"account_id": self.account.id, "role_id": role.id}
        self.env["kam.team.member"].create(
            [
                {**values, "user_id": self.member.id},
                {**values, "user_id": self.stranger.id, "date_from": date(2026, 1, 1),
                 "date_to": date(2026, 11, 21)},
            ]
        )  # fmt: skip
        self._insight("competitor", competitor_id=self._customer("Keruite").id, share=30.0)
        page = self._page("report_account_file", self.account)
        for text in ("Tianheng", "Key", "Li Gang", "Technology first", "Since 2012", "Keruite",
                     "400 123 4567", "Exclusive Service", "Technical Owner", "Member",
                     "Bought Most"):  # fmt: skip
            self.assertIn(text, page)
        self.assertNotIn("Stranger", page, "left yesterday")
        self.assertIn("Tianheng", self._page("report_account_file", self.account, self.auditor))
        with self.assertRaises(AccessError):
            self._page("report_account_file", self.account, self.stranger)

    def test_the_analysis(self):
        """Source: S0-67, S1r-09, (f) P8."""
        analysis = self._analysis(needs="Less noise", description="<p>Three talks</p>")
        analysis.comparison_ids[0].write({"competitor": "Cheap", "customer": "Fast", "us": "Good"})
        analysis.action_confirm()
        page = self._page("report_customer_analysis", analysis)
        for text in ("Customer Analysis", "Less noise", "Three talks", "80", "60",
                     "Cheap Fast Good"):  # fmt: skip
            self.assertIn(text, page)
        with self.assertRaises(AccessError):
            self._page("report_customer_analysis", analysis, self.stranger)
