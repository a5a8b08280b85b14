"""Bands of a scheme: half-open, without overlap, highest rank on top.

Pure functions.  Source: S0-18, S0-20, (a.1 C7), g Q6.
"""

from itertools import pairwise

INVERTED = "inverted"  # lower bound at or above the upper bound
OVERLAP = "overlap"  # two levels claim the same values
ORDER = "order"  # a higher level asks for less than a lower one


def band(criteria):
    """``(low, high)`` of the criteria of one group on one metric; ``None`` = open."""
    low = high = None
    for criterion in criteria:
        if criterion.threshold is None:
            continue
        if criterion.compare in (">=", ">", "="):
            low = criterion.threshold if low is None else max(low, criterion.threshold)
        if criterion.compare in ("<", "<=", "="):
            high = criterion.threshold if high is None else min(high, criterion.threshold)
    return low, high


def _is_inverted(criteria, low, high):
    if low is None or high is None or low < high:
        return False
    if low > high:
        return True
    compares = {c.compare for c in criteria if c.threshold is not None}
    return not compares <= {">=", "<=", "="}


def _in_use(groups):
    """The groups without criteria that are switched off, and without empty groups."""
    used = []
    for group in groups:
        active = {metric: [c for c in criteria if c.active] for metric, criteria in group.items()}
        used.append({metric: criteria for metric, criteria in active.items() if criteria})
    return [group for group in used if group]


def check_bands(levels):
    """Problems of a scheme whose levels differ by one metric.

    :param levels: ``[(level key, [group, …]), …]``, highest rank first;
        ``group = {metric: [criterion, …]}`` is an AND group
    :return: list of ``(code, level key, other level key or None, metric)``

    Compared are the bands of groups that look at one metric only; further conditions
    can keep overlapping bands apart.
    """
    problems = []
    simple = {}
    for key, groups in levels:
        for group in _in_use(groups):
            bands = {metric: band(criteria) for metric, criteria in group.items()}
            for metric, (low, high) in bands.items():
                if _is_inverted(group[metric], low, high):
                    problems.append((INVERTED, key, None, metric))
            if len(bands) == 1:
                ((metric, (low, high)),) = bands.items()
                simple.setdefault(metric, []).append((key, low, high))
    for metric, bands in simple.items():
        problems += _compare_neighbours(metric, bands)
    return problems


def _compare_neighbours(metric, bands):
    problems = []
    for (key, low, _high), (other, other_low, other_high) in pairwise(bands):
        if low is None or key == other:
            continue
        if other_low is not None and other_low > low:
            problems.append((ORDER, key, other, metric))
        elif other_high is not None and other_high > low:
            problems.append((OVERLAP, key, other, metric))
    return problems
