"""Tier evaluation of every customer with stored, explained lines, against plain SQL."""

from measure import (
    MEGABYTE,
    compare,
    duration,
    extra_memory,
    floor_sql,
    number_of_rows,
    report,
    rounds,
    same_rows,
    snapshot,
    timed,
    undone,
)

TABLES = ("kam_tier_evaluation_line", "kam_tier_evaluation_result")
MEMORY_GOAL = 200 * MEGABYTE
LINES = """
    SELECT evaluation_id, company_id, scheme_id, partner_id, account_id, user_id, label_id,
           current_tier_id, suggested_tier_id, decided_tier_id, next_tier_id, code, change,
           attention, is_override, override_reason, override_user_id, sales, sales_previous,
           pipeline, assessment, expected_increment
      FROM kam_tier_evaluation_line
"""
RESULTS = """
    SELECT line.partner_id, result.criterion_id, result.metric_id, result.value,
           result.threshold, result.verdict
      FROM kam_tier_evaluation_result result
      JOIN kam_tier_evaluation_line line ON line.id = result.line_id
"""


def run(env, day):
    evaluation = prepare(env, day)
    floor = floor_sql("evaluation", evaluation=evaluation.id, user=env.uid)
    works = evaluation._compute_evaluation, lambda: floor(env.cr)
    memory = extra_memory(lambda: timed(env, works[0]))
    timed(env, works[1])
    match, size = check(env, *works)
    count = rounds()
    ours, theirs = compare(env, *works, count, clean=TABLES)
    details = f"ours {duration(ours)}, floor {duration(theirs)}, n {count}, match {match}, {size}"
    report("evaluation", details, ours / theirs, 2)
    details = f"extra {memory / MEGABYTE:.0f} MB of {MEMORY_GOAL / MEGABYTE:.0f} MB"
    report("evaluation memory", details, memory / MEMORY_GOAL, 1)


def prepare(env, day):
    """An evaluation that has its copy of the criteria already."""
    scheme = env.ref("key_account_mgmt.kam_tier_scheme_s3")
    evaluation = env["kam.tier.evaluation"].create(
        {"name": "Benchmark", "day": day, "scheme_ids": [(6, 0, scheme.ids)]}
    )
    evaluation._as_engine()._copy_criteria()
    env.flush_all()
    env.cr.commit()
    return evaluation


def check(env, ours, floor):
    """("yes" or "no", what was written) of one run of each."""
    with undone(env):
        ours()
        keep(env, "ours")
        env.cr.execute("DELETE FROM kam_tier_evaluation_line")
        floor()
        keep(env, "floor")
        match = [same_rows(env, f"ours_{kind}", f"floor_{kind}") for kind in ("line", "result")]
        lines, results = (number_of_rows(env, f"ours_{kind}") for kind in ("line", "result"))
        size = f"{lines} lines, {results} results"
    return "yes" if all(match) else "no", size


def keep(env, name):
    env.flush_all()
    # Fresh rows look like none at all until they are counted.
    env.cr.execute(f"ANALYZE {', '.join(TABLES)}")
    snapshot(env, f"{name}_line", LINES)
    snapshot(env, f"{name}_result", RESULTS)
