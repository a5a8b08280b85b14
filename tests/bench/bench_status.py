"""The status reports of all key accounts for a month, against plain SQL; their queries."""

from contextlib import contextmanager
from unittest.mock import patch

from measure import (
    compare,
    compare_queries,
    duration,
    floor_sql,
    number_of_rows,
    report,
    rounds,
    same_rows,
    snapshot,
    timed,
    undone,
)

TABLES = ("kam_status_report", "kam_status_report_line")
WRITTEN = """
    SELECT l.account_id, l.company_id, r.month, l.date_due, l.report_state, l.status, l.tier_id,
           l.tier_rank, l.user_id, round(l.sales_month, 2) AS sales_month,
           round(l.sales_month_last_year, 2) AS sales_month_last_year,
           round(l.sales_ytd, 2) AS sales_ytd, round(l.sales_last_year, 2) AS sales_last_year,
           round(l.collections, 2) AS collections, round(l.receivables, 2) AS receivables,
           round(l.overdue, 2) AS overdue, l.light_sales, l.light_visits, l.light_issues,
           l.light_payments
      FROM kam_status_report_line l JOIN kam_status_report r ON r.id = l.report_id
"""


def run(env, day):
    # made on the 1st, the report is due on the 5th
    day = day.replace(day=1)
    period = env["kam.status.report"]._periods_to_keep(env.company, day)[0]
    floor = floor_sql(
        "status",
        company=env.company.id,
        user=env.uid,
        first=period.start,
        last=period.end,
        before=period.previous_year().start,
        before_end=period.previous_year().end,
        year=period.start.replace(month=1),
        last_year=period.start.replace(year=period.start.year - 1, month=1),
        due=day.replace(day=5),
    )

    def ours():
        env["kam.status.report"]._cron_status_reports(day)

    def theirs():
        floor(env.cr)

    with working(env):
        timed(env, ours)
        timed(env, theirs)
        match, size = check(env, ours, theirs)
        count = rounds()
        seconds, least = compare(env, ours, theirs, count, clean=TABLES)
        details = (
            f"ours {duration(seconds)}, floor {duration(least)}, n {count}, match {match}, {size}"
        )
        report("status", details, seconds / least, 3)
        compare_queries(env, "status", ours)


@contextmanager
def working(env):
    """The area is on; what commits as it goes is one transaction here, to be undone."""
    cron, reports = env.registry["ir.cron"], env.registry["kam.status.report"]
    with (
        patch.object(cron, "_commit_progress", lambda *a, **k: float("inf")),
        patch.object(reports, "_status_is_on", lambda *a: True),
    ):
        yield


def check(env, ours, floor):
    """("yes" or "no", what was written)."""
    with undone(env):
        for name, work in (("ours", ours), ("floor", floor)):
            env.cr.execute("DELETE FROM kam_status_report")
            env.invalidate_all()
            work()
            snapshot(env, f"{name}_lines", WRITTEN)
        match = same_rows(env, "ours_lines", "floor_lines")
        size = f"{number_of_rows(env, 'ours_lines')} accounts"
    return "yes" if match else "no", size
