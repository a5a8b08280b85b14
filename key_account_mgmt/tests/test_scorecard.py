from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.key_account_mgmt.policy.periods import Period

from .common_kpi import QUARTER, KpiCase

OCTOBER = date(2026, 10, 6)


class ScorecardCase(KpiCase):
    """Q3 2026 of :class:`KpiCase`.  ``director`` manages the department of ``user`` and
    ``member``; the quarter is assessed by one set: K01 (sales), K07 less is better (process),
    M02 by hand (team)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.kam_go_live_date = date(2025, 1, 1)
        area = cls.env.ref("key_account_mgmt.group_kam_area_kpi")
        cls.env.ref("base.group_user").implied_ids = [Command.link(area.id)]
        cls.env["kam.department"].create(
            {
                "name": "Sales",
                "manager_id": cls.director.id,
                "member_ids": [Command.set((cls.user | cls.member).ids)],
            }
        )
        cls.env["kam.kpi.set"].search([]).active = False
        cls.set = cls._kpi_set("quarter", K01={"default_target": 300.0}, M02={})
        cls.env["kam.scorecard"].sudo()._as_engine().search([]).unlink()

    @classmethod
    def _kpi_set(cls, period_kind, subject_kind="user", **kpis):
        """A set with those KPIs, all of the same weight in their groups."""
        lines = []
        for code, values in kpis.items():
            kpi = cls._kpi(code)
            vals = {
                "kpi_id": kpi.id,
                "method": "manual" if kpi.kind == "manual" else "proportional",
            }
            if "default_target" in values:
                vals["has_default_target"] = True
            lines.append(Command.create(vals | values))
        return cls.env["kam.kpi.set"].create(
            {
                "name": f"Test {subject_kind} {period_kind}",
                "code": f"test_{subject_kind}_{period_kind}",
                "sequence": 1,
                "subject_kind": subject_kind,
                "period_kind": period_kind,
                "line_ids": lines,
            }
        )

    def _run(self, day=OCTOBER):
        with freeze_time(f"{day} 04:00:00"):
            self._job("_cron_scorecards", day, model="kam.scorecard")
        self.env.invalidate_all()

    def _card(self, user=None, period=QUARTER, **domain):
        user = user or self.user
        terms = [("date_from", "=", period.start), ("user_id", "=", user.id)]
        terms += [(name, "=", value) for name, value in domain.items()]
        return self.env["kam.scorecard"].search(terms)

    def _line_of(self, card, code):
        return card.line_ids.filtered(lambda line: line.kpi_code == code)

    def _sent(self, user=None):
        """The card of the quarter, with its reviewer."""
        self._run()
        card = self._card(user)
        if card.state == "computed":
            card._send_to_review()
        self.assertEqual(card.state, "review")
        return card

    def _reviewed(self, user=None, score=80.0):
        card = self._sent(user)
        mine = card.with_user(self.director)
        mine.manual_score = score
        mine.write(
            {"feedback": "Well done", "lessons": "Ask earlier", "adjustments": "More visits"}
        )
        mine.action_review()
        return card

    def _closed(self, user=None):
        card = self._reviewed(user)
        card.with_user(user or self.user).action_acknowledge()
        self.assertEqual(card.state, "closed")
        return card


@tagged("post_install", "-at_install")
class TestScorecard(ScorecardCase):
    """Figures, scores and the way of a card.  Source: (c13), S0-167 … S0-171."""

    def test_the_job_makes_and_computes_one_card_each(self):
        """Source: J07, S0-169"""
        self._run()
        mine, theirs = self._card(), self._card(self.member)
        self.assertEqual((len(mine), len(theirs)), (1, 1))
        self.assertEqual(self._line_of(mine, "K01").value, 270.0)
        self.assertEqual(self._line_of(theirs, "K01").value, 400.0)
        self.assertAlmostEqual(self._line_of(mine, "K01").score, 90.0)
        self.assertAlmostEqual(self._line_of(theirs, "K01").score, 120.0, msg="the cap")
        self.assertEqual(mine.reviewer_id, self.director)
        self.assertEqual(mine.subject_user_id, self.user)

    def test_what_is_not_measured_takes_no_weight(self):
        """Until M02 is given K01 alone makes the score.  Source: (d) N/A"""
        self._run()
        card = self._card()
        self.assertAlmostEqual(card.total, 90.0)
        self.assertAlmostEqual(self._line_of(card, "K01").weight, 100.0)
        self.assertEqual(card.grade, "A")
        self.assertFalse(self._line_of(card, "M02").is_scored)

    def test_groups_weigh_as_the_set_says(self):
        """Sales 40 and team 15: (40·90 + 15·80) ÷ 55 = 87.27.  Source: g Q21"""
        card = self._reviewed(score=80.0)
        self.assertAlmostEqual(card.total, 87.27)
        self.assertEqual(card.grade, "B")

    def test_one_own_target_wins_over_the_usual_one(self):
        self.env["kam.target"].create(
            {
                "kpi_id": self._kpi("K01").id,
                "subject_kind": "user",
                "user_id": self.user.id,
                "period_kind": "quarter",
                "date_from": QUARTER.start,
                "amount": 540.0,
                "company_id": self.company.id,
            }
        )
        self._run()
        self.assertAlmostEqual(self._line_of(self._card(), "K01").score, 50.0)

    def test_a_quarter_needs_feedback_lessons_and_adjustments(self):
        """Source: S0-168, S0-170"""
        card = self._sent().with_user(self.director)
        with self.assertRaisesRegex(UserError, "score"):
            card.action_review()
        card.manual_score = 70.0
        with self.assertRaisesRegex(UserError, "Feedback.*Lessons.*Plan Adjustments"):
            card.action_review()
        card.write({"feedback": "Good", "lessons": "Some", "adjustments": "  "})
        with self.assertRaisesRegex(UserError, "still needs: Plan Adjustments"):
            card.action_review()
        card.adjustments = "Visit more"
        card.action_review()
        self.assertEqual(card.state, "acknowledge")

    def test_a_month_needs_feedback_only(self):
        """Source: S0-167, S0-168"""
        self.set.active = False
        self._kpi_set("month", K01={"default_target": 100.0})
        self._run(date(2026, 10, 1))
        september = Period(date(2026, 9, 1), date(2026, 9, 30))
        card = self._card(period=september)
        self.assertEqual(card.state, "computed", "figures settle first")
        self._run(OCTOBER)
        self.assertEqual(card.state, "review")
        mine = card.with_user(self.director)
        with self.assertRaisesRegex(UserError, "still needs: Feedback"):
            mine.action_review()
        mine.feedback = "Keep on"
        mine.action_review()
        self.assertEqual(card.state, "acknowledge")

    def test_scores_by_hand_are_0_to_100(self):
        card = self._sent().with_user(self.director)
        line = self._line_of(card, "M02")
        for score in (-0.01, 100.01):
            with self.assertRaises(ValidationError):
                line.manual_score = score
        for score in (0.0, 100.0):
            line.manual_score = score
            self.assertEqual(self._line_of(card, "M02").score, score)

    def test_acknowledged_is_closed(self):
        card = self._closed()
        self.assertTrue(card.acknowledged_on)
        self.assertEqual(card.closed_by_id, self.user)

    def test_an_objection_goes_back_and_is_kept(self):
        """Upheld: figures are computed again.  Source: c13"""
        card = self._reviewed()
        mine = card.with_user(self.user)
        mine._object("An invoice is missing", self._line_of(mine, "K01"))
        self.assertEqual((card.state, card.has_objection), ("review", True))
        reviewer = card.with_user(self.director)
        with self.assertRaisesRegex(UserError, "decide on the objection"):
            reviewer.action_review()
        self._invoice(self.a.partner_id, date(2026, 8, 20), 30.0)
        with self.assertRaisesRegex(UserError, "Say why"):
            reviewer._rule("upheld", " ")
        reviewer._rule("upheld", "It was posted late")
        self.assertEqual(self._line_of(card, "K01").value, 300.0)
        reviewer.action_review()
        mine.action_acknowledge()
        kept = card.objection_ids
        self.assertEqual((kept.ruling, kept.reason), ("upheld", "It was posted late"))
        self.assertEqual((kept.user_id, kept.ruled_by_id), (self.user, self.director))
        self.assertEqual(card.state, "closed")

    def test_a_rejected_objection_changes_no_figure(self):
        card = self._reviewed()
        card.with_user(self.user)._object("Too hard", card.line_ids.browse())
        self._invoice(self.a.partner_id, date(2026, 8, 20), 30.0)
        card.with_user(self.director)._rule("rejected", "Agreed in January")
        self.assertEqual(self._line_of(card, "K01").value, 270.0)

    def test_closed_figures_stay_and_today_stands_beside(self):
        """An invoice dated back after the close.  Source: S0-169"""
        card = self._closed()
        line = self._line_of(card, "K01")
        self.assertFalse(line.differs)
        self._invoice(self.a.partner_id, date(2026, 7, 2), 1000.0)
        self.env.invalidate_all()
        self.assertEqual(line.value, 270.0)
        self.assertTrue(line.differs)
        self.assertIn("1,270", line.today_label)
        self.assertAlmostEqual(card.total, 87.27)
        with self.assertRaises(UserError):
            card.with_user(self.officer).action_compute()
        self._run(date(2026, 11, 3))
        self.assertEqual(self._line_of(card, "K01").value, 270.0)

    def test_a_figure_opens_its_documents_of_the_days_it_was_held(self):
        card = self._closed()
        action = self._line_of(card, "K01").action_show_documents()
        moves = self.env["account.move"].search(action["domain"])
        amounts = sorted(moves.mapped("amount_untaxed_signed"))
        self.assertEqual(amounts, [-30.0, 100.0, 200.0])

    def test_a_changed_kpi_is_named_until_computed_again(self):
        self._run()
        card = self._card()
        self.assertFalse(card.warning)
        before = self._line_of(card, "K01").kpi_version
        self._kpi("K01").basis = "order"
        card.invalidate_recordset()
        self.assertIn("K01", card.warning)
        card.with_user(self.officer).action_compute()
        card.invalidate_recordset()
        self.assertFalse(card.warning)
        self.assertEqual(self._line_of(card, "K01").kpi_version, before + 1)

    def test_a_closed_card_keeps_its_version_and_target(self):
        card = self._closed()
        version = self._line_of(card, "K01").kpi_version
        self._kpi("K01").basis = "order"
        self.assertEqual(self._line_of(card, "K01").kpi_version, version)
        with self.assertRaisesRegex(UserError, "is closed"):
            self.env["kam.target"].create(
                {
                    "kpi_id": self._kpi("K01").id,
                    "subject_kind": "user",
                    "user_id": self.user.id,
                    "period_kind": "quarter",
                    "date_from": QUARTER.start,
                    "amount": 1.0,
                    "company_id": self.company.id,
                }
            )

    def test_a_year_is_60_percent_its_quarters(self):
        """Q3 87.27; K01 of the year alone 50: 0.6 · 87.27 + 0.4 · 50 = 72.36.  Source: g Q25"""
        self._closed()
        year = self._kpi_set("year", K01={"default_target": 540.0})
        year.quarter_set_id = self.set
        self._run(date(2027, 1, 2))
        card = self._card(period_kind="year", period=Period(date(2026, 1, 1), date(2026, 12, 31)))
        self.assertEqual((card.quarters_count, card.own_total), (1, 50.0))
        self.assertAlmostEqual(card.total, 72.36)
        self.assertIn("Only 1 of 4 quarters", card.warning)

    def test_a_year_counts_quarters_closed_after_it_was_made(self):
        """The fourth quarter is reviewed in January, as the year is.  Source: g Q25"""
        self._closed()
        year = self._kpi_set("year", K01={"default_target": 540.0})
        year.quarter_set_id = self.set
        self._run(date(2027, 1, 8))
        whole = self._card(period_kind="year", period=Period(date(2026, 1, 1), date(2026, 12, 31)))
        self.assertEqual((whole.state, whole.quarters_count), ("review", 1))
        fourth = self._card(period=Period(date(2026, 10, 1), date(2026, 12, 31)))
        reviewer = fourth.with_user(self.director)
        reviewer.manual_score = 60.0
        reviewer.write({"feedback": "a", "lessons": "b", "adjustments": "c"})
        reviewer.action_review()
        fourth.with_user(self.user).action_acknowledge()
        self.assertEqual(whole.quarters_count, 2)
        # K01 of the fourth quarter is 0 of 300: (40 · 0 + 15 · 60) ÷ 55 = 16.36
        self.assertAlmostEqual(whole.quarters_total, (87.27 + 16.36) / 2, delta=0.01)

    def test_a_changed_set_is_named_until_computed_again(self):
        self._run()
        card = self._card()
        self.set.line_ids.filtered(lambda li: li.kpi_id.code == "K01").default_target = 270.0
        card.invalidate_recordset()
        self.assertIn("set changed", card.warning)
        card.with_user(self.officer).action_compute()
        card.invalidate_recordset()
        self.assertFalse(card.warning)
        self.assertAlmostEqual(self._line_of(card, "K01").score, 100.0)

    def test_the_office_closes_what_nobody_acknowledged(self):
        """Seven days; on the seventh it is the person's still.  Source: c13"""
        with freeze_time("2026-10-10 04:00:00"):
            card = self._reviewed()
        office = card.with_user(self.officer)
        with freeze_time("2026-10-17 04:00:00"), self.assertRaises(UserError):
            office.action_close()
        with freeze_time("2026-10-18 04:00:00"):
            office.action_close()
        self.assertEqual((card.state, card.acknowledged_on), ("closed", False))

    def test_a_team_is_reviewed_by_the_manager_of_its_leader(self):
        team = self._team("East", self.user)
        team.user_id = self.user
        self._member_of(team, self.user, last=date(2026, 9, 30))
        self._kpi_set("quarter", "team", K01={"default_target": 100.0})
        self._run()
        card = self.env["kam.scorecard"].search([("team_id", "=", team.id)])
        self.assertEqual((card.subject_user_id, card.reviewer_id), (self.user, self.director))

    def test_the_programme_is_closed_by_its_review(self):
        self._kpi_set("quarter", "programme", K01={"default_target": 100.0})
        self._run()
        card = self.env["kam.scorecard"].search([("subject_kind", "=", "programme")])
        card._send_to_review()
        reviewer = card.with_user(card.reviewer_id)
        reviewer.write({"feedback": "a", "lessons": "b", "adjustments": "c"})
        reviewer.action_review()
        self.assertEqual(card.state, "closed")

    def test_the_last_period_stands_beside(self):
        self._closed()
        self._run(date(2027, 1, 2))
        fourth = Period(date(2026, 10, 1), date(2026, 12, 31))
        card = self._card(period=fourth)
        self.assertEqual(card.previous_total, "87.27 (B)")
        self.assertIn("270", self._line_of(card, "K01").previous_label)

    def test_the_sheet_says_what_the_card_says(self):
        """P25 in both languages.  Source: (f) P25"""
        card = self._closed()
        report = self.env["ir.actions.report"]
        for lang in ("en_US", "zh_CN"):
            html = report.with_context(lang=lang)._render_qweb_html(
                "key_account_mgmt.report_scorecard_sheet", card.ids
            )[0]
            text = html.decode()
            self.assertIn("87.27", text)
            self.assertIn("Well done", text)

    def test_my_week_shows_what_waits_and_where_i_stand(self):
        card = self._sent()
        items = self.env["kam.week.item"].with_user(self.director).search([])
        mine = items.filtered(lambda i: i.code == "scorecard_review" and i.res_id == card.id)
        self.assertTrue(mine)
        self.env["kam.target"].create(
            {
                "kpi_id": self._kpi("K01").id,
                "subject_kind": "user",
                "user_id": self.user.id,
                "period_kind": "month",
                "date_from": date(2026, 9, 1),
                "amount": 100.0,
                "company_id": self.company.id,
            }
        )
        with freeze_time("2026-09-15 04:00:00"):
            self._invoice(self.a.partner_id, date(2026, 9, 10), 40.0)
            week = self.env["kam.week.item"].with_user(self.user)
            figures = week.action_retrieve_dashboard()["figures"]
            mine = [f for f in figures if f["code"] == "target_K01"]
            self.assertEqual([f["change"] for f in mine], ["40 %"])
            others = self.env["kam.week.item"].with_user(self.member).action_retrieve_dashboard()
            self.assertFalse([f for f in others["figures"] if f["code"] == "target_K01"])

    def test_a_share_is_behind_until_it_is_reached(self):
        """4 of 10 % growth after half a month is behind; sales of 50 of 100 are on their way."""
        for code, values in (("K01", {"amount": 100.0}), ("K04", {"number": 10.0})):
            self.env["kam.target"].create(
                {
                    "kpi_id": self._kpi(code).id,
                    "subject_kind": "user",
                    "user_id": self.user.id,
                    "period_kind": "month",
                    "date_from": date(2026, 9, 1),
                    "company_id": self.company.id,
                    **values,
                }
            )
        self._invoice(self.a.partner_id, date(2025, 9, 3), 50.0)
        self._invoice(self.a.partner_id, date(2026, 9, 3), 52.0)
        with freeze_time("2026-09-15 04:00:00"):
            week = self.env["kam.week.item"].with_user(self.user)
            figures = {f["code"]: f for f in week.action_retrieve_dashboard()["figures"]}
        self.assertEqual(figures["target_K04"]["change"], "40 %")
        self.assertEqual(figures["target_K04"]["level"], "warning")
        self.assertEqual(figures["target_K01"]["level"], "success")

    def test_figures_of_many_cost_as_many_queries(self):
        """10 people or 1: the queries are those of the KPIs."""
        self._run()
        one = self._card()
        people = [self._new_user(f"many{n}", "key_account_mgmt.group_kam_user") for n in range(9)]
        for user in people:
            self._lead(self._account(self._new_customer(user.name)), user)
        cards = one
        for user in people:
            cards |= one.sudo()._as_engine().create(
                {
                    **one._prepare_card(
                        self.company, self.set, QUARTER, one._subject()._replace(id=user.id),
                        {one._subject()._replace(id=user.id): user}, {user: self.director},
                    ),
                }
            )  # fmt: skip
        cards._compute_figures()
        self.env.flush_all()
        counts = []
        for some in (cards[:2], cards):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._compute_figures()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 4)


