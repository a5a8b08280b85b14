"""Rows of ``kam.obligation`` outside the ORM: read, compared and written in bulk.

Twenty thousand of them are created and closed in a night; they have no computes,
constraints or chatter that the ORM would serve.
"""

from io import StringIO
from operator import attrgetter

from odoo.tools import SQL

from ..core.bulk_rows import STAMPS, copy_line, copy_rows, next_ids, stamps

# Given when a row is made, or made anew for a window that has not begun.
OWED = (
    "account_id", "company_id", "policy_id", "kind_id", "tier_id", "date_from", "date_to",
    "date_join", "late_join", "times", "performer", "role_id", "is_group", "min_distance_days",
)  # fmt: skip
# Counted.
COUNTED = (
    "state", "required", "done", "awaiting", "planned", "missing", "waived", "date_next",
    "report_due", "completed_on", "user_id", "manager_id", "performer_missing", "is_planned",
    "is_over", "waive_kind", "waive_reason", "reminded_for", "reminded_level", "overdue_told",
)  # fmt: skip
COLUMNS = OWED + COUNTED
ZERO = frozenset(
    {"times", "min_distance_days", "required", "done", "awaiting", "planned", "missing", "waived"}
)
FALSE = frozenset({"is_group", "performer_missing", "is_planned", "is_over", "overdue_told"})
TABLE = "kam_obligation"
VALUES = attrgetter(*COLUMNS)
KEY = attrgetter("account_id", "kind_id", "date_from", "date_to")


class Row:
    """One obligation as plain values; ``None`` is empty."""

    __slots__ = ("also", "id", "loaded", *COLUMNS)

    def __init__(self, row_id=None, **values):
        self.id = row_id
        for name in COLUMNS:
            setattr(self, name, 0 if name in ZERO else False if name in FALSE else None)
        for name, value in values.items():
            setattr(self, name, value)
        self.also = ()
        self.loaded = None

    @classmethod
    def from_record(cls, record):
        """A row of the table; ``record``: the id and the columns in order."""
        row = cls.__new__(cls)
        row.id = record[0]
        for name, value in zip(COLUMNS, record[1:], strict=True):
            setattr(row, name, value)
        row.also = None
        row.loaded = record[1:]
        return row

    def values(self):
        return VALUES(self)

    @property
    def key(self):
        """What there is only one of."""
        return KEY(self)

    @property
    def is_changed(self):
        return self.loaded is None or self.values() != self.loaded


class RowStore:
    """Reads and writes rows in a constant number of statements."""

    def __init__(self, env):
        self.env = env

    def load(self, condition):
        """Rows matching a condition (SQL), in the order of their ids."""
        columns = SQL(", ").join(SQL.identifier(name) for name in COLUMNS)
        return [
            Row.from_record(record)
            for record in self.env.execute_query(
                SQL("SELECT id, %s FROM kam_obligation WHERE %s ORDER BY id", columns, condition)
            )
        ]

    def save(self, rows):
        """Write new and changed rows; returns how many."""
        new = [row for row in rows if row.id is None]
        changed = [row for row in rows if row.id is not None and row.is_changed]
        # A new row without less strict policies has nothing to be taken away.
        also = [row for row in rows if row.also or (row.also is not None and row.id)]
        if changed:
            self._update(changed)
        if new:
            self._insert(new)
        self._write_also(also)
        if new or changed:
            self.env["kam.obligation"].invalidate_model()
        return len(new) + len(changed)

    def _insert(self, rows):
        for row, row_id in zip(rows, next_ids(self.env, TABLE, len(rows)), strict=True):
            row.id = row_id
        stamp = stamps(self.env)
        buffer = StringIO()
        buffer.writelines(copy_line((row.id, *row.values(), *stamp)) for row in rows)
        copy_rows(self.env.cr, TABLE, ("id", *COLUMNS, *STAMPS), buffer)
        for row in rows:
            row.loaded = row.values()

    def _update(self, rows):
        types = {name: self.env["kam.obligation"]._fields[name].column_type[1] for name in COLUMNS}
        names = ("id", *COLUMNS)
        arrays = zip(*[(row.id, *row.values()) for row in rows], strict=True)
        uid, now = stamps(self.env)[:2]
        self.env.cr.execute(
            SQL(
                """
                UPDATE kam_obligation SET %s, write_uid = %s, write_date = %s
                  FROM unnest(%s) AS new (%s)
                 WHERE kam_obligation.id = new.id
                """,
                SQL(", ").join(
                    SQL("%s = new.%s", SQL.identifier(name), SQL.identifier(name))
                    for name in COLUMNS
                ),
                uid,
                now,
                SQL(", ").join(
                    SQL(f"%s::{types.get(name, 'int4')}[]", list(array))
                    for name, array in zip(names, arrays, strict=True)
                ),
                SQL(", ").join(SQL.identifier(name) for name in names),
            )
        )
        for row in rows:
            row.loaded = row.values()

    def _write_also(self, rows):
        """The less strict policies of rows made, or made anew."""
        if not rows:
            return
        relation = "kam_obligation_also_policy_rel"
        wanted = {(row.id, policy_id) for row in rows for policy_id in row.also}
        found = set(
            self.env.execute_query(
                SQL(
                    "SELECT obligation_id, policy_id FROM %s WHERE obligation_id = ANY(%s)",
                    SQL.identifier(relation),
                    [row.id for row in rows],
                )
            )
        )
        for pairs, statement in (
            (
                found - wanted,
                "DELETE FROM %s r USING unnest(%s::int[], %s::int[]) AS gone (o, p) "
                "WHERE r.obligation_id = gone.o AND r.policy_id = gone.p",
            ),
            (
                wanted - found,
                "INSERT INTO %s (obligation_id, policy_id) "
                "SELECT * FROM unnest(%s::int[], %s::int[])",
            ),
        ):
            if pairs:
                obligations, policies = (list(ids) for ids in zip(*pairs, strict=True))
                self.env.cr.execute(SQL(statement, SQL.identifier(relation), obligations, policies))
