"""Which route a document takes, who is asked, and what a decision leads to.

Pure: no database, no clock.  Sequential steps; each is decided by one of its approvers.
"""

import hashlib
import json
from collections import namedtuple
from datetime import date, datetime

Route = namedtuple("Route", "id sequence company_id")
Step = namedtuple("Step", "id sequence state")

WAITING, PENDING = "waiting", "pending"
APPROVED, REFUSED, SKIPPED = "approved", "refused", "skipped"


def choose_route(routes, company_ids, accepts):
    """The first route, by (sequence, id), that is open to the company and accepts.

    :param routes: iterable of :class:`Route`; ``company_id`` falsy = every company
    :param company_ids: the document's company and the companies above it
    :param accepts: ``route_id -> bool``, the route's condition on the document; asked
        lazily, in order
    :return: route id or None; None is an error of the caller, never an approval
    """
    for route in sorted(routes, key=lambda r: (r.sequence, r.id)):
        if (not route.company_id or route.company_id in company_ids) and accepts(route.id):
            return route.id
    return None


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


def next_step(steps):
    """Id of the waiting step to open now, None while one is pending or none waits."""
    if outcome(steps) != PENDING or any(step.state == PENDING for step in steps):
        return None
    waiting = [step for step in steps if step.state == WAITING]
    return min(waiting, key=lambda s: (s.sequence, s.id)).id if waiting else None


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


def delegation_in_force(date_from, date_to, day):
    """Both days belong to the delegation."""
    return date_from <= day <= date_to


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
