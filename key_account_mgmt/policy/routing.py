"""Which route a document takes, who is asked, and what a decision leads to.

Pure: no database, no clock.  Steps of one stage are asked at the same time, stages one
after the other; a step counts the votes of its approvers against its quorum.
"""

import hashlib
import json
from collections import namedtuple
from datetime import date, datetime

Route = namedtuple("Route", "id sequence company_id")
Step = namedtuple("Step", "id stage state")

WAITING, PENDING = "waiting", "pending"
APPROVED, REFUSED, SKIPPED = "approved", "refused", "skipped"
ANY, ALL, NUMBER = "any", "all", "number"


def choose_route(routes, company_ids, accepts):
    """The first route, by (sequence, id), that is open to the company and accepts.

    :param routes: iterable of :class:`Route`; ``company_id`` falsy = every company
    :param company_ids: the document's company and the companies above it
    :param accepts: ``route_id -> bool``, the route's condition on the document; asked
        lazily, in order
    :return: route id or None; None is an error of the caller, never an approval
    """
    for route in sorted(routes, key=lambda r: (r.sequence, r.id)):
        if open_to(route, company_ids) and accepts(route.id):
            return route.id
    return None


def open_to(route, company_ids):
    """Whether a route belongs to every company or to one of ``company_ids``."""
    return not route.company_id or route.company_id in company_ids


def within(amount, lower, upper):
    """Whether an amount lies in the half-open range [lower, upper); no upper bound when 0.

    >>> [within(x, 100, 200) for x in (99.99, 100, 199.99, 200)]
    [False, True, True, False]
    """
    return amount >= lower and (not upper or amount < upper)


def stages(parallel):
    """Numbers of the stages, from 1: a parallel step joins the one above it.

    >>> stages([False, True, False])
    [1, 1, 2]
    """
    numbers = []
    for together in parallel:
        last = numbers[-1] if numbers else 0
        numbers.append(max(last, 1) if together else last + 1)
    return numbers


def eligible_approvers(candidates, excluded, fallback=None):
    """Who may decide a step: nobody excluded, the fallback only when no one else is left.

    :param candidates: ordered user ids
    :param excluded: user ids that must not decide (the requester)
    :return: list of user ids; empty means the step cannot be decided
    """
    approvers = [user for user in candidates if user not in excluded]
    if approvers:
        return approvers
    return [fallback] if fallback and fallback not in excluded else []


def needed(quorum, number, approvers):
    """How many approvals settle a step: one (或签), all (会签), or n of m.

    :param approvers: how many people can decide it
    """
    if quorum == ALL:
        return max(approvers, 1)
    if quorum == NUMBER:
        return max(min(number, approvers), 1)
    return 1


def step_outcome(quorum, number, approvers, approvals, refusals):
    """'approved', 'refused', or 'pending' while votes are missing.

    One refusal refuses, except where n of m have to agree: there it takes as many
    refusals as make n approvals impossible.
    """
    wanted = needed(quorum, number, approvers)
    if refusals and (quorum != NUMBER or approvers - refusals < wanted):
        return REFUSED
    return APPROVED if approvals >= wanted else PENDING


def next_steps(steps):
    """Ids of the waiting steps to open now: those of the first stage that is not done."""
    if not steps or outcome(steps) != PENDING:
        return []
    stage = min(step.stage for step in steps if step.state not in (APPROVED, SKIPPED))
    return [step.id for step in steps if step.stage == stage and step.state == WAITING]


def outcome(steps):
    """'refused' once one step is refused, 'approved' once all are done, else 'pending'.

    A request without a step is never approved.
    """
    states = [step.state for step in steps]
    if REFUSED in states:
        return REFUSED
    if states and all(state in (APPROVED, SKIPPED) for state in states):
        return APPROVED
    return PENDING


def due_level(hours, levels):
    """The highest escalation level reached.

    :param hours: working hours since the deadline; negative before it
    :param levels: working hours after the deadline at which each level is due, ascending
    :return: 0 for none

    >>> [due_level(hours, [0, 8]) for hours in (-1, 0, 7.9, 8)]
    [0, 1, 1, 2]
    """
    return sum(1 for limit in levels if hours >= limit)


def delegation_in_force(date_from, date_to, day):
    """Both days belong to the delegation."""
    return date_from <= day <= date_to


def part(values, names):
    """The part of a document's values one step decides about; everything without names."""
    return {name: values[name] for name in sorted(names) if name in values} if names else values


def fingerprint(values):
    """SHA-256 of the canonical JSON of ``values``: equal content gives equal text.

    Dicts regardless of order, sets sorted, dates as ISO text.

    :raise TypeError: for a value without a canonical form (a record, an object)
    """
    text = json.dumps(
        values,
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
        allow_nan=False,
        default=_canonical,
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value):
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    raise TypeError(f"{type(value).__name__} has no canonical form")
