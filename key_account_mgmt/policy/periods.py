"""Periods of whole days, and the windows a policy measures over.

Pure functions: the day is always passed in, nothing here looks at a clock. Both ends
of a :class:`Period` belong to it, because that is how a policy is read aloud
("1 November to 31 October").
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

WINDOWS = (
    "rolling_12",
    "rolling_3",
    "calendar_year",
    "fiscal_year",
    "year_to_date",
    "fiscal_year_to_date",
    "as_of",
)


def month_start(day):
    """First day of the month of ``day``."""
    return day.replace(day=1)


def month_end(day):
    """Last day of the month of ``day``.

    >>> month_end(date(2028, 2, 10))
    datetime.date(2028, 2, 29)
    """
    return day.replace(day=monthrange(day.year, day.month)[1])


def add_months(day, months):
    """``day`` moved by ``months``, kept inside the month it arrives in.

    >>> add_months(date(2028, 2, 29), 12)
    datetime.date(2029, 2, 28)
    >>> add_months(date(2026, 1, 31), -2)
    datetime.date(2025, 11, 30)
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def full_months_between(start, end):
    """Complete months from ``start`` to ``end``, both days included; never negative.

    >>> full_months_between(date(2026, 4, 15), date(2026, 7, 14))
    3
    >>> full_months_between(date(2026, 4, 15), date(2026, 7, 13))
    2
    """
    after = end + timedelta(days=1)
    months = (after.year - start.year) * 12 + after.month - start.month
    if add_months(start, months) > after:
        months -= 1
    return max(0, months)


@dataclass(frozen=True, order=True)
class Period:
    """The days from ``start`` to ``end``, both included."""

    start: date
    end: date

    def __post_init__(self):
        if self.end < self.start:
            raise ValueError(f"A period cannot end ({self.end}) before it starts ({self.start}).")

    @property
    def days(self):
        return (self.end - self.start).days + 1

    @property
    def months_count(self):
        """Complete months in the period: 12 for a year, 0 for three weeks."""
        return full_months_between(self.start, self.end)

    @property
    def is_whole_months(self):
        return self.start.day == 1 and self.end == month_end(self.end)

    @property
    def months(self):
        """The calendar months touched, as periods cut to this one."""
        result = []
        first = month_start(self.start)
        while first <= self.end:
            result.append(Period(max(first, self.start), min(month_end(first), self.end)))
            first = add_months(first, 1)
        return result

    def contains(self, day):
        return self.start <= day <= self.end

    def previous_year(self):
        """The same period one year earlier; a month end stays a month end.

        >>> Period(date(2028, 3, 1), date(2029, 2, 28)).previous_year().end
        datetime.date(2028, 2, 29)
        """
        end = add_months(self.end, -12)
        if self.is_whole_months:
            end = month_end(end)
        return Period(add_months(self.start, -12), end)

    def __str__(self):
        return f"{self.start.isoformat()}/{self.end.isoformat()}"


def closed_months(day, n=12):
    """The last ``n`` calendar months that are over on ``day``.

    The month of ``day`` is never closed, not even on its last day: documents of today
    may still arrive.

    >>> str(closed_months(date(2026, 11, 22)))
    '2025-11-01/2026-10-31'
    """
    first = month_start(day)
    return Period(add_months(first, -n), first - timedelta(days=1))


def calendar_year(day):
    """The calendar year ``day`` lies in."""
    return Period(date(day.year, 1, 1), date(day.year, 12, 31))


def _fiscal_year_end(year, last_month, last_day):
    length = monthrange(year, last_month)[1]
    # "28 February" means the end of February: in a leap year that is the 29th.
    if last_month == 2 and last_day >= 28:
        return date(year, 2, length)
    return date(year, last_month, min(last_day, length))


def fiscal_year(day, last_month=12, last_day=31):
    """The fiscal year ``day`` lies in; it ends on ``last_day`` of ``last_month``.

    >>> str(fiscal_year(date(2026, 4, 5), 3, 31))
    '2026-04-01/2027-03-31'
    """
    end = _fiscal_year_end(day.year, last_month, last_day)
    if day > end:
        end = _fiscal_year_end(day.year + 1, last_month, last_day)
    before = _fiscal_year_end(end.year - 1, last_month, last_day)
    return Period(before + timedelta(days=1), end)


def window(code, day, last_month=12, last_day=31):
    """The period a policy looks at on ``day``.

    * ``rolling_12``, ``rolling_3``: the last closed calendar months;
    * ``calendar_year``, ``fiscal_year``: the last year that is over before ``day``, so
      that an evaluation in January looks at the year before;
    * ``year_to_date``, ``fiscal_year_to_date``: from the start of the running year up
      to and including ``day``;
    * ``as_of``: the day itself.

    ``last_month`` and ``last_day`` end the fiscal year. Raises ``ValueError`` for any
    other code. Source: S0-35, S3-20, (g) Q2.

    >>> str(window("calendar_year", date(2027, 1, 3)))
    '2026-01-01/2026-12-31'
    """
    if code == "rolling_12":
        return closed_months(day, 12)
    if code == "rolling_3":
        return closed_months(day, 3)
    if code == "calendar_year":
        return calendar_year(calendar_year(day).start - timedelta(days=1))
    if code == "fiscal_year":
        running = fiscal_year(day, last_month, last_day)
        return fiscal_year(running.start - timedelta(days=1), last_month, last_day)
    if code == "year_to_date":
        return Period(calendar_year(day).start, day)
    if code == "fiscal_year_to_date":
        return Period(fiscal_year(day, last_month, last_day).start, day)
    if code == "as_of":
        return Period(day, day)
    raise ValueError(f"Unknown window: {code}")
