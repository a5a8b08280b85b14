"""How much each customer buys in which month, so that the story's sums are exact.

Pure functions.  Months are counted back from the running one: -1 is the last closed
month, -36 the first of the story.  The last evaluation looked at the twelve months
before the running year (or the year before, in a January), so its window and today's
overlap by any number of months:

    -36 ……… before ……… | gone (k) | shared (12-k) | recent (k) |

``now = shared + recent`` and ``january = gone + shared`` are both hit to the cent.
"""

# Less is bought around the Chinese New Year and in summer.
SEASON = (0.92, 0.72, 1.06, 1.04, 1.05, 1.03, 0.95, 0.93, 1.04, 1.02, 1.10, 1.14)
FIRST = -36


def series(rng, k, now, january, before, first_month, unit=lambda month: 100, every=1):
    """``{month index: amount}`` for three years.

    :param k: closed months since the window of the last evaluation, 1 to 12
    :param now: sum of the last twelve closed months
    :param january: sum of the window of the last evaluation
    :param before: sum of a year before that
    :param first_month: calendar month (1–12) of index :data:`FIRST`
    :param unit: ``month index -> number`` the amount is a multiple of (the price of what
        is bought), but for the last month of each part, which takes the rest
    :param every: sells in every n-th month only
    """
    shared = int(min(now, january) * (12 - k) / 12 * 0.985)
    if shared > 10_000:
        shared -= shared % 100
    old = range(FIRST, -12 - k)
    parts = (
        (old, round(before / 12 * len(old))),
        (range(-12 - k, -12), january - shared),
        (range(-12, -k), shared),
        (range(-k, 0), now - shared),
    )
    result = {}
    for months, total in parts:
        chosen = [m for m in months if m % every == 0] or list(months)[-1:]
        result |= _spread(rng, round(total, 2), chosen, first_month, unit)
    return result


def _spread(rng, total, months, first_month, unit):
    if total <= 0 or not months:
        return {}
    weights = [
        SEASON[(first_month - 1 + month - FIRST) % 12] * rng.uniform(0.9, 1.1) for month in months
    ]
    share = total / sum(weights)
    amounts, left = [], total
    for month, weight in zip(months[:-1], weights, strict=False):
        step = unit(month)
        amount = min(round(weight * share / step) * step, left // step * step)
        left = round(left - amount, 2)
        amounts.append(amount)
    amounts.append(left)
    return {month: amount for month, amount in zip(months, amounts, strict=True) if amount}


def level(monthly, first, last):
    """The same amount in every month from ``first`` to ``last``."""
    return dict.fromkeys(range(first, last + 1), monthly)
