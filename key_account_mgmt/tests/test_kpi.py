from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.key_account_mgmt.models.kpi.subject import (
    KpiSubject,
    period_of,
    previous_period,
)
from odoo.addons.key_account_mgmt.models.metric.options import MetricOptions
from odoo.addons.key_account_mgmt.policy.periods import Period

from .common import GROUP
from .common_kpi import QUARTER, KpiCase

NOVEMBER = "2026-11-22 04:00:00"
SHIPPED = {
    "am_month": "K27 M01 M02",
    "am_quarter": "K01 K02 K02E K03 K04 K04L K06 K07 K08 K09 K09A K10 K11 K12 K13 K22 K27",
    "am_year": "K01 K02 K02E K03 K04 K04L K06 K07 K08 K09 K09A K10 K11 K12 K13 K22 K17 K18 K27",
    "team_quarter": "K01 K02 K02E K03 K04 K04L K06 K07 K08 K09 K09A K10 K11 K12 K13",
    "team_year": "K01 K02 K02E K03 K04 K04L K06 K07 K08 K09 K09A K10 K11 K12 K13",
    "programme_quarter": "K14 K03 K16 K06 K08 K01 K02 K02E K20 K26",
    "programme_year": "K14 K03 K16 K06 K08 K01 K02 K02E K20 K26 K17 K18 K19",
    "quality_quarter": "K30 K30P K31 K22Q",
    "quality_year": "K30 K30P K31 K22Q",
    "service_quarter": "K25 K25S K07",
    "service_year": "K25 K25S K07",
}


