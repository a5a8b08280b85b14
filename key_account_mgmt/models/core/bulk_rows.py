"""Rows written by one SQL COPY per table, for models without anything the ORM would serve."""

from odoo.tools import SQL

NULL = "\\N"
STAMPS = ("create_uid", "create_date", "write_uid", "write_date")


def copy_text(value):
    """A value in PostgreSQL's COPY text format; ``None`` is empty."""
    if value is None:
        return NULL
    if value is True:
        return "t"
    if value is False:
        return "f"
    if isinstance(value, str):
        value = value.replace("\\", "\\\\").replace("\t", "\\t")
        return value.replace("\n", "\\n").replace("\r", "\\r")
    return str(value)


def copy_line(values):
    """One row of COPY's input."""
    return "\t".join(map(copy_text, values)) + "\n"


def copy_rows(cr, table, columns, buffer):
    """Write a buffer (``StringIO``) of lines of :func:`copy_line` into a table."""
    buffer.seek(0)
    cr.copy_from(buffer, table, columns=columns, null=NULL)


def next_ids(env, table, count):
    """So many new ids of a table."""
    sequence = f"{table}_id_seq"
    rows = env.execute_query(SQL("SELECT nextval(%s) FROM generate_series(1, %s)", sequence, count))
    return [row_id for (row_id,) in rows]


def stamps(env):
    """Values of :data:`STAMPS` for rows written now."""
    now = env.cr.now().replace(tzinfo=None, microsecond=0)
    return (env.uid, now, env.uid, now)
