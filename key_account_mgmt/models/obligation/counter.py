"""Counts what fulfils obligations, and says on a day what became of each."""

from collections import namedtuple

from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ...policy import obligations as rules
from ...policy.periods import Period
from .people import People

Visit = namedtuple(
    "Visit", "id account_id day state report_due reported mode_id purpose_id participants"
)
HELD = ("to_report", "reported")
# A waiver by the system is judged anew, one by hand stays.
BY_HAND, BY_PAUSE, BY_HANDOVER = "manual", "pause", "handover"
NOBODY = frozenset()


class ObligationCounter:
    """Judges rows of one company on one day, in a constant number of queries.

    :param account_ids: accounts the rows belong to; empty: the whole company
    """

    def __init__(self, env, company, day, account_ids=None):
        # sudo: what is owed is counted on all visits, whoever asks; the obligations are
        # served through access rules.
        self.env = env(su=True)
        self.company = company.root_id.with_env(self.env)
        self.day = day
        self.members = self._read_groups(account_ids)
        self.account_ids = None
        if account_ids is not None:
            wanted = set(account_ids)
            for head in account_ids:
                wanted |= set(self.members.get(head, ()))
            self.account_ids = sorted(wanted)
        self.people = People(self.env, self.company, self.account_ids)
        self.pauses = self._read_pauses()
        self.kinds = self.env["kam.obligation.kind"]._rules()
        self.working = self.company._kam_working_time()
        self.grace = self.company._kam_handover_grace()
        self._stretches = {}

    # Reading -------------------------------------------------------------------------

    def _only(self, *column):
        if self.account_ids is None:
            return SQL("TRUE")
        return SQL("%s = ANY(%s)", SQL.identifier(*column), self.account_ids)

    def _read_groups(self, account_ids):
        """``{head id: [ids of the members of its group, itself included]}``."""
        members = {}
        condition = SQL("TRUE")
        if account_ids is not None:
            condition = SQL("split_part(parent_path, '/', 1)::int = ANY(%s)", list(account_ids))
        for account_id, head_id in self.env.execute_query(
            SQL(
                """
                SELECT id, split_part(parent_path, '/', 1)::int
                  FROM kam_account
                 WHERE company_id = %s AND active AND %s
                   AND id IN (SELECT id FROM kam_account WHERE parent_id IS NOT NULL
                              UNION SELECT parent_id FROM kam_account)
                 ORDER BY id
                """,
                self.company.id,
                condition,
            )
        ):
            members.setdefault(head_id, []).append(account_id)
        return members

    def _read_pauses(self):
        """``{account id: [(first, last, reason, kind)]}``."""
        pauses = {}
        for account_id, *pause in self.env.execute_query(
            SQL(
                """
                SELECT account_id, date_from, date_to, reason, kind
                  FROM kam_account_pause WHERE company_id = %s AND %s
                 ORDER BY date_from, id
                """,
                self.company.id,
                self._only("account_id"),
            )
        ):
            pauses.setdefault(account_id, []).append(tuple(pause))
        return pauses

    def _read_visits(self, start, end):
        """``{account id: [Visit]}``; one for several accounts stands under each."""
        also = SQL(
            "SELECT rel.visit_id, rel.account_id FROM kam_visit_also_account_rel rel WHERE %s",
            self._only("rel", "account_id"),
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT visit.id, of.account_id, visit.day, visit.state, visit.report_due,
                       visit.reported_on, visit.mode_id, visit.purpose_id
                  FROM (SELECT id AS visit_id, account_id FROM kam_visit WHERE %s
                         UNION %s) of
                  JOIN kam_visit visit ON visit.id = of.visit_id
                 WHERE visit.company_id = %s AND visit.day >= %s AND visit.day <= %s
                   AND visit.state IN ('planned', 'to_report', 'reported')
                 ORDER BY visit.day, visit.id
                """,
                self._only("kam_visit", "account_id"),
                also,
                self.company.id,
                start,
                end,
            )
        )
        participants = {}
        if rows:
            for visit_id, user_id in self.env.execute_query(
                SQL(
                    "SELECT visit_id, user_id FROM kam_visit_participant_rel "
                    "WHERE visit_id = ANY(%s)",
                    [row[0] for row in rows],
                )
            ):
                participants.setdefault(visit_id, set()).add(user_id)
        visits = {}
        for row in rows:
            reported = row[5] and row[3] == "reported" and self.working.local_day(row[5])
            visit = Visit(*row[:5], reported or None, *row[6:], participants.get(row[0], NOBODY))
            visits.setdefault(visit.account_id, []).append(visit)
        return visits

    def _read_insights(self, start, end):
        """``{(account id or None, code of the kind): [(day, author)]}``; confirmed ones."""
        codes = {rule[3] for rule in self.kinds.values() if rule[0] == "insight" and rule[3]}
        if not codes:
            return {}
        Insight = self.env["kam.insight"].with_context(active_test=False)
        domain = Domain("state", "=", "confirmed") & Domain("company_id", "=", self.company.id)
        domain &= Domain("date", ">=", start) & Domain("date", "<=", end)
        if self.account_ids is not None:
            domain &= Domain("account_id", "in", [False, *self.account_ids])
        found = {}
        fetched = ["account_id", "kind_id", "date", "user_id"]
        for insight in Insight.search_fetch(domain, fetched):
            key = (insight.account_id.id or None, insight.kind_id.code)
            found.setdefault(key, []).append((insight.date, insight.user_id.id))
        return found

    # Counting ------------------------------------------------------------------------

    def judge(self, rows):
        """Bring the counted columns of rows up to date."""
        rows = [row for row in rows if row.state != "cancelled"]
        if not rows:
            return
        start = min(row.date_from for row in rows)
        end = max(row.date_to for row in rows)
        self.visits = self._read_visits(start, end)
        self.insights = self._read_insights(start, end)
        for row in rows:
            self._judge(row)

    def _accounts(self, row):
        """The accounts whose visits count: the one owed to first."""
        if row.is_group:
            others = self.members.get(row.account_id, ())
            return [row.account_id, *(i for i in others if i != row.account_id)]
        return [row.account_id]

    def counting(self, row):
        """The visits in the window that count by kind and performer, held or planned."""
        found = {}
        for account_id in self._accounts(row):
            for visit in self.visits.get(account_id, ()):
                if visit.id not in found and self._is_of_kind(row, visit):
                    accounts = list(dict.fromkeys((row.account_id, account_id)))
                    if self.people.may_fulfil(row, accounts, visit.participants, visit.day):
                        found[visit.id] = visit
        return found.values()

    def _is_of_kind(self, row, visit):
        """Whether a visit lies in the window, with a purpose and mode of the kind."""
        _by, purposes, modes, _insight = self.kinds[row.kind_id]
        if not row.date_from <= visit.day <= row.date_to:
            return False
        return (not purposes or visit.purpose_id in purposes) and (
            not modes or visit.mode_id in modes
        )

    def counting_ids(self, rows):
        """``{row id: [visit ids]}`` of what counts, held and planned."""
        if not rows:
            return {}
        start, end = min(row.date_from for row in rows), max(row.date_to for row in rows)
        self.visits = self._read_visits(start, end)
        return {row.id: [visit.id for visit in self.counting(row)] for row in rows}

    def _counting_insights(self, row):
        code = self.kinds[row.kind_id][3]
        free = row.performer in ("office", "anyone") or row.account_id is None
        return [
            rules.Held(day, day, None)
            for account_id in self._accounts(row)
            for day, author in self.insights.get((account_id, code), ())
            if row.date_from <= day <= row.date_to
            and (free or self.people.may_fulfil(row, [row.account_id], {author}, day))
        ]

    def _fulfilment(self, row):
        """``(held, days planned)``."""
        if self.kinds[row.kind_id][0] == "insight":
            return self._counting_insights(row), ()
        if not self.visits:
            return (), ()
        held, planned = [], []
        for visit in self.counting(row):
            if visit.state in HELD:
                held.append(rules.Held(visit.day, visit.reported, visit.report_due))
            elif visit.day >= self.day:
                planned.append(visit.day)
        return held, planned

    def stretches(self, row):
        """The days of the window that count, and how many of ``times`` they make."""
        pauses = self.pauses.get(row.account_id, ())
        key = (row.date_from, row.date_to, row.date_join, row.times)
        if pauses:
            key += (row.account_id,)
        if key not in self._stretches:
            window = Period(row.date_from, row.date_to)
            found = rules.counted(window, row.date_join, [pause[:2] for pause in pauses])
            days = rules.number_of_days(found)
            self._stretches[key] = found, rules.share(row.times, days, window.days), window
        return self._stretches[key]

    def _judge(self, row):
        held, planned = self._fulfilment(row)
        stretches, required, window = self.stretches(row)
        outcome = rules.judge(
            window, required, held, planned, self.day, stretches, row.min_distance_days
        )
        row.required = required
        row.state, row.done, row.awaiting = outcome.state, outcome.done, outcome.awaiting
        row.planned, row.missing = outcome.planned, outcome.missing
        row.date_next, row.report_due = outcome.date_next, outcome.report_due
        row.completed_on = outcome.completed_on
        row.is_planned = outcome.done + outcome.awaiting + outcome.planned >= required
        self._set_people(row)
        self._set_waiver(row)

    def _set_people(self, row):
        """Whose it is: today, and for good the holder of the last day.  K22."""
        if row.is_over and row.date_to < self.day:
            return
        row.user_id, row.manager_id, row.performer_missing = self.people.holder(
            row, self._accounts(row), min(self.day, row.date_to)
        )
        row.is_over = row.date_to < self.day

    # Waivers -------------------------------------------------------------------------

    def _set_waiver(self, row):
        if row.waive_kind == BY_HAND:
            row.state = "waived"
        elif row.state == "waived":
            row.waive_kind = BY_PAUSE
            row.waive_reason = self._pause_reason(row)
        elif row.state == "overdue" and (change := self._handed_over(row)):
            row.state, row.waive_kind = "waived", BY_HANDOVER
            row.waive_reason = self._handover_reason(*change)
        else:
            row.waive_kind = row.waive_reason = None
        if row.state == "waived":
            row.waived = row.required or row.times
            row.missing, row.date_next, row.report_due = 0, None, None
        else:
            row.waived = 0

    def _handed_over(self, row):
        return self.people.handed_over(row, self.grace, self.working)

    def _pause_reason(self, row):
        reasons = [
            pause[2]
            for pause in self.pauses.get(row.account_id, ())
            if pause[0] <= row.date_to and (pause[1] is None or pause[1] >= row.date_from)
        ]
        return "; ".join(dict.fromkeys(reasons)) or None

    def _handover_reason(self, day, before_id, after_id):
        env = self.env(context={**self.env.context, "lang": self.company.partner_id.lang})
        users = env["res.users"]
        return env["kam.obligation"].env._(
            "Handed over from %(before)s to %(after)s on %(day)s, shortly before the end.",
            before=users.browse(before_id).name,
            after=users.browse(after_id).name,
            day=format_date(env, day),
        )
