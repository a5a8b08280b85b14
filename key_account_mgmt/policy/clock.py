"""Working time: when a deadline falls that counts hours or days of work only.

Pure functions. Working time comes in by day: an iterable of ``(day, intervals)``, one
pair for every calendar day in order, also for days without work. ``intervals`` are the
day's working hours, sorted, half-open ``(start, end)``, as naive datetimes in UTC; all
of them belong to the day of the place where the work is done. The iterable may be
endless and is read only as far as needed, so that nobody has to guess how far a long
deadline reaches.

Source: Q15, Q39, S2-35.
"""

from datetime import timedelta

# Nobody rests for longer than that; without a limit a calendar without work never ends.
MAX_IDLE_DAYS = 366
DAY = timedelta(days=1)


class NoWorkingTimeError(ValueError):
    """A deadline was asked for, but nobody works for more than a year."""


def with_exceptions(days, holidays, workdays):
    """The same days, with public holidays and make-up working days (调休) in force.

    :param holidays: days on which nobody works, whatever the week says
    :param workdays: ``{day: intervals}``; these hours are worked instead of the week's,
        also where the day is a holiday as well
    """
    for day, intervals in days:
        if day in workdays:
            yield day, workdays[day]
        elif day in holidays:
            yield day, []
        else:
            yield day, intervals


def add_hours(start, hours, days):
    """The moment at which ``hours`` of work have passed since ``start``.

    The clock stands still outside working hours. What is full exactly when work ends is
    due then, not on the next morning; no hours at all are over at once.

    :param days: working time by day, from the day of ``start`` or earlier
    :raise NoWorkingTimeError: nobody works for a year
    :raise ValueError: ``hours`` is negative
    """
    if hours < 0:
        raise ValueError(f"Hours of work cannot be negative: {hours}")
    left = timedelta(hours=hours)
    if not left:
        return start
    idle = 0
    for _day, intervals in days:
        idle += 1
        for begin, end in intervals:
            begin = max(begin, start)
            if begin >= end:
                continue
            idle = 0
            if left <= end - begin:
                return begin + left
            left -= end - begin
        if idle > MAX_IDLE_DAYS:
            break
    raise NoWorkingTimeError(f"No working time in the year after {start}")


def hours_between(start, end, days):
    """Hours of work from ``start`` to ``end``; 0 when ``end`` is not after ``start``.

    :param days: working time by day, from the day of ``start`` or earlier
    """
    total = timedelta()
    # Somewhere on earth a day begins before it does in UTC, but less than a day before.
    last = end.date() + DAY
    for day, intervals in days:
        if day > last or end <= start:
            break
        for begin, finish in intervals:
            total += max(min(finish, end) - max(begin, start), timedelta())
    return total / timedelta(hours=1)


def add_days(day, count, is_worked):
    """The ``count``-th working day after ``day``; before it where ``count`` is negative.

    ``day`` itself is not counted. With 0 it is ``day`` where that is worked, else the next
    working day.

    :param is_worked: function of a day
    :raise NoWorkingTimeError: nobody works for a year

    >>> from datetime import date
    >>> weekday = lambda day: day.weekday() < 5
    >>> friday = date(2026, 11, 20)
    >>> add_days(friday, 1, weekday)
    datetime.date(2026, 11, 23)
    >>> add_days(date(2026, 11, 22), 0, weekday)
    datetime.date(2026, 11, 23)
    """
    step = DAY if count >= 0 else -DAY
    if not count:
        day, count = day - DAY, 1
    left, idle = abs(count), 0
    while left:
        day += step
        idle += 1
        if is_worked(day):
            left, idle = left - 1, 0
        if idle > MAX_IDLE_DAYS:
            raise NoWorkingTimeError(f"No working day in a year around {day}")
    return day
