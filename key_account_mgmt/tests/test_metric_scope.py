from datetime import date

from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.key_account_mgmt.models.metric.options import MetricOptions
from odoo.addons.key_account_mgmt.policy.periods import Period

from .common_sales import SalesCommon


@tagged("post_install", "-at_install")
class TestMetricScope(SalesCommon):
    """Whose sales, in which company, money and time zone. Source: C5, (g) Q2, Q3."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._new_customer("Hongyue Elevator")
        cls.agent = cls._new_customer("Linhai Trading")

    # -- party -------------------------------------------------------------------------

    def test_sales_through_an_agent_count_for_the_end_customer_where_asked(self):
        self._invoice(self.agent, "2026-03-10", 100.0, kam_end_customer_id=self.customer.id)
        self._invoice(self.agent, "2026-03-11", 7.0)
        self.assertEqual(self._figure("annual_sales", self.agent), 107.0)
        self.assertEqual(self._figure("annual_sales", self.customer), 0.0)
        by_end = {"party": "end_customer"}
        self.assertEqual(self._figure("annual_sales", self.customer, **by_end), 100.0)
        self.assertEqual(self._figure("annual_sales", self.agent, **by_end), 7.0)

    def test_end_customer_goes_from_order_to_invoice_and_refund(self):
        order = self._order(self.agent, "2026-03-10", 100.0)
        order.kam_end_customer_id = self.customer
        order.order_line.qty_delivered = 1.0
        invoice = order._create_invoices()
        self.assertEqual(invoice.kam_end_customer_id, self.customer)
        self.assertEqual(invoice._reverse_moves().kam_end_customer_id, self.customer)

    def test_orders_for_two_end_customers_give_two_invoices(self):
        orders = self._order(self.agent, "2026-03-10", 1.0)
        orders |= self._order(self.agent, "2026-03-10", 2.0)
        orders[0].kam_end_customer_id = self.customer
        orders.order_line.qty_delivered = 1.0
        self.assertEqual(len(orders._create_invoices()), 2)

    def test_ordering_customer_where_another_one_is_invoiced(self):
        order = self._order(self.customer, "2026-03-10", 50.0, partner_invoice_id=self.agent.id)
        order.order_line.qty_delivered = 1.0
        invoice = order._create_invoices()
        invoice.invoice_date = "2026-03-12"
        invoice.action_post()
        self.assertEqual(self._figure("annual_sales", self.agent), 50.0)
        self.assertEqual(self._figure("annual_sales", self.customer, party="order"), 50.0)
        self.assertEqual(self._figure("annual_sales", self.agent, party="order"), 0.0)
        run = self.env["kam.metric"]._new_run(
            self.company, self.day, self.customer, options=MetricOptions(party="order")
        )
        months = run.value(self._metric("relationship_months"), self.customer.id)
        self.assertEqual(months, 7.0)

    def test_delivery_address(self):
        site = self.env["res.partner"].create(
            {"name": "Site", "type": "delivery", "parent_id": self.customer.id}
        )
        self._invoice(self.agent, "2026-03-10", 30.0, partner_shipping_id=site.id)
        figure = self._figure("annual_sales", self.customer, party="delivery")
        self.assertEqual(figure, 30.0)

    # -- orders ------------------------------------------------------------------------

    def test_orders_count_at_their_own_rate_and_only_when_confirmed(self):
        self._rate(self.usd, "2026-01-01", 0.125)
        pricelist = self.env["product.pricelist"].create(
            {"name": "USD", "currency_id": self.usd.id}
        )
        self._order(self.customer, "2026-03-10 08:00:00", 10.0, pricelist_id=pricelist.id)
        self._order(self.customer, "2026-03-10 08:00:00", 5.0)
        self._order(self.customer, "2026-03-10 08:00:00", 999.0)._action_cancel()
        by_order = {"basis": "order"}
        self.assertAlmostEqual(self._figure("annual_sales", self.customer, **by_order), 85.0)
        self.assertEqual(self._figure("annual_sales", self.customer), 0.0)
        self.assertEqual(self._figure("order_count", self.customer), 2.0)

    def test_an_order_belongs_to_the_day_of_the_companys_time_zone(self):
        """22:30 UTC on 31 October is already November in Shanghai."""
        self.company.partner_id.tz = "Asia/Shanghai"
        self._order(self.customer, "2026-10-31 15:59:59", 1.0)
        self._order(self.customer, "2026-10-31 16:00:00", 10.0)
        self._order(self.customer, "2025-10-31 16:00:00", 100.0)
        by_order = {"basis": "order"}
        self.assertEqual(self._figure("annual_sales", self.customer, **by_order), 101.0)
        in_utc = {"basis": "order", "tz": "UTC"}
        self.assertEqual(self._figure("annual_sales", self.customer, **in_utc), 11.0)

    def test_order_without_a_rate_takes_the_one_of_its_day(self):
        self._rate(self.usd, "2026-01-01", 0.125)
        order = self._order(self.customer, "2026-03-10 08:00:00", 10.0)
        for broken in (0.0, None):
            self._break_rate(order, broken)
            figure = self._figure("annual_sales", self.customer, basis="order")
            self.assertAlmostEqual(figure, 80.0)

    def test_order_in_a_currency_without_any_rate_is_an_error_that_names_it(self):
        order = self._order(self.customer, "2026-03-10 08:00:00", 10.0)
        self.usd.rate_ids.unlink()
        self.cny.rate_ids.unlink()
        self._break_rate(order, 0.0)
        with self.assertRaisesRegex(UserError, "USD"):
            self._figure("annual_sales", self.customer, basis="order")

    def _break_rate(self, order, rate):
        order.flush_recordset()
        self.env.cr.execute(
            "UPDATE sale_order SET currency_id = %s, currency_rate = %s WHERE id = %s",
            (self.usd.id, rate, order.id),
        )
        order.invalidate_recordset()

    # -- companies ---------------------------------------------------------------------

    def test_another_company_does_not_count(self):
        other = self._new_company("Other", self.cny)
        self._invoice(self.customer, "2026-03-10", 1.0)
        self._invoice(self.customer, "2026-03-10", 10.0, company=other)
        self._order(self.customer, "2026-03-10", 5.0, company=other)
        self.assertEqual(self._figure("annual_sales", self.customer), 1.0)
        self.assertEqual(self._figure("annual_sales", self.customer, company=other), 10.0)
        self.assertEqual(self._figure("order_count", self.customer), 0.0)
        both = self._metric("annual_sales")._evaluate(
            self.customer, self.company | other, self.window
        )
        self.assertEqual(
            both, {(self.customer.id, self.company.id): 1.0, (self.customer.id, other.id): 10.0}
        )

    def test_branches_count_for_their_company(self):
        branch = self._new_company("Branch", self.cny, parent=self.company)
        self._invoice(self.customer, "2026-03-10", 10.0, company=branch)
        self.assertEqual(self._figure("annual_sales", self.customer), 10.0)
        self.assertEqual(self._figure("annual_sales", self.customer, company=branch), 10.0)

    def test_a_named_set_of_companies_in_the_currency_of_the_evaluated_one(self):
        """Each document is converted at the rate of its own day."""
        self._rate(self.usd, "2026-01-01", 0.125)
        self._rate(self.usd, "2026-06-01", 0.1)
        abroad = self._new_company("Yunting International", self.usd)
        self._invoice(self.customer, "2026-03-10", 10.0, company=abroad)
        self._invoice(self.customer, "2026-06-01", 10.0, company=abroad)
        self._invoice(self.customer, "2026-03-10", 5.0)
        both = {"company_ids": (self.company | abroad).ids}
        self.assertAlmostEqual(self._figure("annual_sales", self.customer, **both), 185.0)
        self.assertEqual(self._figure("annual_sales", self.customer), 5.0)

    def test_a_set_of_companies_without_a_rate_between_them_is_an_error(self):
        abroad = self._new_company("Yunting International", self.usd)
        self.usd.rate_ids.unlink()
        self.cny.rate_ids.unlink()
        with self.assertRaisesRegex(UserError, "USD"):
            self._figure("annual_sales", self.customer, company_ids=(self.company | abroad).ids)

    def test_unknown_option_is_refused(self):
        with self.assertRaises(ValueError):
            MetricOptions(basis="delivery")

    # -- opening figures ---------------------------------------------------------------

    def _opening(self, month, amount, **values):
        return self.env["kam.opening.figure"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "month": month,
                "amount_untaxed": amount,
                **values,
            }
        )

    def test_opening_figures_count_where_the_window_holds_the_month(self):
        """Source: design §4.1, a customer older than the database."""
        self._invoice(self.customer, "2026-09-10", 1.0)
        self._opening("2025-10-15", 10.0)
        self._opening("2025-11-30", 100.0, amount_total=113.0, tons=24.0, order_count=2)
        self.assertEqual(self._figure("annual_sales", self.customer), 101.0)
        self.assertEqual(self._figure("previous_sales", self.customer), 10.0)
        self.assertEqual(self._figure("annual_sales", self.customer, tax="included"), 114.0)
        self.assertEqual(self._figure("annual_sales", self.customer, basis="order"), 100.0)
        self.assertEqual(self._figure("order_count", self.customer), 2.0)
        self.assertAlmostEqual(self._figure("monthly_tonnage", self.customer), 24.008 / 12)
        half = Period(date(2025, 11, 1), date(2025, 11, 29))
        self.assertEqual(self._figure("annual_sales", self.customer, half), 0.0)

    def test_opening_figures_make_a_customer_older(self):
        self._invoice(self.customer, "2026-09-10", 1.0)
        self._opening("2020-05-01", 10.0)
        self.assertEqual(self._figure("relationship_months", self.customer), 78.0)
        self.assertEqual(self._figure("annualised_sales", self.customer), 1.0)

    def test_opening_figures_stay_in_their_company(self):
        self._opening("2026-01-01", 10.0)
        other = self._new_company("Other", self.cny)
        self.assertEqual(self._figure("annual_sales", self.customer, company=other), 0.0)

    def test_opening_figure_is_unique_per_customer_company_and_month(self):
        self._opening("2026-01-01", 10.0)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self._opening("2026-01-20", 10.0)

    def test_text_instead_of_a_number_is_refused_at_import_with_its_row(self):
        result = self.env["kam.opening.figure"].load(
            ["partner_id/.id", "month", "amount_untaxed"],
            [[str(self.customer.id), "2026-01-01", "a lot"]],
        )
        self.assertFalse(result["ids"])
        self.assertIn("a lot", result["messages"][0]["message"])
        self.assertEqual(result["messages"][0]["rows"], {"from": 0, "to": 0})

    def test_opening_figures_of_merged_contacts_add_up(self):
        self._opening("2026-01-01", 10.0)
        self._opening("2026-01-01", 5.0, partner_id=self.agent.id)
        self._opening("2026-02-01", 1.0, partner_id=self.agent.id)
        self.env["kam.opening.figure"]._merge_partners(self.agent, self.customer)
        self.assertEqual(self._figure("annual_sales", self.customer), 16.0)
        self.assertEqual(self._figure("annual_sales", self.agent), 0.0)

    # -- groups of companies -----------------------------------------------------------

    def test_a_group_counts_as_one_customer_at_its_head(self):
        """Source: (g) Q3."""
        plant, service, outside = self._new_customers(3)
        group = {plant.id: self.customer.id, service.id: self.customer.id}
        self._invoice(self.customer, "2025-03-10", 100.0)
        self._invoice(plant, "2026-03-10", 100.0)
        self._invoice(service, "2026-05-10", 50.0)
        self._invoice(outside, "2026-03-10", 50.0)
        for partners in (None, self.customer | outside):
            run = self.env["kam.metric"]._new_run(self.company, self.day, partners, group_map=group)
            sales = run.values(self._metric("annual_sales"))
            self.assertEqual(sales.get(self.customer.id), 150.0)
            self.assertEqual(sales.get(outside.id), 50.0)
            self.assertNotIn(plant.id, sales)
            growth = run.values(self._metric("sales_growth"))
            self.assertAlmostEqual(growth[self.customer.id], 50.0)
            share = run.values(self._metric("contribution_share"))
            self.assertAlmostEqual(share[self.customer.id], 75.0)
            since = run.values(self._metric("relationship_months"))
            self.assertEqual(since[self.customer.id], 19.0)
            active = run.measure("months", run.period(self._metric("stability")))
            self.assertEqual(bin(active[self.customer.id]).count("1"), 2)

    def test_queries_do_not_grow_with_the_number_of_customers(self):
        metrics = self.env["kam.metric"].search([("show_on_account", "=", True)])
        counts = []
        for number in (1, 3, 30):
            customers = self._new_customers(number)
            for customer in customers:
                self._invoice(customer, "2026-03-10", 10.0)
            group = {customer.id: customers[0].id for customer in customers}
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run = self.env["kam.metric"]._new_run(
                self.company, self.day, customers, group_map=group
            )
            run.plan(metrics)
            for metric in metrics:
                run.values(metric)
            counts.append(self.env.cr.sql_log_count - before)
        # The first one only fills the caches.
        self.assertEqual(counts[1], counts[2])

    def test_frozen_cost_is_used_where_orders_keep_it(self):
        """Source: K02; the sale_margin module may be absent."""
        if "purchase_price" not in self.env["sale.order.line"]._fields:
            self.skipTest("margins on orders are not installed")
        order = self._order(self.customer, "2026-03-10", 1000.0)
        order.order_line.write({"purchase_price": 400.0, "qty_delivered": 1.0})
        invoice = order._create_invoices()
        invoice.invoice_date = "2026-03-12"
        invoice.action_post()
        self.assertAlmostEqual(self._figure("annual_profit", self.customer), 600.0)
        share = self._figure("annual_profit_estimated_share", self.customer)
        self.assertEqual(share, 0.0)
        self._invoice(self.customer, "2026-03-10", 3000.0)
        share = self._figure("annual_profit_estimated_share", self.customer)
        self.assertAlmostEqual(share, 75.0)
        line = order.order_line
        self.assertEqual(line.invoice_lines.move_id, invoice)

    def test_end_customer_keeps_no_default(self):
        """Nothing is written on existing orders when the addon is installed."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [Command.create({"product_id": self.piece.id})],
            }
        )
        self.assertFalse(order.kam_end_customer_id)
