from datetime import date

from odoo.tests import BaseCase, tagged

from odoo.addons.key_account_mgmt.policy.execution import (
    AFTER,
    BEFORE,
    allocate,
    extended_until,
    progress,
    reminder_due,
    settlement,
    term_day,
)


@tagged("post_install", "-at_install")
class TestExecutionRules(BaseCase):
    """Days and amounts of contracts.  Source: S1s-04, S1s-05, S1s-07, S1s-14, P18."""

    def test_a_term_hangs_on_a_day(self):
        """S1s-04: eighteen months after the event; S1s-07: seven days before it."""
        self.assertEqual(term_day(date(2026, 8, 31), 18, "month"), date(2028, 2, 29))
        self.assertEqual(term_day(date(2026, 8, 31), 7, "day", BEFORE), date(2026, 8, 24))
        self.assertEqual(term_day(date(2026, 3, 31), 1, "month", BEFORE), date(2026, 2, 28))
        self.assertEqual(term_day(date(2026, 3, 31), 0, "month", AFTER), date(2026, 3, 31))
        self.assertIsNone(term_day(None, 18, "month"))

    def test_it_goes_on_the_day_after_its_last_one(self):
        """S1s-05; a job that slept catches up."""
        end = date(2026, 1, 31)
        self.assertEqual(extended_until(end, 1, date(2026, 1, 31)), (end, 0))
        self.assertEqual(extended_until(end, 1, date(2026, 2, 1)), (date(2026, 2, 28), 1))
        self.assertEqual(extended_until(end, 1, date(2026, 3, 31)), (date(2026, 3, 31), 2))
        self.assertEqual(extended_until(end, 0, date(2027, 1, 1)), (end, 0))

    def test_reminded_from_the_first_day_on(self):
        due = date(2026, 12, 31)
        self.assertFalse(reminder_due(date(2026, 11, 30), due, 30))
        self.assertTrue(reminder_due(date(2026, 12, 1), due, 30))
        self.assertTrue(reminder_due(date(2027, 1, 5), due, 30))
        self.assertFalse(reminder_due(date(2026, 12, 1), None, 30))
        self.assertTrue(reminder_due(due, due, -5))

    def test_money_pays_the_first_instalment_first(self):
        self.assertEqual(allocate(50, [30, 60, 10]), [30, 20, 0])
        self.assertEqual(allocate(120, [30, 60, 10]), [30, 60, 10])
        self.assertEqual(allocate(-5, [30, 60]), [0, 0])
        self.assertEqual(allocate(10, []), [])

    def test_progress_and_settlement(self):
        self.assertEqual(progress(0, 0), 0)
        self.assertEqual(progress(3, 4), 75)
        self.assertEqual(settlement(100, 60, 30), (40, 70))
        self.assertEqual(settlement(100, 120, 120, -10), (-30, -30))
