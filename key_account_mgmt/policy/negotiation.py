"""What a change of terms is worth to us, and whether a result is worse than a limit.

Kinds of terms: a higher price is better for us; fewer payment days, a shorter warranty and a
smaller rebate are.  Of other figures the caller says which way is better.
"""

import math

PRICE, PAYMENT, WARRANTY, REBATE, OTHER, SERVICE = (
    "price", "payment_days", "warranty", "rebate", "other", "service",
)  # fmt: skip
HIGHER_IS_BETTER = frozenset({PRICE})
DAYS_OF_YEAR = 365
# Figures are kept with fewer digits than this.
DIGITS = 6


def is_higher_better(kind, other=False):
    """Whether a higher figure of this kind is better for us.

    :param other: the answer for kinds that do not say so themselves
    """
    return other if kind == OTHER else kind in HIGHER_IS_BETTER


def is_worse(value, limit, higher_is_better):
    """Whether ``value`` is worse for us than ``limit``; the limit itself is not."""
    difference = round(value - limit, DIGITS)
    return difference < 0 if higher_is_better else difference > 0


def yearly_cost(kind, before, after, quantity=0.0, sales=0.0, rate=0.0, unit_cost=0.0):
    """What moving a term from ``before`` to ``after`` costs us per year, in money.

    :param quantity: pieces per year; price × volume
    :param sales: yearly sales the payment days and the rebate (in percent) apply to
    :param rate: interest in percent per year; days are valued at rate / 365
    :param unit_cost: what one unit of another term costs per year
    :return: positive: we give; negative: we gain
    """
    step = after - before
    if kind == PRICE:
        return -step * quantity
    if kind == PAYMENT:
        return step * sales * rate / 100 / DAYS_OF_YEAR
    if kind == REBATE:
        return step * sales / 100
    return step * unit_cost


def is_figure(value):
    """Whether a value sent by a client is a number one can negotiate about."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and abs(value) < 1e12
