from datetime import date, datetime

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.key_account_mgmt.models.metric.options import MetricOptions
from odoo.addons.key_account_mgmt.models.metric.run import MetricRun
from odoo.addons.key_account_mgmt.policy.periods import Period

from .common_pursuit import PursuitCase
from .common_sales import SalesCommon

NOW = "2026-11-23 02:00:00"
QUARTER = Period(date(2026, 7, 1), date(2026, 9, 30))
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
CUSTOMER_CODES = (
    "new_customers", "active_customers", "growth_of_buyers", "growth_left_out",
    "order_months_share", "repeat_purchase_rate", "retained_share", "churn_rate",
    "key_account_growth", "top_sales_share", "top_profit_share", "profit_contribution_share",
    "complaint_rate_deliveries", "complaint_rate_customers",
)  # fmt: skip
WORK_CODES = (
    "report_timeliness", "synergy", "obligations_kept_rate", "quality_exchange_rate",
    "progress_rate", "new_key_accounts", "upgrade_rate",
)  # fmt: skip


class KpiMetricCase(SalesCommon):
    """One run over one period, as a KPI makes it."""

    def _run_of(self, period, partners=None, company=None, group_map=None, **options):
        company = company or self.company
        env = self.env["kam.metric"]._figures_env(company)
        ids = None if partners is None else partners.ids
        return MetricRun(
            env,
            company.with_env(env),
            period.end,
            ids,
            options=MetricOptions(**options),
            period=period,
            group_map=group_map,
        )

    def _values_of(self, code, period=QUARTER, partners=None, **settings):
        """``{customer id: figure}`` without those of other tests' customers."""
        run = self._run_of(period, partners, **settings)
        return run.values(self._metric(code).with_env(run.env))

    def _ratio_of(self, code, period=QUARTER, **settings):
        """``(value, above, below)`` over the whole company: Σ ÷ Σ of all its customers."""
        run = self._run_of(period, **settings)
        metric = self._metric(code).with_env(run.env)
        run.plan(metric)
        above, below = (
            sum(run.values(part).values()) for part in (metric.numerator_id, metric.denominator_id)
        )
        scale = 100.0 if metric.unit == "percent" else 1.0
        return (scale * above / below if below > 0 else None), above, below

    def _behind(self, code, period=QUARTER, partners=None, **settings):
        """``{model: ids}`` of the records behind a figure."""
        run = self._run_of(period, partners, **settings)
        ids = None if partners is None else partners.ids
        found = self._metric(code).with_env(run.env)._explain_documents(run, ids)
        return {model: set(amounts) for model, amounts in found if amounts}

    def _count_queries(self, code, period, partners):
        self.env.invalidate_all()
        run = self._run_of(period, partners)
        metric = self._metric(code).with_env(run.env)
        before = self.cr.sql_log_count
        run.plan(metric)
        run.values(metric)
        return self.cr.sql_log_count - before


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestKpiMetricsCustomers(KpiMetricCase):
    """K03, K04, K06, K08, K17, K19, K20: customers won, kept and lost; users §3.7."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.tz = "Asia/Shanghai"
        cls.a, cls.b, cls.c, cls.d, cls.e = cls._new_customers(5)

    def _figure_at(self, code, partner, period=QUARTER, **options):
        return self._figure(code, partner, period, **options)

    # K03 --------------------------------------------------------------------------

    def test_k03_first_invoice_on_the_first_and_on_the_last_day(self):
        self._invoice(self.a, "2026-07-01", 10.0)
        self._invoice(self.b, "2026-09-30", 10.0)
        self._invoice(self.c, "2026-06-30", 10.0)
        self._invoice(self.c, "2026-07-01", 10.0)
        self._invoice(self.d, "2026-10-01", 10.0)
        self.assertEqual(self._values_of("new_customers"), {self.a.id: 1.0, self.b.id: 1.0})

    def test_k03_a_credit_note_or_a_draft_makes_no_customer(self):
        self._invoice(self.a, "2026-07-10", -10.0)
        self._invoice(self.b, "2026-07-10", 10.0, post=False)
        self.assertFalse(self._values_of("new_customers"))

    def test_k03_a_backdated_invoice_makes_the_customer_older(self):
        self._invoice(self.a, "2026-07-10", 10.0)
        self.assertEqual(self._figure_at("new_customers", self.a), 1.0)
        self._invoice(self.a, "2025-07-10", 10.0)
        self.assertEqual(self._figure_at("new_customers", self.a), 0.0)

    def test_k03_known_from_before_the_database_is_not_new(self):
        """By an imported figure or by “customer since” of the opening classification."""
        for partner in (self.a, self.b, self.c):
            self._invoice(partner, "2026-07-10", 10.0)
        self.env["kam.opening.figure"].create(
            {"partner_id": self.a.id, "company_id": self.company.id, "month": "2020-01-01",
             "amount_untaxed": 5.0, "amount_total": 5.0}
        )  # fmt: skip
        self._since(self.b, date(2026, 6, 30))
        self._since(self.c, date(2026, 7, 1))
        self.assertEqual(self._values_of("new_customers"), {self.c.id: 1.0})

    def _since(self, partner, day):
        return self.env["kam.opening.classification"].create(
            {"partner_id": partner.id, "company_id": self.company.id, "customer_since": day}
        )

    def test_k03_known_from_paper_of_others_stays_out_of_the_run(self):
        self._since(self.b, date(2026, 7, 2))
        self.assertEqual(self._values_of("new_customers", partners=self.a), {})
        self.assertEqual(self._values_of("new_customers"), {self.b.id: 1.0})

    def test_k03_each_company_has_its_own_new_customers(self):
        other = self._new_company("Other", self.cny)
        self._invoice(self.a, "2020-01-10", 10.0, company=other)
        self._invoice(self.a, "2026-07-10", 10.0)
        self.assertEqual(self._figure_at("new_customers", self.a), 1.0)
        self.assertFalse(self._values_of("new_customers", company=other))

    def test_k03_a_group_is_one_customer(self):
        group = {self.a.id: self.a.id, self.b.id: self.a.id, self.c.id: self.c.id}
        self._invoice(self.a, "2026-07-10", 10.0)
        self._invoice(self.b, "2026-07-20", 10.0)
        self.assertEqual(self._values_of("new_customers", group_map=group), {self.a.id: 1.0})
        self._invoice(self.b, "2026-06-30", 10.0)
        self.assertEqual(self._values_of("new_customers", group_map=group), {})

    def test_k03_behind_it_are_the_invoices_of_the_first_day(self):
        first = self._invoice(self.a, "2026-07-10", 10.0) | self._invoice(self.a, "2026-07-10", 5.0)
        self._invoice(self.a, "2026-07-11", 10.0)
        second = self._invoice(self.b, "2026-07-11", 10.0)
        self._invoice(self.c, "2026-01-10", 10.0)
        self._invoice(self.c, "2026-07-10", 10.0)
        found = self._behind("new_customers", partners=self.a | self.b | self.c)
        self.assertEqual(found, {"account.move": set((first | second).ids)})
        self.assertEqual(self._behind("new_customers"), found)

    def test_k03_whose_customer_it_is_follows_the_options(self):
        """An agent is invoiced, a contact of d gets the goods, b uses them."""
        contact = self.env["res.partner"].create({"name": "Stock", "parent_id": self.d.id})
        move = self._invoice(
            self.a,
            "2026-07-10",
            10.0,
            kam_end_customer_id=self.b.id,
            partner_shipping_id=contact.id,
        )
        for party, partner in (("invoice", self.a), ("end_customer", self.b), ("delivery", self.d)):
            self.assertEqual(self._values_of("new_customers", party=party), {partner.id: 1.0})
            self.assertEqual(
                self._behind("new_customers", partners=self.a | self.b | self.d, party=party),
                {"account.move": {move.id}},
            )

    def test_k03_by_orders_where_orders_are_counted(self):
        """On the company's day: 30 September 23:59 in Shanghai, then midnight."""
        order = self._order(self.a, "2026-09-30 15:59:59", 10.0)
        self._order(self.b, "2026-09-30 16:00:00", 10.0)
        self.assertEqual(self._values_of("new_customers", basis="order"), {self.a.id: 1.0})
        self.assertEqual(self._behind("new_customers", basis="order"), {"sale.order": {order.id}})

    def test_k03_k08_a_branch_counts_for_its_company(self):
        branch = self._new_company("Suzhou", self.cny, parent=self.company)
        self._invoice(self.a, "2026-07-10", 10.0, company=branch)
        for code in ("new_customers", "active_customers"):
            self.assertEqual(self._values_of(code), {self.a.id: 1.0})

    def test_k03_behind_who_is_known_from_paper_is_the_classification(self):
        row = self._since(self.a, date(2026, 7, 2))
        self._invoice(self.a, "2026-07-10", 10.0)
        self.assertEqual(
            self._behind("new_customers", partners=self.a), {"kam.opening.classification": {row.id}}
        )

    # K04, K17 ---------------------------------------------------------------------

    def _grow(self):
        """a: 100 → 150; b: new; c: 200 all credited → 40; d: 50 → -10."""
        self._invoice(self.a, "2025-07-01", 60.0)
        self._invoice(self.a, "2025-09-30", 40.0)
        self._invoice(self.a, "2025-06-30", 999.0)
        self._invoice(self.a, "2025-10-01", 999.0)
        self._invoice(self.a, "2026-07-01", 100.0)
        self._invoice(self.a, "2026-09-30", 50.0)
        self._invoice(self.a, "2026-10-01", 999.0)
        self._invoice(self.b, "2026-08-01", 500.0)
        self._invoice(self.c, "2025-08-01", 200.0)
        self._invoice(self.c, "2025-08-02", -200.0)
        self._invoice(self.c, "2026-08-02", 40.0)
        self._invoice(self.d, "2025-08-01", 50.0)
        self._invoice(self.d, "2026-08-01", -10.0)

    def test_k04_growth_of_those_who_bought_a_year_earlier(self):
        self._grow()
        value, above, below = self._ratio_of("growth_of_buyers")
        self.assertEqual((above, below), (-10.0, 150.0))
        self.assertAlmostEqual(value, -100.0 / 15)
        self.assertEqual(self._figure_at("growth_of_buyers", self.a), 50.0)
        self.assertIsNone(self._figure_at("growth_of_buyers", self.b))

    def test_k04_who_is_left_out_is_counted_beside(self):
        self._grow()
        self.assertEqual(self._values_of("growth_left_out"), {self.b.id: 1.0, self.c.id: 1.0})

    def test_k04_of_nobody_is_not_known(self):
        self._invoice(self.b, "2026-08-01", 500.0)
        self.assertIsNone(self._ratio_of("growth_of_buyers")[0])

    def test_k04_behind_it_are_both_years_of_the_buyers(self):
        self._grow()
        moves = self.env["account.move"].search([("partner_id", "in", (self.a | self.d).ids)])
        inside = moves.filtered(
            lambda m: (
                QUARTER.contains(m.invoice_date) or QUARTER.previous_year().contains(m.invoice_date)
            )
        )
        self.assertEqual(self._behind("growth_of_buyers"), {"account.move": set(inside.ids)})
        left_out = self._behind("growth_left_out")["account.move"]
        found = self.env["account.move"].browse(left_out)
        self.assertEqual(found.partner_id, self.b | self.c)
        self.assertEqual(set(found.mapped("invoice_date")), {date(2026, 8, 1), date(2026, 8, 2)})

    def test_k04_foreign_money_at_the_rate_of_its_day(self):
        self._rate(self.usd, "2025-07-01", 0.125)
        self._rate(self.usd, "2026-07-01", 0.1)
        self._invoice(self.a, "2025-08-01", 10.0, currency_id=self.usd.id)
        self._invoice(self.a, "2026-08-01", 10.0, currency_id=self.usd.id)
        self.assertEqual(self._ratio_of("growth_of_buyers"), (25.0, 20.0, 80.0))

    def test_k17_growth_over_all_chosen_customers(self):
        """The new one and the credited one, too: the KPI chooses whom."""
        self._grow()
        value, above, below = self._ratio_of("key_account_growth")
        self.assertEqual((above, below), (530.0, 150.0))
        self.assertAlmostEqual(value, 100 * 530 / 150)

    # K06 --------------------------------------------------------------------------

    def _order_months(self):
        """a: three months of twelve, four orders; b: one order; c: a day too early."""
        self._order(self.a, "2025-09-30 16:00:00", 1.0)
        self._order(self.a, "2026-01-10 02:00:00", 1.0)
        self._order(self.a, "2026-01-20 02:00:00", 0.0)
        self._order(self.a, "2026-09-30 15:59:59", 1.0)
        self._order(self.b, "2026-03-01 02:00:00", 1.0)
        self._order(self.c, "2025-09-30 15:59:59", 1.0)
        self._order(self.c, "2026-09-30 16:00:00", 1.0)
        draft = self._order(self.d, "2026-03-01 02:00:00", 1.0)
        draft._action_cancel()

    def test_k06_months_with_an_order_of_twelve(self):
        """The twelve months end with the period's last day, whatever the period."""
        self._order_months()
        for first in (date(2026, 7, 1), date(2026, 9, 1), date(2025, 1, 1)):
            period = Period(first, QUARTER.end)
            value, above, below = self._ratio_of("order_months_share", period)
            self.assertEqual((above, below), (4.0, 24.0))
            self.assertAlmostEqual(value, 100 / 6)
        self.assertEqual(self._figure_at("order_months_share", self.a), 25.0)
        self.assertIsNone(self._figure_at("order_months_share", self.c))
        self.assertIsNone(self._figure_at("order_months_share", self.d))

    def test_k06_repeat_purchase(self):
        self._order_months()
        self.assertEqual(self._ratio_of("repeat_purchase_rate"), (50.0, 1.0, 2.0))

    def test_k06_imported_orders_count(self):
        self.env["kam.opening.figure"].create(
            [
                {"partner_id": self.a.id, "company_id": self.company.id, "month": month,
                 "order_count": count}
                for month, count in (("2025-09-01", 5), ("2025-10-01", 2), ("2025-11-01", 0))
            ]
        )  # fmt: skip
        self.assertEqual(self._values_of("order_months"), {self.a.id: 1.0})
        self.assertEqual(self._values_of("repeat_customers"), {self.a.id: 1.0})

    def test_k06_a_month_of_two_members_of_a_group_counts_once(self):
        self._order(self.a, "2026-03-01 02:00:00", 1.0)
        self._order(self.b, "2026-03-09 02:00:00", 1.0)
        self._order(self.b, "2026-04-09 02:00:00", 1.0)
        group = {self.a.id: self.a.id, self.b.id: self.a.id}
        settings = {"group_map": group}
        self.assertEqual(self._values_of("order_months", **settings), {self.a.id: 2.0})
        self.assertEqual(self._values_of("order_months_possible", **settings), {self.a.id: 12.0})
        self.assertEqual(self._values_of("repeat_customers", **settings), {self.a.id: 1.0})

    def test_behind_customers_stand_sales_and_orders(self):
        self._order(self.a, "2026-03-01 02:00:00", 5.0)
        self._invoice(self.a, "2026-08-01", 7.0)
        expert = self._user("kam_expert", "member")
        account = self.env["kam.account"]._open_for(self.a, self.company)[self.a.id]
        account.user_id = expert
        for code, label in (("order_months_share", "1"), ("active_customers", "7.00")):
            action = (
                self._metric(code)
                .with_user(expert)
                ._explain_action(self.a.with_user(expert), self.company, QUARTER)
            )
            dialog = self.env["kam.metric.explanation"].browse(action["res_id"])
            self.assertEqual((dialog.readable_count, dialog.hidden_count), (0, 1))
            self.assertIn(label, dialog.with_user(expert).hidden_label.split(", ")[1])
            self.assertEqual("¥" in dialog.with_user(expert).hidden_label, code[0] == "a")

    def test_k06_in_the_middle_of_a_month(self):
        """The month of the last day, until that day, and the eleven before."""
        self._order(self.a, "2025-10-01 02:00:00", 1.0)
        self._order(self.a, "2025-09-30 02:00:00", 1.0)
        self._order(self.a, "2026-09-15 02:00:00", 1.0)
        self._order(self.a, "2026-09-16 02:00:00", 1.0)
        period = Period(date(2026, 9, 1), date(2026, 9, 15))
        self.assertEqual(self._values_of("order_months", period), {self.a.id: 2.0})

    def test_k06_behind_it_are_the_orders(self):
        self._order_months()
        orders = self.env["sale.order"].search([("partner_id", "=", self.a.id)])
        self.assertEqual(
            self._behind("order_months_share", partners=self.a), {"sale.order": set(orders.ids)}
        )
        self.assertEqual(self._behind("repeat_customers"), {"sale.order": set(orders.ids)})

    def _come_and_go(self):
        """Bought before the quarter: a, c, e; of them until its end: c."""
        self._invoice(self.a, "2025-07-01", 10.0)
        self._invoice(self.b, "2025-06-30", 10.0)
        self._invoice(self.c, "2025-10-01", 10.0)
        self._invoice(self.d, "2025-08-10", 10.0)
        self._invoice(self.d, "2025-08-10", -10.0)
        self._invoice(self.e, "2025-09-30", 10.0)
        self._invoice(self.e, "2026-09-30", -10.0)

    def test_k06_customers_retained(self):
        self._come_and_go()
        value, above, below = self._ratio_of("retained_share")
        self.assertEqual((above, below), (1.0, 3.0))
        self.assertAlmostEqual(value, 100 / 3)

    # K08 --------------------------------------------------------------------------

    def test_k08_who_bought_before_and_does_not_any_more(self):
        self._come_and_go()
        value, above, below = self._ratio_of("churn_rate")
        self.assertEqual((above, below), (2.0, 3.0))
        self.assertAlmostEqual(value, 200 / 3)
        self.assertEqual(self._values_of("customers_lost"), {self.a.id: 1.0, self.e.id: 1.0})
        self.assertIsNone(self._figure_at("churn_rate", self.b))

    def test_k08_the_first_and_the_last_day_count(self):
        for partner, day in (
            (self.a, "2026-06-30"), (self.b, "2026-07-01"), (self.c, "2026-09-30"),
            (self.d, "2026-10-01"),
        ):  # fmt: skip
            self._invoice(partner, day, 10.0)
        self.assertEqual(self._values_of("customers_to_lose"), {self.a.id: 1.0})
        self.assertEqual(
            set(self._values_of("active_customers")), {self.a.id, self.b.id, self.c.id}
        )

    def test_k08_how_many_months_is_a_setting(self):
        """Six: bought from January to June, not from April to September."""
        self._invoice(self.a, "2026-01-01", 10.0)
        self._invoice(self.b, "2025-12-31", 10.0)
        self._invoice(self.c, "2026-04-01", 10.0)
        self._invoice(self.d, "2026-03-31", 10.0)
        self.assertEqual(self._values_of("customers_lost"), {})
        self.company.kam_churn_months = 6
        self.assertEqual(self._values_of("customers_lost"), {self.a.id: 1.0, self.d.id: 1.0})
        self.assertEqual(len(self._values_of("customers_to_lose")), 3)

    def test_k08_february_of_a_leap_year(self):
        """Twelve months to 28 February begin on 1 March."""
        self._invoice(self.a, "2024-02-29", 10.0)
        self._invoice(self.b, "2024-03-01", 10.0)
        period = Period(date(2025, 2, 1), date(2025, 2, 28))
        self.assertEqual(self._values_of("active_customers", period), {self.b.id: 1.0})

    def test_k08_a_group_is_lost_as_a_whole(self):
        self._come_and_go()
        group = {self.a.id: self.a.id, self.c.id: self.a.id}
        self.assertEqual(self._values_of("customers_lost", group_map=group), {self.e.id: 1.0})

    def test_k08_behind_it_is_what_they_bought_before(self):
        self._come_and_go()
        found = self._behind("customers_lost")["account.move"]
        moves = self.env["account.move"].browse(found)
        self.assertEqual(moves.partner_id, self.a | self.e)
        self.assertEqual(set(moves.mapped("invoice_date")), {date(2025, 7, 1), date(2025, 9, 30)})

    def test_k08_other_companies_do_not_count_unless_named(self):
        other = self._new_company("Other", self.cny)
        self._invoice(self.a, "2025-07-01", 10.0)
        self._invoice(self.a, "2026-09-01", 10.0, company=other)
        self.assertEqual(self._values_of("customers_lost"), {self.a.id: 1.0})
        both = tuple((self.company | other).ids)
        self.assertEqual(self._values_of("customers_lost", company_ids=both), {})
        self.assertEqual(self._values_of("customers_to_lose", company=other), {})

    # K19, K20 ---------------------------------------------------------------------

    def _rank(self):
        customers = self.a | self.b | self.c | self.d | self.e | self._new_customer("Sixth")
        for partner, amount in zip(customers, (600, 500, 400, 300, 200, 100), strict=True):
            self._invoice(partner, "2026-08-01", float(amount))
        self._invoice(self.a, "2026-10-01", 9_999.0)
        self._invoice(self._new_customer("Returns"), "2026-08-01", -100.0)

    def test_k19_the_top_fifth_rounded_up(self):
        self._rank()
        self.assertEqual(
            self._values_of("top_customers_sales"), {self.a.id: 600.0, self.b.id: 500.0}
        )
        self.assertEqual(self._ratio_of("top_sales_share"), (55.0, 1_100.0, 2_000.0))

    def test_k19_who_is_on_top_does_not_depend_on_who_asks(self):
        self._rank()
        found = self._values_of("top_customers_sales", partners=self.a | self.c)
        self.assertEqual(found, {self.a.id: 600.0})

    def test_k19_nobody_buys(self):
        self.assertIsNone(self._ratio_of("top_sales_share")[0])

    def test_k19_k20_gross_profit_is_shown_to_some_only(self):
        """One piece costs 600 today."""
        for partner, amount in ((self.a, 700.0), (self.b, 900.0)):
            self._invoice(partner, "2026-08-01", amount)
        self.assertEqual(self._ratio_of("top_profit_share"), (75.0, 300.0, 400.0))
        self.assertEqual(
            self._values_of("profit_contribution_share"), {self.a.id: 25.0, self.b.id: 75.0}
        )
        seller = self._user("kam_seller", "user")
        for code in ("top_profit_share", "top_customers_profit", "profit_contribution_share"):
            with self.assertRaises(AccessError):
                self._metric(code).with_user(seller)._explain_action(
                    self.a.with_user(seller), self.company, QUARTER
                )

    # K07 --------------------------------------------------------------------------

    def test_k07_complaints_per_customer(self):
        """Two complaints, four active customers; a rejected one does not count."""
        for partner in (self.a, self.b, self.c, self.d):
            self._invoice(partner, "2026-08-01", 10.0)
        account = self.env["kam.account"]._open_for(self.a, self.company)[self.a.id]
        kind = self.env.ref("key_account_mgmt.kam_issue_kind_complaint")
        for state in ("new", "new", "rejected"):
            issue = (
                self.env["kam.issue"]
                .sudo()
                ._as_engine()
                .create(
                    {
                        "account_id": account.id,
                        "kind_id": kind.id,
                        "description": "The door hums",
                        "reported_on": datetime(2026, 8, 3, 2),
                    }
                )
            )
            issue.state = state
        self.assertEqual(self._ratio_of("complaint_rate_customers"), (50.0, 2.0, 4.0))

    # Queries ----------------------------------------------------------------------

    def test_constant_queries(self):
        """3 or 13 customers: the same number of queries."""
        customers = self._new_customers(13, "Many")
        for partner in customers:
            self._invoice(partner, "2026-08-01", 10.0)
            self._order(partner, "2026-08-01 02:00:00", 10.0)
        for code in CUSTOMER_CODES:
            self._count_queries(code, QUARTER, customers)
            few = self._count_queries(code, QUARTER, customers[:3])
            many = self._count_queries(code, QUARTER, customers)
            self.assertEqual(few, many, code)


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestKpiMetricsWork(KpiMetricCase, PursuitCase):
    """K12, K13, K18, K22, K26, K29: what was owed came in time; levels.  users §3.2, §3.7.

    Today is 23 November: what is due then is not judged before it is done.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.company.partner_id.tz = "Asia/Shanghai"
        cls.customer = cls.lingfeng
        Department = cls.env["kam.department"]
        cls.sales, cls.technology = Department.create(
            [
                {
                    "name": name,
                    "company_id": cls.company.id,
                    "member_ids": [Command.set(user.ids)],
                }
                for name, user in (("Sales", cls.user), ("Technology", cls.member))
            ]
        )

    def _engine(self, model):
        return self.env[model].sudo()._as_engine()

    def _both(self, due, in_time, period=NOVEMBER, partner=None, **settings):
        """How many were due, and how many came in time."""
        partner = partner or self.customer
        return tuple(
            self._values_of(code, period, partner, **settings).get(partner.id, 0.0)
            for code in (due, in_time)
        )

    # K12 --------------------------------------------------------------------------

    def _visit(self, due, state="to_report", late=False, account=None):
        visit = self._engine("kam.visit").create(
            {
                "account_id": (account or self.account).id,
                "user_id": self.user.id,
                "participant_ids": [Command.set(self.user.ids)],
                "start": datetime(2026, 11, 2, 2),
                "stop": datetime(2026, 11, 2, 3),
            }
        )
        visit.write({"state": state, "report_due": due, "entered_late": late})
        visit.flush_recordset()
        return visit

    def _reports(self, **settings):
        return self._both("reports_due", "reports_in_time", **settings)

    def test_k12_visit_reports_by_the_day_they_were_due(self):
        self._visit(date(2026, 10, 31), "reported")
        kept = self._visit(date(2026, 11, 1), "reported")
        late = self._visit(date(2026, 11, 10), "reported", late=True)
        missed = self._visit(date(2026, 11, 12), "missed")
        open_ = self._visit(date(2026, 11, 22))
        early = self._visit(date(2026, 11, 30), "reported")
        self._visit(date(2026, 11, 23))
        self._visit(date(2026, 12, 1), "reported")
        self._visit(date(2026, 11, 10), "cancelled")
        self.assertEqual(self._reports(), (5.0, 2.0))
        self.assertEqual(self._figure("report_timeliness", self.customer, NOVEMBER), 40.0)
        self.assertEqual(
            self._behind("reports_due", NOVEMBER, self.customer),
            {"kam.visit": set((kept | late | missed | open_ | early).ids)},
        )
        self.assertEqual(
            self._behind("reports_in_time", NOVEMBER, self.customer),
            {"kam.visit": {kept.id, early.id}},
        )

    def test_k12_nothing_due_is_not_known(self):
        self.assertIsNone(self._figure("report_timeliness", self.customer, NOVEMBER))

    def _step(self, day, state="open", on_time=False, pursuit=None, **values):
        pursuit = pursuit or self.pursuit
        step = self._engine("kam.action").create(
            {
                "name": "See their engineers",
                "pursuit_id": pursuit.id,
                "pursuit_kind": "step",
                "account_id": pursuit.account_id.id,
                "company_id": self.company.id,
                "user_id": self.user.id,
                "date_due": day,
                **values,
            }
        )
        step.write({"state": state, "is_on_time": on_time})
        return step

    def _stage_report(self, day, state="due", late=False, owed=True, pursuit=None):
        """Due five days after the planned day of its step."""
        pursuit = pursuit or self.pursuit
        done = owed and self._step(day, "done", True, pursuit)
        step = done or self.env["kam.action"]
        report = self._engine("kam.pursuit.report").create(
            {
                "pursuit_id": pursuit.id,
                "action_id": step.id,
                "state": state,
                "is_reported_late": late,
            }
        )
        report.flush_recordset()
        return report

    def test_k12_stage_reports_of_pursuits_count_too(self):
        """What is reported in between without being owed does not."""
        self.pursuit = self._registered()
        self.pursuit.sudo()._as_engine().progress_ids.unlink()
        self._stage_report(date(2026, 10, 26), "reported")
        kept = self._stage_report(date(2026, 10, 27), "reported")
        late = self._stage_report(date(2026, 11, 2), "reported", late=True)
        owed = self._stage_report(date(2026, 11, 17))
        self._stage_report(date(2026, 11, 18))
        self._stage_report(date(2026, 11, 10), "dropped")
        self._stage_report(date(2026, 11, 10), "reported", owed=False)
        visit = self._visit(date(2026, 11, 2), "reported")
        self.assertEqual(self._reports(), (4.0, 2.0))
        self.assertEqual(
            self._behind("report_timeliness", NOVEMBER, self.customer),
            {"kam.pursuit.report": set((kept | late | owed).ids), "kam.visit": {visit.id}},
        )

    def test_k12_documents_of_two_kinds_are_shown_side_by_side(self):
        self.pursuit = self._registered()
        report = self._stage_report(date(2026, 11, 2), "reported")
        visit = self._visit(date(2026, 11, 2), "reported")
        metric = self._metric("reports_due").with_user(self.officer)
        action = metric._explain_action(
            self.customer.with_user(self.officer), self.company, NOVEMBER
        )
        self.assertEqual(action["res_model"], "kam.metric.explanation")
        dialog = self.env["kam.metric.explanation"].browse(action["res_id"])
        self.assertEqual(dialog.readable_count, 2)
        self.assertFalse(dialog.model_name)
        parts = dialog.with_user(self.officer).part_ids
        self.assertEqual(set(parts.mapped("model_label")), {"Stage Report", "Visit"})
        shown = {}
        for part in parts:
            opened = part.action_show_documents()
            shown[opened["res_model"]] = self.env[opened["res_model"]].search(opened["domain"])
        self.assertEqual(shown, {"kam.pursuit.report": report, "kam.visit": visit})

    def test_before_go_live_nothing_was_owed(self):
        self._visit(date(2026, 11, 10), "missed")
        self.company.kam_go_live_date = date(2026, 11, 11)
        self.assertEqual(self._reports(), (0.0, 0.0))
        self.company.kam_go_live_date = date(2026, 11, 10)
        self.assertEqual(self._reports(), (1.0, 0.0))

    # K13 --------------------------------------------------------------------------

    def _request(self, due, answered=None, state="new", to=None, account=None, **values):
        to = to or self.technology
        return self._engine("kam.request").create(
            {
                "name": "Drawings",
                "kind_id": self.env["kam.request.kind"].search([], limit=1).id,
                "account_id": self.account.id if account is None else account.id,
                "company_id": self.company.id,
                "requester_id": self.user.id,
                "requester_department_id": self.sales.id,
                "user_id": self.member.id,
                "department_id": to.id,
                "date_wanted": due,
                "state": "answered" if answered else state,
                "answered_day": answered,
                **values,
            }
        )

    def _synergy(self, **settings):
        return self._both("synergy_due", "synergy_in_time", **settings)

    def test_k13_requests_between_departments(self):
        self._request(date(2026, 10, 31), date(2026, 10, 31))
        kept = self._request(date(2026, 11, 1), date(2026, 11, 1))
        late = self._request(date(2026, 11, 10), date(2026, 11, 11))
        owed = self._request(date(2026, 11, 22))
        declined = self._request(date(2026, 11, 10), state="declined")
        early = self._request(date(2026, 11, 30), date(2026, 11, 20))
        self._request(date(2026, 11, 23))
        self._request(date(2026, 12, 1), date(2026, 11, 20))
        self._request(date(2026, 11, 10), state="cancelled")
        self._request(date(2026, 11, 10), date(2026, 11, 10), to=self.sales)
        self.assertEqual(self._synergy(), (5.0, 2.0))
        self.assertEqual(self._figure("synergy", self.customer, NOVEMBER), 40.0)
        self.assertEqual(
            self._behind("synergy_due", NOVEMBER, self.customer),
            {"kam.request": set((kept | late | owed | declined | early).ids)},
        )

    def test_k13_a_promise_moves_the_day(self):
        self._request(date(2026, 10, 20), date(2026, 11, 5), date_promised=date(2026, 11, 5))
        self.assertEqual(self._synergy(), (1.0, 1.0))

    def test_k13_a_request_about_a_deal_is_its_customers(self):
        nobody = self.env["kam.account"]
        contact = self.env["res.partner"].create({"name": "Li", "parent_id": self.customer.id})
        lead = self._lead(self.user, contact)
        self._request(date(2026, 11, 2), date(2026, 11, 2), account=nobody, lead_id=lead.id)
        self.assertEqual(self._synergy(), (1.0, 1.0))

    def _issue(self, due, replied=None, in_time=False, state="new", department=None, user=None):
        issue = self._engine("kam.issue").create(
            {
                "account_id": self.account.id,
                "kind_id": self.env.ref("key_account_mgmt.kam_issue_kind_technical").id,
                "description": "The door hums",
                "severity": "1",
                "reporter_id": self.user.id,
            }
        )
        issue.write(
            {
                "user_id": (user or self.member).id,
                "department_id": department and department.id,
                "state": state,
                "resolve_day": due,
                "replied_on": replied,
                "reply_on_time": in_time,
            }
        )
        return issue

    def test_k13_issues_another_department_handles(self):
        replied = datetime(2026, 11, 5, 2)
        self._issue(date(2026, 10, 31), replied, True)
        kept = self._issue(date(2026, 11, 1), replied, True)
        late = self._issue(date(2026, 11, 2), replied)
        owed = self._issue(date(2026, 11, 22), department=self.technology, user=self.user)
        self._issue(date(2026, 11, 23))
        self._issue(date(2026, 11, 2), replied, True, state="rejected")
        self._issue(date(2026, 11, 2), replied, True, department=self.sales)
        self._issue(date(2026, 11, 2), replied, True, user=self.gm)
        self.assertEqual(self._synergy(), (3.0, 1.0))
        request = self._request(date(2026, 11, 2), date(2026, 11, 2))
        self.assertEqual(
            self._behind("synergy", NOVEMBER, self.customer),
            {"kam.request": {request.id}, "kam.issue": set((kept | late | owed).ids)},
        )

    # K18 --------------------------------------------------------------------------

    def _level(self, account, tier, day, until=None, origin="evaluation", **values):
        return self._engine("kam.tier.assignment").create(
            {
                "account_id": account.id,
                "company_id": self.company.id,
                "scheme_id": tier.scheme_id.id,
                "exclusive": True,
                "tier_id": tier.id,
                "date_from": day,
                "date_to": until,
                "origin": origin,
                **values,
            }
        )

    def _file(self, name, parent=None):
        return self._account(self._customer(name), self.user, parent=parent)

    def _new_key(self, period=NOVEMBER, **settings):
        found = self._values_of("new_key_accounts", period, **settings)
        return {self.env["res.partner"].browse(key).name for key in found}

    def test_k18_the_first_level_as_key_account_begins_in_the_period(self):
        first, last = self._file("First"), self._file("Last")
        level = self._level(first, self.key, date(2026, 11, 1))
        self._level(last, self.strategic, date(2026, 11, 30))
        self._level(self._file("Early"), self.key, date(2026, 10, 31))
        self._level(self._file("Late"), self.key, date(2026, 12, 1))
        self._level(self._file("Main"), self.main, date(2026, 11, 10))
        self.assertEqual(self._new_key(), {"First", "Last"})
        self.assertEqual(
            self._behind("new_key_accounts", NOVEMBER, first.partner_id),
            {"kam.tier.assignment": {level.id}},
        )

    def test_k18_back_again_is_not_new(self):
        again = self._file("Again")
        self._level(again, self.key, date(2025, 1, 1), date(2025, 6, 1))
        self._level(again, self.main, date(2025, 6, 1), date(2026, 11, 10))
        self._level(again, self.strategic, date(2026, 11, 10))
        self.assertEqual(self._new_key(), set())

    def test_k18_known_from_paper_is_never_new(self):
        """As a key account; one known as something less may still become one."""
        self._level(self._file("Paper"), self.key, date(2026, 11, 2), origin="opening")
        risen = self._file("Risen")
        self._level(risen, self.main, date(2026, 11, 2), date(2026, 11, 10), origin="opening")
        self._level(risen, self.key, date(2026, 11, 10))
        self.assertEqual(self._new_key(), {"Risen"})

    def test_k18_what_did_not_last_a_day_does_not_count(self):
        hasty = self._file("Hasty")
        self._level(hasty, self.key, date(2026, 10, 1), date(2026, 10, 1))
        self._level(hasty, self.key, date(2026, 11, 5))
        self.assertEqual(self._new_key(), {"Hasty"})

    def test_k18_a_group_counts_at_its_head(self):
        head = self._file("Head")
        plant = self._file("Plant", parent=head)
        self._level(head, self.key, date(2026, 11, 5))
        self._level(plant, self.key, date(2026, 11, 5), is_inherited=True)
        self.assertEqual(self._new_key(), {"Head"})
        group = dict.fromkeys((head | plant).partner_id.ids, head.partner_id.id)
        self.assertEqual(self._new_key(group_map=group), {"Head"})

    # K26 --------------------------------------------------------------------------

    def _raised(self, partner, period=NOVEMBER):
        return self._both("customers_to_raise", "customers_raised", period, partner)

    def test_k26_raised_in_the_period_of_those_below_the_top(self):
        cases = {
            "On the first day": ((self.main, self.key, date(2026, 11, 1)), (1, 1)),
            "On the last day": ((self.main, self.strategic, date(2026, 11, 30)), (1, 1)),
            "The day before": ((self.main, self.key, date(2026, 10, 31)), (1, 0)),
            "The day after": ((self.main, self.key, date(2026, 12, 1)), (1, 0)),
            "Lowered": ((self.key, self.main, date(2026, 11, 10)), (1, 0)),
            "On top": ((self.strategic, self.key, date(2026, 11, 10)), (0, 0)),
        }
        for name, ((before, after, day), expected) in cases.items():
            account = self._file(name)
            self._level(account, before, date(2026, 1, 1), day)
            self._level(account, after, day)
            self.assertEqual(self._raised(account.partner_id), expected, name)
        new = self._file("New")
        self._level(new, self.key, date(2026, 11, 5))
        self.assertEqual(self._raised(new.partner_id), (0, 0))
        self.assertEqual(self._ratio_of("upgrade_rate", NOVEMBER), (40.0, 2.0, 5.0))

    def test_k26_behind_it_are_the_levels(self):
        account = self._file("Risen")
        low = self._level(account, self.main, date(2026, 1, 1), date(2026, 11, 10))
        high = self._level(account, self.key, date(2026, 11, 10))
        self.assertEqual(
            self._behind("upgrade_rate", NOVEMBER, account.partner_id),
            {"kam.tier.assignment": {low.id, high.id}},
        )

    def test_k26_other_schemes_do_not_count(self):
        account = self._file("Other Scheme")
        low, high = self.s0.tier_ids.sorted("rank", reverse=True)[:2]
        self._level(account, low, date(2026, 1, 1), date(2026, 11, 10))
        self._level(account, high, date(2026, 11, 10))
        self.assertEqual(self._raised(account.partner_id), (0, 0))

    # K22 --------------------------------------------------------------------------

    def _owed(self, until, state="overdue", completed=None, kind="key_meeting", account=None):
        kinds = self.env["kam.obligation.kind"]
        found = kinds.search([("code", "=", kind)]) or kinds.search([("code", "!=", kind)])[:1]
        self._months = getattr(self, "_months", 0) + 1
        return self._engine("kam.obligation").create(
            {
                "account_id": (account or self.account).id,
                "company_id": self.company.id,
                "policy_id": self.env["kam.obligation.policy"].with_context(
                    active_test=False
                ).search([], limit=1).id,
                "kind_id": found.id,
                "date_from": date(2026, 1, self._months),
                "date_to": until,
                "performer": "manager",
                "state": state,
                "completed_on": completed,
                "required": 1,
            }
        )  # fmt: skip

    def _kept(self, kind="obligations_to_keep", kept="obligations_kept"):
        return self._both(kind, kept)

    def test_k22_kept_by_the_day_of_the_visit(self):
        """Reported late is kept: users §3.7."""
        self._owed(date(2026, 10, 31), "met", date(2026, 10, 31))
        met = self._owed(date(2026, 11, 1), "met", date(2026, 11, 1))
        reported_late = self._owed(date(2026, 11, 15), "met_late", date(2026, 11, 15))
        afterwards = self._owed(date(2026, 11, 15), "met_late", date(2026, 11, 16))
        overdue = self._owed(date(2026, 11, 22))
        awaiting = self._owed(date(2026, 11, 22), "awaiting")
        early = self._owed(date(2026, 11, 30), "met", date(2026, 11, 3))
        self._owed(date(2026, 11, 30), "open")
        self._owed(date(2026, 11, 23), "open")
        self._owed(date(2026, 12, 1), "met", date(2026, 11, 3))
        self._owed(date(2026, 11, 15), "waived")
        self._owed(date(2026, 11, 15), "cancelled")
        self.assertEqual(self._kept(), (6.0, 3.0))
        self.assertEqual(self._figure("obligations_kept_rate", self.customer, NOVEMBER), 50.0)
        counted = met | reported_late | afterwards | overdue | awaiting | early
        self.assertEqual(
            self._behind("obligations_to_keep", NOVEMBER, self.customer),
            {"kam.obligation": set(counted.ids)},
        )
        self.assertEqual(
            self._behind("obligations_kept", NOVEMBER, self.customer),
            {"kam.obligation": set((met | reported_late | early).ids)},
        )

    def test_k22_quality_exchanges_alone(self):
        self._owed(date(2026, 11, 15), "met", date(2026, 11, 1))
        self._owed(date(2026, 11, 15), "met", date(2026, 11, 1), kind="quality_exchange")
        self._owed(date(2026, 11, 15), kind="quality_exchange")
        found = self._kept("quality_exchanges_to_hold", "quality_exchanges_held")
        self.assertEqual(found, (2.0, 1.0))
        self.assertEqual(self._figure("quality_exchange_rate", self.customer, NOVEMBER), 50.0)
        self.assertEqual(self._kept(), (3.0, 2.0))

    def test_k22_members_of_a_group_add_up(self):
        plant = self._file("Lingfeng Plant")
        self._owed(date(2026, 11, 15), "met", date(2026, 11, 1))
        self._owed(date(2026, 11, 15), account=plant)
        group = dict.fromkeys((self.account | plant).partner_id.ids, self.customer.id)
        found = self._both("obligations_to_keep", "obligations_kept", group_map=group)
        self.assertEqual(found, (2.0, 1.0))

    # K29 --------------------------------------------------------------------------

    def test_k29_steps_by_the_day_they_were_planned_for(self):
        self.pursuit = self._registered()
        self.pursuit.sudo()._as_engine().progress_ids.unlink()
        self._step(date(2026, 10, 31), "done", True)
        kept = self._step(date(2026, 11, 1), "done", True)
        late = self._step(date(2026, 11, 10), "done")
        owed = self._step(date(2026, 11, 22))
        early = self._step(date(2026, 11, 30), "done", True)
        self._step(date(2026, 11, 23))
        self._step(date(2026, 11, 10), "cancelled")
        self._step(date(2026, 11, 10), "done", True, pursuit_kind="solution")
        self._step(date(2026, 12, 1), "done", True)
        self.assertEqual(self._both("progress_due", "progress_kept"), (4.0, 2.0))
        self.assertEqual(self._figure("progress_rate", self.customer, NOVEMBER), 50.0)
        self.assertEqual(
            self._behind("progress_rate", NOVEMBER, self.customer),
            {"kam.action": set((kept | late | owed | early).ids)},
        )

    # Companies, queries -----------------------------------------------------------

    def test_another_company_counts_nothing_of_ours(self):
        self._visit(date(2026, 11, 10), "reported")
        self._request(date(2026, 11, 1), date(2026, 11, 1))
        self._owed(date(2026, 11, 1), "met", date(2026, 11, 1))
        self._level(self._file("First"), self.key, date(2026, 11, 1))
        other = self._new_company("Other", self.cny)
        for code in ("reports_due", "synergy_due", "obligations_to_keep", "new_key_accounts"):
            self.assertTrue(self._values_of(code, NOVEMBER), code)
            self.assertFalse(self._values_of(code, NOVEMBER, company=other), code)

    def test_constant_queries(self):
        """3 or 13 customers: the same number of queries."""
        accounts = self.env["kam.account"].union(
            *(self._file(f"Many {number}") for number in range(13))
        )
        for account in accounts:
            pursuit = self._draft(lead=self._lead(self.user, account.partner_id))
            self._stage_report(date(2026, 11, 2), "reported", pursuit=pursuit)
            self._visit(date(2026, 11, 10), "reported", account=account)
            self._request(date(2026, 11, 1), date(2026, 11, 1), account=account)
            self._owed(date(2026, 11, 1), account=account)
            self._level(account, self.main, date(2026, 1, 1), date(2026, 11, 5))
            self._level(account, self.key, date(2026, 11, 5))
        customers = accounts.partner_id
        for code in WORK_CODES:
            self._count_queries(code, NOVEMBER, customers)
            few = self._count_queries(code, NOVEMBER, customers[:3])
            many = self._count_queries(code, NOVEMBER, customers)
            self.assertEqual(few, many, code)