@tagged("post_install", "-at_install")
class TestScorecardAccess(ScorecardCase):
    """Nobody sees or writes what is not his, by any road.  Source: users §2, S0-168"""

    def _may_read(self, card, user):
        return bool(self.env["kam.scorecard"].with_user(user).search([("id", "=", card.id)]))

    def test_a_person_reads_his_card_when_it_is_reviewed(self):
        card = self._sent()
        self.assertFalse(self._may_read(card, self.user), "drafts stay with the reviewer")
        with self.assertRaises(AccessError):
            card.with_user(self.user).read(["feedback"])
        line = card.line_ids[:1]
        with self.assertRaises(AccessError):
            line.with_user(self.user).read(["value"])
        self._reviewed()
        self.assertTrue(self._may_read(card, self.user))

    def test_an_officer_does_not_read_his_own_draft(self):
        self._lead(self._account(self._new_customer("Own")), self.officer)
        self._run()
        card = self._card(self.officer)
        self.assertTrue(card)
        self.assertFalse(self._may_read(card, self.officer))
        self.assertTrue(self._may_read(self._card(), self.officer))

    def test_nobody_reads_a_colleague(self):
        card = self._closed()
        for user, allowed in (
            (self.member, False),
            (self.user, True),
            (self.director, True),
            (self.officer, True),
            (self.auditor, True),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(self._may_read(card, user), allowed)
                found = (
                    self.env["kam.scorecard.line"]
                    .with_user(user)
                    ._read_group([("card_id", "=", card.id)], [], ["score:sum"])
                )
                self.assertEqual(bool(found[0][0]), allowed)
        self.assertFalse(self._may_read(card, self.admin), "the administrator's own only")
        with self.assertRaises(AccessError):
            self.env["kam.scorecard"].with_user(self.seller).search([])

    def test_a_restricted_kpi_is_shown_to_its_groups_only(self):
        """K02 profit.  Source: design §2.2"""
        self.set.line_ids = [
            Command.create(
                {"kpi_id": self._kpi("K02").id, "has_default_target": True, "default_target": 9.0}
            )
        ]
        card = self._closed()
        cost = self._new_user(
            "cost", "key_account_mgmt.group_kam_officer,key_account_mgmt.group_kam_cost"
        )
        seen = card.with_user(cost).line_ids.mapped("kpi_code")
        self.assertIn("K02", seen)
        for user in (self.user, self.officer):
            lines = self.env["kam.scorecard.line"].with_user(user)
            found = lines.search([("card_id", "=", card.id)])
            self.assertEqual(sorted(found.mapped("kpi_code")), ["K01", "M02"])

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_nobody_writes_figures_states_or_rights(self):
        card = self._reviewed()
        for user in (self.user, self.director, self.officer, self.env.user):
            mine = card.with_user(user)
            for vals in (
                {"state": "closed"},
                {"total": 100.0},
                {"grade": "A"},
                {"reviewer_id": user.id},
                {"holders": []},
                {"date_from": date(2026, 1, 1)},
            ):
                with self.subTest(user=user.login, vals=vals), self.assertRaises(UserError):
                    mine.write(vals)
            with self.assertRaises(AccessError):
                mine.line_ids[:1].write({"value": 1.0})
            with self.assertRaises(UserError):
                mine.unlink()
            with self.assertRaises(UserError):
                mine.copy()
            with self.assertRaises(AccessError):
                self.env["kam.scorecard"].with_user(user).with_context(kam_engine=True).create(
                    {"company_id": self.company.id, "set_id": self.set.id}
                )

    def test_only_the_reviewer_writes_and_only_while_it_is_his_turn(self):
        card = self._sent()
        for user in (self.officer, self.executive):
            with self.assertRaises(AccessError):
                card.with_user(user).feedback = "Mine"
        with self.assertRaises(AccessError):
            self._line_of(card, "M02").with_user(self.officer).manual_score = 1.0
        with self.assertRaises(AccessError):
            self._line_of(card, "K01").with_user(self.director).manual_score = 1.0
        self._reviewed()
        with self.assertRaises(UserError):
            card.with_user(self.director).feedback = "Later"

    def test_nobody_reviews_himself(self):
        """The director's card goes above him.  Source: c13"""
        self._lead(self._account(self._new_customer("Own")), self.director)
        self._run()
        card = self._card(self.director)
        self.assertNotEqual(card.reviewer_id, self.director)
        self.assertTrue(card.reviewer_id)
        card._send_to_review()
        card.sudo()._as_engine().write({"reviewer_id": self.director.id})
        with self.assertRaises(AccessError):
            card.with_user(self.director).sudo().with_user(self.director).action_review()

    def test_the_office_names_another_reviewer(self):
        card = self._sent()
        office = card.with_user(self.officer)
        for reviewer in (self.user, self.seller):
            with self.assertRaises(UserError):
                office.reviewer_id = reviewer
        for user in (self.user, self.member):
            with self.assertRaises(AccessError):
                card.with_user(user).reviewer_id = self.executive
        office.reviewer_id = self.executive
        card.with_user(self.executive).feedback = "Mine now"
        with self.assertRaises(AccessError):
            card.with_user(self.director).feedback = "Still mine"

    def test_nothing_written_gives_no_score(self):
        card = self._sent()
        line = self._line_of(card, "M02").with_user(self.director)
        line.write({})
        self.assertFalse(line.is_given)

    def test_buttons_are_for_those_whose_turn_it_is(self):
        card = self._reviewed()
        with self.assertRaises(AccessError):
            card.with_user(self.director).action_acknowledge()
        with self.assertRaises(AccessError):
            card.with_user(self.officer).action_object()
        with self.assertRaises(AccessError):
            card.with_user(self.user).action_close()
        with self.assertRaises(AccessError):
            card.with_user(self.user).action_compute()
        other = self._reviewed(self.member)
        with self.assertRaises(AccessError):
            other.with_user(self.user).action_acknowledge()

    def test_an_objection_is_kept_for_ever(self):
        card = self._reviewed()
        card.with_user(self.user)._object("No", card.line_ids.browse())
        row = card.objection_ids
        for user in (self.user, self.director, self.env.user):
            with self.assertRaises(AccessError):
                row.with_user(user).write({"text": "Yes"})
            with self.assertRaises(AccessError):
                row.with_user(user).unlink()
        with self.assertRaisesRegex(UserError, "of this card"):
            other = self._reviewed(self.member)
            other.with_user(self.member)._object("No", self._line_of(card, "K01"))


@tagged("post_install", "-at_install")
class TestScorecardJob(ScorecardCase):
    """J07: run twice, late, before its time.  Source: J07"""

    def _count(self, **domain):
        terms = [(name, "=", value) for name, value in domain.items()]
        return self.env["kam.scorecard"].search_count(terms)

    def test_run_twice_it_changes_nothing(self):
        self._run()
        cards = self.env["kam.scorecard"].search([])
        rows = cards.line_ids.read(["value", "score", "weight"])
        self._run()
        self.assertEqual(self.env["kam.scorecard"].search([]), cards)
        self.assertEqual(cards.line_ids.read(["value", "score", "weight"]), rows)

    def test_a_period_that_is_not_over_has_no_card(self):
        """On 30 September the third quarter still runs."""
        self._run(date(2026, 9, 30))
        self.assertFalse(self._card())
        self._run(date(2026, 10, 1))
        self.assertTrue(self._card())

    def test_missed_periods_are_made_afterwards_at_most_two_quarters(self):
        self._run()
        self._run(date(2027, 7, 5))
        starts = set(self.env["kam.scorecard"].search([]).mapped("date_from"))
        self.assertEqual(starts, {date(2026, 7, 1), date(2027, 1, 1), date(2027, 4, 1)})

    def test_nothing_before_going_live(self):
        self.company.kam_go_live_date = date(2026, 7, 2)
        self._run()
        self.assertFalse(self._count())
        self.company.kam_go_live_date = date(2026, 7, 1)
        self._run()
        self.assertTrue(self._card())

    def test_switched_off_it_makes_nothing(self):
        area = self.env.ref("key_account_mgmt.group_kam_area_kpi")
        self.env.ref("base.group_user").implied_ids = [Command.unlink(area.id)]
        self._run()
        self.assertFalse(self._count())

    def test_a_company_without_key_accounts_has_no_programme(self):
        self._kpi_set("quarter", "programme", K01={"default_target": 100.0})
        other = self._new_company("Yunting Rail", self.cny)
        other.kam_go_live_date = date(2025, 1, 1)
        self._run()
        cards = self.env["kam.scorecard"].search([("subject_kind", "=", "programme")])
        self.assertEqual(cards.company_id, self.company)

    def test_two_sets_give_one_card(self):
        """The first of the sets in their order.  Source: S0-169"""
        self.set.copy({"sequence": 99})
        self._run()
        self.assertEqual(self._card().set_id, self.set)

    @mute_logger("odoo.addons.key_account_mgmt.models.core.job_mixin")
    def test_one_broken_set_does_not_stop_the_others(self):
        broken = self._kpi_set("month", K01={"default_target": 1.0})
        metric = self.env["kam.metric"].create(
            {
                "name": "Gone",
                "code": "gone",
                "kind": "data",
                "model_id": self.env["ir.model"]._get("sale.order").id,
                "measure_field": "amount_total",
                "aggregator": "count",
            }
        )
        metric.sudo().model_id = False
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE kam_metric SET model_name = 'gone.model' WHERE id = %s", [metric.id]
        )
        self.env.invalidate_all()
        kpi = self.env["kam.kpi"].create({"name": "Gone", "code": "X99", "metric_id": metric.id})
        broken.line_ids = [Command.create({"kpi_id": kpi.id})]
        self._run()
        self.assertTrue(self._card())
        self.assertFalse(self._count(set_id=broken.id))

    def test_two_cards_of_one_period_are_refused(self):
        self._run()
        card = self._card()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.env["kam.scorecard"].sudo()._as_engine().create(
                card.sudo()._prepare_card(
                    self.company, self.set, QUARTER, card._subject(),
                    {card._subject(): self.user}, {self.user: self.director},
                )
            )  # fmt: skip

    def test_who_has_a_new_manager_is_reviewed_by_him(self):
        """The reviewer left before the card was sent."""
        self._run()
        card = self._card()
        self.assertEqual(card.state, "review", "five days after the quarter")
        card.sudo()._as_engine().write({"state": "computed"})
        self.director.active = False
        self._run(date(2026, 10, 7))
        self.assertTrue(card.reviewer_id.active)
        self.assertNotIn(card.reviewer_id, self.director | self.user)

    def test_a_reviewer_who_leaves_in_the_middle_is_replaced(self):
        card = self._sent()
        self.director.active = False
        self._run(date(2026, 10, 9))
        self.assertEqual(card.state, "review")
        self.assertNotIn(card.reviewer_id, self.director | self.user)
        self.assertTrue(card.reviewer_id.active)
        told = self.env["kam.notice"].search(
            [("user_id", "=", card.reviewer_id.id), ("res_id", "=", card.id)]
        )
        self.assertTrue(told)

    def test_a_manager_without_access_reviews_nobody(self):
        department = self.env["kam.department"].search([("member_ids", "in", self.user.ids)])
        department.manager_id = self.seller
        self._run()
        self.assertEqual(self._card().reviewer_id, self.director)

    def test_who_is_entered_late_gets_his_card(self):
        self._run()
        late = self._new_user("late", "key_account_mgmt.group_kam_user")
        self._lead(self._account(self._new_customer("Late")), late)
        self._run(date(2026, 10, 8))
        self.assertTrue(self._card(late))

    def test_the_forecast_says_what_comes(self):
        job = self.env.ref("key_account_mgmt.kam_job_scorecards")
        with freeze_time("2026-10-01 04:00:00"):
            lines = job._job_forecast_scorecards(self.company, OCTOBER)
            self.assertTrue([line for line in lines if "scorecards are made" in line])
