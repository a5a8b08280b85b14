import doctest
from datetime import date

from odoo.tests import BaseCase

from odoo.addons.key_account_mgmt.policy import status
from odoo.addons.key_account_mgmt.policy.periods import Period


class TestPolicyStatus(BaseCase):
    """Lights, due days and months of the status report.  Source: (c16), S3-33, g Q14."""

    def test_examples(self):
        self.assertEqual(doctest.testmod(status).failed, 0)

    def test_target_negative_or_missing(self):
        """Bad input: such a target says nothing about the sales."""
        for expected in (None, 0.0, -5.0):
            self.assertEqual(status.sales_light(10.0, expected), "none")
        self.assertEqual(status.sales_light(-10.0, 100.0), "red")

    def test_credits_are_not_overdue(self):
        self.assertEqual(status.payments_light(-5.0, 100.0), "green")
        self.assertEqual(status.payments_light(5.0, -1.0), "red")

    def test_the_due_day_is_in_the_following_month(self):
        self.assertEqual(status.due_on(date(2026, 12, 1), 5), date(2027, 1, 5))
        self.assertEqual(status.due_on(date(2028, 1, 15), 31), date(2028, 2, 29))

    def test_on_the_first_and_on_the_last_day_of_a_month(self):
        """J05: on the 1st, not a day before."""
        last = date(2026, 9, 1)
        self.assertEqual(status.months_to_report(last, date(2026, 10, 31)), [])
        october = Period(date(2026, 10, 1), date(2026, 10, 31))
        self.assertEqual(status.months_to_report(last, date(2026, 11, 1)), [october])

    def test_going_live(self):
        """A month that ended before is not reported on; one that was running is."""
        for live, expected in (
            (date(2026, 10, 31), 1),
            (date(2026, 11, 1), 0),
        ):
            found = status.months_to_report(None, date(2026, 11, 3), live)
            self.assertEqual(len(found), expected, live)

    def test_changes_are_told_once(self):
        news = [(30, 2, "b"), (30, 3, "a"), (60, 1, "c"), (30, 3, "a"), (10, 9, "d")]
        self.assertEqual(status.main_changes(news), ["c", "a", "b"])
