"""Periods somebody is assessed for, and an amount of a year spread over its months.

Pure functions.  Months, quarters and years are those of the company's fiscal year; months
and quarters tile it without gap.  Source: S0-41, users §3.7 (K27).
"""

from datetime import timedelta

from .periods import Period, add_months, fiscal_year

MONTHS = {"month": 1, "quarter": 3, "year": 12}


def period_of(kind, day, last_month=12, last_day=31):
    """The month, quarter or fiscal year a day lies in.

    >>> str(period_of("quarter", date(2026, 5, 9))), str(period_of("year", date(2026, 5, 9), 3))
    ('2026-04-01/2026-06-30', '2026-04-01/2027-03-31')
    >>> str(period_of("month", date(2026, 2, 9)))
    '2026-02-01/2026-02-28'
    """
    year = fiscal_year(day, last_month, last_day)
    return next(part for part in parts(year, kind) if part.contains(day))


def parts(period, kind):
    """The months, quarters or years a longer period is made of, in order.

    >>> [str(part) for part in parts(Period(date(2026, 4, 1), date(2026, 6, 30)), "month")][1:]
    ['2026-05-01/2026-05-31', '2026-06-01/2026-06-30']
    """
    step, result, number = MONTHS[kind], [], 0
    start = period.start
    while start <= period.end:
        number += step
        after = add_months(period.start, number)
        result.append(Period(start, min(after - timedelta(days=1), period.end)))
        start = after
    return result


def previous(kind, period, last_month=12, last_day=31):
    """The period of the same kind before this one.

    >>> str(previous("quarter", Period(date(2026, 1, 1), date(2026, 3, 31))))
    '2025-10-01/2025-12-31'
    """
    return period_of(kind, period.start - timedelta(days=1), last_month, last_day)


def spread(amount, weights, digits=2):
    """``amount`` in parts as the weights say, rounded so that they add up to it exactly.

    What rounding leaves goes to the parts that lost most by it.  Negative weights (a month
    of credit notes) count as none; without any weight everybody gets the same.

    :param weights: one for each part, e.g. last year's months
    :param digits: decimals of the currency, 0 for numbers of things

    >>> spread(100.0, [1, 1, 1])
    [33.34, 33.33, 33.33]
    >>> spread(10, [3, 1, -5], digits=0), spread(10.0, [0, 0], digits=0)
    ([8.0, 2.0, 0.0], [5.0, 5.0])
    """
    weights = [max(weight, 0.0) for weight in weights]
    if not sum(weights) > 0:
        weights = [1.0] * len(weights)
    unit = 10**digits
    units = round(abs(amount) * unit)
    sign = -1 if amount < 0 else 1
    whole = sum(weights)
    exact = [units * weight / whole for weight in weights]
    given = [int(share) for share in exact]
    # The first of equals: stable, so that running it twice gives the same months.
    order = sorted(range(len(exact)), key=lambda i: (given[i] - exact[i], i))
    # Only parts with a weight take what is left.
    order = [i for i in order if weights[i] > 0]
    for place in range(units - sum(given)):
        given[order[place % len(order)]] += 1
    return [sign * share / unit for share in given]


def respread(amount, weights, kept, digits=2):
    """As :func:`spread`, with parts that stay as they are: the others share the rest.

    :param kept: ``{place: amount}``
    :return: all parts; ``None`` where what is kept leaves less than nothing, or where
        everything is kept and does not add up to the amount

    >>> respread(120.0, [1] * 3, {0: 60.0})
    [60.0, 30.0, 30.0]
    >>> respread(120.0, [1] * 3, {0: 130.0}) is None
    True
    """
    rest = round(amount - sum(kept.values()), digits)
    others = [place for place in range(len(weights)) if place not in kept]
    if (rest < 0 < amount) or (rest > 0 > amount) or (not others and rest):
        return None
    shares = iter(spread(rest, [weights[place] for place in others], digits) if others else ())
    return [kept[place] if place in kept else next(shares) for place in range(len(weights))]