@freeze_time(NOVEMBER)
@tagged("post_install", "-at_install")
class TestKpiFigures(KpiCase):
    """Whose figure is what, over which days; (d)."""

    def test_documents_count_for_who_held_the_account_on_their_day(self):
        """K01 with a hand-over in the middle and a credit note.  Source: S0-157."""
        self.assertEqual(self._values_of("K01", self.me, self.other), [270.0, 400.0])

    def test_a_figure_of_nobody_counts_for_the_programme_only(self):
        """C is led by nobody: A 70 + C 50."""
        self.assertEqual(self._values_of("K01", self.programme), [120.0])
        self.assertEqual(sum(self._values_of("K01", self.me, self.other)), 670.0)

    def test_a_ratio_is_the_sum_over_the_sum(self):
        """K04: user (70 - 100 + 200 - 100) ÷ 200, member (400 - 300) ÷ 300.  Source: S0-159."""
        mine, theirs = self._of("K04", self.me, self.other)
        self.assertEqual((mine.numerator, mine.denominator), (70.0, 200.0))
        self.assertAlmostEqual(mine.value, 35.0)
        self.assertEqual((theirs.numerator, theirs.denominator), (100.0, 300.0))

    def test_a_cohort_of_the_first_day_is_measured_over_the_whole_period(self):
        """K17: A and B were the user's on 1 July: (670 - 500) ÷ 500.  Source: K17, users §3.7."""
        mine, theirs = self._of("K17", self.me, self.other)
        self.assertEqual((mine.numerator, mine.denominator), (170.0, 500.0))
        self.assertAlmostEqual(mine.value, 34.0)
        self.assertIsNone(theirs.value)

    def test_a_cohort_of_the_last_day(self):
        """K06: whoever holds an account on the last day.  Source: K06."""
        self._order(self.b.partner_id, "2026-08-01 04:00:00", 10.0)
        self._order(self.b.partner_id, "2026-09-01 04:00:00", 10.0)
        mine, theirs = self._of("K06", self.me, self.other)
        self.assertIsNone(mine.value, "A never ordered")
        self.assertEqual((theirs.numerator, theirs.denominator), (2.0, 12.0))

    def test_a_share_of_all_customers(self):
        """K20: of 70 + 600 + 50 + 80.  Source: S2-66, K20."""
        mine, theirs, all_keys = self._of("K20", self.me, self.other, self.programme)
        self.assertEqual((mine.numerator, mine.denominator), (270.0, 800.0))
        self.assertAlmostEqual(mine.value, 33.75)
        self.assertAlmostEqual(theirs.value, 50.0)
        self.assertAlmostEqual(all_keys.value, 15.0)

    def test_a_denominator_of_zero_is_not_measurable(self):
        """No bid was decided.  Source: (d) N/A."""
        figure = self._of("K09", self.me)[0]
        self.assertIsNone(figure.value)
        self.assertEqual(figure.denominator, 0.0)

    def test_more_credit_notes_than_sales_a_year_before_measure_no_growth(self):
        """(d)"""
        self._invoice(self.a.partner_id, date(2025, 8, 1), -5000.0)
        self.assertIsNone(self._of("K17", self.me)[0].value)

    def test_whoever_held_nothing_is_not_measurable(self):
        nobody = KpiSubject("user", self.director.id)
        self.assertIsNone(self._of("K01", nobody)[0].value)
        idle = self._account(self._new_customer("Idle"))
        self._lead(idle, self.director)
        self.assertEqual(self._of("K01", nobody)[0].value, 0.0, "held one, sold nothing")

    def test_an_account_by_itself(self):
        subject = KpiSubject("account", self.b.id)
        self.assertEqual(self._values_of("K01", subject), [600.0])

    def test_new_customers_count_on_the_day_of_their_first_invoice(self):
        """B is none: invoices of 2025.  C is nobody's.  Source: S0-158, K03."""
        self.assertEqual(self._values_of("K03", self.me, self.programme), [0.0, 1.0])

    def test_the_basis_of_the_set_is_that_of_the_figure(self):
        self._order(self.a.partner_id, "2026-08-01 04:00:00", 999.0)
        found = self._values_of("K01", self.me, options=MetricOptions(basis="order"))
        self.assertEqual(found, [999.0])
        self._kpi("K01").basis = "order"
        self.assertEqual(self._values_of("K01", self.me), [999.0], "the KPI's own basis")

    def test_a_role_of_the_set(self):
        """Two quality engineers of one account both answer for it.  Source: S3-49."""
        role = self.env.ref("key_account_mgmt.kam_team_role_quality")
        for user in (self.user, self.officer):
            self.env["kam.team.member"].create(
                {
                    "account_id": self.c.id,
                    "user_id": user.id,
                    "role_id": role.id,
                    "date_from": date(2026, 1, 1),
                }
            )
        kpi_set = self.env.ref("key_account_mgmt.kam_kpi_set_quality_quarter")
        self.assertEqual(
            kpi_set._assessed(self.company, QUARTER),
            sorted([self.me, KpiSubject("user", self.officer.id)]),
        )
        holders = self.env["kam.kpi"]._holders([self.me], QUARTER, self.company, kpi_set)
        self.assertEqual(holders, {self.me: [(self.c.partner_id.id, QUARTER.start, QUARTER.end)]})
        self.assertEqual(self._values_of("K01", self.me, holders=holders), [50.0])

    def test_holders_are_clipped_to_the_period(self):
        holders = self.env["kam.kpi"]._holders([self.me, self.other], QUARTER, self.company)
        a, b = self.a.partner_id.id, self.b.partner_id.id
        self.assertEqual(
            holders,
            {
                self.me: [
                    (a, QUARTER.start, QUARTER.end),
                    (b, QUARTER.start, date(2026, 8, 15)),
                ],
                self.other: [(b, date(2026, 8, 16), QUARTER.end)],
            },
        )
        kpi_set = self.env.ref("key_account_mgmt.kam_kpi_set_am_quarter")
        self.assertEqual(kpi_set._assessed(self.company, QUARTER), sorted([self.me, self.other]))

    def test_frozen_holders_are_used_as_they_are(self):
        frozen = {self.me: [(self.c.partner_id.id, QUARTER.start, QUARTER.end)]}
        self.assertEqual(self._values_of("K01", self.me, holders=frozen), [50.0])

    def test_a_key_account_of_some_days_counts_for_the_programme_on_those(self):
        """A level is held up to, not including, its last day."""
        held = self.a.assignment_ids._as_engine()
        held.date_to = date(2026, 8, 2)
        self.env.flush_all()
        self.assertEqual(self._values_of("K01", self.programme), [150.0], "without the refund")
        held.date_to = date(2026, 8, 3)
        self.env.flush_all()
        self.assertEqual(self._values_of("K01", self.programme), [120.0])
        held.date_to = date(2026, 7, 1)
        self.env.flush_all()
        self.assertEqual(self._values_of("K01", self.programme), [50.0])

    def test_other_schemes_do_not_make_a_key_account(self):
        self.s0.active = True
        tier = self.s0.tier_ids.filtered("is_key_account")[:1] or self.s0.tier_ids[:1]
        tier.is_key_account = True
        self._hold(self.b, tier)
        self.assertEqual(self._values_of("K01", self.programme), [120.0])

    def test_every_shipped_kpi_can_be_computed_for_everybody(self):
        kpis = self.env["kam.kpi"].search([])
        team = self._team("North", self.user)
        subjects = [
            self.me, self.programme, KpiSubject("team", team.id), KpiSubject("account", self.a.id)
        ]  # fmt: skip
        for period in (
            QUARTER,
            Period(date(2026, 11, 1), date(2026, 11, 30)),
            Period(date(2026, 1, 1), date(2026, 12, 31)),
            Period(date(2030, 1, 1), date(2030, 3, 31)),
        ):
            figures = kpis._figures_of(subjects, period, self.company)
            self.assertEqual(len(figures), len(kpis) * len(subjects))
            for (_subject, kpi_id), figure in figures.items():
                kpi = kpis.browse(kpi_id)
                self.assertTrue(kpi._format_value(figure.value, self.cny), kpi.code)
                if kpi.kind == "manual":
                    self.assertIsNone(figure.value)

    def test_prospects_of_the_programme_are_those_of_the_company(self):
        """Leads need no account file.  Source: S2-62, K14."""
        self.env["crm.lead"].create(
            {
                "name": "Line 7",
                "type": "opportunity",
                "partner_name": "Nobody yet",
                "company_id": self.company.id,
                "user_id": False,
            }
        )
        november = Period(date(2026, 11, 1), date(2026, 11, 30))
        found = self._values_of("K14", self.programme, self.me, period=november)
        self.assertEqual(found, [1.0, 0.0])

    # Teams ----------------------------------------------------------------------------

    def test_a_person_who_changes_team_counts_for_each_by_day(self):
        """A 100 on 1 July for the first, -30 and 200 in August for the second."""
        first, second = self._team("First"), self._team("Second")
        self._member_of(first, self.user, last=date(2026, 7, 31))
        self._member_of(second, self.user, first=date(2026, 8, 1))
        subjects = [KpiSubject("team", team.id) for team in (first, second)]
        self.assertEqual(self._values_of("K01", *subjects), [100.0, 170.0])
        self._member_of(second, self.member)
        self.assertEqual(self._values_of("K01", *subjects), [100.0, 570.0])
        kpi_set = self.env.ref("key_account_mgmt.kam_kpi_set_team_quarter")
        self.assertEqual(kpi_set._assessed(self.company, QUARTER), sorted(subjects))

    def test_who_holds_an_account_one_after_the_other_in_a_team_counts_once(self):
        team = self._team("Both")
        for user in (self.user, self.member):
            self._member_of(team, user)
        self.assertEqual(self._values_of("K01", KpiSubject("team", team.id)), [670.0])

    # Queries --------------------------------------------------------------------------

    def test_the_number_of_queries_does_not_grow_with_accounts_and_people(self):
        kpis = self.env["kam.kpi"].search([("kind", "!=", "manual")])

        def queries(subjects):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            kpis._figures_of(subjects, QUARTER, self.company)
            return self.cr.sql_log_count - before

        people = [self.me, self.other]
        people += [KpiSubject("user", user.id) for user in (self.officer, self.director)]
        self._more_accounts(2)
        queries(people)
        few = queries(people)
        self._more_accounts(10)
        self.assertLessEqual(queries(people), few)

    def _more_accounts(self, count):
        for number, partner in enumerate(self._new_customers(count)):
            account = self._account(partner)
            self._lead(account, (self.officer, self.director)[number % 2])
            self._invoice(partner, date(2026, 7, 7), 10.0)

    def test_many_days_of_change_are_read_together(self):
        """Sales of forty stretches of days are columns of one query; here are 42."""
        kpis = self.env["kam.kpi"].search([("code", "in", ("K01", "K03", "K04", "K09", "K22"))])

        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            found = kpis._figures_of([self.me, self.other], QUARTER, self.company)
            self.assertEqual(found[self.me, self._kpi("K01").id].value, sales)
            return self.cr.sql_log_count - before

        sales = 270.0
        queries()
        few = queries()
        for day, partner in enumerate(self._new_customers(20), start=1):
            account = self._account(partner)
            self._lead(account, self.user, last=date(2026, 7, day))
            self._lead(account, self.member, first=date(2026, 7, day + 1))
            self._invoice(partner, date(2026, 7, day), 1.0)
            self._invoice(partner, date(2026, 7, day + 1), 2.0)
        sales = 290.0
        self.assertLessEqual(queries(), few + 10)

    # Documents ------------------------------------------------------------------------

    def _documents(self, code, subject, user=None):
        kpi = self._as(self._kpi(code), user) if user else self._kpi(code)
        spans = self.env["kam.kpi"]._holders([subject], QUARTER, self.company)[subject]
        return kpi._documents_action(subject, spans, QUARTER, self.company)

    def test_a_figure_opens_exactly_the_records_behind_it(self):
        """Of B only those of the days it was the user's."""
        action = self._documents("K01", self.me)
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found._name, "account.move")
        self.assertEqual(sorted(found.mapped("amount_untaxed_signed")), [-30.0, 100.0, 200.0])

    def test_what_the_reader_may_not_open_is_counted(self):
        action = self._documents("K01", self.me, self.auditor)
        self.assertEqual(action["res_model"], "kam.metric.explanation")
        shown = self.env["kam.metric.explanation"].browse(action["res_id"])
        self.assertEqual((shown.readable_count, shown.hidden_count), (0, 3))
        self.assertAlmostEqual(shown.hidden_amount, 270.0)
        self.assertIn("270", shown.value_label)

    def test_a_restricted_figure_opens_for_its_groups_only(self):
        """Source: S2-11."""
        with self.assertRaises(AccessError):
            self._documents("K02", self.me, self.officer)
        self.officer.group_ids |= self.env.ref(GROUP % "cost")
        self.assertTrue(self._documents("K02", self.me, self.officer))

    def test_nothing_stands_behind_a_score_given_by_hand(self):
        with self.assertRaises(UserError):
            self._documents("M01", self.me)


