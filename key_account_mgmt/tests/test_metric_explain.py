from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.key_account_mgmt.models.metric.options import MetricOptions

from .common_sales import SalesCommon


@tagged("post_install", "-at_install")
class TestMetricExplain(SalesCommon):
    """Behind every figure stand its documents, as far as one may read. Source: design §2.2."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._new_customer("Hongyue Elevator")
        cls.plant = cls._new_customer("Hongyue Suzhou")
        cls.inside = cls._invoice(cls.customer, "2026-03-10", 100.0)
        cls.refund = cls._invoice(cls.customer, "2026-04-10", -30.0)
        cls._invoice(cls.customer, "2025-10-31", 999.0)
        cls._invoice(cls.customer, "2026-03-10", 999.0, post=False)
        cls._invoice(cls.plant, "2026-03-10", 7.0)

    def setUp(self):
        super().setUp()
        self.manager = self._user("kam_manager", "user,sales_team.group_sale_salesman_all_leads")
        self.accounts = self.env["kam.account"]._open_for(self.customer | self.plant, self.company)
        for account in self.accounts.values():
            account.user_id = self.manager

    def _explain(self, user, code="annual_sales", partners=None, period=None, **options):
        metric = self._metric(code).with_user(user)
        partners = (partners or self.customer).with_user(user)
        return metric._explain_action(
            partners, self.company, period or self.window, MetricOptions(**options)
        )

    def _dialog(self, action):
        self.assertEqual(action["res_model"], "kam.metric.explanation")
        return self.env["kam.metric.explanation"].browse(action["res_id"])

    def test_exactly_the_documents_of_the_value(self):
        action = self._explain(self.manager)
        self.assertEqual(action["res_model"], "account.move")
        found = self.env["account.move"].search(action["domain"])
        self.assertEqual(found, self.inside | self.refund)
        self.assertEqual(
            sum(found.mapped("amount_untaxed_signed")),
            self._figure("annual_sales", self.customer),
        )

    def test_orders_and_other_records_are_opened_too(self):
        order = self._order(self.customer, "2026-03-10", 5.0)
        action = self._explain(self.manager, basis="order")
        self.assertEqual(self.env["sale.order"].search(action["domain"]), order)
        lead = self.env["crm.lead"].create(
            {"name": "L7", "type": "opportunity", "partner_id": self.customer.id}
        )
        action = self._explain(self.manager, "open_pipeline")
        self.assertEqual(self.env["crm.lead"].search(action["domain"]), lead)

    def test_what_one_may_not_read_is_counted_not_listed(self):
        """A salesperson sees his own invoices only."""
        seller = self._user("kam_seller", "user,sales_team.group_sale_salesman")
        self.accounts[self.customer.id].user_id = seller
        self.inside.invoice_user_id = seller
        self.refund.invoice_user_id = self.manager
        dialog = self._dialog(self._explain(seller))
        self.assertEqual((dialog.readable_count, dialog.readable_amount), (1, 100.0))
        self.assertEqual((dialog.hidden_count, dialog.hidden_amount), (1, -30.0))
        shown = dialog.with_user(seller).action_show_documents()
        self.assertEqual(self.env["account.move"].search(shown["domain"]), self.inside)
        self.assertIn("2025", dialog.window_label)
        self.assertIn("70", dialog.value_label)

    def test_without_any_right_on_the_documents_only_counts_are_told(self):
        expert = self._user("kam_expert", "member")
        self.accounts[self.customer.id].user_id = expert
        dialog = self._dialog(self._explain(expert))
        self.assertEqual((dialog.readable_count, dialog.hidden_count), (0, 2))
        self.assertFalse(dialog.document_ids)
        self.assertTrue(dialog.with_user(expert).hidden_label)

    def test_an_explanation_is_ones_own(self):
        expert = self._user("kam_expert", "member")
        self.accounts[self.customer.id].user_id = expert
        dialog = self._dialog(self._explain(expert))
        with self.assertRaises(AccessError):
            dialog.with_user(self.manager).read(["value_label"])
        with self.assertRaises(AccessError):
            dialog.with_user(expert).document_ids = [self.inside.id]
        with self.assertRaises(AccessError):
            self.env["kam.metric.explanation"].with_user(expert).create({})

    def test_accounts_one_is_not_on_are_refused(self):
        stranger = self._user("kam_stranger", "user,sales_team.group_sale_salesman_all_leads")
        with self.assertRaises(AccessError):
            self._explain(stranger)

    def test_a_roll_up_needs_every_account_in_it_or_the_office(self):
        group = self.customer | self.plant
        action = self._explain(self.manager, partners=group)
        self.assertEqual(len(self.env["account.move"].search(action["domain"])), 3)
        self.accounts[self.plant.id].user_id = False
        with self.assertRaises(AccessError):
            self._explain(self.manager, partners=group)
        officer = self._user("kam_office", "officer")
        self.assertEqual(self._dialog(self._explain(officer, partners=group)).hidden_count, 3)

    def test_another_company_is_refused(self):
        other = self._new_company("Other", self.cny)
        with self.assertRaises(AccessError):
            self._metric("annual_sales").with_user(self.manager)._explain_action(
                self.customer.with_user(self.manager), other, self.window
            )

    def test_a_restricted_metric_is_explained_to_its_group_only(self):
        with self.assertRaises(AccessError):
            self._explain(self.manager, "annual_profit")
        self.manager.group_ids += self.env.ref("key_account_mgmt.group_kam_cost")
        action = self._explain(self.manager, "annual_profit")
        self.assertEqual(
            self.env["account.move"].search(action["domain"]), self.inside | self.refund
        )

    def test_opening_figures_are_stated(self):
        self.env["kam.opening.figure"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "month": "2025-12-01",
                "amount_untaxed": 11.0,
            }
        )
        dialog = self._dialog(self._explain(self.manager))
        self.assertEqual((dialog.opening_count, dialog.opening_amount), (1, 11.0))
        self.assertEqual(dialog.readable_count, 2)

    def test_growth_shows_both_windows(self):
        before = self._invoice(self.customer, "2025-03-10", 50.0)
        action = self._explain(self.manager, "sales_growth")
        found = self.env["account.move"].search(action["domain"])
        self.assertIn(before, found)
        self.assertIn(self.inside, found)

    def test_relationship_shows_the_first_document(self):
        first = self._invoice(self.customer, "2019-05-06", 1.0)
        action = self._explain(self.manager, "relationship_months")
        self.assertEqual(self.env["account.move"].search(action["domain"]), first)
