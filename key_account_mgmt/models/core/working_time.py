from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

import pytz

from odoo.exceptions import UserError
from odoo.tools.intervals import Intervals

from ...policy.clock import (
    DAY,
    NoWorkingTimeError,
    add_days,
    add_hours,
    hours_between,
    with_exceptions,
)

# Of a company without working hours: Monday to Friday.
DEFAULT_WEEKDAYS = range(5)
DEFAULT_HOURS = (time(9), time(17))
# How much is asked of the database at once, enough for nearly every deadline. Whole weeks
# from a Monday on: Odoo spreads flexible hours over the week it is asked for.
BLOCK = timedelta(weeks=8)
SOME_MONDAY = date(2024, 1, 1)
# A day off ends at 23:59:59 in Odoo: what is left of that day is no working time.
SHORTEST = timedelta(minutes=1)


class WorkingTime:
    """When a company works: Odoo's working hours and days off, and our calendar days.

    It remembers what it has read: a job over many documents takes one for all of them and
    needs the same few queries as for one document. It does not see what is changed later,
    so never keep one beyond the call that made it.
    """

    def __init__(self, company):
        # sudo: when a company works is no secret; jobs and people of other companies ask.
        self.company = company.ensure_one().sudo()
        self.env = self.company.env
        self.chain = self.company.parent_ids
        owners = [c for c in self.chain if c.resource_calendar_id]
        self.calendar = (owners[-1] if owners else self.company).resource_calendar_id
        self.tz = pytz.timezone(self.calendar.tz or self.company.partner_id.tz or "UTC")
        self._has_hours = self.calendar.flexible_hours or self.calendar._get_global_attendances()
        self._days = {}
        self._known_exceptions = None

    # Asking

    def local_day(self, moment):
        """The day it is where the company works, at a moment in UTC."""
        return pytz.utc.localize(moment).astimezone(self.tz).date()

    def intervals(self, day):
        """The working hours of a day: sorted ``(start, end)`` in UTC."""
        if day not in self._days:
            self._load(SOME_MONDAY + (day - SOME_MONDAY) // BLOCK * BLOCK)
        return self._days[day]

    def days_from(self, moment):
        """Endless ``(day, intervals)``, beginning with the day of a moment."""
        day = self.local_day(moment)
        while True:
            yield day, self.intervals(day)
            day += DAY

    def is_worked(self, day):
        return bool(self.intervals(day))

    def add_hours(self, moment, hours):
        with self._explained(moment):
            return add_hours(moment, hours, self.days_from(moment))

    def hours_between(self, start, end):
        return hours_between(start, end, self.days_from(start))

    def add_days(self, day, count):
        with self._explained(day):
            return add_days(day, count, self.is_worked)

    @contextmanager
    def _explained(self, since):
        try:
            yield
        except NoWorkingTimeError as error:
            raise UserError(
                self.env._(
                    "No deadline can be set: “%(company)s” has no working time for a year "
                    "around %(day)s. Check its working hours, days off and working days.",
                    company=self.company.name,
                    day=since,
                )
            ) from error

    # Reading

    def _load(self, first):
        """Read the block of days that begins with ``first``."""
        start, end = self._at(first, time.min), self._at(first + BLOCK, time.min)
        week = self._week_hours(start, end)
        ordinary = self._by_day(week)
        worked = self._by_day(week - self._days_off(start, end))
        holidays, workdays = self._exceptions()
        days = [first + DAY * number for number in range(BLOCK.days)]
        made_up = {
            day: self._moved(ordinary.get(self._same_week(day, workdays[day]), ()), day)
            for day in days
            if day in workdays
        }
        plain = ((day, worked.get(day, ())) for day in days)
        for day, intervals in with_exceptions(plain, holidays, made_up):
            self._days[day] = self._in_utc(intervals)

    def _week_hours(self, start, end):
        """What the week says, days off and exceptions not yet considered."""
        if self._has_hours:
            return self.calendar._attendance_intervals_batch(start, end, tz=self.tz)[False]
        nothing = self.env["resource.calendar.attendance"]
        days = [start.date() + DAY * number for number in range(BLOCK.days)]
        return Intervals(
            [
                (*(self._at(day, hour) for hour in DEFAULT_HOURS), nothing)
                for day in days
                if day.weekday() in DEFAULT_WEEKDAYS
            ]
        )

    def _days_off(self, start, end):
        """Time off of the whole company, not that of a person or a machine."""
        companies = self.chain | self.calendar.company_id
        domain = [
            ("time_type", "=", "leave"),
            ("company_id", "in", [False, *companies.ids]),
            ("calendar_id", "in", [False, *self.calendar.ids]),
        ]
        return self.calendar._leave_intervals_batch(start, end, domain=domain, tz=self.tz)[False]

    def _exceptions(self):
        """``(holidays, {make-up working day: weekday})``; the nearest company's word wins."""
        if self._known_exceptions is None:
            rows = self.env["kam.calendar.day"].search_fetch(
                [("company_id", "in", [False, *self.chain.ids])],
                ["date", "kind", "weekday", "company_id"],
            )
            rank = {company: number for number, company in enumerate(self.chain, 1)}
            rows = rows.sorted(lambda row: rank.get(row.company_id, 0))
            nearest = {row.date: row for row in rows}.values()
            self._known_exceptions = (
                {row.date for row in nearest if row.kind == "holiday"},
                {row.date: int(row.weekday) for row in nearest if row.kind == "workday"},
            )
        return self._known_exceptions

    # Days and moments

    def _at(self, day, hour):
        return self.tz.localize(datetime.combine(day, hour))

    def _by_day(self, intervals):
        result = {}
        for start, end, _record in intervals:
            if end - start >= SHORTEST:
                result.setdefault(start.date(), []).append((start, end))
        return result

    def _same_week(self, day, weekday):
        return day + DAY * (weekday - day.weekday())

    def _moved(self, intervals, day):
        """The hours of one day at the same times of another."""
        return [
            (self._at(day, start.time()), self._at(day, end.time())) for start, end in intervals
        ]

    def _in_utc(self, intervals):
        return [tuple(self._naive(moment) for moment in interval) for interval in intervals]

    def _naive(self, moment):
        moment = moment.astimezone(pytz.utc).replace(tzinfo=None)
        # Odoo writes midnight as the last microsecond before it.
        last = moment.microsecond == time.max.microsecond
        return moment + timedelta.resolution if last else moment
