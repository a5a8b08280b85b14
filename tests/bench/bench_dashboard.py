"""The figures of the dashboard, as the browser asks for them, against plain SQL.

Each row of ``floor/dashboard.sql`` reads the invoice lines once and gives the same figures.
"""

from datetime import date

from measure import compare, duration, floor_sql, report, rounds, timed

MEASURES = ["sales:sum", "last_year:sum", "last_year_to_date:sum"]
QUERIES = {"by month": ["month:month"], "by tier": ["tier_id"], "by account": ["account_id"]}


def run(env, day):
    user = env["res.users"].search([("login", "=", "bench director")])
    if not user:
        director = env.ref("key_account_mgmt.group_kam_director")
        user = env["res.users"].create(
            {"name": "Director", "login": "bench director", "group_ids": [(6, 0, director.ids)]}
        )
        env.cr.commit()
    env = env(user=user.id, su=False)
    # The bounds of the floor are the report's own: today's, whatever day the data end.
    today = env.company.sudo()._kam_today()
    year = date(day.year, 1, 1)
    domain = [("month", ">=", year), ("month", "<=", day), ("tier_id", "!=", False)]
    for name, groupby in QUERIES.items():
        measure(env, name, groupby, domain, {"today": today, "start": year, "day": day})


def measure(env, name, groupby, domain, values):
    key = groupby[0].partition(":")[0]
    floor = floor_sql("dashboard", company=env.company.id, key=key, **values)
    found = {}

    def ours():
        rows = env["kam.sales.report"].formatted_read_group(domain, groupby, MEASURES)
        found["ours"] = sorted(tuple(round(row[m] or 0, 2) for m in MEASURES) for row in rows)

    def theirs():
        floor(env.cr)
        rows = env.cr.fetchall()
        found["floor"] = sorted(tuple(round(float(v or 0), 2) for v in row[1:]) for row in rows)

    timed(env, ours)
    timed(env, theirs)
    match = "yes" if found["ours"] == found["floor"] != [] else "no"
    count = rounds()
    seconds, least = compare(env, ours, theirs, count)
    details = (
        f"ours {duration(seconds)}, floor {duration(least)}, n {count}, match {match}, "
        f"{len(found['ours'])} rows"
    )
    report(f"dashboard {name}", details, seconds / least, 2)
