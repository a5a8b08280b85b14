"""Whether an order may be confirmed under a contract, and what stands in its way.

Pure functions: numbers and dates in, a verdict out.  Amounts of one call are in one
currency.  Source: S0-105, users §3.6, g Q20.
"""

from collections import namedtuple

# What stands in the way, in the order in which it is told.
NONE = "none"
UNSIGNED = "unsigned"
ENDED = "ended"
CUSTOMER = "customer"
COMPANY = "company"
EARLY = "early"
LATE = "late"
CEILING = "ceiling"
PRICE = "price"
CHANGED = "changed"

# Freight and re-invoiced expenses may come on top of what was signed, percent of the goods.
FREIGHT = 5.0
# Below a hundredth of the smallest unit of money: noise of floating point.
NOISE = 1e-4

# parties: (customer, company) ids; ceiling None: none was agreed;
# called_off: what other confirmed orders have taken of it
Contract = namedtuple("Contract", "parties signed ended date_from date_to ceiling called_off")
# as_signed: its lines are those that were signed with the contract, where it had any
Order = namedtuple("Order", "parties day amount as_signed")


def goods(total, freight):
    """What counts of an order: freight and expenses are left out, up to their share.

    More than five percent of the goods count: whoever calls goods freight gains nothing.

    >>> goods(103.0, 3.0)
    100.0
    >>> goods(210.0, 110.0)
    200.0
    """
    return max(total - max(freight, 0.0), total / (1 + FREIGHT / 100))


def is_concerned(amount, limit):
    """Whether an amount is large enough; the limit itself is, and 0 concerns everything.

    >>> is_concerned(100.0, 100.0), is_concerned(99.99, 100.0), is_concerned(0.0, 0.0)
    (True, False, True)
    """
    return amount > (limit or 0.0) - NOISE


def room(contract, step=0.01):
    """What may still be called off; ``None``: no amount was agreed.

    >>> c = Contract((1, 1), True, False, None, None, 100.0, 41.0)
    >>> room(c)
    59.0
    """
    if not contract.ceiling:
        return None
    return round((contract.ceiling - contract.called_off) / step) * step


def obstacle(order, contract, step=0.01):
    """The first thing in the way of an order under a contract, or ``None``.

    Dates are inclusive; an empty one is open.

    :param contract: ``None``: the order names none
    :param step: smallest unit of the currency
    """
    if contract is None:
        return NONE
    (customer, company), (its_customer, its_company) = order.parties, contract.parties
    left = room(contract, step)
    checks = (
        (CUSTOMER, customer != its_customer),
        (COMPANY, company != its_company),
        (ENDED, contract.ended),
        (UNSIGNED, not contract.signed),
        (EARLY, bool(contract.date_from) and order.day < contract.date_from),
        (LATE, bool(contract.date_to) and order.day > contract.date_to),
        (CEILING, left is None or order.amount > left + step / 2),
        (CHANGED, not order.as_signed),
    )
    return next((code for code, found in checks if found), None)


def same_price(price, agreed, step=0.01):
    """Whether a unit price is the agreed one, but for rounding.

    >>> same_price(9.999999, 10.0), same_price(9.98, 10.0)
    (True, False)
    """
    return abs(price - agreed) <= step / 2 + NOISE


def unit_price(price, discount):
    """What a unit costs after its discount in percent.

    >>> unit_price(200.0, 10.0)
    180.0
    """
    return price * (1 - (discount or 0.0) / 100)


def unagreed(lines, prices, step=0.01):
    """Products whose price is not agreed, each once, in their order.

    :param lines: ``[(product, unit price after discount)]``
    :param prices: ``{product: [agreed unit prices]}``
    """
    wrong = [
        product
        for product, price in lines
        if not any(same_price(price, agreed, step) for agreed in prices.get(product, ()))
    ]
    return list(dict.fromkeys(wrong))
