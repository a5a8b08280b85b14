"""What a night makes and closes of obligations, against plain SQL; its number of queries, and
those of *My Week* and the account form where few and where many are owed.
"""

from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from bench_screens import SALES, specification
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

TABLES = ("kam_obligation",)
LIVE = date(2026, 7, 1)
# Of one person, or at one account.
OWED_BY_ONE = (5, 500)
GROUPS_PAGE, RECORDS_PAGE = 80, 100
MANAGER = ("key_account_mgmt.group_kam_user",)
# kind, performer, period: four to every account
OWED = (
    ("visit", "manager", "month"),
    ("executive_meeting", "executive", "half"),
    ("technical_exchange", "manager", "half"),
    ("quality_exchange", "manager", "quarter"),
)
WRITTEN = """
    SELECT account_id, company_id, policy_id, kind_id, tier_id, date_from, date_to, date_join,
           times, performer, role_id, is_group, min_distance_days, state, required, done,
           awaiting, planned, missing, waived, date_next, completed_on, user_id, manager_id,
           performer_missing, is_planned, is_over
      FROM kam_obligation
"""


def run(env, day):
    prepare(env)
    floor = floor_sql("obligations", company=env.company.id, user=env.uid, day=day, live=LIVE)

    def ours():
        # What is counted is kept; reminders are messages, not obligations.
        env["kam.obligation"]._reconcile_company(env.company, day)

    def theirs():
        floor(env.cr)

    model = env.registry["kam.obligation"]
    with patch.object(model, "_remind", lambda *args: 0):
        timed(env, ours)
        timed(env, theirs)
        match, size = check(env, ours, theirs)
        seconds, least = compare(env, ours, theirs, rounds(), clean=TABLES)
        details = (
            f"ours {duration(seconds)}, floor {duration(least)}, n {rounds()}, "
            f"match {match}, {size}"
        )
        report("obligations", details, seconds / least, 3)
        compare_queries(env, "obligations", ours)
    compare_screen(env, "my week", my_week, theirs, accounts=5)
    compare_screen(env, "my week of many", my_week, theirs, accounts=100)
    compare_screen(env, "account form", account_form, theirs, accounts=1)


def prepare(env):
    """Four policies for every level, a visit in October to every account; kept, as the
    database is the benchmark's own.
    """
    policies = env["kam.obligation.policy"].with_context(active_test=False)
    env.cr.execute("DELETE FROM kam_obligation; DELETE FROM kam_account_pause")
    env.cr.execute(
        "UPDATE res_company SET kam_obligation_since = NULL, kam_obligation_until = NULL,"
        " kam_go_live_date = %s WHERE id = %s",
        [LIVE, env.company.id],
    )
    env.invalidate_all()
    policies.search([]).write({"active": False})
    policies.search([("name", "=like", "Bench %")]).unlink()
    tiers = env.ref("key_account_mgmt.kam_tier_scheme_s3").tier_ids
    policies.create(
        [
            {
                "name": f"Bench {tier.code} {kind}",
                "kind_id": env.ref(f"key_account_mgmt.kam_obligation_kind_{kind}").id,
                "scope": "tier",
                "tier_id": tier.id,
                "performer": performer,
                "period": period,
                "times": 1,
            }
            for tier in tiers
            for kind, performer, period in OWED
        ]
    )
    if not env["kam.visit"].search_count([], limit=1):
        visit_everybody(env)
    env.cr.commit()


def visit_everybody(env):
    env.flush_all()
    env.cr.execute(
        """
        WITH held AS (
            INSERT INTO kam_visit (account_id, company_id, mode_id, purpose_id, start, stop, day,
                                   user_id, state, report_due, reported_on)
            SELECT id, company_id, %s, %s, '2026-10-12 02:00', '2026-10-12 03:00', '2026-10-12',
                   user_id, 'reported', '2026-10-15', '2026-10-13 02:00'
              FROM kam_account WHERE user_id IS NOT NULL
            RETURNING id, user_id)
        INSERT INTO kam_visit_participant_rel (visit_id, user_id) SELECT id, user_id FROM held
        """,
        [
            env.ref("key_account_mgmt.kam_visit_mode_onsite").id,
            env.ref("key_account_mgmt.kam_visit_purpose_regular").id,
        ],
    )
    env.invalidate_all()


