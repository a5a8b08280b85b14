"""Sales of account groups of eight levels, put together at their heads, against plain SQL."""

from measure import compare, duration, floor_sql, report, rounds, timed


def run(env, day):
    from odoo.addons.key_account_mgmt.models.tier.engine import TierEngine

    scheme = env.ref("key_account_mgmt.kam_tier_scheme_s3")
    floor = floor_sql("rollup", day=day, company=env.company.id)
    found = {}

    def ours():
        members = env["kam.account"].search_fetch([("parent_id", "!=", False)], ["partner_id"])
        engine = TierEngine(
            env, scheme, env.company, day, env["kam.tier.criterion"], members.partner_id
        )
        sales, previous = engine.run.values(engine.sales), engine.run.values(engine.previous)
        found["ours"] = {
            head: (round(sales.get(head, 0), 2), round(previous.get(head, 0), 2))
            for head in engine.partners.ids
        }

    def theirs():
        floor(env.cr)
        found["floor"] = {
            head: (float(sales), float(previous)) for head, sales, previous in env.cr.fetchall()
        }

    timed(env, ours)
    timed(env, theirs)
    match = "yes" if found["ours"] == found["floor"] != {} else "no"
    count = rounds()
    seconds, least = compare(env, ours, theirs, count)
    members = env["kam.account"].search_fetch(
        ["|", ("parent_id", "!=", False), ("child_ids", "!=", False)], ["parent_path"]
    )
    levels = max(account.parent_path.count("/") for account in members)
    details = (
        f"ours {duration(seconds)}, floor {duration(least)}, n {count}, match {match}, "
        f"{len(members)} accounts, {levels} levels"
    )
    report("rollup", details, seconds / least, 2)
