"""Figures of the KPIs over all customers of a quarter, each against its own plain SQL."""

from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

import pytz
from measure import compare, duration, floor_sql, report, rounds, timed

# name of the row, metric, file of the floor, period before: what the metric compares with
FIGURES = (
    ("K03", "new_customers", "new", "year"),
    ("K04", "growth_of_buyers", "growth", "year"),
    ("K06 months", "order_months_share", "orders", "year"),
    ("K06 repeat", "repeat_purchase_rate", "repeat", "year"),
    ("K06 retained", "retained_share", "retained", "twelve"),
    ("K08", "churn_rate", "churn", "twelve"),
    ("K19", "top_sales_share", "top", "year"),
    ("K26", "upgrade_rate", "upgrade", "year"),
)

MARK = "KB raised"


def run(env, day):
    with raised(env):
        for name, code, file, before in FIGURES:
            measure(env, name, code, file, before)


@contextmanager
def raised(env):
    """Every third file was raised by one level in the quarter or after it.

    What is timed is undone afterwards: this has to be committed, and taken back.
    """
    env.cr.execute(
        """
        INSERT INTO kam_tier_assignment (account_id, company_id, scheme_id, exclusive, tier_id,
                                         direction, date_from, date_to, origin, reason)
        SELECT held.account_id, held.company_id, held.scheme_id, TRUE, higher.id, 'up',
               '2026-07-01'::date + held.id %% 120, '2026-12-31', 'evaluation', %s
          FROM kam_tier_assignment held
          JOIN kam_tier tier ON tier.id = held.tier_id
          JOIN kam_tier higher ON higher.scheme_id = tier.scheme_id AND higher.rank = tier.rank - 1
         WHERE held.id %% 3 = 0
        """,
        [MARK],
    )
    env.cr.commit()
    env.invalidate_all()
    try:
        yield
    finally:
        env.cr.rollback()
        env.cr.execute("DELETE FROM kam_tier_assignment WHERE reason = %s", [MARK])
        env.cr.commit()


def measure(env, name, code, file, before):
    from odoo.addons.key_account_mgmt.models.metric.run import MetricRun
    from odoo.addons.key_account_mgmt.policy.periods import Period

    period = Period(date(2026, 7, 1), date(2026, 9, 30))
    if code == "new_customers":
        # Everybody's first invoice is old by then.
        period = Period(date(2023, 11, 15), date(2024, 1, 31))
    metric = env["kam.metric"].sudo().search([("code", "=", code)])
    floor = floor_sql(f"kpi_{file}", **parameters(env, metric, period, before))
    found = {}

    def ours():
        run = MetricRun(env, env.company, period.end, period=period)
        run.plan(metric)
        parts = (metric.numerator_id or metric, metric.denominator_id)
        above, below = (run.values(part) if part else {} for part in parts)
        found["ours"] = rounded(
            (key, above.get(key, 0), below.get(key, 0)) for key in above | below
        )

    def theirs():
        floor(env.cr)
        found["floor"] = rounded(env.cr.fetchall())

    timed(env, ours)
    timed(env, theirs)
    match = "yes" if found["ours"] == found["floor"] != {} else "no"
    count = rounds()
    seconds, least = compare(env, ours, theirs, count)
    details = (
        f"ours {duration(seconds)}, floor {duration(least)}, n {count}, match {match}, "
        f"{len(found['ours'])} customers"
    )
    report(f"kpi {name}", details, seconds / least, 2)


def rounded(rows):
    """``{customer: (above, below)}`` of whoever has a figure."""
    values = {key: (round(float(above), 2), round(float(below), 2)) for key, above, below in rows}
    return {key: value for key, value in values.items() if any(value)}


def parameters(env, metric, period, before):
    from odoo.addons.key_account_mgmt.models.kpi.metric_customers import last_months
    from odoo.addons.key_account_mgmt.models.metric.options import MetricOptions
    from odoo.addons.key_account_mgmt.models.metric.sales_scope import SalesScope

    zone = SalesScope(env, env.company, MetricOptions()).tz
    twelve = last_months(period.end, 12)
    first, after = (
        pytz.timezone(zone)
        .localize(datetime.combine(one, time.min))
        .astimezone(pytz.utc)
        .replace(tzinfo=None)
        for one in (twelve.start, twelve.end + timedelta(days=1))
    )
    now, earlier = period, period.previous_year()
    if before == "twelve":
        now, earlier = twelve, last_months(period.start - timedelta(days=1), 12)
    return {
        "company": env.company.id,
        "scheme": env["kam.tier.scheme"]._primary(env.company).id,
        "start": now.start,
        "end": now.end,
        "before_start": earlier.start,
        "before_end": earlier.end,
        "first": first,
        "after": after,
        "tz": zone,
    }