def check(env, ours, floor):
    """("yes" or "no", what was written), each beginning with nothing stored."""
    with undone(env):
        for name, work in (("ours", ours), ("floor", floor)):
            env.cr.execute("DELETE FROM kam_obligation")
            env.invalidate_all()
            work()
            snapshot(env, f"{name}_obligation", WRITTEN)
            env.cr.execute("DROP TABLE IF EXISTS owed, counting")
        match = same_rows(env, "ours_obligation", "floor_obligation")
        size = f"{number_of_rows(env, 'ours_obligation')} obligations"
    return "yes" if match else "no", size


def compare_screen(env, name, screen, fill, accounts):
    """Queries of a screen of one person who owes five things, and of one who owes 500.

    :param fill: writes as many obligations as there are
    :param accounts: over how many of them what he owes is spread
    """
    counts = []
    for owed in OWED_BY_ONE:
        with undone(env):
            fill()
            user = new_manager(env)
            chosen = owe(env, user, owed, min(accounts, owed))
            with screen(env(user=user.id, su=False, context={"lang": "en_US"}), chosen) as work:
                work()
                env.flush_all()
                env.invalidate_all()
                before = env.cr.sql_log_count
                work()
                counts.append(env.cr.sql_log_count - before)
    few, many = OWED_BY_ONE
    details = f"queries {few}: {counts[0]}, {many}: {counts[1]}"
    report(f"obligations {name} queries", details, counts[1] / counts[0], 1)


def new_manager(env):
    groups = [(6, 0, [env.ref(group).id for group in SALES + MANAGER])]
    return env["res.users"].create({"name": "Week", "login": "bench_week", "group_ids": groups})


def owe(env, user, count, accounts):
    """Let ``user`` lead some accounts and owe them ``count`` things today.

    :return: the ids of the accounts
    """
    env.flush_all()
    env.cr.execute(
        """
        WITH led AS (SELECT id FROM kam_account WHERE active ORDER BY id LIMIT %s)
        UPDATE kam_account SET user_id = %s FROM led WHERE led.id = kam_account.id
        RETURNING kam_account.id
        """,
        [accounts, user.id],
    )
    chosen = [row[0] for row in env.cr.fetchall()]
    day = env.company._kam_today()
    env.cr.execute(
        "DELETE FROM kam_obligation WHERE id NOT IN (SELECT id FROM kam_obligation LIMIT %s)",
        [count],
    )
    env.cr.execute(
        """
        UPDATE kam_obligation
           SET account_id = (%(accounts)s)[1 + n %% %(count)s], user_id = %(user)s,
               manager_id = %(user)s, state = 'open', is_planned = FALSE,
               performer_missing = FALSE, date_from = %(day)s::date - n::int,
               date_to = %(day)s::date + 14, date_next = %(day)s
          FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM kam_obligation) numbered
         WHERE numbered.id = kam_obligation.id
        """,
        {"accounts": chosen, "count": len(chosen), "user": user.id, "day": day},
    )
    env.invalidate_all()
    return chosen


@contextmanager
def my_week(env, _accounts):
    """The grouped list as the home action opens it, and its banner."""
    # As many groups open in either case: each is a query of Odoo's.
    items = env["kam.week.item"].with_context(max_number_opened_groups=OWED_BY_ONE[0])
    asked = specification(env, "kam.week.item", "list")
    buckets = ("1_overdue", "2_today", "3_week")
    domain = [("user_id", "=", env.uid), ("bucket", "in", buckets)]

    def work():
        items.action_retrieve_dashboard()
        return items.web_read_group(
            domain,
            ["account_id"],
            ["__count"],
            limit=GROUPS_PAGE,
            auto_unfold=True,
            unfold_read_specification=asked,
            unfold_read_default_limit=RECORDS_PAGE,
        )

    yield work


@contextmanager
def account_form(env, accounts):
    asked = specification(env, "kam.account", "form")
    yield lambda: env["kam.account"].browse(accounts).web_read(asked)
