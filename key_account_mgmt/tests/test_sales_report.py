from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.key_account_mgmt.policy.periods import Period

from .common import GROUP, KamCase

TODAY = date(2026, 11, 22)
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
TO_DATE = Period(date(2026, 1, 1), TODAY)


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestSalesReport(KamCase):
    """Sales of key accounts by month: the figures of ``kam.metric``.  Source: K01, K02, K32."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._rate(cls.usd, "2020-01-01", 0.125)
        cls.other = cls._new_user("other", GROUP % "user")
        cls.big = cls._new_customer("Tianheng")
        cls.plant = cls._new_customer("Tianheng Purchasing", parent_id=cls.big.id, is_company=False)
        cls.small = cls._new_customer("Hongyue")
        cls.account = cls._hold(cls._account(cls.big, cls.user), cls.key)
        cls.second = cls._hold(cls._account(cls.small, cls.other), cls.main)
        cls.account.member_ids.filtered("is_lead").date_from = date(2024, 1, 1)
        cls.second.member_ids.filtered("is_lead").date_from = date(2024, 1, 1)
        cls._invoice(cls.big, date(2026, 1, 31), 1000.0)
        cls._invoice(cls.plant, date(2026, 2, 1), 500.0)
        cls._invoice(cls.big, date(2026, 2, 28), -200.0)
        cls._invoice(cls.big, date(2026, 3, 10), 100.0, currency_id=cls.usd.id)
        cls._invoice(cls.big, date(2025, 11, 22), 70.0)
        cls._invoice(cls.big, date(2025, 11, 23), 40.0)
        cls._invoice(cls.small, date(2026, 5, 5), 300.0, quantity=2.0)
        cls._invoice(cls.small, date(2026, 6, 5), 999.0, post=False)
        cls._sell(cls.big, 5000.0, date(2025, 3, 1), profit=900.0)

    def _sum(self, measure, account, period=YEAR, user=None):
        rows = self._as(self.env["kam.sales.report"], user or self.officer)._read_group(
            [
                ("account_id", "=", account.id),
                ("month", ">=", period.start),
                ("month", "<=", period.end),
            ],
            [],
            [f"{measure}:sum"],
        )
        return rows[0][0] or 0.0

    def test_the_sales_of_the_metric(self):
        """Refunds, contacts, currencies and opening figures as in *annual sales*."""
        for account in (self.account, self.second):
            for period in (YEAR, Period(date(2025, 1, 1), date(2025, 12, 31))):
                expected = self._figure("annual_sales", account.partner_id, period)
                self.assertAlmostEqual(self._sum("sales", account, period), expected)
            expected = self._figure("previous_sales", account.partner_id, YEAR) or 0.0
            self.assertAlmostEqual(self._sum("last_year", account), expected)
            expected = self._figure("previous_sales", account.partner_id, TO_DATE) or 0.0
            self.assertAlmostEqual(self._sum("last_year_to_date", account, TO_DATE), expected)
        self.assertAlmostEqual(self._sum("sales", self.account), 2100.0)
        self.assertAlmostEqual(self._sum("last_year", self.account), 5110.0)
        self.assertAlmostEqual(self._sum("last_year_to_date", self.account), 5070.0)

    def test_the_profit_of_the_metric(self):
        """K02; for its group only."""
        self.officer.group_ids += self.env.ref(GROUP % "cost")
        for account in (self.account, self.second):
            expected = self._figure("annual_profit", account.partner_id, YEAR)
            self.assertAlmostEqual(self._sum("profit", account), expected)
        self.assertAlmostEqual(self._sum("profit_last_year", self.account), 900 + 110 - 1200)
        self.assertAlmostEqual(self._sum("profit_last_year_to_date", self.account), 900 + 70 - 600)

    def test_money_received_is_that_of_the_metric(self):
        """K32: what came in, in the month in which it came."""
        invoice = self._invoice(self.big, date(2026, 9, 1), 800.0)
        journal = self.env["account.journal"].create(
            {"name": "Bank", "code": "BNK", "type": "bank", "company_id": self.company.id}
        )
        receivable = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
        entry = self.env["account.move"].create(
            {
                "journal_id": journal.id,
                "date": date(2026, 10, 3),
                "line_ids": [
                    (0, 0, {
                        "account_id": receivable.account_id.id, "partner_id": self.big.id,
                        "credit": 300.0,
                    }),
                    (0, 0, {"account_id": journal.default_account_id.id, "debit": 300.0}),
                ],
            }
        )  # fmt: skip
        entry.action_post()
        expected = self._figure("collections", self.big, YEAR)
        self.assertEqual(expected, 300.0)
        self.assertEqual(self._sum("collected", self.account), expected)
        october = Period(date(2026, 10, 1), date(2026, 10, 31))
        self.assertEqual(self._sum("collected", self.account, october), expected)

    def test_the_holder_of_the_day(self):
        """A hand-over in the middle of a month splits it; together it stays the figure."""
        lead = self.account.member_ids.filtered("is_lead")
        lead._as_engine().write({"date_to": date(2026, 2, 14)})
        self.env.flush_all()
        self.env["kam.team.member"]._as_engine().create(
            {
                "account_id": self.account.id,
                "user_id": self.other.id,
                "role_id": lead.role_id.id,
                "date_from": date(2026, 2, 15),
                "date_to": date(2026, 2, 28),
                "is_lead": True,
            }
        )
        rows = self._as(self.env["kam.sales.report"], self.officer).search(
            [("account_id", "=", self.account.id), ("month", "=", date(2026, 2, 1))]
        )
        self.assertEqual(
            {row.user_id.login: row.sales for row in rows},
            {self.user.login: 500.0, self.other.login: -200.0},
        )
        self.assertEqual(len(set(rows.ids)), 2)
        self.assertEqual(self._sum("sales", self.account), 2100.0)
        days = {row.user_id.login: row._days() for row in rows}
        self.assertEqual(
            days[self.user.login], Period(date(2026, 2, 1), date(2026, 2, 14))
        )  # fmt: skip
        self.assertEqual(days[self.other.login], Period(date(2026, 2, 15), date(2026, 2, 28)))

    def test_before_its_file_an_account_counts_for_who_led_it_first(self):
        """Whoever took it over later gets nothing of it, and days nobody led nobody.  users §3.7"""
        lead = self.account.member_ids.filtered("is_lead")
        lead._as_engine().write({"date_from": date(2026, 2, 15), "date_to": date(2026, 2, 28)})
        self.env.flush_all()
        self.env["kam.team.member"]._as_engine().create(
            {
                "account_id": self.account.id,
                "user_id": self.other.id,
                "role_id": lead.role_id.id,
                "date_from": date(2026, 4, 1),
                "is_lead": True,
            }
        )
        rows = self._as(self.env["kam.sales.report"], self.officer).search(
            [("account_id", "=", self.account.id), ("month", ">=", date(2026, 1, 1))]
        )
        sold = {(row.user_id.login, row.month.month): row.sales for row in rows if row.sales}
        self.assertEqual(
            sold, {(self.user.login, 1): 1000.0, (self.user.login, 2): 300.0, (False, 3): 800.0}
        )
        february = rows.filtered(lambda row: row.month.month == 2 and row.sales)
        self.assertEqual(february._days(), Period(date(2026, 2, 1), date(2026, 2, 28)))

    def test_any_days_mean_their_months(self):
        """“Last 30 days” begin within a month: it counts as a whole."""
        report = self._as(self.env["kam.sales.report"], self.officer)
        for first, last, expected in (
            (date(2026, 1, 31), date(2026, 2, 10), {1, 2}),
            (date(2026, 2, 28), date(2026, 2, 28), {2}),
            (date(2026, 2, 1), date(2026, 3, 1), {2, 3}),
        ):
            domain = [("period_day", ">=", first), ("period_day", "<=", last)]
            found = report.search([("account_id", "=", self.account.id), *domain])
            self.assertEqual({row.month.month for row in found.filtered("sales")}, expected)

    def test_companies_of_several_currencies_add_up(self):
        """800 yuan are 100 dollars: a sum is in the currency one works in."""
        abroad = self._new_company("Yunting America", self.usd)
        self._rate(self.cny, "2020-01-01", 8.0, abroad)
        self.officer.company_ids |= abroad
        far = self._account(self._new_customer("Far"), company_id=abroad.id)
        self.env["kam.target"].create(
            {
                "company_id": abroad.id,
                "kpi_id": self.env.ref("key_account_mgmt.kam_kpi_k01").id,
                "subject_kind": "account",
                "account_id": far.id,
                "period_kind": "month",
                "date_from": date(2026, 3, 1),
                "amount": 100.0,
            }
        )
        report = self._as(self.env["kam.sales.report"], self.officer)
        both = [abroad.id, self.company.id]
        for main, rate in ((self.company, 8.0), (abroad, 1.0)):
            companies = [main.id] + [number for number in both if number != main.id]
            self.env.invalidate_all()
            there = report.with_context(allowed_company_ids=companies)
            row = there.search([("account_id", "=", far.id)])
            self.assertAlmostEqual(row.target, 100.0 * rate)
            self.assertEqual(row.currency_id, main.currency_id)
            [[total]] = there._read_group(
                [("account_id", "in", (self.account | far).ids), ("month", "=", "2026-03-01")],
                [],
                ["sales:sum"],
            )
            self.assertAlmostEqual(total, 800.0 * rate / 8.0)

    def test_last_year_stands_beside_whoever_leads_the_account_now(self):
        """He is compared with what his accounts sold before him."""
        lead = self.account.member_ids.filtered("is_lead")
        lead._as_engine().write({"date_to": date(2025, 12, 31)})
        self.env.flush_all()
        self.account.user_id = self.other
        self.env["kam.team.member"].search(
            [("account_id", "=", self.account.id), ("date_to", "=", False)]
        )._as_engine().write({"date_from": date(2026, 1, 1)})
        rows = self._as(self.env["kam.sales.report"], self.officer).search(
            [("account_id", "=", self.account.id), ("month", "=", date(2026, 3, 1))]
        )
        self.assertEqual(rows.user_id, self.other)
        self.assertEqual((rows.sales, rows.last_year), (800.0, 5000.0))

    def test_who_sees_which_rows(self):
        """As the accounts: one's own, the team's; the office all; other companies none."""
        Report = self.env["kam.sales.report"]
        both = self.account | self.second
        for user, expected in (
            (self.user, self.account),
            (self.other, self.second),
            (self.member, both.browse()),
            (self.officer, both),
            (self.director, both),
            (self.auditor, both),
        ):
            found = self._as(Report, user).search([("account_id", "in", both.ids)]).account_id
            self.assertEqual(set(found.ids), set(expected.ids), user.login)
        with self.assertRaises(AccessError):
            self._as(Report, self.seller).search([])
        other = self._new_company("Yunting Rail", self.cny)
        stranger = self._new_user("stranger", GROUP % "director")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertFalse(self._as(Report, stranger).search([("account_id", "in", both.ids)]))

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.models")
    def test_profit_is_shown_to_its_group_only(self):
        """By no way of reading, nor by sorting or filtering.  Source: S2-11."""
        for user in (self.user, self.officer, self.gm, self.auditor, self.admin):
            Report = self._as(self.env["kam.sales.report"], user)
            self.assertNotIn("profit", Report.fields_get())
            for attempt in (
                lambda r=Report: r.search([], limit=1).read(["profit"]),
                lambda r=Report: r._read_group([], ["account_id"], ["profit:sum"]),
                lambda r=Report: r.search([("profit", ">", 0)]),
                lambda r=Report: r.search([], order="profit_last_year"),
                lambda r=Report: r.formatted_read_group([], ["tier_id"], ["profit_last_year:sum"]),
                lambda r=Report: r.search([("account_id", "=", self.account.id)]).export_data(
                    ["profit"]
                ),
            ):
                with self.assertRaises(AccessError, msg=user.login):
                    attempt()
            arch = Report.get_view(view_type="list")["arch"]
            self.assertNotIn("profit", arch)

    def test_costs_are_not_even_read_for_others(self):
        query = self._as(self.env["kam.sales.report"], self.gm)._table_query
        self.assertNotIn("standard_price", query.code)
        self.gm.group_ids += self.env.ref(GROUP % "cost")
        query = self._as(self.env["kam.sales.report"], self.gm)._table_query
        self.assertIn("standard_price", query.code)

    def test_every_row_opens_its_documents(self):
        accountant = self._new_user(
            "books", f"{GROUP % 'officer'},account.group_account_invoice"
        )  # fmt: skip
        row = self._as(self.env["kam.sales.report"], accountant).search(
            [("account_id", "=", self.account.id), ("month", "=", date(2026, 2, 1))]
        )
        action = row.action_show_documents()
        self.assertEqual(action["res_model"], "account.move")
        moves = self.env["account.move"].search(action["domain"])
        self.assertEqual(sum(moves.mapped("amount_untaxed_signed")), row.sales)
        self.assertEqual(len(moves), 2)
        self.assertEqual(row.action_open_account()["res_id"], self.account.id)

    def _target(self, amount, kind="year", day=date(2026, 1, 1), **values):
        return self.env["kam.target"].create(
            {
                "company_id": self.company.id,
                "kpi_id": self.env.ref("key_account_mgmt.kam_kpi_k01").id,
                "period_kind": kind,
                "date_from": day,
                "amount": amount,
                **values,
            }
        )

    def test_who_works_in_a_branch_only_sees_its_files_too(self):
        """The list for a 1:1, in the currency of the company."""
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        officer = self._new_user("branch_officer", "key_account_mgmt.group_kam_officer")
        officer.write({"company_ids": [(6, 0, branch.ids)], "company_id": branch.id})
        self._target(1200.0, subject_kind="account", account_id=self.account.id)
        self.env.invalidate_all()
        expected = 1000.0 + 100 * 22 / 30
        own = self.account.with_env(self.env(user=officer.id, context={}))
        self.assertAlmostEqual(own.target_to_date, expected, places=2)

    def test_the_finest_target_of_a_month(self):
        """Of the year a twelfth, of the quarter a third, of the month itself.  K27."""
        values = {"subject_kind": "account", "account_id": self.account.id}
        self._target(1200.0, **values)
        self._target(600.0, "quarter", date(2026, 4, 1), **values)
        self._target(50.0, "month", date(2026, 5, 1), **values)
        self.assertAlmostEqual(self._sum("target", self.account), 900 + 400 + 50)
        # January to October, and 22 of the 30 days of November.
        expected = 7 * 100 + 450 + 100 * 22 / 30
        self.assertAlmostEqual(self._sum("target_to_date", self.account), expected)
        self.assertAlmostEqual(
            self._as(self.account, self.officer).target_to_date, expected, places=2
        )

    def test_profit_against_its_target(self):
        """K02; shown to its group only."""
        kpi = self.env.ref("key_account_mgmt.kam_kpi_k02")
        values = {"subject_kind": "account", "account_id": self.account.id, "kpi_id": kpi.id}
        self._target(1200.0, **values)
        with self.assertRaises(AccessError):
            self._sum("profit_target", self.account)
        self.assertEqual(self._sum("target", self.account), 0.0)
        self.officer.group_ids += self.env.ref(GROUP % "cost")
        self.assertAlmostEqual(self._sum("profit_target", self.account), 1200.0)
        expected = 1000 + 100 * 22 / 30
        self.assertAlmostEqual(self._sum("profit_target_to_date", self.account), expected)

    def test_a_target_of_a_person_beyond_those_of_his_accounts(self):
        """Together it is the larger one, never both; nobody else's is shown."""
        self._target(1200.0, subject_kind="account", account_id=self.account.id)
        self._target(3000.0, subject_kind="user", user_id=self.user.id)
        self._target(100.0, subject_kind="user", user_id=self.other.id)
        Report = self.env["kam.sales.report"]
        for user, expected in ((self.user, 3000.0), (self.other, 100.0), (self.officer, 3100.0)):
            [[total]] = self._as(Report, user)._read_group(
                [("user_id", "in", (self.user | self.other).ids)], [], ["target:sum"]
            )
            self.assertAlmostEqual(total, expected, msg=user.login)
        row = self._as(Report, self.user).search([("account_id", "=", False)], limit=1)
        self.assertEqual((row.user_id, row.company_id), (self.user, self.company))
        with self.assertRaises(UserError):
            row.action_show_documents()

    def test_constant_queries(self):
        """Eighty accounts ask what three ask."""

        def spent():
            self.env.flush_all()
            self.env.invalidate_all()
            Report = self.env["kam.sales.report"].with_user(self.officer)
            before = self.cr.sql_log_count
            Report._read_group([], ["tier_id", "month:month"], ["sales:sum", "target:sum"])
            Report.web_search_read([], self._spec_of_list)
            return self.cr.sql_log_count - before

        self._spec_of_list = self._spec(self.env["kam.sales.report"], "list", self.officer)
        spent()
        few = spent()
        for partner in self._new_customers(80):
            self._account(partner, self.user)
            self._sell(partner, 10.0)
        self.assertLessEqual(spent(), few + 1)
