"""The nightly job for all account files, against plain SQL; its number of queries."""

import json
from dataclasses import asdict
from datetime import timedelta
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

TABLES = ("kam_metric_value", "kam_account", "kam_tier_suggestion")
# Sums of floating-point numbers depend on the order of the rows.
WRITTEN = {
    "value": """
        SELECT metric_id, partner_id, account_id, company_id, kind, month, date_from, date_to,
               round(value::numeric, 4) AS value, options
          FROM kam_metric_value
    """,
    "headline": """
        SELECT id, state, round(sales, 4) AS sales, round(sales_ytd, 4) AS sales_ytd,
               round(sales_last_year, 4) AS sales_last_year, round(overdue, 4) AS overdue,
               round(growth::numeric, 4) AS growth, round(pipeline, 4) AS pipeline
          FROM kam_account
    """,
    "suggestion": """
        SELECT company_id, partner_id, account_id, scheme_id, current_tier_id, suggested_tier_id,
               label_id, change, since
          FROM kam_tier_suggestion
    """,
}


def run(env, day):
    # The database has had its night on ``day``: this one is the next.
    day += timedelta(days=1)
    scheme = env.ref("key_account_mgmt.kam_tier_scheme_s3")
    floor = floor_sql(
        "nightly",
        **days(day),
        company=env.company.id,
        user=env.uid,
        options=json.dumps(asdict(scheme._metric_options())),
    )

    def ours():
        env["kam.tier.evaluation"]._cron_nightly(day)

    def theirs():
        floor(env.cr)

    # A job commits as it goes; here it is one transaction, to be undone.
    with patch.object(env.registry["ir.cron"], "_commit_progress", lambda *a, **k: float("inf")):
        timed(env, ours)
        timed(env, theirs)
        match, size = check(env, ours, theirs)
        count = rounds()
        seconds, least = compare(env, ours, theirs, count, clean=TABLES)
        details = (
            f"ours {duration(seconds)}, floor {duration(least)}, n {count}, match {match}, {size}"
        )
        report("nightly", details, seconds / least, 3)
        compare_queries(env, "nightly", ours)


def days(day):
    """The first and last days of the periods that the figures of the night look at."""
    month = day.replace(day=1)
    year = month.replace(month=1)
    return {
        "day": day,
        "after": month,
        "start": month.replace(year=month.year - 1),
        "before": month.replace(year=month.year - 2),
        "year_start": year,
        "last_year_start": year.replace(year=year.year - 1),
        "last_year_end": day.replace(year=day.year - 1),
    }


def check(env, ours, floor):
    """("yes" or "no", what was written), each beginning with nothing stored."""
    with undone(env):
        for name, work in (("ours", ours), ("floor", floor)):
            env.cr.execute("DELETE FROM kam_metric_value; DELETE FROM kam_tier_suggestion")
            env.cr.execute(
                "UPDATE kam_account SET sales = 0, sales_ytd = 0, sales_last_year = 0, growth = 0,"
                " overdue = 0, pipeline = 0"
            )
            env.invalidate_all()
            work()
            for table, query in WRITTEN.items():
                snapshot(env, f"{name}_{table}", query)
        match = [same_rows(env, f"ours_{table}", f"floor_{table}") for table in WRITTEN]
        accounts, figures = (number_of_rows(env, f"ours_{t}") for t in ("headline", "value"))
        size = f"{accounts} accounts, {figures} figures"
    return "yes" if all(match) else "no", size
