"""Prices of a level: what goes beyond its ceilings, and what a unit's quantity earns.

Percentages are 0 to 100; a ceiling of 0 says nothing.  Source: S1p-12, S2-26, S1c-17, S1c-18.
"""

# Below this, two percentages are the same: what people type has two decimals.
SAME = 0.005


def above(value, ceiling):
    """Whether a figure goes beyond a ceiling that was set; equal does not.

    >>> above(10.0, 10.0), above(10.01, 10.0), above(99.0, 0.0)
    (False, True, False)
    """
    return bool(ceiling) and value > ceiling + SAME


def real_discount(list_price, paid):
    """What was given away of a price, in percent; a higher price gives nothing away.

    It makes no difference whether the discount stands in its own column or in the price.

    >>> real_discount(100.0, 85.0), real_discount(100.0, 120.0), real_discount(0.0, 5.0)
    (15.0, 0.0, 0.0)
    """
    if list_price <= 0:
        return 0.0
    return max(round(100.0 * (list_price - paid) / list_price, 6), 0.0)


def group_discount(quantity, first, second):
    """What a quantity earns: the highest step reached, and the second stage on top of it.

    折上折: the second percentage is taken off what the first one left.

    :param first: ``[(from quantity, percent)]``
    :param second: the same, of the second stage
    :return: percent, four decimals

    >>> group_discount(100, [(50, 5.0), (100, 8.0)], [(100, 2.0)])
    9.84
    >>> group_discount(99, [(50, 5.0), (100, 8.0)], [(100, 2.0)])
    5.0
    >>> group_discount(10, [(50, 5.0)], [])
    0.0
    """
    kept = 1.0
    for steps in (first, second):
        reached = [step for step in steps if quantity >= step[0]]
        if reached:
            kept *= 1 - max(reached)[1] / 100.0
    return round(100.0 * (1 - kept), 4)


def next_step(quantity, steps):
    """The step that is missed by least: ``(from quantity, percent)``; ``None`` beyond all."""
    return min((step for step in steps if step[0] > quantity), default=None)


def covered(wanted, approved):
    """Whether every figure that is wanted was approved as high before.

    :param wanted: ``{key: figure}``, of which none may be higher than the approved one
    :param approved: the same, as approved

    >>> covered({"7": 12.0}, {"7": 12.0, "8": 3.0}), covered({"7": 12.5}, {"7": 12.0})
    (True, False)
    """
    return all(key in approved and value <= approved[key] + SAME for key, value in wanted.items())
