from datetime import date, timedelta

from odoo.tests import BaseCase

from ..policy.obligations import (
    Held,
    counted,
    judge,
    number_of_days,
    pace,
    reminder_due,
    rolling_window,
    share,
    spaced,
    strictness,
    window,
    windows,
)
from ..policy.periods import Period

Q3 = Period(date(2026, 7, 1), date(2026, 9, 30))


class TestPolicyObligations(BaseCase):
    """What is owed, in pure numbers and days.  Source: c5, Q8, S0-112 … S0-114."""

    # Windows

    def test_windows_are_calendar_periods(self):
        for period, start, end in (
            ("month", date(2026, 8, 1), date(2026, 8, 31)),
            ("quarter", date(2026, 7, 1), date(2026, 9, 30)),
            ("half", date(2026, 7, 1), date(2026, 12, 31)),
            ("year", date(2026, 1, 1), date(2026, 12, 31)),
        ):
            self.assertEqual(window(period, date(2026, 8, 31)), Period(start, end))

    def test_windows_until_the_one_after(self):
        found = windows("half", date(2026, 6, 30), date(2026, 7, 1))
        self.assertEqual(
            [w.start for w in found], [date(2026, 1, 1), date(2026, 7, 1), date(2027, 1, 1)]
        )

    def test_rolling_window(self):
        self.assertEqual(
            rolling_window("quarter", date(2026, 1, 15)),
            Period(date(2026, 1, 15), date(2026, 4, 14)),
        )

    # Proration: Q8, on both sides of the midpoint

    def test_who_joins_in_the_first_half_owes_the_visit(self):
        # 92 days: from 16 August on 46 are left, just half of them.
        for joined, owed in (
            (date(2026, 8, 15), 1),
            (date(2026, 8, 16), 1),
            (date(2026, 8, 17), 0),
        ):
            days = number_of_days(counted(Q3, joined))
            self.assertEqual(share(1, days, Q3.days), owed, joined)

    def test_of_three_a_year_as_many_as_fit(self):
        year = Period(date(2026, 1, 1), date(2026, 12, 31))
        for joined, owed in (
            (date(2026, 1, 1), 3),
            (date(2026, 3, 1), 3),
            (date(2026, 3, 4), 2),
            (date(2026, 7, 2), 2),
            (date(2026, 7, 3), 1),
            (date(2026, 11, 1), 1),
            (date(2026, 11, 2), 0),
        ):
            days = number_of_days(counted(year, joined))
            self.assertEqual(share(3, days, 365), owed, joined)

    def test_paused_days_do_not_count(self):
        stretches = counted(
            Q3, None, [(date(2026, 8, 1), date(2026, 8, 31)), (date(2026, 8, 20), date(2026, 9, 5))]
        )
        self.assertEqual(
            stretches,
            [Period(date(2026, 7, 1), date(2026, 7, 31)), Period(date(2026, 9, 6), Q3.end)],
        )
        self.assertEqual(number_of_days(stretches), 31 + 25)

    def test_a_pause_over_both_ends_leaves_nothing(self):
        self.assertEqual(counted(Q3, None, [(date(2026, 1, 1), None)]), [])
        self.assertEqual(counted(Q3, None, [(date(2026, 6, 1), date(2026, 10, 1))]), [])

    def test_a_pause_outside_takes_nothing(self):
        for pause in ((date(2026, 1, 1), date(2026, 6, 30)), (date(2026, 10, 1), None)):
            self.assertEqual(counted(Q3, None, [pause]), [Q3])

    # Strictest

    def test_the_strictest_comes_first(self):
        monthly, quarterly = strictness(1, "month", 9), strictness(1, "quarter", 1)
        three_a_year, two_halves = strictness(3, "year", 1), strictness(1, "half", 0)
        self.assertEqual(
            sorted([two_halves, three_a_year, quarterly, monthly]),
            [monthly, quarterly, three_a_year, two_halves],
        )
        self.assertLess(strictness(1, "quarter", 5), strictness(4, "year", 1))

    # Pace

    def test_the_last_one_is_due_on_the_last_day(self):
        self.assertEqual(pace([Q3], 1, 1), Q3.end)
        self.assertEqual(pace([Q3], 2, 2), Q3.end)
        self.assertEqual(pace([Q3], 1, 2), date(2026, 8, 15))

    def test_the_pace_steps_over_a_pause(self):
        stretches = counted(Q3, None, [(date(2026, 7, 11), date(2026, 8, 31))])
        # 10 days of July and 30 of September: the 20th counted one.
        self.assertEqual(pace(stretches, 1, 2), date(2026, 9, 10))

    # Counting

    def _judge(self, day, *held, required=1, planned=(), distance=0):
        return judge(Q3, required, held, planned, day, [Q3], distance)

    def test_open_until_the_last_day_and_overdue_after(self):
        self.assertEqual(self._judge(Q3.end).state, "open")
        after = self._judge(Q3.end + timedelta(days=1))
        self.assertEqual((after.state, after.missing), ("overdue", 1))

    def test_met_by_a_visit_reported_in_the_window(self):
        outcome = self._judge(Q3.end, Held(Q3.start, Q3.start, Q3.start))
        self.assertEqual((outcome.state, outcome.done, outcome.date_next), ("met", 1, None))
        self.assertEqual(outcome.completed_on, Q3.start)

    def test_a_visit_on_the_last_day_reported_two_days_later_is_in_time(self):
        """Until the report's own deadline."""
        due = Q3.end + timedelta(days=3)
        for day in (Q3.end, Q3.end + timedelta(days=1), due):
            outcome = self._judge(day, Held(Q3.end, None, due))
            self.assertEqual((outcome.state, outcome.awaiting), ("awaiting", 1), day)
            self.assertEqual(outcome.report_due, due)
        self.assertEqual(
            self._judge(due + timedelta(days=1), Held(Q3.end, None, due)).state, "overdue"
        )
        for reported, state in (
            (due - timedelta(days=1), "met"),
            (due, "met"),
            (due + timedelta(days=1), "met_late"),
        ):
            outcome = self._judge(due + timedelta(days=9), Held(Q3.end, reported, due))
            self.assertEqual(outcome.state, state, reported)

    def test_a_report_late_for_the_visit_is_in_time_for_the_window(self):
        held = Held(Q3.start, date(2026, 9, 1), date(2026, 7, 6))
        self.assertEqual(self._judge(Q3.end, held).state, "met")

    def test_two_of_three_is_not_enough(self):
        two = [Held(Q3.start, Q3.start, Q3.start), Held(Q3.end, Q3.end, Q3.end)]
        outcome = self._judge(Q3.end + timedelta(days=1), *two, required=3)
        self.assertEqual((outcome.state, outcome.done, outcome.missing), ("overdue", 2, 1))

    def test_close_visits_count_once_where_the_policy_says(self):
        days = [date(2026, 7, 1), date(2026, 7, 1), date(2026, 7, 7), date(2026, 7, 8)]
        self.assertEqual(len(spaced(days)), 4)
        self.assertEqual(spaced(days, 7), [date(2026, 7, 1), date(2026, 7, 8)])
        held = [Held(day, day, day) for day in days]
        self.assertEqual(self._judge(Q3.end, *held, required=2, distance=7).state, "met")
        self.assertEqual(self._judge(Q3.end, *held, required=3, distance=7).state, "open")

    def test_nothing_required_is_waived(self):
        self.assertEqual(self._judge(Q3.end, required=0).state, "waived")

    # Reminders

    def test_each_level_once(self):
        due, told = date(2026, 9, 30), (None, None)
        reminded = []
        for number in range(30):
            day = date(2026, 9, 1) + timedelta(days=number)
            level = reminder_due(due, day, (14, 3), *told)
            if level is not None:
                reminded.append(day)
                told = (due, level)
        self.assertEqual(reminded, [date(2026, 9, 16), date(2026, 9, 27)])

    def test_after_an_outage_only_the_closest(self):
        self.assertEqual(reminder_due(date(2026, 9, 30), date(2026, 9, 29), (14, 3), None, None), 3)
        self.assertIsNone(
            reminder_due(date(2026, 9, 30), date(2026, 9, 29), (14, 3), date(2026, 9, 30), 3)
        )
        self.assertIsNone(reminder_due(date(2026, 9, 30), date(2026, 10, 1), (14, 3), None, None))
