"""All scorecards of a quarter: 200 people, one account in ten handed over within it."""

from datetime import date

from bench_kpi_people import people
from measure import (
    compare,
    count_queries,
    duration,
    floor_sql,
    report,
    rounds,
    same_rows,
    snapshot,
    timed,
    undone,
)

TABLES = ("kam_scorecard", "kam_scorecard_line")
TARGET, RISE = 100_000.0, 10.0
MADE = """
    SELECT card.user_id, line.kpi_id, round(COALESCE(line.value, 0)::numeric, 3) AS value,
           round(COALESCE(line.score, 0)::numeric, 2) AS score,
           round(line.weight::numeric, 2) AS weight, line.is_scored, card.state
      FROM kam_scorecard_line line JOIN kam_scorecard card ON card.id = line.card_id
     WHERE card.period_kind = 'quarter'
"""


def run(env, day):
    with people(env) as users:
        measure(env, users)


def measure(env, users):
    from odoo import Command

    from odoo.addons.key_account_mgmt.policy.periods import Period

    period = Period(date(2026, 7, 1), date(2026, 9, 30))
    sales, growth = env["kam.kpi"].search([("code", "in", ("K01", "K04"))], order="code")
    env["kam.kpi.set"].search([]).active = False
    kpi_set = env["kam.kpi.set"].create(
        {
            "name": "Bench",
            "code": "bench",
            "line_ids": [
                Command.create(
                    {"kpi_id": kpi.id, "has_default_target": True, "default_target": target}
                )
                for kpi, target in ((sales, TARGET), (growth, RISE))
            ],
        }
    )
    env.cr.commit()
    cards = env["kam.scorecard"]
    floor = floor_sql(
        "scorecards",
        company=env.company.id,
        start=period.start,
        end=period.end,
        set=kpi_set.id,
        sales=sales.id,
        growth=growth.id,
        target=TARGET,
        rise=RISE,
        cap=kpi_set.cap,
    )

    def ours():
        cards._make_cards(env.company, kpi_set, period)

    def theirs():
        floor(env.cr)

    timed(env, ours)
    timed(env, theirs)
    with undone(env):
        ours()
        snapshot(env, "ours", MADE)
        env.cr.execute("DELETE FROM kam_scorecard_line; DELETE FROM kam_scorecard")
        theirs()
        snapshot(env, "floor", MADE)
        match = "yes" if same_rows(env, "ours", "floor") else "no"
    count = rounds()
    seconds, least = compare(env, ours, theirs, count, clean=TABLES)
    details = (
        f"ours {duration(seconds)}, floor {duration(least)}, n {count}, match {match}, "
        f"{len(users)} people, {env['kam.account'].search_count([])} accounts, "
        f"{count_queries(env, ours)} queries"
    )
    report("scorecards of a quarter", details, seconds / least, 3)
    env["kam.kpi.set"].with_context(active_test=False).search([("code", "=", "bench")]).unlink()
    env["kam.kpi.set"].with_context(active_test=False).search([]).active = True
    env.cr.commit()