@freeze_time(NOVEMBER)
@tagged("post_install", "-at_install")
class TestKpiMembership(KpiCase):
    """The history of sales teams follows them.  Source: (d)."""

    def _rows(self, team):
        rows = self.env["kam.sales.membership"].search([("team_id", "=", team.id)], order="id")
        return [(row.user_id, row.date_from, row.date_to) for row in rows]

    def test_joining_and_leaving(self):
        with freeze_time("2026-10-01 04:00:00"):
            team = self._team("North", self.user)
            self.assertEqual(self._rows(team), [(self.user, date(2026, 10, 1), False)])
        with freeze_time("2026-11-10 04:00:00"):
            team.member_ids = [Command.set(self.member.ids)]
        self.assertEqual(
            self._rows(team),
            [
                (self.user, date(2026, 10, 1), date(2026, 11, 9)),
                (self.member, date(2026, 11, 10), False),
            ],
        )
        team.member_ids = [Command.link(self.user.id)]
        self.assertEqual(self._rows(team)[-1], (self.user, date(2026, 11, 22), False))

    def test_another_team_ends_the_former_one(self):
        with freeze_time("2026-10-01 04:00:00"):
            first = self._team("First", self.user)
        with freeze_time("2026-11-10 04:00:00"):
            second = self._team("Second", self.user)
        self.assertEqual(self._rows(first), [(self.user, date(2026, 10, 1), date(2026, 11, 9))])
        self.assertEqual(self._rows(second), [(self.user, date(2026, 11, 10), False)])

    def test_in_and_out_on_one_day_leaves_nothing(self):
        team = self._team("North", self.user)
        team.crm_team_member_ids.filtered(lambda m: m.user_id == self.user).unlink()
        self.assertEqual(self._rows(team), [])

    def test_members_of_before_the_installation_count_since_ever(self):
        team = self._team("Old", self.user)
        self.env["kam.sales.membership"]._as_engine().search([("team_id", "=", team.id)]).unlink()
        self.env.flush_all()
        for _twice in range(2):
            self.env["kam.sales.membership"].init()
            self.env.invalidate_all()
            self.assertEqual(self._rows(team), [(self.user, False, False)])

    def test_nobody_writes_the_history_but_the_office_corrects_its_days(self):
        team = self._team("North", self.user)
        row = self.env["kam.sales.membership"].search([("team_id", "=", team.id)])
        for user in (self.officer, self.gm):
            mine = self._as(row, user)
            mine.date_from = date(2026, 1, 1)
            for act in (
                lambda mine=mine: mine.create({"team_id": team.id, "user_id": mine.env.uid}),
                lambda mine=mine: mine.with_context(kam_engine=True).unlink(),
                lambda mine=mine: mine.write({"user_id": self.gm.id}),
            ):
                with self.assertRaises(AccessError):
                    act()
        for user in (self.member, self.user, self.admin, self.auditor, self.seller):
            with self.assertRaises(AccessError):
                self._as(row, user).date_from = date(2026, 2, 2)
        log = self.env["kam.policy.log"].sudo().search([("res_model", "=", row._name)])
        self.assertTrue(log)


