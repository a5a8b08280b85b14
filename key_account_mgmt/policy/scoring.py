"""Scores of a card: a line, the weights of what was measured, the total, the grade.

Pure functions.  A score is 0–100 and may go up to the cap; ``None``: not measurable, and
excluded.  Source: (d), g Q21, g Q25, S0-157 … S0-171.
"""

NO_FIGURE = "no_figure"  # nothing to measure in the period, or denominator 0
NO_TARGET = "no_target"  # neither a target of the subject nor one of the set
TARGET_NOT_POSITIVE = "target_not_positive"  # a share of 0 or less says nothing


def proportional(actual, target, higher=True, floor=0.0, cap=120.0):
    """Higher is better: 100 · actual ÷ target; lower is better: 100 · target ÷ actual.

    Between floor and cap.  Nothing at all where less is better gives the cap; a target of 0
    there asks for exactly that.  Where more is better, a target of 0 or below measures
    nothing: excluded.

    >>> proportional(90.0, 120.0), proportional(300.0, 100.0), proportional(-5.0, 20.0)
    (75.0, 120.0, 0.0)
    >>> proportional(4.0, 2.0, higher=False), proportional(0.0, 2.0, higher=False)
    (50.0, 120.0)
    >>> proportional(1.0, 0.0, higher=False), proportional(0.0, 0.0, higher=False)
    (0.0, 120.0)
    >>> proportional(10.0, 0.0) is None, proportional(None, 10.0) is None
    (True, True)
    """
    if excluded(actual, target, higher):
        return None
    share = attainment(actual, target, higher)
    return cap if share is None else _between(share, floor, cap)


def excluded(actual, target, higher=True, needs_target=True):
    """Why a line is not measurable: one of the codes above; ``None`` where it is.

    >>> excluded(1.0, 0.0), excluded(1.0, 0.0, higher=False), excluded(1.0, None)
    ('target_not_positive', None, 'no_target')
    >>> excluded(None, 1.0), excluded(1.0, None, needs_target=False)
    ('no_figure', None)
    """
    if actual is None:
        return NO_FIGURE
    if not needs_target:
        return None
    if target is None:
        return NO_TARGET
    if target < 0 or (higher and not target > 0):
        return TARGET_NOT_POSITIVE
    return None


def attainment(actual, target, higher=True):
    """Share of the target that was reached, in percent, without floor and cap.

    >>> attainment(-5.0, 20.0), attainment(5.0, None) is None
    (-25.0, True)
    """
    if excluded(actual, target, higher):
        return None
    if higher:
        return 100.0 * actual / target
    return 100.0 * target / actual if actual > 0 else None


def banded(value, bands, floor=0.0, cap=120.0):
    """The score of the half-open band a value lies in; below the lowest band the floor.

    :param bands: ``[(from, score)]`` in any order; a band ends where the next begins

    >>> [banded(v, [(80.0, 60.0), (90.0, 100.0)]) for v in (79.99, 80.0, 89.99, 90.0)]
    [0.0, 60.0, 60.0, 100.0]
    """
    if value is None:
        return None
    below = [band for band in bands if value >= band[0]]
    return _between(max(below)[1], floor, cap) if below else floor


def deduction(occurrences, points, floor=0.0):
    """100 less so many points for every occurrence, never below the floor.

    >>> deduction(3, 10.0), deduction(30, 10.0), deduction(0, 10.0)
    (70.0, 0.0, 100.0)
    """
    if occurrences is None:
        return None
    return max(floor, 100.0 - points * max(occurrences, 0.0))


def reached(actual, target, higher=True):
    """Whether a target is kept, exactly on it included; ``None`` without a figure or target.

    >>> reached(5.0, 5.0), reached(6.0, 5.0, higher=False), reached(5.0, None) is None
    (True, False, True)
    """
    if actual is None or target is None:
        return None
    return actual >= target if higher else actual <= target


def by_hand(score):
    """A score somebody gave: 0 to 100.

    >>> by_hand(130.0), by_hand(-1.0), by_hand(None) is None
    (100.0, 0.0, True)
    """
    return None if score is None else _between(score, 0.0, 100.0)


def _between(value, low, high):
    return min(high, max(low, value))


def weights(lines, groups):
    """Effective weights in percent of the lines that were measured; they add up to 100.

    What was not measured is left out: the others of its group take its weight, and where
    nothing of a group was measured the other groups take the group's.

    :param lines: ``{line: (group, weight inside the group)}``
    :param groups: ``{group: weight}``
    :return: ``{line: percent}``; empty where nothing carries any weight

    >>> weights({"a": ("x", 1), "b": ("x", 1), "c": ("y", 1)}, {"x": 40, "y": 10})
    {'a': 40.0, 'b': 40.0, 'c': 20.0}
    >>> weights({"a": ("x", 1)}, {"x": 40, "y": 60})
    {'a': 100.0}
    """
    inside = {}
    for group, weight in lines.values():
        inside[group] = inside.get(group, 0.0) + weight
    used = {g: groups.get(g, 0.0) for g, total in inside.items() if total > 0}
    whole = sum(used.values())
    if not whole > 0:
        return {}
    return {
        line: 100.0 * used[group] / whole * weight / inside[group]
        for line, (group, weight) in lines.items()
        if used.get(group) and weight > 0
    }


def total(scores, effective):
    """Σ weight · score ÷ Σ weight, two decimals; ``None`` where nothing was measured.

    :param scores: ``{line: score}``
    :param effective: ``{line: weight}`` of the lines that count

    >>> total({"a": 100.0, "b": 50.0}, {"a": 75.0, "b": 25.0}), total({}, {}) is None
    (87.5, True)
    """
    whole = sum(effective.values())
    if not whole > 0:
        return None
    return round(sum(scores[line] * weight for line, weight in effective.items()) / whole, 2)


def grade(points, grades):
    """The best grade whose minimum is reached; below all of them the lowest one.

    :param grades: ``[(minimum, label)]``

    >>> shipped = [(90, "A"), (75, "B"), (60, "C"), (0, "D")]
    >>> [grade(p, shipped) for p in (90.0, 89.99, 75.0, 60.0, 59.99, 0.0)]
    ['A', 'B', 'B', 'C', 'D', 'D']
    """
    if points is None or not grades:
        return None
    kept = [entry for entry in grades if points >= entry[0]]
    return max(kept, key=lambda e: e[0])[1] if kept else lowest(grades)


def lowest(grades):
    """The label of the lowest grade; ``None`` without any."""
    return min(grades, key=lambda e: e[0])[1] if grades else None


def annual(quarters, yearly, share=60.0):
    """The year: so many percent the mean of its quarters, the rest the KPIs of the year.

    Quarters without a total are left out; where one of the two parts is missing, the other
    counts alone.  Source: g Q25.

    >>> annual([80.0, 90.0, None, 100.0], 70.0), annual([], 70.0), annual([80.0], None)
    (82.0, 70.0, 80.0)
    >>> annual([None], None) is None
    True
    """
    known = [quarter for quarter in quarters if quarter is not None]
    if not known:
        return yearly
    mean = sum(known) / len(known)
    if yearly is None:
        return round(mean, 2)
    return round((share * mean + (100.0 - share) * yearly) / 100.0, 2)
