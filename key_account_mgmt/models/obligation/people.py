"""Who was responsible for an account on a day: leads, roles, sponsors, executives."""

from collections import namedtuple
from datetime import date, timedelta
from functools import cached_property

from odoo.tools import SQL

from ...policy.clock import NoWorkingTimeError, add_days

EXECUTIVES = ("key_account_mgmt.group_kam_executive", "key_account_mgmt.group_kam_gm")
DAY = timedelta(days=1)
Member = namedtuple("Member", "user_id role_id date_from date_to is_lead")


class People:
    """Members of the teams of some accounts, read once.

    :param account_ids: empty: all accounts of the company
    """

    def __init__(self, env, company, account_ids=None):
        self.env = env
        self.company = company
        self.account_ids = account_ids
        self.members = self._read_members()
        self.leads, self.sponsors = self._read_accounts()
        self.active = {row[0] for row in env.execute_query(SQL(
            "SELECT id FROM res_users WHERE active"
        ))}  # fmt: skip
        groups = env["res.groups"].concat(*(env.ref(name) for name in EXECUTIVES))
        # Explicit members: who merely implies the group does not represent the management.
        self.executives = frozenset(groups.user_ids.ids)
        self._holidays = {}

    def _only(self, column):
        if self.account_ids is None:
            return SQL("TRUE")
        return SQL("%s = ANY(%s)", SQL.identifier(*column.split(".")), list(self.account_ids))

    def _read_members(self):
        members = {}
        for account_id, *values in self.env.execute_query(
            SQL(
                """
                SELECT account_id, user_id, role_id, date_from, date_to, COALESCE(is_lead, FALSE)
                  FROM kam_team_member WHERE company_id = %s AND %s
                 ORDER BY date_from, id
                """,
                self.company.id,
                self._only("account_id"),
            )
        ):
            members.setdefault(account_id, []).append(Member(*values))
        return members

    def _read_accounts(self):
        rows = self.env.execute_query(
            SQL(
                "SELECT id, user_id, executive_sponsor_id FROM kam_account "
                "WHERE company_id = %s AND %s",
                self.company.id,
                self._only("id"),
            )
        )
        return {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows}

    def _on(self, account_id, day):
        return [
            m
            for m in self.members.get(account_id, ())
            if m.date_from <= day and (m.date_to is None or day <= m.date_to)
        ]

    def lead(self, account_id, day):
        """The lead account manager on a day; where no dates are kept, today's."""
        for member in self._on(account_id, day) if account_id in self.members else ():
            if member.is_lead:
                return member.user_id
        return self.leads.get(account_id)

    def in_role(self, account_id, role_id, day):
        """Members in a role on a day, the first one first."""
        if account_id not in self.members:
            return []
        return [m.user_id for m in self._on(account_id, day) if m.role_id == role_id]

    # Whose it is, who may fulfil it --------------------------------------------------

    def holder(self, row, account_ids, day):
        """``(performer, lead account manager, nobody to perform)`` on a day.

        Who has left holds nothing: what was his falls back to the lead.
        """
        lead = self._here(self.lead(row.account_id, day))
        if row.performer == "office" or row.account_id is None:
            return None, lead, False
        if row.performer == "role":
            found = [
                user_id
                for account_id in account_ids
                for user_id in self.in_role(account_id, row.role_id, day)
            ]
            performer = next((user_id for user_id in found if self._here(user_id)), None)
        elif row.performer == "executive":
            performer = self._here(self.sponsors.get(row.account_id))
        else:
            performer = lead
        return performer or lead, lead, performer is None

    def _here(self, user_id):
        return user_id if user_id in self.active else None

    def may_fulfil(self, row, account_ids, participants, day):
        """Whether a visit counts by who took part on its day.  Source: g Q10.

        :param account_ids: the accounts owed to and visited, the former first
        """
        performer = row.performer
        if performer == "anyone":
            return True
        if performer == "manager":
            return any(self.lead(account_id, day) in participants for account_id in account_ids)
        if performer == "executive":
            sponsors = {self.sponsors.get(account_id) for account_id in account_ids}
            return bool(participants & (self.executives | (sponsors - {None})))
        if performer == "role":
            return any(
                user_id in participants
                for account_id in account_ids
                for user_id in self.in_role(account_id, row.role_id, day)
            )
        return bool(participants & self.officers)

    @cached_property
    def officers(self):
        group = self.env.ref("key_account_mgmt.group_kam_officer")
        return frozenset(group.all_user_ids.ids)

    # Hand-over ----------------------------------------------------------------------

    def handed_over(self, row, grace, working):
        """``(day, user before, user after)`` of a change of the responsible person within
        so many working days before the end, or None.  Source: users §3.2.
        """
        if grace <= 0 or row.account_id is None:
            return None
        first = self._days_before(row.date_to, grace, working)
        if row.performer == "role":
            matching = [m for m in self._all(row) if m.role_id == row.role_id]
        else:
            matching = [m for m in self._all(row) if m.is_lead]
        now = [
            m for m in matching
            if m.date_from <= row.date_to and (m.date_to or date.max) >= row.date_to
        ]  # fmt: skip
        if not now:
            return None
        holder = min(now, key=lambda m: m.date_from)
        if holder.date_from < first:
            return None
        before = [
            m for m in matching
            if m.date_to and m.date_to < row.date_to and m.user_id != holder.user_id
            and m.date_from < holder.date_from and m.date_to >= holder.date_from - 31 * DAY
        ]  # fmt: skip
        if not before:
            return None
        last = max(before, key=lambda m: m.date_to)
        return holder.date_from, last.user_id, holder.user_id

    def _all(self, row):
        return self.members.get(row.account_id, ())

    def _days_before(self, day, count, working):
        key = (day, count)
        if key not in self._holidays:
            try:
                found = add_days(day, -count, working.is_worked)
            except NoWorkingTimeError:
                # Nobody ever works there: days of the calendar.
                found = day - DAY * count
            self._holidays[key] = found
        return self._holidays[key]
