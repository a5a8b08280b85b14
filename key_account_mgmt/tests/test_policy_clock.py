import doctest
from datetime import date, datetime, timedelta
from itertools import count, islice

from odoo.tests import BaseCase, tagged

from odoo.addons.key_account_mgmt.policy import clock
from odoo.addons.key_account_mgmt.policy.clock import (
    NoWorkingTimeError,
    add_days,
    add_hours,
    hours_between,
    with_exceptions,
)

HOURS = ((9, 12), (13, 17))


def at(day, hour=0, minute=0):
    return datetime(2026, 11, day, hour, minute)


def hours_of(day, hours=HOURS):
    midnight = datetime(day.year, day.month, day.day)
    return [tuple(midnight + timedelta(hours=h) for h in pair) for pair in hours]


def week_from(day):
    """Monday to Friday 9–12 and 13–17, seven hours a day, for ever."""
    for number in count():
        current = day + timedelta(days=number)
        yield current, hours_of(current) if current.weekday() < 5 else []


def nobody_from(day):
    for number in count():
        yield day + timedelta(days=number), []


@tagged("post_install", "-at_install", "kam_policy")
class TestPolicyClock(BaseCase):
    """Deadlines in working hours and days. 16 November 2026 is a Monday.

    Source: Q15, Q39, S2-35.
    """

    def _due(self, start, hours):
        return add_hours(start, hours, week_from(start.date()))

    def _worked(self, start, end):
        return hours_between(start, end, week_from(start.date()))

    def test_examples_in_the_docstrings_hold(self):
        self.assertEqual(doctest.testmod(clock).failed, 0)

    # Hours

    def test_inside_a_working_day(self):
        self.assertEqual(self._due(at(16, 9, 30), 2), at(16, 11, 30))
        self.assertEqual(self._due(at(16, 9, 30), 0.25), at(16, 9, 45))

    def test_the_lunch_break_does_not_count(self):
        self.assertEqual(self._due(at(16, 11), 2), at(16, 14))

    def test_what_is_full_when_work_ends_is_due_then(self):
        self.assertEqual(self._due(at(16, 13), 4), at(16, 17))
        self.assertEqual(self._due(at(16, 9), 3), at(16, 12))
        self.assertEqual(self._due(at(16, 13), 4 + 1 / 60), at(17, 9, 1))

    def test_outside_work_the_clock_stands_still(self):
        for start in (at(16), at(16, 8, 59), at(16, 9)):
            self.assertEqual(self._due(start, 1), at(16, 10), start)
        for start in (at(16, 12), at(16, 12, 30), at(16, 13)):
            self.assertEqual(self._due(start, 1), at(16, 14), start)
        for start in (at(16, 17), at(16, 23, 59), at(17, 9)):
            self.assertEqual(self._due(start, 1), at(17, 10), start)

    def test_over_the_weekend(self):
        self.assertEqual(self._due(at(20, 16), 2), at(23, 10))
        self.assertEqual(self._due(at(21, 12), 2), at(23, 11))
        self.assertEqual(self._due(at(16, 9), 35), at(20, 17))
        self.assertEqual(self._due(at(16, 9), 36), at(23, 10))

    def test_no_hours_are_over_at_once(self):
        for start in (at(16, 10), at(16, 17), at(21, 3)):
            self.assertEqual(self._due(start, 0), start)
        self.assertEqual(add_hours(at(16), 0, nobody_from(date(2026, 11, 16))), at(16))

    def test_negative_hours_are_no_deadline(self):
        with self.assertRaises(ValueError):
            self._due(at(16, 10), -1)

    def test_a_long_deadline_needs_no_bound(self):
        """A thousand working days of seven hours: two hundred weeks."""
        self.assertEqual(
            self._due(at(16, 9), 7000), datetime(2026, 11, 20, 17) + timedelta(weeks=199)
        )

    def test_days_before_the_start_do_no_harm(self):
        self.assertEqual(add_hours(at(20, 16), 2, week_from(date(2026, 11, 2))), at(23, 10))
        self.assertEqual(hours_between(at(20, 16), at(23, 10), week_from(date(2026, 11, 2))), 2)

    # The way back

    def test_hours_between(self):
        for start, end, hours in (
            (at(16, 9), at(16, 17), 7),
            (at(16, 11, 30), at(16, 13, 30), 1),
            (at(16, 12), at(16, 13), 0),
            (at(16, 17), at(17, 9), 0),
            (at(20, 16), at(23, 10), 2),
            (at(21), at(22, 23, 59), 0),
            (at(16), at(30), 70),
        ):
            self.assertEqual(self._worked(start, end), hours, (start, end))

    def test_no_time_between_what_is_not_later(self):
        self.assertEqual(self._worked(at(16, 10), at(16, 10)), 0)
        self.assertEqual(self._worked(at(17, 10), at(16, 10)), 0)

    def test_both_ways_agree(self):
        for start in (at(16, 8), at(16, 9), at(16, 12, 10), at(20, 16, 59), at(21, 5)):
            for hours in (0.25, 1, 3, 7, 24, 35, 71.5):
                due = self._due(start, hours)
                self.assertAlmostEqual(self._worked(start, due), hours, 9, (start, hours))

    def test_a_local_day_that_begins_on_another_day_in_utc(self):
        """Work of Tuesday in Samoa (UTC+13) is Monday evening in UTC."""

        def samoa(day):
            for current, intervals in week_from(day):
                yield current, [tuple(m - timedelta(hours=13) for m in i) for i in intervals]

        tuesday = date(2026, 11, 17)
        self.assertEqual(add_hours(at(16, 19), 1, samoa(tuesday)), at(16, 21))
        self.assertEqual(hours_between(at(16, 19), at(16, 21), samoa(tuesday)), 1)
        self.assertEqual(hours_between(at(16, 19), at(17, 22), samoa(tuesday)), 7 + 2)

    # Exceptions

    def _china(self, start):
        """The week of a holiday on Wednesday, made up for on Saturday."""
        saturday = date(2026, 11, 21)
        return with_exceptions(
            week_from(start.date()), {date(2026, 11, 18)}, {saturday: hours_of(saturday)}
        )

    def test_a_holiday_is_skipped(self):
        start = at(17, 16)
        self.assertEqual(add_hours(start, 2, self._china(start)), at(19, 10))
        start = at(18, 10)
        self.assertEqual(add_hours(start, 1, self._china(start)), at(19, 10))
        self.assertEqual(hours_between(start, at(18, 23), self._china(start)), 0)

    def test_a_make_up_saturday_is_worked(self):
        start = at(20, 16)
        self.assertEqual(add_hours(start, 2, self._china(start)), at(21, 10))
        self.assertEqual(hours_between(start, at(23, 9), self._china(start)), 8)
        start = at(21, 16)
        self.assertEqual(add_hours(start, 2, self._china(start)), at(23, 10))

    def test_work_wins_over_a_holiday_of_the_same_day(self):
        day = date(2026, 11, 18)
        days = with_exceptions(week_from(day), {day}, {day: hours_of(day, ((9, 10),))})
        self.assertEqual(next(days), (day, [(at(18, 9), at(18, 10))]))

    def test_exceptions_are_as_lazy_as_the_days(self):
        days = with_exceptions(week_from(date(2026, 11, 16)), set(), {})
        self.assertEqual(len(list(islice(days, 9))), 9)

    # Nobody works

    def test_without_working_time_it_ends(self):
        with self.assertRaises(NoWorkingTimeError):
            add_hours(at(16), 1, nobody_from(date(2026, 11, 16)))
        with self.assertRaises(NoWorkingTimeError):
            add_hours(at(16), 1, [])
        with self.assertRaises(NoWorkingTimeError):
            add_days(date(2026, 11, 16), 1, lambda day: False)
        with self.assertRaises(NoWorkingTimeError):
            add_days(date(2026, 11, 16), -1, lambda day: False)
        self.assertEqual(hours_between(at(16), at(30), nobody_from(date(2026, 11, 16))), 0)

    def test_work_that_was_over_before_the_start_is_none(self):
        """One worked day long ago is not the working time after the start."""
        day = date(2026, 11, 16)
        days = with_exceptions(nobody_from(day), set(), {day: hours_of(day)})
        with self.assertRaises(NoWorkingTimeError):
            add_hours(at(16, 17), 1, days)

    def test_a_long_rest_is_waited_for(self):
        """The limit counts days without work in a row, not the length of the deadline."""
        first, second = date(2026, 1, 1), date(2027, 1, 1)
        worked = {day: hours_of(day) for day in (first, second)}
        days = with_exceptions(nobody_from(first), set(), worked)
        self.assertEqual(add_hours(datetime(2026, 1, 1), 8, days), datetime(2027, 1, 1, 10))

    # Days

    def test_working_days(self):
        """20 November 2026 is a Friday."""

        def weekday(day):
            return day.weekday() < 5

        for day, number, expected in (
            (20, 0, 20),
            (20, 1, 23),
            (21, 0, 23),
            (21, 1, 23),
            (22, 1, 23),
            (19, 1, 20),
            (16, 5, 23),
            (16, 10, 30),
            (23, -1, 20),
            (22, -1, 20),
            (21, -5, 16),
        ):
            found = add_days(date(2026, 11, day), number, weekday)
            self.assertEqual(found, date(2026, 11, expected), (day, number))
