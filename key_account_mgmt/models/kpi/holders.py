"""Who held which customer when: the days a subject is measured on."""

from datetime import date, timedelta

from odoo.tools import SQL

from .subject import PROGRAMME, KpiSubject

DAY = timedelta(days=1)


class Holders:
    """The customers of the subjects of one company, clipped to one period.

    A person held the accounts he was lead account manager of, or was in the team of in the
    role of the set; a team those of its members while they were members; the programme
    every key account, managed or not.  An account nobody led counts for nobody else.

    :param role: ``kam.team.role``; empty: the lead account manager
    """

    def __init__(self, env, company, period, role=None):
        # sudo: who held which account decides what a figure is, not who asks for it.
        self.env = env(su=True)
        self.company = company.root_id
        self.period = period
        self.role = role
        self._people = None

    def of(self, subjects):
        """``{subject: [(commercial partner id, first day, last day)]}``, both days included.

        Four queries at most, whatever the number of subjects and accounts.
        """
        kinds = {subject.kind for subject in subjects}
        found = {}
        if "user" in kinds:
            found.update(self._of_people())
        if "team" in kinds:
            found.update(self._of_teams())
        if "programme" in kinds:
            found[PROGRAMME] = self._of_programme()
        if "account" in kinds:
            found.update(self._of_accounts([s.id for s in subjects if s.kind == "account"]))
        return {subject: found.get(subject, []) for subject in subjects}

    def everybody(self):
        """Subjects of all people who held an account in the period."""
        rows = self._member_rows(SQL("DISTINCT m.user_id"), SQL("m.user_id"))
        return [KpiSubject("user", user_id) for (user_id,) in rows]

    def _of_people(self):
        if self._people is None:
            spans = {}
            days = SQL(
                """m.user_id, a.partner_id, GREATEST(m.date_from, %s),
                   LEAST(COALESCE(m.date_to, %s), %s)""",
                self.period.start,
                self.period.end,
                self.period.end,
            )
            order = SQL("m.user_id, a.partner_id, m.date_from")
            for user_id, partner_id, first, last in self._member_rows(days, order):
                spans.setdefault(KpiSubject("user", user_id), []).append((partner_id, first, last))
            self._people = {subject: joined(rows) for subject, rows in spans.items()}
        return self._people

    def _member_rows(self, columns, order):
        condition = SQL("m.is_lead")
        if self.role:
            roles = self.env["kam.team.role"].with_context(active_test=False)
            roles = roles.search(
                ["|", ("id", "=", self.role.id), ("counts_as_id", "=", self.role.id)]
            )
            condition = SQL("m.role_id = ANY(%s)", roles.ids)
        self.env["kam.team.member"].flush_model()
        self.env["kam.account"].flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT %(columns)s
                  FROM kam_team_member m
                  JOIN kam_account a ON a.id = m.account_id AND a.active
                 WHERE a.company_id = %(company)s AND %(condition)s
                   AND m.date_from <= %(end)s
                   AND (m.date_to IS NULL OR m.date_to >= %(start)s)
                 ORDER BY %(order)s
                """,
                columns=columns,
                order=order,
                start=self.period.start,
                end=self.period.end,
                company=self.company.id,
                condition=condition,
            )
        )

    def _of_teams(self):
        """What the members held on the days they were members."""
        people = self._of_people()
        spans = {}
        rows = self.env["kam.sales.membership"]._rows(self.period)
        for team_id, user_id, begin, end in rows:
            team = spans.setdefault(KpiSubject("team", team_id), [])
            for partner_id, first, last in people.get(KpiSubject("user", user_id), ()):
                first, last = max(first, begin), min(last, end)
                if first <= last:
                    team.append((partner_id, first, last))
        return {subject: joined(rows) for subject, rows in spans.items()}

    def _of_programme(self):
        """Days on which an account held a level that makes it a key account."""
        primary = self.env["kam.tier.scheme"]._primary(self.company)
        self.env["kam.tier.assignment"].flush_model()
        self.env["kam.tier"].flush_model()
        self.env["kam.account"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.partner_id, held.date_from, held.date_to
                  FROM kam_tier_assignment held
                  JOIN kam_tier tier ON tier.id = held.tier_id AND tier.is_key_account
                  JOIN kam_account a ON a.id = held.account_id AND a.active
                 WHERE a.company_id = %(company)s
                   AND (held.scheme_id = %(primary)s OR NOT held.exclusive)
                   AND held.date_from <= %(end)s
                   AND (held.date_to IS NULL OR held.date_to > %(start)s)
                """,
                company=self.company.id,
                primary=primary.id or 0,
                start=self.period.start,
                end=self.period.end,
            )
        )
        # A level is held up to, not including, its last day.
        spans = [(pid, first, (last or date.max) - DAY) for pid, first, last in rows]
        return joined(self._clipped(spans))

    def _of_accounts(self, account_ids):
        accounts = self.env["kam.account"].browse(account_ids)
        return {
            KpiSubject("account", account.id): [
                (account.partner_id.id, self.period.start, self.period.end)
            ]
            for account in accounts
        }

    def _clipped(self, spans):
        for partner_id, first, last in spans:
            first, last = max(first, self.period.start), min(last, self.period.end)
            if first <= last:
                yield partner_id, first, last


def joined(spans):
    """Spans of one subject, with days that touch or overlap put together.

    >>> joined([(1, date(2026, 1, 5), date(2026, 1, 9)), (1, date(2026, 1, 1), date(2026, 1, 4))])
    [(1, datetime.date(2026, 1, 1), datetime.date(2026, 1, 9))]
    """
    result = []
    for partner_id, first, last in sorted(spans):
        if result and result[-1][0] == partner_id and first <= result[-1][2] + DAY:
            before = result.pop()
            first, last = before[1], max(before[2], last)
        result.append((partner_id, first, last))
    return result
