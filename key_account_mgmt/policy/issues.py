"""Issues: which promise holds for one, and how far being late has gone.

Pure functions; hours and days come in as numbers, who is told is somebody else's matter.

Source: Q15, S2-35, S0-52, J12.
"""

from typing import NamedTuple


class Promise(NamedTuple):
    """One row of the table of deadlines; ``None`` (``False`` for ``key_only``): for all.

    ``response`` in hours and ``resolution`` in days, 0: nothing promised.
    """

    key: int
    kind: int | None = None
    tier: int | None = None
    key_only: bool = False
    severity: str | None = None
    response: float = 0.0
    resolution: int = 0


def fits(promise, kind, tiers, is_key, severity):
    """Whether a row speaks of such an issue."""
    return (
        promise.kind in (None, kind)
        and (promise.tier is None or promise.tier in tiers)
        and (is_key or not promise.key_only)
        and promise.severity in (None, severity)
    )


def choose_promise(promises, kind, tiers, is_key, severity):
    """The most specific fitting row: kind before tier before key account before severity.

    Of rows that are as specific as each other the first one.

    :param promises: list of :class:`Promise` in their order
    :param tiers: keys of the levels and labels the customer holds
    :return: the row, or ``None``

    >>> rows = [Promise(1), Promise(2, key_only=True), Promise(3, tier=7), Promise(4, kind=9)]
    >>> choose_promise(rows, 8, {7}, True, "1").key
    3
    >>> choose_promise(rows, 9, {7}, True, "1").key
    4
    >>> choose_promise(rows, 8, set(), False, "1").key
    1
    """
    fitting = [p for p in promises if fits(p, kind, tiers, is_key, severity)]
    return max(fitting, key=_weight, default=None)


def _weight(promise):
    return (
        promise.kind is not None,
        promise.tier is not None,
        promise.key_only,
        promise.severity is not None,
    )


def strictest(moments):
    """The earliest of the moments that are promised; ``None`` where nothing is."""
    return min((moment for moment in moments if moment), default=None)


def level_reached(hours_late, levels):
    """The highest level of escalation that lateness has reached; 0: none.

    :param hours_late: since the deadline, on the issue's own clock; ``None``: in time.
        An answer at the very moment of its deadline is in time.
    :param levels: ``[(level, hours after the deadline)]``

    >>> level_reached(None, [(1, 0.0), (2, 8.0)])
    0
    >>> level_reached(0.5, [(1, 0.0), (2, 8.0)]), level_reached(8.0, [(1, 0.0), (2, 8.0)])
    (1, 2)
    """
    if hours_late is None:
        return 0
    return max((level for level, hours in levels if hours <= hours_late), default=0)


def missing_to_close(asked, has):
    """What an issue still lacks before it is closed, in the order in which it is asked.

    :param asked: set of ``root_cause``, ``preventive``, ``satisfaction``
    :param has: set of what there is, also ``open`` (a measure not done) and ``unverified``

    >>> missing_to_close({"root_cause", "preventive"}, {"root_cause", "open"})
    ['preventive', 'open']
    """
    order = ("root_cause", "preventive", "satisfaction")
    missing = [name for name in order if name in asked and name not in has]
    return missing + [name for name in ("open", "unverified") if name in has]
