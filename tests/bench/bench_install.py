"""Installing on a database full of Odoo's documents, against one without any."""

import os
import statistics
import time
from contextlib import suppress

from measure import duration, report, rounds

TABLES = (
    "res_partner", "sale_order", "account_move", "account_move_line", "crm_lead", "calendar_event",
)  # fmt: skip
# Transactions are numbered; a row written by a later one has been rewritten.  A file of
# another number means that the whole table was.
MARK = "SELECT txid_current(), " + ", ".join(f"pg_relation_filenode('{t}')" for t in TABLES)
WRITTEN = "SELECT " + " + ".join(
    f"(SELECT count(*) FROM {table} WHERE xmin::text::bigint >= {{mark}})" for table in TABLES
)


def run(dev, environment, databases):
    full = databases.odoo()
    empty = environment.dependencies_template()
    count = rounds(3)
    times = {full: [], empty: []}
    rewritten = 0
    for number in range(count):
        for source in (full, empty) if number % 2 else (empty, full):
            seconds, rows = install(dev, environment, source)
            times[source].append(seconds)
            if source == full:
                rewritten = max(rewritten, rows)
    filled, bare = statistics.median(times[full]), statistics.median(times[empty])
    [sizes] = environment.sql(
        full, "SELECT (SELECT count(*) FROM res_partner), (SELECT count(*) FROM sale_order)"
    )
    partners, orders = sizes.split("|")
    spent = f"{duration(filled)}, empty {duration(bare)}, n {count}"
    details = f"{partners} partners, {orders} orders {spent}"
    report("install", details, filled / bare, 1.2)
    report("install rows", f"rewritten {rewritten}", rewritten, 0)


def install(dev, environment, source):
    """(seconds, rows of Odoo's tables rewritten) of one installation into a copy."""
    database = environment.new_name()
    environment.clone_database(source, database)
    try:
        before, *files = environment.sql(database, MARK)[0].split("|")
        # The copy itself must not be written to the disk meanwhile.
        with suppress(dev.DevError):
            environment.server.query("CHECKPOINT")
        os.sync()
        started = time.perf_counter()
        environment.run(database, "-i", dev.ADDON)
        seconds = time.perf_counter() - started
        _after, *files_after = environment.sql(database, MARK)[0].split("|")
        # Transaction numbers of a row have 32 bits.
        [rows] = environment.sql(database, WRITTEN.format(mark=int(before) % 2**32))
        moved = sum(a != b for a, b in zip(files, files_after, strict=True))
        return seconds, int(rows) + moved
    finally:
        environment.drop_database(database)
