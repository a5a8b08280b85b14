from datetime import date

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.key_account_mgmt.models.metric.options import MetricOptions

from .common_sales import SalesCommon


@tagged("post_install", "-at_install")
class TestMetricValue(SalesCommon):
    """The latest figure and month ends are kept, not every night. Source: design §2.2."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._new_customer("Hongyue Elevator")
        cls.metrics = cls._metric("annual_sales") | cls._metric("sales_ytd")
        cls._invoice(cls.customer, "2026-03-10", 100.0)
        cls.account = cls.env["kam.account"]._open_for(cls.customer, cls.company)[cls.customer.id]

    def _refresh(self, day, metrics=None, **options):
        self.env["kam.metric.value"]._refresh(
            self.company,
            fields.Date.to_date(day),
            self.customer,
            metrics or self.metrics,
            MetricOptions(**options),
        )

    def _rows(self, code="annual_sales", **equal):
        domain = [("metric_id.code", "=", code), ("partner_id", "=", self.customer.id)]
        domain += [(name, "=", value) for name, value in equal.items()]
        return self.env["kam.metric.value"].search(domain, order="kind, month")

    def test_one_latest_row_and_one_per_month(self):
        for day in ("2026-10-30", "2026-10-31", "2026-11-01", "2026-11-22"):
            self._refresh(day)
        self.assertEqual(len(self._rows(kind="latest")), 1)
        self.assertEqual(
            self._rows(kind="month_end").mapped("month"),
            [date(2026, 9, 30), date(2026, 10, 31)],
        )
        ytd = self._rows("sales_ytd", kind="month_end")
        self.assertEqual(ytd.mapped("month"), [date(2026, 10, 31), date(2026, 11, 30)])
        self.assertEqual(ytd.mapped("date_to"), [date(2026, 10, 31), date(2026, 11, 22)])

    def test_run_twice_gives_the_same_rows(self):
        self._refresh("2026-11-22")
        before = self._rows().read(["value", "kind", "month", "date_from", "date_to"])
        self._refresh("2026-11-22")
        self.assertEqual(
            self._rows().read(["value", "kind", "month", "date_from", "date_to"]), before
        )

    def test_a_closed_month_stays_when_a_late_credit_note_arrives(self):
        self._refresh("2026-10-31", self._metric("sales_ytd"))
        self._invoice(self.customer, "2026-10-15", -40.0)
        self._refresh("2026-11-01", self._metric("sales_ytd"))
        self.assertEqual(self._rows("sales_ytd", kind="month_end").mapped("value"), [100.0, 60.0])
        self.assertEqual(self._rows("sales_ytd", kind="latest").value, 60.0)

    def test_the_window_is_told_in_words(self):
        self._refresh("2026-11-22")
        row = self._rows(kind="latest")
        for lang, label in (
            ("en_US", "Nov 2025 – Oct 2026"),
            ("zh_CN", "2025年11月 – 2026年10月"),
        ):
            self.env["res.lang"]._activate_lang(lang)
            self.assertEqual(row.with_context(lang=lang).window_label, label)
        self.assertIn("100.00", row.value_label)
        self.assertEqual(row.account_id, self.account)

    def test_a_figure_that_is_no_longer_known_is_removed(self):
        growth = self._metric("sales_growth")
        before = self._invoice(self.customer, "2025-03-10", 50.0)
        self._refresh("2026-11-22", growth)
        self.assertEqual(len(self._rows("sales_growth")), 2)
        before.button_cancel()
        self._refresh("2026-11-22", growth)
        self.assertFalse(self._rows("sales_growth"))

    def test_no_sales_are_stored_as_zero(self):
        self._refresh("2030-01-01")
        self.assertEqual(self._rows(kind="latest").mapped("value"), [0.0])

    def test_a_broken_metric_does_not_stop_the_others(self):
        broken = self.env["kam.metric"].create(
            {"code": "of_the_future", "name": "Future", "kind": "method", "sequence": 1}
        )
        logger = "odoo.addons.key_account_mgmt.models.metric.kam_metric"
        with mute_logger(logger):
            self._refresh("2026-11-22", broken | self.metrics)
        self.assertEqual(self._rows(kind="latest").value, 100.0)

    def test_documents_of_a_stored_figure_follow_how_it_was_counted(self):
        manager = self._user("kam_manager", "user,sales_team.group_sale_salesman_all_leads")
        self.account.user_id = manager
        order = self._order(self.customer, "2026-03-10", 5.0)
        self._refresh("2026-11-22", basis="order")
        row = self._rows(kind="latest")
        self.assertEqual(row.value, 5.0)
        action = row.with_user(manager).action_show_documents()
        self.assertEqual(self.env["sale.order"].search(action["domain"]), order)

    def test_restricted_figures_are_served_to_their_group_only(self):
        self._refresh("2026-11-22", self._metric("annual_profit") | self.metrics)
        officer = self._user("kam_office", "officer")
        Value = self.env["kam.metric.value"].with_user(officer)
        domain = [("partner_id", "=", self.customer.id), ("kind", "=", "latest")]
        codes = Value.search(domain).metric_id.mapped("code")
        self.assertEqual(set(codes), {"annual_sales", "sales_ytd"})
        hidden = self._rows("annual_profit", kind="latest").with_user(officer)
        with self.assertRaises(AccessError):
            hidden.read(["value"])
        with self.assertRaises(AccessError):
            hidden.action_show_documents()
        officer.group_ids += self.env.ref("key_account_mgmt.group_kam_cost")
        self.assertIn("annual_profit", Value.search(domain).metric_id.mapped("code"))

    def test_figures_follow_the_account(self):
        self._refresh("2026-11-22")
        stranger = self._user("kam_stranger", "user")
        Value = self.env["kam.metric.value"].with_user(stranger)
        self.assertFalse(Value.search([("partner_id", "=", self.customer.id)]))
        self.account.user_id = stranger
        self.assertTrue(Value.search([("partner_id", "=", self.customer.id)]))

    def test_nobody_writes_figures_by_hand(self):
        self._refresh("2026-11-22")
        for groups in ("user", "officer", "gm", "admin", "auditor"):
            user = self._user(f"kam_{groups}", groups)
            row = self._rows(kind="latest").with_user(user)
            for operation in (lambda r: r.write({"value": 1.0}), lambda r: r.unlink()):
                with self.subTest(groups=groups), self.assertRaises(AccessError):
                    operation(row)

    def test_queries_do_not_grow_with_the_number_of_customers(self):
        counts = []
        for number in (1, 3, 30):
            customers = self._new_customers(number)
            for customer in customers:
                self._invoice(customer, "2026-03-10", 10.0)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["kam.metric.value"]._refresh(self.company, self.day, customers)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
