"""Tier criteria: AND inside a group, OR between the groups of a level.

A criterion gives one of the verdict codes below; a level is true, false or unknown
(``None``), in three-valued logic: a missing figure matters only where it could change
the result.  Pure functions, no database.  Source: S0-09, S0-10, S0-15, S3-15, S3-19.
"""

import operator
from dataclasses import dataclass

MET = "met"
NOT_MET = "not_met"
MISSING = "missing"  # nobody has assessed or declared it
NO_DATA = "no_data"  # cannot be measured, e.g. growth of a new customer
EXPIRED = "expired"  # the evidence is older than its validity, or absent
OUTDATED = "outdated"  # an assessment has to be made again
INACTIVE = "inactive"  # no threshold: the criterion is switched off, never "0"

TRUTH = {
    MET: True,
    NOT_MET: False,
    NO_DATA: False,
    EXPIRED: False,
    MISSING: None,
    OUTDATED: None,
}

COMPARE = {
    ">=": operator.ge,
    ">": operator.gt,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}
# Sales are summed from cents; 19 999 999.999 999 is 20 000 000.
PRECISION = 6


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition of a level.

    :param key: identifies the criterion in the results
    :param group: number of its AND group
    :param compare: ``>= > < <= =``, or ``has`` / ``has_not`` for yes/no figures
    :param threshold: number, or ``None``: switched off
    :param declared: the figure is a person's assessment; without one there is work to do
    """

    key: int
    group: int
    compare: str
    threshold: float | None = None
    declared: bool = False

    @property
    def active(self):
        return self.compare in ("has", "has_not") or self.threshold is not None


@dataclass(frozen=True, slots=True)
class Level:
    """One level: its criteria, tested from the highest rank down."""

    key: int
    rank: int
    criteria: tuple = ()
    manual: bool = False

    def groups(self):
        """``[[criterion, …], …]`` without inactive criteria and empty groups."""
        groups = {}
        for criterion in self.criteria:
            if criterion.active:
                groups.setdefault(criterion.group, []).append(criterion)
        return [groups[number] for number in sorted(groups)]


def judge_column(criterion, values, margin=0.0):
    """Verdict codes of one criterion for many customers.

    :param values: one per customer: number; ``None`` = no data; :data:`EXPIRED` =
        outdated evidence
    :param margin: percent by which a lower bound is eased (downgrade protection)
    :return: list of verdict codes in the order of ``values``

    The bound belongs to the level: 以上 includes the number itself.  Source: S0-15.
    """
    if not criterion.active:
        return [INACTIVE] * len(values)
    if criterion.compare in ("has", "has_not"):
        wanted = criterion.compare == "has"
        return [
            EXPIRED if value is EXPIRED else MET if bool(value) is wanted else NOT_MET
            for value in values
        ]
    # What a person has to assess (again) is work, not an answer.
    missing, lapsed = (MISSING, OUTDATED) if criterion.declared else (NO_DATA, EXPIRED)
    compare = COMPARE[criterion.compare]
    threshold = criterion.threshold
    if margin and criterion.compare in (">=", ">"):
        threshold -= abs(threshold) * margin / 100.0
    threshold = round(threshold, PRECISION)
    return [
        missing
        if value is None
        else lapsed
        if value is EXPIRED
        else MET
        if compare(round(value, PRECISION), threshold)
        else NOT_MET
        for value in values
    ]


def highest(first, second):
    """The higher of two figures of one group; what has expired is below any that holds.

    >>> highest(EXPIRED, 2.0)
    2.0
    """
    if first is EXPIRED:
        return second
    return first if second is EXPIRED else max(first, second)


def judge(criterion, value, margin=0.0):
    """Verdict code of one value; see :func:`judge_column`."""
    return judge_column(criterion, [value], margin)[0]


def level_truth(level, verdicts):
    """True, False or None (unknown) for a level.

    :param verdicts: ``{criterion key: verdict code}``

    A level whose criteria are all inactive never matches by itself, nor does a
    manual one.  Source: (a.2), g Q1.
    """
    if level.manual:
        return False
    result = False
    for group in level.groups():
        truths = [TRUTH[verdicts[criterion.key]] for criterion in group]
        if False in truths:
            continue
        if None not in truths:
            return True
        result = None
    return result


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``level``: suggested level key or None; ``code``: why."""

    level: int | None
    code: str


MATCHED = "matched"
FALLBACK = "fallback"
UNASSESSED = "unassessed"


def suggest(levels, verdicts, fallback=None):
    """The first level in rank order that matches, else the fallback.

    An unknown level above the first match makes the whole suggestion unknown: not
    assessed is work to do, not "general".  Source: S3-18, S3-19, g Q5.
    """
    unknown = False
    for level in levels:
        truth = level_truth(level, verdicts)
        if truth is None:
            unknown = True
        elif truth:
            if unknown:
                return Suggestion(None, UNASSESSED)
            return Suggestion(level.key, MATCHED)
    if unknown:
        return Suggestion(None, UNASSESSED)
    return Suggestion(fallback, FALLBACK)


def missing_for(level, verdicts):
    """What is missing for a level: criteria of its group nearest to be met.

    :return: list of criteria not met in the group with the fewest of them
    """
    candidates = [[c for c in group if verdicts.get(c.key) != MET] for group in level.groups()]
    return min(candidates, key=len, default=[])
