"""What is owed in a period: its windows, shares of it, the pace, and when it is met.

Pure functions over days and numbers; the day is always passed in. A window is a
:class:`~.periods.Period`, both ends included.

Source: c5, Q8–Q11, S0-112 … S0-114, S3-26, S3-27.
"""

from collections import namedtuple
from datetime import timedelta

from .periods import Period, add_months, month_start

MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
MIN_TIMES, MAX_TIMES = 1, 366
DAY = timedelta(days=1)

# A contact that took place: the day of its report (None: none yet) and the last day on
# which a report is in time.
Held = namedtuple("Held", "day reported report_due")
Outcome = namedtuple(
    "Outcome", "state done awaiting planned missing date_next report_due completed_on"
)


# Windows -------------------------------------------------------------------------------


def window(period, day):
    """The calendar month, quarter, half-year or year a day lies in.

    >>> from datetime import date
    >>> str(window("half", date(2026, 8, 9)))
    '2026-07-01/2026-12-31'
    """
    months = MONTHS[period]
    first = month_start(day)
    first = add_months(first, -((first.month - 1) % months))
    return Period(first, add_months(first, months) - DAY)


def windows(period, start, end):
    """Every calendar window touched from one day to another, and the one after."""
    result = [window(period, start)]
    while result[-1].start <= end:
        result.append(window(period, result[-1].end + DAY))
    return result


def rolling_window(period, start):
    """The window of a rolling policy that begins on a day.

    >>> from datetime import date
    >>> str(rolling_window("month", date(2026, 8, 9)))
    '2026-08-09/2026-09-08'
    """
    return Period(start, add_months(start, MONTHS[period]) - DAY)


# How much ------------------------------------------------------------------------------


def times_a_year(times, period):
    """
    >>> times_a_year(1, "quarter")
    4
    """
    return times * 12 // MONTHS[period]


def strictness(times, period, order):
    """Key that puts the strictest policy first: most a year, shorter period, order."""
    return (-times_a_year(times, period), MONTHS[period], order)


def share(times, days, whole):
    """``times`` for ``days`` of a period of ``whole`` days, a half rounded up; Q8.

    >>> share(1, 46, 92), share(1, 45, 92), share(3, 182, 365)
    (1, 0, 1)
    """
    return (2 * times * days + whole) // (2 * whole)


def counted(period, joined, pauses=()):
    """The stretches of a window that count: from the day of joining, without pauses.

    :param pauses: ``[(first day, last day or None), …]`` in any order, may overlap
    """
    start = max(period.start, joined or period.start)
    stretches = []
    for first, last in sorted(pauses, key=lambda pause: pause[0]):
        if start < first <= period.end:
            stretches.append(Period(start, first - DAY))
        if first > period.end:
            break
        if last is None:
            return stretches
        start = max(start, last + DAY)
    if start <= period.end:
        stretches.append(Period(start, period.end))
    return stretches


def number_of_days(stretches):
    return sum(stretch.days for stretch in stretches)


def pace(stretches, number, times):
    """The day by which the ``number``-th of ``times`` is due, spread over the days.

    >>> from datetime import date
    >>> year = [Period(date(2026, 1, 1), date(2026, 12, 31))]
    >>> [str(pace(year, number, 3)) for number in (1, 2, 3)]
    ['2026-05-02', '2026-09-01', '2026-12-31']
    """
    left = -(-number * number_of_days(stretches) // times)
    for stretch in stretches:
        if left <= stretch.days:
            return stretch.start + DAY * (left - 1)
        left -= stretch.days
    return stretches[-1].end if stretches else None


# When it is met ------------------------------------------------------------------------


def spaced(days, distance=0):
    """The days that count where those closer than ``distance`` days count once.

    Without a distance every one counts, also two of one day.
    """
    days = sorted(days)
    if distance <= 0:
        return days
    result = []
    for day in days:
        if not result or (day - result[-1]).days >= distance:
            result.append(day)
    return result


def deadline(period, held):
    """The last day on which the report of what was held lets it count in time."""
    return max(period.end, held.report_due or period.end)


def judge(period, required, held, planned, day, stretches, distance=0):
    """The :class:`Outcome` of an obligation on a day.

    * *met*: enough was held in the window and reported in time (the report came until
      the window's last day, or until the report's own deadline);
    * *met_late*: enough was held and reported, but not in time;
    * *awaiting*: enough was held, and the missing reports may still come in time;
    * *overdue*: the window is over and it is none of these; else *open*;
    * *waived*: nothing is required.

    :param held: what counts by kind and performer: ``[Held, …]`` with days in the window
    :param planned: days for which something is planned that would count
    :param stretches: of :func:`counted`, for the pace
    """
    if not held and not planned:
        done = pending = []
        in_time = 0
    else:
        reported = [h for h in held if h.reported]
        in_time = len(
            spaced((h.day for h in reported if h.reported <= deadline(period, h)), distance)
        )
        done = spaced((h.day for h in reported), distance)
        pending = [h for h in held if not h.reported and day <= deadline(period, h)]
    waiting = len(spaced((h.day for h in held if h.reported or h in pending), distance))
    awaiting = max(waiting - len(done), 0)
    if required <= 0:
        state = "waived"
    elif in_time >= required:
        state = "met"
    elif len(done) >= required:
        state = "met_late"
    elif waiting >= required:
        state = "awaiting"
    else:
        state = "overdue" if day > period.end else "open"
    date_next, missing = None, 0
    if state in ("open", "overdue"):
        missing = required - waiting if state == "overdue" else 0
        date_next = pace(stretches, min(waiting + 1, required), required)
    completed = done[required - 1] if 0 < required <= len(done) else None
    due = min((h.report_due or period.end for h in pending), default=None)
    return Outcome(
        state,
        len(done),
        awaiting,
        len(planned),
        missing,
        date_next,
        due if state in ("open", "awaiting", "overdue") else None,
        completed,
    )


def reminder_due(date_next, day, levels, told_for, told_level):
    """The reminder to give on a day: a number of days before, or None.

    Each once for every next day of the pace; after an outage only the closest one.

    :param levels: days before, e.g. ``(14, 3)``
    :param told_for: the next day that was last reminded of, with the level given then
    """
    if date_next is None or day > date_next:
        return None
    reached = [level for level in levels if (date_next - day).days <= level]
    if not reached:
        return None
    level = min(reached)
    if told_for == date_next and told_level is not None and told_level <= level:
        return None
    return level
