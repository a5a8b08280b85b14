import doctest
from datetime import date, timedelta

from odoo.tests import BaseCase, tagged

from odoo.addons.key_account_mgmt.policy import periods
from odoo.addons.key_account_mgmt.policy.periods import (
    Period,
    add_months,
    closed_months,
    fiscal_year,
    full_months_between,
    window,
)


@tagged("post_install", "-at_install", "kam_policy")
class TestPeriods(BaseCase):
    """Windows are named once and mean the same everywhere. Source: S0-35, S3-20, Q2, Q7."""

    def test_examples_in_the_docstrings_hold(self):
        self.assertEqual(doctest.testmod(periods).failed, 0)

    def test_rolling_window_changes_only_with_the_month(self):
        october = Period(date(2025, 11, 1), date(2026, 10, 31))
        self.assertEqual(closed_months(date(2026, 10, 31)).end, date(2026, 9, 30))
        self.assertEqual(closed_months(date(2026, 11, 1)), october)
        self.assertEqual(closed_months(date(2026, 11, 30)), october)
        self.assertEqual(
            window("rolling_3", date(2026, 2, 1)), Period(date(2025, 11, 1), date(2026, 1, 31))
        )

    def test_every_day_of_four_years_has_a_window_of_twelve_months(self):
        day = date(2026, 1, 1)
        while day < date(2030, 1, 1):
            for code in ("rolling_12", "calendar_year", "fiscal_year"):
                for last_month, last_day in ((12, 31), (2, 28), (2, 31), (3, 31), (4, 5)):
                    period = window(code, day, last_month, last_day)
                    self.assertEqual(period.months_count, 12, (code, day, last_month, last_day))
                    self.assertIn(period.days, (365, 366))
                    self.assertLess(period.end, day)
            day += timedelta(days=1)

    def test_last_closed_year_on_its_boundary(self):
        self.assertEqual(window("calendar_year", date(2026, 12, 31)).end, date(2025, 12, 31))
        self.assertEqual(window("calendar_year", date(2027, 1, 1)).end, date(2026, 12, 31))
        self.assertEqual(window("fiscal_year", date(2026, 3, 31), 3, 31).end, date(2025, 3, 31))
        self.assertEqual(window("fiscal_year", date(2026, 4, 1), 3, 31).end, date(2026, 3, 31))

    def test_fiscal_year_that_ends_in_february_includes_the_29th(self):
        self.assertEqual(fiscal_year(date(2028, 2, 29), 2, 28).end, date(2028, 2, 29))
        self.assertEqual(fiscal_year(date(2028, 3, 1), 2, 31).start, date(2028, 3, 1))
        self.assertEqual(
            fiscal_year(date(2027, 2, 28), 2, 29), Period(date(2026, 3, 1), date(2027, 2, 28))
        )

    def test_fiscal_year_that_does_not_end_with_a_month(self):
        self.assertEqual(
            fiscal_year(date(2026, 4, 5), 4, 5), Period(date(2025, 4, 6), date(2026, 4, 5))
        )
        self.assertEqual(
            fiscal_year(date(2026, 4, 6), 4, 5), Period(date(2026, 4, 6), date(2027, 4, 5))
        )

    def test_to_date_includes_the_day(self):
        day = date(2028, 2, 29)
        self.assertEqual(window("year_to_date", day), Period(date(2028, 1, 1), day))
        self.assertEqual(window("fiscal_year_to_date", day, 1, 31), Period(date(2028, 2, 1), day))
        self.assertEqual(window("as_of", day), Period(day, day))

    def test_previous_year_of_29_february(self):
        self.assertEqual(
            Period(date(2028, 1, 1), date(2028, 2, 29)).previous_year(),
            Period(date(2027, 1, 1), date(2027, 2, 28)),
        )
        self.assertEqual(
            Period(date(2028, 2, 29), date(2028, 2, 29)).previous_year(),
            Period(date(2027, 2, 28), date(2027, 2, 28)),
        )
        self.assertEqual(Period(date(2028, 3, 1), date(2029, 2, 28)).previous_year().days, 366)

    def test_previous_year_meets_this_one_without_gap_or_overlap(self):
        for code in ("rolling_12", "calendar_year", "fiscal_year"):
            for year in range(2026, 2031):
                period = window(code, date(year, 3, 1), 2, 28)
                self.assertEqual(period.previous_year().end + timedelta(days=1), period.start)

    def test_full_months(self):
        self.assertEqual(full_months_between(date(2028, 2, 29), date(2029, 2, 27)), 12)
        self.assertEqual(full_months_between(date(2026, 8, 1), date(2026, 10, 31)), 3)
        self.assertEqual(full_months_between(date(2026, 8, 2), date(2026, 10, 31)), 2)
        self.assertEqual(full_months_between(date(2026, 11, 1), date(2026, 10, 31)), 0)
        self.assertEqual(full_months_between(date(2027, 11, 1), date(2026, 10, 31)), 0)

    def test_months_are_cut_to_the_period(self):
        months = Period(date(2026, 1, 20), date(2026, 3, 5)).months
        self.assertEqual([m.days for m in months], [12, 28, 5])
        self.assertEqual(add_months(date(2026, 12, 31), 2), date(2027, 2, 28))

    def test_inverted_period_and_unknown_window_are_refused(self):
        with self.assertRaises(ValueError):
            Period(date(2026, 2, 1), date(2026, 1, 31))
        with self.assertRaises(ValueError):
            window("last_week", date(2026, 1, 1))
