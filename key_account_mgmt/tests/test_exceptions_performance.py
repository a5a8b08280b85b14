from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .common import KamCase

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestExceptionsPerformance(KamCase):
    """Sales that fell, old debts, contracts that stand still.  Source: users §2 (director)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for area in ("bid", "contract"):
            group = cls.env.ref(f"key_account_mgmt.group_kam_area_{area}")
            cls.env.ref("base.group_user").implied_ids |= group
        cls.account = cls._hold(cls._account(cls._customer("Tianheng"), cls.user), cls.key)

    def _row(self, code, user=None):
        kind = self.env.ref(f"key_account_mgmt.kam_exception_kind_{code}")
        return self._as(kind, user or self.director)

    def _count(self, code, user=None):
        row = self._row(code, user)
        self.assertNotEqual(row.status, "broken", row.worst_name)
        return row.count

    def test_sales_down_by_thirty_percent(self):
        for growth, expected in ((-29.9, 0), (-30.0, 1), (-31.0, 1), (0.0, 0)):
            self.account._as_engine().write({"growth": growth})
            self.assertEqual(self._count("sales_down"), expected, growth)
        self.account._as_engine().write({"growth": -45.0})
        row = self._row("sales_down")
        self.assertEqual(row.owner_ids, self.user)
        self.assertIn("Tianheng", row.worst_name)
        # Nobody's key account: no matter for the director.
        self.account._as_engine().write({"is_key_account": False})
        self.assertEqual(self._count("sales_down"), 0)

    def test_overdue_for_more_than_sixty_days(self):
        """Exactly 60 days is not yet; paid, cancelled and credited is none."""
        partner = self.account.partner_id
        invoice = self._invoice(partner, TODAY - 90 * DAY, 500.0, invoice_date_due=TODAY - 60 * DAY)
        self.assertEqual(self._count("overdue_long"), 0)
        older = self._invoice(partner, TODAY - 90 * DAY, 200.0, invoice_date_due=TODAY - 61 * DAY)
        row = self._row("overdue_long")
        self.assertEqual(row.count, 1)
        self.assertEqual(row.worst_since, TODAY - 61 * DAY)
        self.assertEqual(self._as(self.account, self.director).overdue_long, 200.0)
        older.button_draft()
        older.button_cancel()
        self.assertEqual(self._count("overdue_long"), 0)
        self.assertTrue(invoice.amount_residual)

    def test_old_debts_of_another_company_are_not_ours(self):
        other = self._new_company("Yunting Rail", self.cny)
        self._invoice(
            self.account.partner_id, TODAY - 200 * DAY, 500.0,
            company=other, invoice_date_due=TODAY - 100 * DAY,
        )  # fmt: skip
        self.assertEqual(self._count("overdue_long"), 0)

    def test_overdue_costs_one_query_whatever_the_number(self):
        def spent():
            self.env.flush_all()
            self.env.invalidate_all()
            accounts = self.env["kam.account"].with_user(self.director).search([])
            before = self.cr.sql_log_count
            accounts.mapped("overdue_long")
            return self.cr.sql_log_count - before

        spent()
        few = spent()
        for partner in self._new_customers(40):
            self._account(partner, self.user)
        self.assertEqual(spent(), few)

    def test_contracts_stuck_and_with_whom(self):
        contract = (
            self.env["kam.contract"]
            .with_user(self.officer)
            .create(
                {
                    "name": "Frame",
                    "partner_id": self.account.partner_id.id,
                    "company_id": self.company.id,
                }
            )
        )
        stage = self.env["kam.contract.stage"].sudo().search([("contract_id", "=", contract.id)])
        now = datetime(2026, 11, 22, 4)
        for days, expected in ((13, 0), (15, 1)):
            stage._as_engine().write({"entered_on": now - days * DAY})
            self.env.flush_all()
            self.assertEqual(self._count("contract_stuck"), expected, days)
        self.assertEqual(self._row("contract_stuck").owner_ids, contract.user_id)

    def test_whatever_a_director_starts_with_is_there(self):
        """users §2: each line of his Monday is a kind, and each works."""
        for code in (
            "obligation_overdue", "key_account_not_visited", "bid_not_reviewed", "contract_stuck",
            "early_release_overdue", "tier_differs", "sales_down", "overdue_long", "team_gap",
        ):  # fmt: skip
            self.assertIn(self._row(code).status, ("none", "found"), code)
            self.assertTrue(self._row(code).active)
