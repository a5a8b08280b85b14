# ruff: noqa: F821, T201 (`env` is there, what is printed is the answer)
"""Run the scheduled jobs in processes of their own; runs in Odoo's shell.

ARGUMENTS: `mode` and `day` (ISO). "alone" runs both jobs once, "killed" kills them with
SIGKILL at many moments and then lets them finish, "two" runs two workers at once.
Children are forked: the registry is loaded once, the connections are their own.
Answers the seconds it took, the exit codes, the kills and what was seen half-done.
"""

import json
import os
import random
import signal
import time
import traceback
from datetime import date

import odoo.sql_db
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

JOBS = ("_cron_nightly", "_cron_yearly")
KILLS = 12
DATABASE = env.cr.dbname
DAY = date.fromisoformat(ARGUMENTS["day"])
# What no reader may ever find, killed or not.
HALF_DONE = {
    "evaluation without figures": """
        SELECT count(*) FROM kam_tier_evaluation e
         WHERE e.kind IN ('annual', 'auto') AND (e.state = 'draft' OR NOT EXISTS (
               SELECT FROM kam_tier_evaluation_line l WHERE l.evaluation_id = e.id))""",
    "tiers of an evaluation that is not applied": """
        SELECT count(*) FROM kam_tier_assignment a
          JOIN kam_tier_evaluation_line l ON l.id = a.evaluation_line_id
          JOIN kam_tier_evaluation e ON e.id = l.evaluation_id WHERE e.state != 'applied'""",
    "evaluation applied without its tiers": """
        SELECT count(*) FROM kam_tier_evaluation e
         WHERE e.state = 'applied' AND EXISTS (
               SELECT FROM kam_tier_evaluation_line l
                WHERE l.evaluation_id = e.id AND l.change NOT IN ('same', 'none')
                  AND NOT EXISTS (SELECT FROM kam_tier_assignment a
                                   WHERE a.evaluation_line_id = l.id))""",
    "file that shows another tier than its history": """
        SELECT count(*) FROM kam_account f
          LEFT JOIN kam_tier_assignment a ON a.account_id = f.id AND a.date_to IS NULL
               AND a.scheme_id = (SELECT id FROM kam_tier_scheme WHERE is_primary)
         WHERE f.tier_id IS DISTINCT FROM a.tier_id""",
}


def work(jobs):
    """What a worker does: some jobs, one after the other."""
    with Registry(DATABASE).cursor() as cr:
        evaluations = api.Environment(cr, SUPERUSER_ID, {})["kam.tier.evaluation"]
        for job in jobs:
            getattr(evaluations, job)(DAY)


def start(*jobs):
    """Fork a child that works; returns its process id."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work(jobs)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def finish(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def look(statements):
    """Run counting statements on a connection of our own; returns the names above zero."""
    with Registry(DATABASE).cursor() as cr:
        found = []
        for name, statement in statements.items():
            cr.execute(statement)
            if cr.fetchone()[0]:
                found.append(name)
    # A forked child must not share it.
    odoo.sql_db.close_all()
    return found


def wait_for_orphans():
    """The server needs a moment to notice that a killed client is gone."""
    others = """SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid != pg_backend_pid()"""
    for _attempt in range(200):
        if not look({"others": others}):
            return
        time.sleep(0.05)
    raise TimeoutError("the server still works for a killed client")


def kill_many(seconds):
    """Kill the jobs at moments spread over a whole run.

    Returns how many were not over yet, and what was half-done afterwards.
    """
    moments = random.Random(20)
    seen, kills = [], 0
    for number in range(KILLS):
        pid = start(*JOBS)
        time.sleep(seconds * (number + moments.random()) / KILLS)
        os.kill(pid, signal.SIGKILL)
        kills += finish(pid) == -signal.SIGKILL
        wait_for_orphans()
        seen += look(HALF_DONE)
    return kills, seen


env.cr.commit()
env.cr.close()
odoo.sql_db.close_all()
started = time.monotonic()
answer = {"half_done": []}
if ARGUMENTS["mode"] == "killed":
    answer["kills"], answer["half_done"] = kill_many(ARGUMENTS["seconds"])
answer["codes"] = []
for job in JOBS:
    workers = [start(job) for _number in range(2 if ARGUMENTS["mode"] == "two" else 1)]
    answer["codes"] += [finish(pid) for pid in workers]
answer["half_done"] += look(HALF_DONE)
answer["seconds"] = time.monotonic() - started
print(f"RESULT {json.dumps(answer)}", flush=True)
# The shell would roll back on the connection that is closed.
os._exit(0)
