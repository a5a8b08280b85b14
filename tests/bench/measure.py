"""Timing against a floor, inside one Odoo process: interleaved, same state, median."""

import gc
import os
import re
import statistics
import time
from contextlib import contextmanager
from pathlib import Path

FLOOR = Path(__file__).resolve().parent / "floor"
MEGABYTE = 1024 * 1024


def report(name, details, ratio, goal):
    """Print one row; every row of the benchmark ends alike."""
    print(f"{name:<34} {details}  ratio {ratio:.2f} goal <={goal:.2f}", flush=True)


def rounds(default=5):
    return int(os.environ.get("KAM_BENCH_ROUNDS") or default)


def duration(seconds):
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def floor_sql(name, **params):
    """The statements of ``floor/<name>.sql`` as a function of a cursor.

    A parameter is written ``%(name)s``; statements are divided by a line ``;;``; a line
    ``-- include <file>`` stands for that file.
    """
    text = re.sub(
        r"^-- include (\S+)$",
        lambda match: (FLOOR / match[1]).read_text(),
        (FLOOR / f"{name}.sql").read_text(),
        flags=re.M,
    )
    statements = [part for part in re.split(r"^;;$", text, flags=re.M) if part.strip()]

    def run(cr):
        for statement in statements:
            cr.execute(statement, params)

    return run


@contextmanager
def undone(env):
    """Whatever happens inside did not happen."""
    env.flush_all()
    env.invalidate_all()
    try:
        yield
        env.flush_all()
    finally:
        env.cr.rollback()
        env.invalidate_all()


def timed(env, work):
    """Seconds that ``work`` takes; its writes are undone."""
    gc.collect()
    with undone(env):
        started = time.perf_counter()
        work()
        env.flush_all()
        return time.perf_counter() - started


def compare(env, ours, floor, count, clean=()):
    """Median seconds of two pieces of work, one after the other in turns.

    Each ran once before, so that both find the same things in memory.

    :param clean: tables to free of what the undone runs left behind
    """
    times = {ours: [], floor: []}
    vacuum(env, clean)
    for number in range(count):
        for work in (ours, floor) if number % 2 else (floor, ours):
            times[work].append(timed(env, work))
            vacuum(env, clean)
    return statistics.median(times[ours]), statistics.median(times[floor])


def vacuum(env, tables):
    if not tables:
        return
    connection = env.cr._cnx
    env.cr.rollback()
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"VACUUM {table}")
                cursor.execute(f"REINDEX TABLE {table}")
    finally:
        connection.autocommit = False


def snapshot(env, name, query, *params):
    """Keep the rows of a query in a temporary table until the transaction ends."""
    env.flush_all()
    env.cr.execute(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {query}", params)


def same_rows(env, first, second):
    """Whether two tables hold the same rows, as often; prints what differs."""
    same = True
    for left, right in ((first, second), (second, first)):
        env.cr.execute(f"SELECT * FROM {left} EXCEPT ALL SELECT * FROM {right}")
        rows = env.cr.fetchall()
        if rows:
            same = False
            print(f"  {len(rows)} rows in {left} and not in {right}, e.g. {rows[:3]}")
    return same and number_of_rows(env, first) > 0


def number_of_rows(env, table):
    env.cr.execute(f"SELECT count(*) FROM {table}")
    return env.cr.fetchone()[0]


def extra_memory(work):
    """Bytes by which the process grows at its highest point while ``work`` runs."""
    gc.collect()
    # 5: forget the highest point so far
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    work()
    return max(0, _status("VmHWM") - before)


def _status(field):
    text = Path("/proc/self/status").read_text()
    return int(re.search(rf"^{field}:\s+(\d+) kB", text, re.M).group(1)) * 1024


def count_queries(env, work):
    """Queries of ``work`` with nothing but the registry's own caches filled."""
    with undone(env):
        before = env.cr.sql_log_count
        work()
        env.flush_all()
        return env.cr.sql_log_count - before


def compare_queries(env, name, work, few=50):
    """Report the queries of ``work`` with few account files and with all of them."""
    total = env["kam.account"].search_count([])
    counts = []
    for keep in (few, total):

        def kept(keep=keep):
            env.cr.execute(
                "UPDATE kam_account SET active = FALSE WHERE id NOT IN"
                " (SELECT id FROM kam_account WHERE active ORDER BY id LIMIT %s)",
                [keep],
            )
            work()

        counts.append(count_queries(env, kept))
    details = f"queries {few}: {counts[0]}, {total}: {counts[1]}"
    report(f"{name} queries", details, counts[1] / counts[0], 1)
