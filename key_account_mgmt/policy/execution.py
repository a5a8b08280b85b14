"""Days and amounts of a contract that runs: terms, extension, payments, progress.

Pure functions: days and numbers in, decisions out.  Source: S1s-04 … S1s-07, S0-109, P18.
"""

from datetime import timedelta

from .periods import add_months

BEFORE, AFTER = "before", "after"


def term_day(start, number=0, unit="day", direction=AFTER):
    """The day of a term: so many days or months before or after another day.

    :param start: the day it hangs on; None while the event has not happened
    :return: a day, or None

    A month later is the same day of that month, else its last one.  Source: S1s-04, S1s-07.
    """
    if start is None:
        return None
    steps = -number if direction == BEFORE else number
    if unit == "month":
        return add_months(start, steps)
    return start + timedelta(days=steps)


def extended_until(end, months, day):
    """The new last day of a contract that goes on by itself, and how often it did.

    It goes on the day after its last day; a job that slept catches up.

    :param end: the last day as agreed
    :param months: by how many it goes on each time
    :return: ``(last day, times)``; ``(end, 0)`` while it still lasts
    """
    times = 0
    last = end
    while months > 0 and last < day:
        times += 1
        # From the first end: 31 January, 28 February, 31 March.
        last = add_months(end, months * times)
    return last, times


def reminder_due(day, due, days_before):
    """Whether ``day`` lies inside the warning time of ``due``, or after it."""
    return due is not None and day >= due - timedelta(days=max(days_before, 0))


def allocate(total, amounts):
    """Spread money over instalments in their order: what came in pays the first one first.

    :param total: may be negative (more credit notes than invoices): nothing is spread
    :return: one amount per instalment; what exceeds all of them stays with nobody
    """
    left = max(total, 0.0)
    parts = []
    for amount in amounts:
        part = min(left, max(amount, 0.0))
        parts.append(part)
        left -= part
    return parts


def progress(done, total):
    """Percent of milestones done; 0 where there is none."""
    return 100.0 * done / total if total else 0.0


def settlement(performed, invoiced, collected, compensation=0.0):
    """What is left to be paid when a contract ends early.

    :param performed: what was delivered or done until then
    :param compensation: agreed on top; negative: we pay it
    :return: ``(to invoice, to collect)``; negative: to credit, to pay back
    """
    due = performed + compensation
    return due - invoiced, due - collected
