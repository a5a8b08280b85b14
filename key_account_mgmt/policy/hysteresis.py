"""Downgrade protection: a level is not lost by a small or early drop.

Pure functions.  Source: (g Q7), S0-36.
"""

from datetime import timedelta

from .criteria import judge, level_truth
from .periods import full_months_between

KEPT_MARGIN = "kept_margin"
KEPT_TENURE = "kept_tenure"


def months_held(since, day):
    """Complete months for which something begun on ``since`` has lasted on ``day``."""
    if not since or since >= day:
        return 0
    return full_months_between(since, day - timedelta(days=1))


def keeps_level(level, values, since, day, margin=0.0, min_tenure=0):
    """Why a current level is kept against a lower suggestion, or ``None``.

    :param level: the current :class:`~.criteria.Level`
    :param values: ``{criterion key: value}``
    :param since: day from which the level is held
    :param margin: percent; lower bounds are eased by it
    :param min_tenure: months for which a new level is protected
    """
    if min_tenure and since and months_held(since, day) < min_tenure:
        return KEPT_TENURE
    if margin:
        verdicts = {c.key: judge(c, values.get(c.key), margin=margin) for c in level.criteria}
        if level_truth(level, verdicts):
            return KEPT_MARGIN
    return None
