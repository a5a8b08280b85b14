"""Sales and growth of 200 people over a quarter, one account in ten handed over within it."""

from contextlib import contextmanager
from datetime import date

from measure import compare, count_queries, duration, floor_sql, report, rounds, timed

PEOPLE = 200
LOGIN = "kb_person_"


def run(env, day):
    with people(env):
        measure(env)


@contextmanager
def people(env):
    """Every account is led by one of the people, one in ten by two of them in turn.

    What is timed is undone afterwards: this has to be committed, and taken back.
    """
    users = env["res.users"].with_context(no_reset_password=True, tracking_disable=True)
    known = users.search([("login", "=like", f"{LOGIN}%")])
    # They stay: to delete a person Odoo looks through every table that may name him.
    users = known or users.create(
        [{"name": f"{LOGIN}{number}", "login": f"{LOGIN}{number}"} for number in range(PEOPLE)]
    )
    env.flush_all()
    before = "SELECT COALESCE(MAX(id), 0) FROM kam_team_member"
    env.cr.execute(before)
    (last,) = env.cr.fetchone()
    env.cr.execute("UPDATE kam_team_member SET is_lead = FALSE WHERE is_lead")
    env.cr.execute(
        """
        WITH account AS (
            SELECT id, company_id, row_number() OVER (ORDER BY id) AS n FROM kam_account
        ), led AS (
            SELECT id, company_id, n, '2025-01-01'::date AS first,
                   CASE WHEN n %% 10 = 0 THEN '2026-07-01'::date + (n * 7 %% 80)::int END AS last,
                   0 AS shift
              FROM account
             UNION ALL
            SELECT id, company_id, n, '2026-07-02'::date + (n * 7 %% 80)::int, NULL, 1
              FROM account WHERE n %% 10 = 0
        )
        INSERT INTO kam_team_member (account_id, company_id, user_id, role_id, date_from, date_to,
                                     is_lead)
        SELECT led.id, led.company_id, (%s::int[])[1 + (led.n + led.shift) %% %s], %s, led.first,
               led.last, TRUE
          FROM led
        """,
        [users.ids, len(users), env["kam.team.role"]._lead_role().id],
    )
    env.cr.commit()
    env.invalidate_all()
    try:
        yield users
    finally:
        env.cr.rollback()
        env.cr.execute("DELETE FROM kam_team_member WHERE id > %s", [last])
        env.invalidate_all()
        env.cr.commit()


def measure(env):
    from odoo.addons.key_account_mgmt.models.kpi.subject import KpiSubject
    from odoo.addons.key_account_mgmt.policy.periods import Period

    period = Period(date(2026, 7, 1), date(2026, 9, 30))
    kpis = env["kam.kpi"].search([("code", "in", ("K01", "K04"))], order="code")
    sales, growth = kpis
    users = env["res.users"].search([("login", "=like", f"{LOGIN}%")])
    subjects = [KpiSubject("user", user.id) for user in users]
    floor = floor_sql("kpi_people", company=env.company.id, start=period.start, end=period.end)
    found = {}

    def ours():
        figures = kpis._figures_of(subjects, period, env.company)
        found["ours"] = rounded(
            (
                subject.id,
                figures[subject, sales.id].value or 0.0,
                figures[subject, growth.id].numerator or 0.0,
                figures[subject, growth.id].denominator or 0.0,
            )
            for subject in subjects
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
        f"{len(subjects)} people, {env['kam.account'].search_count([])} accounts, "
        f"{count_queries(env, ours)} queries"
    )
    report("kpi people K01 K04", details, seconds / least, 3)


def rounded(rows):
    """``{person: figures}`` of whoever has any."""
    values = {row[0]: tuple(round(float(x), 2) + 0.0 for x in row[1:]) for row in rows}
    return {key: value for key, value in values.items() if any(value)}