@freeze_time(NOVEMBER)
@tagged("post_install", "-at_install")
class TestKpiPolicy(KpiCase):
    """KPIs and sets are policy: edited by the office, versioned, scored as they say."""

    def _set_line(self, kpi_set, code):
        return kpi_set.line_ids.filtered(lambda line: line.kpi_id.code == code)

    def _set(self, *codes, **values):
        lines = [Command.create({"kpi_id": self._kpi(code).id}) for code in codes]
        return self.env["kam.kpi.set"].create(
            {"name": "Test", "code": "test", "line_ids": lines, **values}
        )

    # Shipped --------------------------------------------------------------------------

    def test_the_shipped_sets(self):
        """Source: (d) shipped KPI sets, S0-167 … S0-171, S2-62 … S2-66, S3-49."""
        for code, wanted in SHIPPED.items():
            kpi_set = self.env.ref(f"key_account_mgmt.kam_kpi_set_{code}")
            found = [line.kpi_id.code for line in kpi_set.line_ids]
            self.assertEqual(found, wanted.split(), code)
            weights = {row.group: row.weight for row in kpi_set.group_ids}
            self.assertEqual(
                weights, {"sales": 40.0, "relationship": 25.0, "process": 20.0, "team": 15.0}
            )
            self.assertEqual(kpi_set.cap, 120.0)
            for total, label in ((90.0, "A"), (89.99, "B"), (75.0, "B"), (60.0, "C"), (0.0, "D")):
                self.assertEqual(kpi_set._grade(total), label)
            self.assertAlmostEqual(sum(kpi_set._weights().values()), 100.0)

    def test_what_stands_beside_a_figure_is_not_scored(self):
        """Estimated cost, customers left out of growth, bids by amount.  Source: users §3.7."""
        lines = self.env.ref("key_account_mgmt.kam_kpi_set_am_quarter").line_ids
        beside = lines.filtered("is_informative").kpi_id.mapped("code")
        self.assertEqual(beside, ["K02E", "K04L", "K09A", "K27"])
        self.assertEqual(self._values_of("K04L", self.me, self.programme), [0.0, 1.0])

    def test_a_kpi_fits_the_sets_and_targets_it_is_in(self):
        kpi = self._kpi("K01")
        with self.assertRaises(ValidationError):
            kpi.write({"kind": "manual", "metric_id": False})
        self.env["kam.target"].create(
            {"kpi_id": kpi.id, "subject_kind": "programme", "amount": 5.0,
             "company_id": self.company.id}
        )  # fmt: skip
        with self.assertRaises(ValidationError):
            kpi.metric_id = self._kpi("K03").metric_id
        before = kpi.version
        kpi.group = "team"
        self.assertEqual(kpi.version, before + 1)

    def test_nothing_at_all_is_best_by_bands_of_the_target_too(self):
        """0 complaints where 2 % were allowed.  Source: (d)"""
        kpi_set = self.env.ref("key_account_mgmt.kam_kpi_set_am_quarter")
        line = self._set_line(kpi_set, "K07")
        line.write(
            {"method": "banded", "band_basis": "attainment",
             "band_ids": [Command.create({"value_from": 0.0, "score": 50.0})]}
        )  # fmt: skip
        self.assertEqual(line._score(0.0, 2.0), 120.0)
        self.assertEqual(line._score(4.0, 2.0), 50.0)
        self.assertIsNone(line._score(None, 2.0))

    def test_what_is_not_measured_yet_is_not_shipped(self):
        for code in ("K05", "K21", "K24", "K28"):
            self.assertFalse(self._kpi(code))

    def test_the_targets_of_the_programme(self):
        """20 % more, five new ones.  Source: S1f-04, S1f-05."""
        year = self.env.ref("key_account_mgmt.kam_kpi_set_programme_year")
        self.assertEqual(self._set_line(year, "K17")._target(None), 20.0)
        self.assertEqual(self._set_line(year, "K18")._target(None), 5.0)
        self.assertEqual(self._set_line(year, "K18")._target(7.0), 7.0, "its own comes first")
        self.assertIsNone(self._set_line(year, "K01")._target(None))

    def test_the_year_of_an_account_manager(self):
        """60 % quarters, 40 % KPIs of the year.  Source: g Q25, S0-171."""
        year = self.env.ref("key_account_mgmt.kam_kpi_set_am_year")
        self.assertEqual(year._annual_total([80.0, 90.0, None, 100.0], 70.0, {}), 82.0)
        year.annual_share = 0.0
        self.assertEqual(year._annual_total([80.0], 70.0, {}), 70.0)
        year.quarter_set_id = False
        year.annual_share = 60.0
        self.assertEqual(year._annual_total([80.0], 70.0, {}), 70.0)

    def test_loyalty_has_alternatives(self):
        """Selectable on the KPI.  Source: g Q22, users §3.7."""
        kpi = self._kpi("K06")
        self._order(self.b.partner_id, "2026-08-01 04:00:00", 10.0)
        self._order(self.b.partner_id, "2026-08-20 04:00:00", 10.0)
        self.assertAlmostEqual(self._values_of("K06", self.other)[0], 100.0 / 12)
        kpi.metric_id = self._metric("repeat_purchase_rate")
        self.assertEqual(self._values_of("K06", self.other), [100.0])
        kpi.metric_id = self._metric("retained_share")
        self.assertEqual(self._values_of("K06", self.other), [100.0])
        self.assertEqual(kpi.version, 3)

    # Scoring --------------------------------------------------------------------------

    def test_each_method(self):
        kpi_set = self._set("K01", "K07", cap=110.0)
        sales, complaints = self._set_line(kpi_set, "K01"), self._set_line(kpi_set, "K07")
        self.assertEqual(sales._score(500.0, 100.0), 110.0)
        sales.cap = 100.0
        self.assertEqual(sales._score(500.0, 100.0), 100.0)
        self.assertEqual(sales._score(-5.0, 20.0), 0.0)
        self.assertIsNone(sales._score(5.0, 0.0))
        self.assertIsNone(sales._score(5.0, None))
        self.assertEqual(sales._excluded_reason(5.0, 0.0), "target_not_positive")
        self.assertEqual(sales._excluded_reason(5.0, None), "no_target")
        self.assertFalse(sales._excluded_reason(5.0, 5.0))
        self.assertEqual(complaints._score(0.0, 2.0), 110.0)
        self.assertEqual(complaints._score(4.0, 2.0), 50.0)
        complaints.write({"method": "deduction", "points": 7.0})
        self.assertEqual(complaints._score(3.0), 79.0)
        sales.method = "banded"
        self.assertIsNone(sales._score(50.0), "no bands yet")
        self.assertEqual(sales._excluded_reason(50.0), "no_bands")
        complaints.method = "yes_no"
        self.assertEqual([complaints._score(v, 2.0) for v in (2.0, 2.1)], [100.0, 0.0])
        bands = [Command.create({"value_from": v, "score": s}) for v, s in ((0, 50), (100, 90))]
        sales.write({"method": "banded", "band_ids": bands})
        self.assertEqual([sales._score(v) for v in (-1.0, 0.0, 99.99, 100.0)],
                         [0.0, 50.0, 50.0, 90.0])  # fmt: skip
        sales.band_basis = "attainment"
        self.assertEqual(sales._score(50.0, 50.0), 90.0)
        self.assertIsNone(sales._score(50.0, None))

    def test_by_hand(self):
        kpi_set = self.env.ref("key_account_mgmt.kam_kpi_set_am_month")
        line = self._set_line(kpi_set, "M01")
        self.assertEqual([line._score(v) for v in (None, -1.0, 88.0, 130.0)],
                         [None, 0.0, 88.0, 100.0])  # fmt: skip

    def test_a_failed_veto(self):
        kpi_set = self._set("K01", "K07")
        sales, veto = self._set_line(kpi_set, "K01"), self._set_line(kpi_set, "K07")
        veto.method = "veto"
        kept = {sales: 95.0, veto: veto._score(2.0, 2.0)}
        failed = {sales: 95.0, veto: veto._score(2.5, 2.0)}
        unknown = {sales: 95.0, veto: veto._score(None, 2.0)}
        self.assertEqual([kpi_set._total(s) for s in (kept, failed, unknown)], [95.0, 0.0, 95.0])
        self.assertEqual(kpi_set._grade(95.0, kept), "A")
        kpi_set.veto_effect = "lowest"
        self.assertEqual(kpi_set._total(failed), 95.0)
        self.assertEqual(kpi_set._grade(95.0, failed), "D")

    def test_the_total_leaves_out_what_was_not_measured(self):
        kpi_set = self._set("K01", "K02", "K07", "K09", "K12")
        scores = dict(zip(kpi_set.line_ids, (120.0, 50.0, 80.0, 100.0, 90.0), strict=True))
        self.assertEqual(kpi_set._total(scores), 87.5)
        scores[self._set_line(kpi_set, "K02")] = None
        self.assertEqual(kpi_set._total(scores), 101.5)
        self.assertIsNone(kpi_set._total(dict.fromkeys(kpi_set.line_ids)))
        self.assertIsNone(kpi_set._grade(None))

    def test_for_information_scores_nothing(self):
        kpi_set = self._set("K01", "K07")
        self._set_line(kpi_set, "K07").is_informative = True
        scores = dict(zip(kpi_set.line_ids, (60.0, 100.0), strict=True))
        self.assertEqual(kpi_set._total(scores), 60.0)

    # Bad input ------------------------------------------------------------------------

    def test_weights_that_add_up_to_zero_are_refused(self):
        """(d)"""
        kpi_set = self._set("K01", "K02")
        with self.assertRaisesRegex(ValidationError, "add up to 0"):
            kpi_set.group_ids.write({"weight": 0.0})
        with self.assertRaisesRegex(ValidationError, "add up to 0"):
            kpi_set.line_ids.write({"weight": 0.0})
        with self.assertRaisesRegex(ValidationError, "add up to 0"):
            kpi_set.group_ids.filtered(lambda g: g.group == "sales").unlink()
        with self.assertRaisesRegex(ValidationError, "add up to 0"):
            self._set("K01", code="zero", group_ids=[Command.create({"group": "team",
                                                                     "weight": 1.0})])  # fmt: skip

    def test_a_weight_or_grade_entered_again_replaces_it(self):
        """The policy moves to a database where the set has its weights already."""
        kpi_set = self._set("K01", "K12")
        self.env["kam.kpi.set.group"].create(
            [{"set_id": kpi_set.id, "group": "sales", "weight": 60.0}]
        )
        self.env["kam.kpi.set.grade"].create(
            [{"set_id": kpi_set.id, "name": name, "minimum": minimum}
             for name, minimum in (("E", 50.0), ("B", 80.0))]
        )  # fmt: skip
        self.assertEqual(len(kpi_set.group_ids), 4)
        self.assertEqual(sum(kpi_set.group_ids.mapped("weight")), 120.0)
        self.assertEqual(len(kpi_set.grade_ids), 5)
        self.assertEqual([kpi_set._grade(t) for t in (79.0, 80.0, 55.0)], ["C", "B", "E"])

    def test_weights_are_exchanged_in_one_save(self):
        kpi_set = self._set("K01", "K02")
        one, two = kpi_set.line_ids
        one.weight, two.weight = 1.0, 0.0
        kpi_set.write(
            {"line_ids": [Command.update(one.id, {"weight": 0.0}),
                          Command.update(two.id, {"weight": 1.0})]}
        )  # fmt: skip
        self.assertEqual(kpi_set._weights(), {two: 100.0})

    @mute_logger("odoo.sql_db")
    def test_what_makes_no_sense_is_refused(self):
        kpi, kpi_set = self._kpi("K01"), self._set("K01", "K09")
        sales = self._set_line(kpi_set, "K01")
        Kpi = self.env["kam.kpi"]
        for act in (
            lambda: kpi.write({"metric_id": False}),
            lambda: kpi.write({"window": "rolling_12"}),
            lambda: self._kpi("K04").write({"kind": "share"}),
            lambda: Kpi.create({"name": "x", "code": "X", "kind": "target"}),
            lambda: sales.write({"method": "manual"}),
            lambda: self._set("M01", code="hand"),
            lambda: self._set_line(
                self.env.ref("key_account_mgmt.kam_kpi_set_am_month"), "M01"
            ).write({"method": "proportional"}),
            lambda: sales.write({"set_id": self._set("K01", code="other").id}),
            lambda: kpi_set.write({"quarter_set_id": kpi_set.id}),
        ):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                act()
        with self.assertRaises(UserError):
            kpi.unlink()

    # Versions and rights --------------------------------------------------------------

    def test_a_change_of_what_is_measured_raises_the_version(self):
        """KPI edited while a period is open."""
        kpi = self._kpi("K01")
        kpi.name = "Turnover"
        self.assertEqual(kpi.version, 1)
        kpi.attribution = "last_day"
        self.assertEqual(kpi.version, 2)
        kpi.attribution = "last_day"
        self.assertEqual(kpi.version, 2, "nothing changed")
        growth = self._kpi("K04")
        self._metric("growth_of_buyers").missing_as = "zero"
        self.assertEqual(growth.version, 2, "its metric changed")
        self._metric("buyers_increase").additivity = "maximum"
        self.assertEqual(growth.version, 3, "and what that is made of")
        self.assertIn("K04 v3", growth._policy_version())
        kpi_set = self._set("K01")
        before = kpi_set.version
        kpi_set.line_ids.weight = 3.0
        self.assertGreater(kpi_set.version, before)

    def test_the_version_is_nobodys_to_write(self):
        for records in (self._kpi("K01"), self._set("K01")):
            with self.assertRaises(AccessError):
                records.write({"version": 9})
            with self.assertRaises(AccessError):
                records.with_context(kam_engine=True).write({"version": 9})

    def test_the_office_edits_and_it_is_logged(self):
        kpi = self._kpi("K09")
        for user in (self.officer, self.director, self.admin):
            self._as(kpi, user).description = f"As {user.name} says"
        for user in (self.member, self.user, self.auditor, self.seller):
            with self.assertRaises(AccessError):
                self._as(kpi, user).description = "mine"
        log = self.env["kam.policy.log"].sudo()
        self.assertEqual(
            log.search_count([("res_model", "=", "kam.kpi"), ("res_id", "=", kpi.id)]), 3
        )

    def test_who_may_be_served_profit(self):
        """Source: S2-11."""
        profit, share = self._kpi("K02"), self._kpi("K19")
        for kpi in (profit, share, self._kpi("K02E")):
            self.assertEqual(kpi.group_ids, self.env.ref(GROUP % "cost"))
            self.assertFalse(kpi._may_see(self.gm))
        self.gm.group_ids |= self.env.ref(GROUP % "cost")
        self.assertTrue(profit._may_see(self.gm))
        self.assertTrue(self._kpi("K01")._may_see(self.user))
        self.assertTrue(self._kpi("M01")._may_see(self.user))

    def test_periods_are_those_of_the_fiscal_year(self):
        self.company.write({"fiscalyear_last_month": "3", "fiscalyear_last_day": 31})
        year = period_of(self.company, "year", date(2026, 11, 22))
        self.assertEqual(year, Period(date(2026, 4, 1), date(2027, 3, 31)))
        quarter = period_of(self.company, "quarter", date(2026, 4, 1))
        self.assertEqual(
            previous_period(self.company, "quarter", quarter),
            Period(date(2026, 1, 1), date(2026, 3, 31)),
        )
