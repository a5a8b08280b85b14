from datetime import date

from odoo.tests import tagged

from odoo.addons.key_account_mgmt.policy.periods import Period

from .common_sales import SalesCommon


@tagged("post_install", "-at_install")
class TestMetricSales(SalesCommon):
    """Sales are what was invoiced, net, on the day of the document. Source: K01, (g) Q2."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._new_customer("Hongyue Elevator")

    def test_refunds_count_against_invoices(self):
        """Source: K01."""
        self._invoice(self.customer, "2026-03-10", 1000.0)
        self._invoice(self.customer, "2026-04-10", -300.0)
        self.assertEqual(self._figure("annual_sales", self.customer), 700.0)

    def test_refunds_larger_than_invoices_give_a_negative_figure(self):
        self._invoice(self.customer, "2026-03-10", 100.0)
        self._invoice(self.customer, "2026-04-10", -250.0)
        self.assertEqual(self._figure("annual_sales", self.customer), -150.0)

    def test_drafts_and_cancelled_invoices_do_not_count(self):
        self._invoice(self.customer, "2026-03-10", 1000.0, post=False)
        self._invoice(self.customer, "2026-03-11", 1000.0).button_cancel()
        self._invoice(self.customer, "2026-03-12", 5.0)
        self.assertEqual(self._figure("annual_sales", self.customer), 5.0)

    def test_the_window_includes_both_its_ends(self):
        for day, amount in (
            ("2025-10-31", 1.0),
            ("2025-11-01", 10.0),
            ("2026-10-31", 100.0),
            ("2026-11-01", 1000.0),
        ):
            self._invoice(self.customer, day, amount)
        self.assertEqual(self._figure("annual_sales", self.customer), 110.0)

    def test_29_february_counts(self):
        self._invoice(self.customer, "2024-02-29", 7.0)
        february = Period(date(2024, 2, 1), date(2024, 2, 29))
        self.assertEqual(self._figure("annual_sales", self.customer, february), 7.0)
        self._invoice(self.customer, "2025-02-28", 9.0)
        after = Period(date(2025, 2, 1), date(2025, 2, 28))
        self.assertEqual(self._figure("previous_sales", self.customer, after), 7.0)

    def test_foreign_invoices_count_at_the_rate_of_their_day(self):
        self._rate(self.usd, "2026-01-01", 0.125)
        self._rate(self.usd, "2026-06-01", 0.1)
        self._invoice(self.customer, "2026-03-10", 100.0, currency_id=self.usd.id)
        self._invoice(self.customer, "2026-07-10", 100.0, currency_id=self.usd.id)
        self.assertAlmostEqual(self._figure("annual_sales", self.customer), 1800.0)

    def test_tax_included(self):
        tax = self.env["account.tax"].create(
            {
                "name": "VAT 13",
                "amount": 13.0,
                "type_tax_use": "sale",
                "tax_group_id": self.env["account.tax.group"].create({"name": "VAT"}).id,
            }
        )
        self._invoice(self.customer, "2026-03-10", 1000.0, taxes=tax.ids)
        self._invoice(self.customer, "2026-03-11", -100.0, taxes=tax.ids)
        self.assertEqual(self._figure("annual_sales", self.customer), 900.0)
        included = self._figure("annual_sales", self.customer, tax="included")
        self.assertAlmostEqual(included, 1017.0)

    def test_a_contact_counts_for_its_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Purchasing", "parent_id": self.customer.id, "type": "invoice"}
        )
        self._invoice(contact, "2026-03-10", 10.0)
        self.assertEqual(self._figure("annual_sales", contact), 10.0)
        self.assertEqual(self._figure("annual_sales", self.customer), 10.0)

    def test_a_contact_that_moves_to_a_company_takes_its_history_along(self):
        person = self.env["res.partner"].create({"name": "Mr Qi"})
        self._invoice(person, "2026-03-10", 10.0)
        person.parent_id = self.customer
        self.assertEqual(self._figure("annual_sales", self.customer), 10.0)

    def test_growth_against_the_same_window_a_year_earlier(self):
        """Source: K04."""
        self._invoice(self.customer, "2025-03-10", 200.0)
        self._invoice(self.customer, "2026-03-10", 250.0)
        self.assertAlmostEqual(self._figure("sales_growth", self.customer), 25.0)

    def test_growth_from_nothing_or_less_is_not_known(self):
        self._invoice(self.customer, "2026-03-10", 250.0)
        self.assertIsNone(self._figure("sales_growth", self.customer))
        self._invoice(self.customer, "2025-03-10", -10.0)
        self.assertIsNone(self._figure("sales_growth", self.customer))

    def test_lost_customer_has_a_growth_of_minus_100(self):
        self._invoice(self.customer, "2025-03-10", 250.0)
        self.assertEqual(self._figure("sales_growth", self.customer), -100.0)

    def test_contribution_share_of_the_whole_company(self):
        """Source: S0-16, K20."""
        other = self._new_customer("Jiayi Elevator")
        self._invoice(self.customer, "2026-03-10", 250.0)
        self._invoice(other, "2026-03-10", 750.0)
        self.assertAlmostEqual(self._figure("contribution_share", self.customer), 25.0)
        everybody = self._metric("contribution_share")._evaluate(None, self.company, self.window)
        self.assertAlmostEqual(everybody[other.id, self.company.id], 75.0)

    def test_contribution_share_is_not_known_without_sales(self):
        self.assertEqual(self._figure("contribution_share", self.customer), 0.0)

    def test_young_customer_is_extended_to_a_year(self):
        """Source: users §3.1."""
        self._invoice(self.customer, "2026-07-01", 100.0)
        self._invoice(self.customer, "2026-09-01", 300.0)
        self.assertAlmostEqual(self._figure("annualised_sales", self.customer), 1200.0)

    def test_two_full_months_are_too_few_to_extend(self):
        self._invoice(self.customer, "2026-08-02", 100.0)
        self.assertIsNone(self._figure("annualised_sales", self.customer))

    def test_old_customer_is_not_extended(self):
        self._invoice(self.customer, "2020-01-15", 1.0)
        self._invoice(self.customer, "2026-09-01", 300.0)
        self.assertAlmostEqual(self._figure("annualised_sales", self.customer), 300.0)

    def test_relationship_starts_with_the_first_invoice_ever(self):
        self._invoice(self.customer, "2024-11-01", 1.0)
        self.assertEqual(self._figure("relationship_months", self.customer), 24.0)

    def test_stability_rewards_activity_and_punishes_gaps(self):
        """Source: S0-13."""
        regular = self._new_customer("Regular")
        for month in self.window.months:
            self._invoice(regular, month.start, 1.0)
        self.assertEqual(self._figure("stability", regular), 100.0)
        for day in ("2025-11-05", "2026-05-05", "2026-05-20", "2026-10-05"):
            self._invoice(self.customer, day, 1.0)
        # 3 of 12 months, longest gap December to April.
        self.assertAlmostEqual(
            self._figure("stability", self.customer), 50 * 3 / 12 + 50 * (1 - 5 / 12)
        )
        self._invoice(self.customer, "2026-02-05", -1.0)
        self.assertAlmostEqual(
            self._figure("stability", self.customer), 50 * 3 / 12 + 50 * (1 - 5 / 12)
        )

    def test_profit_is_sales_less_cost_and_says_what_is_estimated(self):
        """Source: K02."""
        self._invoice(self.customer, "2026-03-10", 5000.0, quantity=5.0)
        self._invoice(self.customer, "2026-03-11", -1000.0)
        self.assertAlmostEqual(self._figure("annual_profit", self.customer), 4000 - 4 * 600)
        self.assertAlmostEqual(self._figure("annual_profit_estimated_share", self.customer), 100.0)

    def test_tons_by_weight_unit_and_by_product_weight(self):
        """Source: S1n-04, K23."""
        self._invoice(self.customer, "2020-01-01", 1.0)
        self._invoice(self.customer, "2026-03-10", 1.0, product=self.rail, quantity=30.0)
        kilo = self.env.ref("uom.product_uom_kgm")
        self._invoice(
            self.customer, "2026-03-11", 1.0, product=self.rail, quantity=6000.0, uom=kilo
        )
        self._invoice(self.customer, "2026-03-12", 1.0, quantity=250.0)
        dozen = self.env.ref("uom.product_uom_dozen")
        self._invoice(self.customer, "2026-03-13", 1.0, quantity=125.0, uom=dozen)
        self.assertAlmostEqual(
            self._figure("monthly_tonnage", self.customer), (30 + 6 + 2 + 12) / 12
        )

    def test_returned_tons_count_against_delivered_ones(self):
        self._invoice(self.customer, "2020-01-01", 1.0)
        self._invoice(self.customer, "2026-03-10", 1.0, product=self.rail, quantity=30.0)
        self._invoice(self.customer, "2026-04-10", -1.0, product=self.rail, quantity=6.0)
        self.assertAlmostEqual(self._figure("monthly_tonnage", self.customer), 2.0)

    def test_tons_of_a_young_customer_over_its_full_months(self):
        self._invoice(self.customer, "2026-08-01", 1.0, product=self.rail, quantity=60.0)
        self.assertAlmostEqual(self._figure("monthly_tonnage", self.customer), 20.0)
        younger = self._new_customer("Younger")
        self._invoice(younger, "2026-08-02", 1.0, product=self.rail, quantity=60.0)
        self.assertIsNone(self._figure("monthly_tonnage", younger))

    def test_year_to_date_and_the_same_days_last_year(self):
        run = self.env["kam.metric"]._new_run(self.company, self.day, self.customer)
        for day, amount in (
            ("2025-01-01", 1.0),
            ("2025-11-22", 10.0),
            ("2025-11-23", 100.0),
            ("2026-01-01", 1000.0),
            ("2026-11-22", 10000.0),
            ("2026-11-23", 100000.0),
        ):
            self._invoice(self.customer, day, amount)
        self.assertEqual(run.value(self._metric("sales_ytd"), self.customer.id), 11000.0)
        self.assertEqual(run.value(self._metric("sales_previous_ytd"), self.customer.id), 11.0)

    def test_fiscal_year_that_starts_in_april(self):
        self.company.write({"fiscalyear_last_month": "3", "fiscalyear_last_day": 31})
        self._invoice(self.customer, "2025-03-31", 1.0)
        self._invoice(self.customer, "2025-04-01", 10.0)
        self._invoice(self.customer, "2026-03-31", 100.0)
        self._invoice(self.customer, "2026-04-01", 1000.0)
        run = self.env["kam.metric"]._new_run(
            self.company, self.day, self.customer, window="fiscal_year"
        )
        self.assertEqual(run.value(self._metric("annual_sales"), self.customer.id), 110.0)
        self.assertEqual(run.value(self._metric("sales_ytd"), self.customer.id), 1000.0)

    def test_a_planned_run_gives_the_same_as_an_unplanned_one(self):
        other = self._new_customer("Jiayi Elevator")
        for day, amount in (("2025-03-01", 5.0), ("2026-03-01", 9.0), ("2026-10-31", 4.0)):
            self._invoice(self.customer, day, amount, quantity=3.0)
            self._invoice(other, day, 2 * amount, product=self.rail)
        metrics = self.env["kam.metric"].search([("show_on_account", "=", True)])
        new_run = self.env["kam.metric"]._new_run
        planned = new_run(self.company, self.day).plan(metrics)
        for metric in metrics:
            single = new_run(self.company, self.day)
            self.assertEqual(planned.values(metric), single.values(metric), metric.code)
