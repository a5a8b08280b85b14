from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_sales import SalesCommon

LOGGER = "odoo.addons.key_account_mgmt.models.metric.kam_metric"


@tagged("post_install", "-at_install")
class TestMetricRegistry(SalesCommon):
    """Metrics as data: what an author may point at. Source: design §2.2."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._new_customer("Hongyue Elevator")
        cls.stranger = cls._new_customer("Other Elevator")

    def _define(self, user=None, **values):
        Metric = self.env["kam.metric"].with_user(user or self.env.user)
        return Metric.create(
            {
                "code": "own_metric",
                "name": "Own metric",
                "model_id": self.env["ir.model"]._get_id(values.pop("model", "crm.lead")),
                "measure_field": "expected_revenue",
                "date_field": "date_deadline",
                **values,
            }
        )

    def _lead(self, partner, day, amount, **values):
        return self.env["crm.lead"].create(
            {
                "name": "Line 7",
                "type": "opportunity",
                "partner_id": partner.id,
                "date_deadline": day,
                "expected_revenue": amount,
                "company_id": self.company.id,
                **values,
            }
        )

    def test_a_metric_of_ones_own_needs_no_code(self):
        self._define(domain="[('type', '=', 'opportunity')]")
        contact = self._new_customer("Purchasing", is_company=False, parent_id=self.customer.id)
        for partner, day, amount in (
            (self.customer, "2025-10-31", 1.0),
            (self.customer, "2025-11-01", 10.0),
            (contact, "2026-10-31", 100.0),
            (self.customer, "2026-11-01", 1000.0),
            (self.stranger, "2026-03-01", 10000.0),
        ):
            self._lead(partner, day, amount)
        self._lead(self.customer, "2026-03-01", 5.0, company_id=self._new_company("B", self.cny).id)
        self.assertEqual(self._figure("own_metric", self.customer), 110.0)
        everybody = self._metric("own_metric")._evaluate(None, self.company, self.window)
        self.assertEqual(everybody[self.stranger.id, self.company.id], 10000.0)

    def test_counting_records_needs_no_measure(self):
        self._define(aggregator="count", measure_field=False)
        self._lead(self.customer, "2026-03-01", 1.0)
        self._lead(self.customer, "2026-03-02", 1.0)
        self.assertEqual(self._figure("own_metric", self.customer), 2.0)

    def test_amounts_in_the_currency_of_the_document_are_converted(self):
        self._rate(self.usd, "2026-01-01", 0.125)
        self._define(
            model="account.move",
            measure_field="amount_untaxed",
            date_field="invoice_date",
            domain="[('state', '=', 'posted')]",
        )
        self._invoice(self.customer, "2026-03-10", 10.0, currency_id=self.usd.id)
        self._invoice(self.customer, "2026-03-10", 5.0)
        self.assertAlmostEqual(self._figure("own_metric", self.customer), 85.0)

    def test_overdue_receivables_on_the_day_itself_are_not_overdue(self):
        metric = self._metric("overdue_receivables")
        self._invoice(self.customer, "2026-11-01", 10.0, invoice_date_due="2026-11-21")
        self._invoice(self.customer, "2026-11-01", 100.0, invoice_date_due="2026-11-22")
        run = self.env["kam.metric"]._new_run(self.company, self.day, self.customer)
        self.assertEqual(run.value(metric, self.customer.id), 10.0)

    def test_open_pipeline_leaves_out_won_and_lost(self):
        self._lead(self.customer, False, 10.0)
        self._lead(self.customer, False, 100.0).action_set_lost()
        self._lead(self.customer, False, 1000.0).action_set_won()
        run = self.env["kam.metric"]._new_run(self.company, self.day, self.customer)
        self.assertEqual(run.value(self._metric("open_pipeline"), self.customer.id), 10.0)

    def test_a_ratio_is_rolled_up_by_its_parts(self):
        metric = self.env["kam.metric"].create(
            {
                "code": "sales_per_order",
                "name": "Sales per order",
                "kind": "ratio",
                "additivity": "ratio",
                "numerator_id": self._metric("annual_sales").id,
                "denominator_id": self._metric("order_count").id,
                "missing_as": "missing",
            }
        )
        self._invoice(self.customer, "2026-03-10", 10.0)
        self._invoice(self.stranger, "2026-03-10", 50.0)
        self._order(self.stranger, "2026-03-10", 50.0)
        self._order(self.stranger, "2026-03-10", 50.0)
        self.assertIsNone(self._figure("sales_per_order", self.customer))
        run = self.env["kam.metric"]._new_run(
            self.company,
            self.day,
            self.stranger,
            group_map={self.customer.id: self.stranger.id},
        )
        self.assertEqual(run.value(metric, self.stranger.id), 30.0)

    # -- what is refused ---------------------------------------------------------------

    def test_wrong_fields_are_refused_by_name(self):
        for values, message in (
            ({"measure_field": "no_such_field"}, "no_such_field"),
            ({"measure_field": "name"}, "name"),
            ({"measure_field": "partner_id.credit_limit"}, "credit_limit"),
            ({"measure_field": "meeting_display_date"}, "meeting_display_date"),
            ({"date_field": "name"}, "name"),
            ({"partner_path": "user_id"}, "user_id"),
            ({"partner_path": "name.partner_id"}, "name.partner_id"),
            ({"partner_path": False}, "“”"),
            ({"company_path": "partner_id"}, "partner_id"),
            ({"domain": "[('no_such_field', '=', 1)]"}, "no_such_field"),
            ({"domain": "[('type', 'resembles', 1)]"}, "resembles"),
            ({"domain": "[('type', '=', open('/etc/passwd'))]"}, "passwd"),
            ({"domain": "name"}, "name"),
            ({"model": "ir.model.fields.wrong"}, "no records"),
            ({"model": "mail.thread"}, "mail.thread"),
        ):
            with (
                self.subTest(values=values),
                self.assertRaisesRegex(ValidationError, message),
                self.env.cr.savepoint(),
            ):
                self._define(**values)

    def test_an_author_cannot_measure_what_he_may_not_read(self):
        author = self._user("kam_author", "admin")
        for values in (
            {"model": "crm.lead"},
            {"model": "account.move", "measure_field": "amount_total_signed"},
        ):
            with (
                self.subTest(values=values),
                mute_logger("odoo.addons.base.models.ir_model"),
                self.assertRaisesRegex(ValidationError, "kam_author"),
                self.env.cr.savepoint(),
            ):
                self._define(author, **values)

    def test_a_filter_is_no_window_into_other_records(self):
        author = self._user("kam_author", "admin,sales_team.group_sale_salesman")
        self._define(author)
        with mute_logger("odoo.addons.base.models.ir_model"):
            for domain in (
                "[('message_ids', 'any', [('tracking_value_ids', '!=', False)])]",
                "['!', ('message_ids', 'not any', [('tracking_value_ids', '!=', False)])]",
                "[('message_ids', 'any!', [('body', '!=', False)])]",
                "[('message_ids.tracking_value_ids.old_value_integer', '=', 1)]",
            ):
                with (
                    self.subTest(domain=domain),
                    self.assertRaises(ValidationError),
                    self.env.cr.savepoint(),
                ):
                    self._metric("own_metric").with_user(author).domain = domain

    def test_a_restricted_measure_needs_a_restricted_metric(self):
        field = self.env["crm.lead"]._fields["expected_revenue"]
        self.patch(field, "groups", "base.group_user")
        with self.assertRaisesRegex(ValidationError, "Restricted To"):
            self._define()

    def test_a_vanished_field_gives_a_clear_error_and_jobs_go_on(self):
        metric = self._define()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE kam_metric SET measure_field = 'gone_with_its_module' WHERE id = %s",
            (metric.id,),
        )
        metric.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "Own metric.*gone_with_its_module"):
            self._figure("own_metric", self.customer)
        with mute_logger(LOGGER):
            self.assertFalse(metric._computable())

    def test_a_vanished_model_gives_a_clear_error(self):
        metric = self._define()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE kam_metric SET model_id = NULL, model_name = 'kam.gone' WHERE id = %s",
            (metric.id,),
        )
        metric.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "kam.gone"):
            self._figure("own_metric", self.customer)

    def test_a_built_in_metric_without_its_method_gives_a_clear_error(self):
        metric = (
            self.env["kam.metric"]
            .sudo()
            .create({"code": "of_the_future", "name": "Of the future", "kind": "method"})
        )
        with self.assertRaisesRegex(UserError, "of_the_future"):
            metric._evaluate(self.customer, self.company, self.window)
        admin = self._user("kam_author", "admin")
        with self.assertRaises(ValidationError):
            self.env["kam.metric"].with_user(admin).create(
                {"code": "invented", "name": "Invented", "kind": "method"}
            )

    def test_a_ratio_of_itself_is_refused(self):
        with self.assertRaises(ValidationError):
            self._metric("sales_growth").denominator_id = self._metric(
                "annual_profit_estimated_share"
            )
            self._metric("annual_profit_estimated_share").numerator_id = self._metric(
                "sales_growth"
            )

    def test_built_in_metrics_are_not_deleted(self):
        with self.assertRaises(UserError):
            self._metric("annual_sales").unlink()

    def test_a_code_is_used_once(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self._define(code="annual_sales")

    def test_only_the_administrator_defines_metrics(self):
        for groups in ("user", "officer", "gm", "auditor"):
            user = self._user(f"kam_{groups}", f"{groups},sales_team.group_sale_manager")
            with self.subTest(groups=groups), self.assertRaises(AccessError):
                self._define(user)
