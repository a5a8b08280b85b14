"""The demo company cannot get into a database in which somebody works."""

import csv
import random
from datetime import date

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open

from ..demo import load_demo
from ..demo.calendar_days import read_rows as read_days
from ..demo.customers import read_rows
from ..demo.people import PEOPLE
from ..demo.plan import series
from ..demo.safety import reasons


@tagged("post_install", "-at_install")
class TestDemoSafety(TransactionCase):
    """users.md §4: demo data must not be installable by accident into a live database."""

    def _assert_refused(self, word):
        partners = self.env["res.partner"].search_count([])
        with self.assertRaises(UserError) as caught:
            load_demo(self.env)
        self.assertIn(word, str(caught.exception))
        self.assertEqual(self.env["res.partner"].search_count([]), partners)

    def test_refuses_contacts(self):
        self.env["res.partner"].create({"name": "Somebody's customer"})
        self._assert_refused("contacts")

    def test_refuses_imported_contacts(self):
        partner = self.env["res.partner"].create({"name": "Imported", "active": False})
        self.env["ir.model.data"].create(
            {
                "module": "__import__",
                "name": "customer_1",
                "model": "res.partner",
                "res_id": partner.id,
            }
        )
        self._assert_refused("contacts")

    def test_refuses_users(self):
        self.env["res.users"].create({"name": "Clerk", "login": "a.clerk@example.com"})
        self._assert_refused("users")

    def test_refuses_sale_orders_and_opportunities(self):
        partner = self.env.ref("base.main_partner")
        self.env["sale.order"].create({"partner_id": partner.id})
        self.env["crm.lead"].create({"name": "A chance"})
        self._assert_refused("sale orders")
        self._assert_refused("opportunities")

    def test_refuses_account_files(self):
        """Also after the demo itself: a second call changes nothing."""
        self.env["kam.account"].create({"partner_id": self.env.ref("base.main_partner").id})
        self._assert_refused("account files")

    def test_refuses_several_companies(self):
        self.env["res.company"].create({"name": "Another company"})
        self._assert_refused("companies")

    def test_reasons_do_not_depend_on_who_asks(self):
        partner = self.env["res.partner"].create({"name": "Hidden", "active": False})
        public = self.env(user=self.env.ref("base.public_user"), su=False)
        self.assertTrue(any("contacts" in reason for reason in reasons(public)))
        self.assertTrue(partner.exists())


@tagged("post_install", "-at_install")
class TestDemoStory(TransactionCase):
    def test_logins_are_those_of_the_people(self):
        with file_open("key_account_mgmt/demo/logins.csv") as handle:
            rows = list(csv.DictReader(handle))
        self.assertEqual({row["login"] for row in rows}, {*PEOPLE, "admin"})
        self.assertTrue(all(row["password"] == row["login"] for row in rows))

    def test_customers_have_known_parents_and_managers(self):
        rows = read_rows()
        self.assertLessEqual({row["parent"] for row in rows.values()}, {"", *rows})
        self.assertLessEqual({row["manager"] for row in rows.values()}, {"zhoumin", "hetao"})

    def test_two_chinese_years_of_holidays(self):
        """Make-up working days are weekend days, and each day is entered once."""
        rows = read_days()
        dates = [date.fromisoformat(row["date"]) for row in rows]
        self.assertEqual(len(set(dates)), len(dates))
        made_up = [d for d, r in zip(dates, rows, strict=True) if r["kind"] == "workday"]
        self.assertEqual(len(made_up), 11)
        self.assertTrue(all(day.weekday() >= 5 for day in made_up))
        holidays = [d.year for d, r in zip(dates, rows, strict=True) if r["kind"] == "holiday"]
        self.assertEqual((holidays.count(2025), holidays.count(2026)), (28, 33))

    def test_sums_are_exact_in_every_month_of_the_year(self):
        """Both windows, however much they overlap, add up to the story's numbers."""
        for k in range(1, 13):
            for now, january in ((18_900_000, 22_100_000), (3_900_000, 4_300_000), (95, 90)):
                unit = 2350 if now > 1000 else 1
                months = series(
                    random.Random(k), k, now, january, january, 5, unit=lambda m, u=unit: u
                )
                self.assertAlmostEqual(sum(months.get(m, 0) for m in range(-12, 0)), now)
                self.assertAlmostEqual(sum(months.get(m, 0) for m in range(-12 - k, -k)), january)
                self.assertTrue(all(amount >= 0 for amount in months.values()))
