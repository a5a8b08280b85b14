"""The monthly status report of an account: its months, its traffic lights, what is news.

Pure: no database, no clock.
"""

from calendar import monthrange
from collections import namedtuple
from datetime import timedelta

from .periods import Period, add_months, month_end, month_start

GREEN, YELLOW, RED, NONE = "green", "yellow", "red", "none"
# Percent, except ``issues_red``: a number of issues.
Limits = namedtuple(
    "Limits", "sales_yellow sales_red visits_red issues_red overdue_yellow overdue_red"
)
DEFAULTS = Limits(100, 80, 50, 1, 10, 30)
CHANGES = 3
MONTHS_BACK = 3


def sales_light(actual, expected, limits=DEFAULTS):
    """Sales against what was expected of them (target, else last year); nothing expected: none.

    At a limit the better colour holds.

    >>> [sales_light(value, 100.0) for value in (100.0, 99.9, 80.0, 79.9)]
    ['green', 'yellow', 'yellow', 'red']
    >>> sales_light(50.0, 0.0)
    'none'
    """
    if expected is None or expected <= 0:
        return NONE
    return _at_least(100.0 * actual / expected, limits.sales_yellow, limits.sales_red)


def visits_light(done, due, limits=DEFAULTS):
    """Visits held against those due so far; nothing due: none.

    >>> [visits_light(done, 2) for done in (2, 1, 0)]
    ['green', 'yellow', 'red']
    """
    return _at_least(100.0 * done / due, 100, limits.visits_red) if due > 0 else NONE


def issues_light(number, late, limits=DEFAULTS):
    """Open issues: none is green, late ones from a number on are red.

    >>> issues_light(0, 0), issues_light(2, 0), issues_light(2, 1)
    ('green', 'yellow', 'red')
    """
    if late >= limits.issues_red:
        return RED
    return YELLOW if number else GREEN


def payments_light(overdue, receivables, limits=DEFAULTS):
    """What is overdue as a share of what is open; at a limit the better colour holds.

    >>> [payments_light(value, 100.0) for value in (10.0, 10.1, 30.0, 30.1)]
    ['green', 'yellow', 'yellow', 'red']
    >>> payments_light(0.0, 0.0)
    'green'
    """
    if overdue <= 0:
        return GREEN
    share = 100.0 * overdue / receivables if receivables > 0 else 100.0
    if share > limits.overdue_red:
        return RED
    return YELLOW if share > limits.overdue_yellow else GREEN


def _at_least(share, yellow, red):
    if share >= yellow:
        return GREEN
    return YELLOW if share >= red else RED


def owed_so_far(required, period, day):
    """How many of ``required`` times in a period are due by a day, whole ones only.

    >>> from datetime import date
    >>> quarter = Period(date(2026, 7, 1), date(2026, 9, 30))
    >>> [owed_so_far(3, quarter, date(2026, month, 28)) for month in (7, 8, 10)]
    [0, 1, 3]
    """
    if day >= period.end:
        return required
    if day < period.start:
        return 0
    return required * ((day - period.start).days + 1) // period.days


def due_on(month, day):
    """The day by which the report of ``month`` is due: a day of the month after it.

    >>> from datetime import date
    >>> due_on(date(2026, 1, 1), 31)
    datetime.date(2026, 2, 28)
    """
    first = add_months(month_start(month), 1)
    return first.replace(day=max(1, min(day, monthrange(first.year, first.month)[1])))


def months_to_report(last, today, since=None):
    """Months whose report has to be made on a day, oldest first, as periods.

    :param last: first day of the last month reported on; empty: the first report is that of
        the month before ``today``
    :param since: nothing before this day is reported on; a month that began before and ended
        after it is

    At most three months back are made up for.

    >>> from datetime import date
    >>> [p.start.month for p in months_to_report(date(2026, 5, 1), date(2026, 11, 1))]
    [8, 9, 10]
    >>> [p.start.month for p in months_to_report(None, date(2026, 11, 23))]
    [10]
    >>> months_to_report(date(2026, 10, 1), date(2026, 11, 30))
    []
    """
    newest = month_start(month_start(today) - timedelta(days=1))
    first = newest
    if last:
        first = max(add_months(last, 1), add_months(newest, 1 - MONTHS_BACK))
    months = []
    while first <= newest:
        if not since or month_end(first) >= since:
            months.append(Period(first, month_end(first)))
        first = add_months(first, 1)
    return months


def main_changes(candidates, number=CHANGES):
    """The texts of the most important news, each once.

    :param candidates: ``[(weight, day, text)]``; the highest weight first, then the latest

    >>> main_changes([(1, 1, "a"), (5, 1, "b"), (5, 2, "c"), (5, 2, "c")], 2)
    ['c', 'b']
    """
    ordered = sorted(candidates, key=lambda item: (item[0], item[1]), reverse=True)
    texts = list(dict.fromkeys(text for _weight, _day, text in ordered if text))
    return texts[:number]
