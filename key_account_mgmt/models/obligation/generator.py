"""What a company owes in which window: expected rows, reconciled with the existing ones."""

from collections import namedtuple
from dataclasses import dataclass
from datetime import date, timedelta

from odoo.tools import SQL

from ...policy import obligations as rules
from .counter import BY_HAND, ObligationCounter
from .holdings import Holdings
from .rows import OWED, Row, RowStore

DAY = timedelta(days=1)
Expected = namedtuple("Expected", "policy subject_id window joined tier_id losers late_join")
# Who is lost owes and is owed nothing new; a plant under repair is shown as waived.
ENDED = ("lost", "blacklisted")


@dataclass(frozen=True, eq=False)
class Policy:
    """A policy as plain values; ``tiers`` is None where no level decides."""

    id: int
    kind_id: int
    scope: str
    tiers: frozenset
    times: int
    period: str
    is_rolling: bool
    is_group: bool
    performer: str
    role_id: int
    distance: int
    date_from: date
    date_to: date
    known_since: date
    strictness: tuple


class ObligationGenerator:
    """Reconciles what is expected with what exists, for one company on one day.

    Windows that began until the last reconciled day stay as they are.  Those that began
    since, and the next one, follow policy and tier history: the level held on the first
    day decides.  Source: design §4.3, g Q8.
    """

    def __init__(self, env, company, day):
        # sudo: what is owed does not depend on who asks.
        self.env = env(su=True)
        self.company = company.root_id.with_env(self.env)
        self.day = day
        self.until = self.company.kam_obligation_until or None
        self.floor = self.company._kam_obligation_floor(day)
        self.start = max(self.floor, self.until or self.floor)
        self.store = RowStore(self.env)
        self._owed, self._running_on, self._rolling = {}, {}, {}

    def run(self):
        """Make, keep and cancel rows, count them all; returns how many were written."""
        if self.floor > self.day:
            return 0
        self.env.flush_all()
        self.env["kam.account.pause"]._ensure_suspended(self.company, self.until or self.floor)
        self._read()
        self.counter = ObligationCounter(self.env, self.company, self.day)
        rows = self.store.load(
            SQL(
                "company_id = %s AND (date_to >= %s OR state IN ('open', 'awaiting'))",
                self.company.id,
                self.start,
            )
        )
        rows += self._reconcile(rows)
        self.counter.judge(rows)
        written = self.store.save(rows)
        written += self._run_rolling()
        self.company._kam_mark_obligations(self.day)
        return written

    # Reading -------------------------------------------------------------------------

    def _read(self):
        self.accounts = self._read_accounts()
        self.not_before = {}
        self.policies = self._read_policies()
        first = min(
            (rules.window(p.period, self.start).start for p in self.policies), default=self.start
        )
        self.held = Holdings(self.env, self.company, self.accounts, first, self.day)

    def _read_accounts(self):
        """``{account id: (head id, holds a service pack)}`` of the files in use."""
        return {
            row[0]: row[1:]
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT id, split_part(parent_path, '/', 1)::int, service_pack_id IS NOT NULL
                      FROM kam_account WHERE company_id = %s AND active ORDER BY id
                    """,
                    self.company.id,
                )
            )
        }

    def _read_policies(self):
        records = self.env["kam.obligation.policy"].search(
            [("company_id", "in", [False, self.company.id]), ("kind_id.active", "=", True)]
        )
        tiers = self.env["kam.tier"].search([("scheme_id.active", "=", True)])
        referring = {}
        for tier in tiers.filtered("obligation_by_reference"):
            referring.setdefault(tier.obligation_reference_id.id, []).append(tier)
            self.not_before[tier.id] = tier.obligation_reference_since or date.min
        primary = self.env["kam.tier.scheme"]._primary(self.company)
        keys = tiers.filtered(
            lambda t: t.is_key_account and (t.scheme_id == primary or not t.scheme_id.exclusive)
        )
        policies = []
        for order, record in enumerate(records):
            held = None
            if record.scope == "key":
                held = frozenset(keys.ids)
            elif record.scope == "tier":
                own = record.tier_id.filtered(lambda t: t in tiers)
                others = referring.get(record.tier_id.id, ())
                held = frozenset(own.ids) | frozenset(t.id for t in others)
            policies.append(
                Policy(
                    id=record.id,
                    kind_id=record.kind_id.id,
                    scope=record.scope,
                    tiers=held,
                    times=record.times,
                    period=record.period,
                    is_rolling=record.basis == "rolling",
                    is_group=record.per == "group",
                    performer=record.performer,
                    role_id=record.role_id.id or None,
                    distance=record.min_distance_days,
                    date_from=record.date_from or date.min,
                    date_to=record.date_to or date.max,
                    known_since=record.known_since or date.min,
                    strictness=rules.strictness(record.times, record.period, order),
                )
            )
        return policies

    # Who is obliged ------------------------------------------------------------------

    def _winners(self, tiers, has_pack, day):
        """``{kind id: (strictest policy, ids of the others)}``."""
        in_force = tuple(
            policy
            for policy in self.policies
            if policy.date_from <= day <= policy.date_to
            and (
                policy.tiers & tiers
                if policy.tiers is not None
                else policy.scope == "pack" and has_pack
            )
        )
        by_kind = {}
        for policy in sorted(in_force, key=lambda p: p.strictness):
            by_kind.setdefault(policy.kind_id, []).append(policy)
        return {
            kind_id: (found[0], tuple(p.id for p in found[1:]))
            for kind_id, found in by_kind.items()
        }

    def owed_on(self, day):
        """``{account id: (levels held, winners)}`` on a day."""
        if day not in self._owed:
            held, owed, winners, nothing = self.held.on(day), {}, {}, frozenset()
            for account_id, (_head, has_pack) in self.accounts.items():
                tiers = held.get(account_id, nothing)
                if not tiers and not has_pack:
                    continue
                key = (tiers, has_pack)
                if key not in winners:
                    winners[key] = self._winners(tiers, has_pack, day)
                owed[account_id] = (tiers, winners[key])
            self._owed[day] = owed
        return self._owed[day]

    # What is expected ----------------------------------------------------------------

    def expected(self):
        """``{(subject, kind, first day, last day): Expected}`` of the calendar policies."""
        found, late = {}, {}
        for policy in self.policies:
            if policy.is_rolling:
                continue
            for window in rules.windows(policy.period, self.start, self.day):
                for one in self._expected_in(policy, window):
                    if self._share(one) > 0:
                        note = late.get((policy.id, one.subject_id, window.start))
                        one = one._replace(late_join=note)
                        found[(one.subject_id, policy.kind_id, window.start, window.end)] = one
                    elif window.start < one.joined <= self.day:
                        late[(policy.id, one.subject_id, window.end + DAY)] = one.joined
        return found

    @staticmethod
    def _share(one):
        days = (one.window.end - one.joined).days + 1
        return rules.share(one.policy.times, days, one.window.days)

    def _expected_in(self, policy, window):
        """Who owes in a window, from which day on."""
        first = max(window.start, self.floor, policy.date_from)
        if first > window.end or first > policy.date_to:
            return
        if policy.scope == "company":
            yield Expected(policy, None, window, first, None, (), None)
            return
        subjects = {}
        for account_id, joined, tier_id, losers in self._obliged(policy, window, first):
            subject_id = self.accounts[account_id][0] if policy.is_group else account_id
            known = subjects.get(subject_id)
            if known is None or joined < known.joined:
                subjects[subject_id] = Expected(
                    policy, subject_id, window, joined, tier_id, losers, None
                )
        yield from subjects.values()

    def _obliged(self, policy, window, first):
        owed = self.owed_on(first)
        kind_id = policy.kind_id
        for account_id, (tiers, winners) in owed.items():
            winner = winners.get(kind_id)
            if winner and winner[0] is policy:
                yield account_id, first, self._tier(policy, tiers), winner[1]
        if policy.tiers is None:
            return
        for span in self.held.joins:
            if first < span.date_from <= window.end and span.tier_id in policy.tiers:
                before = owed.get(span.account_id)
                if before and before[0] & policy.tiers:
                    continue
                winner = self.owed_on(span.date_from)[span.account_id][1].get(kind_id)
                if winner and winner[0] is policy:
                    yield span.account_id, span.date_from, span.tier_id, winner[1]

    @staticmethod
    def _tier(policy, tiers):
        return min(policy.tiers & tiers) if policy.tiers is not None else None

    # Reconciling ---------------------------------------------------------------------

    def _reconcile(self, rows):
        """Bring the windows not begun in line; returns the rows to be made."""
        expected = self.expected()
        existing = {}
        for row in rows:
            # Of a window cancelled and owed again there may be two.
            if row.key not in existing or existing[row.key].state == "cancelled":
                existing[row.key] = row
        rolling = {policy.id for policy in self.policies if policy.is_rolling}
        new = []
        for key, one in expected.items():
            row = existing.get(key)
            if row is None:
                if self._is_new(one, rows):
                    new.append(self._make(one))
            elif not self._has_begun(row.date_from):
                self._align(row, one)
        for row in rows:
            if row.policy_id in rolling or self._has_begun(row.date_from):
                continue
            if row.key not in expected and row.waive_kind != BY_HAND:
                row.state = "cancelled"
                self._clear(row)
        return [row for row in new if row is not None]

    def _has_begun(self, first_day):
        """Whether a window had begun when the company was last reconciled."""
        return self.until is not None and first_day <= self.until

    def _is_new(self, one, rows):
        """Whether a window that has begun without a row is owed all the same.

        Somebody has joined since; what is new in the policy starts with the next window.
        """
        if not self._has_begun(one.window.start):
            return True
        policy = one.policy
        if policy.scope == "pack" and one.joined == one.window.start:
            return False
        since = max(policy.known_since, self.not_before.get(one.tier_id, date.min))
        if one.joined < since:
            return False
        if one.joined > max(one.window.start, self.floor, policy.date_from):
            return True
        # A level given back to a day that has passed: what was owed then stays.
        return (one.subject_id, policy.kind_id) not in self._running(rows, one.joined)

    def _running(self, rows, day):
        if day not in self._running_on:
            self._running_on[day] = {
                (row.account_id, row.kind_id)
                for row in rows
                if row.state != "cancelled" and row.date_from <= day <= row.date_to
            }
        return self._running_on[day]

    def _make(self, one):
        """A row for what is expected; None where the customer is lost all the time."""
        window = one.window
        pauses = self.counter.pauses.get(one.subject_id, ())
        ended = [pause[:2] for pause in pauses if pause[3] in ENDED]
        if ended and not rules.counted(window, one.joined, ended):
            return None
        row = Row(state="open")
        self._set_owed(row, one)
        return row

    def _set_owed(self, row, one):
        policy = one.policy
        for name, value in zip(
            OWED,
            (
                one.subject_id, self.company.id, policy.id, policy.kind_id, one.tier_id,
                one.window.start, one.window.end, one.joined, one.late_join, policy.times,
                policy.performer, policy.role_id, policy.is_group, policy.distance,
            ),
            strict=True,
        ):  # fmt: skip
            setattr(row, name, value)
        row.also = one.losers

    def _align(self, row, one):
        """A window that has not begun is owed as the policy says now."""
        if row.state == "cancelled":
            row.state = "open"
        self._set_owed(row, one)

    @staticmethod
    def _clear(row):
        row.missing = row.waived = row.planned = row.awaiting = 0
        row.date_next = row.report_due = None
        row.waive_kind = row.waive_reason = None

    # Rolling windows -------------------------------------------------------------------

    def _run_rolling(self):
        """Windows that begin the day after the last was completed, or ended unmet.

        One after the other until the one that runs today, as each depends on the former.
        """
        policies = {policy.id: policy for policy in self.policies if policy.is_rolling}
        written = 0
        while policies:
            latest = self._latest(policies)
            new = [
                row
                for policy in policies.values()
                for row in self._next_rolling(policy, latest)
                if row is not None
            ]
            if not new:
                break
            self.counter.judge(new)
            written += self.store.save(new)
        return written

    def _latest(self, policies):
        """``{(subject, kind): row}``: the last window of each."""
        rows = self.store.load(
            SQL(
                """
                id IN (SELECT DISTINCT ON (COALESCE(account_id, 0), kind_id) id
                         FROM kam_obligation
                        WHERE company_id = %s AND state != 'cancelled' AND kind_id = ANY(%s)
                        ORDER BY COALESCE(account_id, 0), kind_id, date_to DESC, id DESC)
                """,
                self.company.id,
                sorted({policy.kind_id for policy in policies.values()}),
            )
        )
        return {(row.account_id, row.kind_id): row for row in rows}

    def _next_rolling(self, policy, latest):
        since = self._held_since(policy)
        for subject_id in self._rolling_subjects(policy):
            last = latest.get((subject_id, policy.kind_id))
            first = max(self.floor, policy.date_from, policy.known_since)
            first = max(first, since.get(subject_id, first))
            if last is not None:
                over = last.policy_id == policy.id and last.completed_on
                first = max(first, (over or last.date_to) + DAY)
            if first > self.day or first > policy.date_to:
                continue
            window = rules.rolling_window(policy.period, first)
            found = {
                one.subject_id: one
                for one in self._rolling_expected(policy, window)
            }  # fmt: skip
            if subject_id in found:
                yield self._make(found[subject_id])

    def _rolling_expected(self, policy, window):
        key = (policy.id, window.start)
        if key not in self._rolling:
            self._rolling[key] = [
                one
                for one in self._expected_in(policy, window)
                if one.joined == window.start
            ]  # fmt: skip
        return self._rolling[key]

    def _rolling_subjects(self, policy):
        if policy.scope == "company":
            return [None]
        holders = [
            account_id
            for account_id, (_tiers, winners) in self.owed_on(self.day).items()
            if winners.get(policy.kind_id, (None,))[0] is policy
        ]
        if not policy.is_group:
            return holders
        return list(dict.fromkeys(self.accounts[account_id][0] for account_id in holders))

    def _held_since(self, policy):
        """``{subject: first day}`` since when a level of the policy is held until today."""
        since = {}
        for span in self.held.spans:
            is_held = span.date_from <= self.day < span.date_to
            if is_held and policy.tiers is not None and span.tier_id in policy.tiers:
                head = self.accounts[span.account_id][0]
                subject_id = head if policy.is_group else span.account_id
                since[subject_id] = min(since.get(subject_id, date.max), span.date_from)
        return since


def refresh(env, company, day, account_ids, condition):
    """Count the obligations of some accounts anew; returns how many changed.

    :param account_ids: also the heads of their groups; empty: the company's own
    :param condition: which of their rows (SQL)
    """
    env = env(su=True)
    env.flush_all()
    heads = env.execute_query(
        SQL(
            "SELECT split_part(parent_path, '/', 1)::int FROM kam_account WHERE id = ANY(%s)",
            list(account_ids),
        )
    )
    subjects = sorted({*account_ids, *(head for (head,) in heads)})
    counter = ObligationCounter(env, company, day, subjects)
    store = RowStore(counter.env)
    rows = store.load(
        SQL(
            "company_id = %s AND (account_id = ANY(%s) OR account_id IS NULL) "
            "AND state != 'cancelled' AND %s",
            counter.company.id,
            subjects,
            condition,
        )
    )
    counter.judge(rows)
    return store.save(rows)
