# ruff: noqa: F821, T201 (`env` is there, what is printed is the answer)
"""Run the scheduled jobs in processes of their own; runs in Odoo's shell.

ARGUMENTS: `mode`, `day` (ISO), `rows` (statements by name). "alone" runs each job once,
"two" by two workers at once; "often" runs the night and the late approvals again and
again, the first time slowly, while others write. "killed" and "cut" disturb the jobs
`times` times within `seconds`: by SIGKILL, or the server ends their connection. What was
disturbed then finishes, in as many copies of the database `template` as that takes.
Children are forked: the registry is loaded once, the connections are their own.
Answers the seconds it took, the exit codes, the harm done, what was seen half-done, and
the rows of each copy in the end.
"""

import contextlib
import json
import os
import random
import signal
import time
import traceback
from datetime import date, datetime

import odoo.sql_db
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

DAY = date.fromisoformat(ARGUMENTS["day"])
JOBS = (
    ("kam.tier.evaluation", "_cron_nightly", DAY),
    ("kam.tier.evaluation", "_cron_yearly", DAY),
    ("kam.visit", "_cron_visits", DAY),
    ("kam.obligation", "_cron_nightly", DAY),
    ("kam.approval.request.step", "_cron_watch"),
    ("kam.pursuit", "_cron_pursuits", DAY),
    ("kam.bid", "_cron_bids", DAY),
    ("kam.plan", "_cron_plans", DAY),
    ("kam.review", "_cron_reviews", DAY),
    ("kam.contract", "_cron_contract_watch", DAY),
    ("kam.scorecard", "_cron_scorecards", DAY),
    ("kam.issue", "_cron_issues", datetime(DAY.year, DAY.month, DAY.day, 4)),
    ("kam.status.report", "_cron_status_reports", DAY),
    ("kam.notice", "_cron_send"),
)
# What the scheduler starts again soon when a unit was left.
OFTEN = (JOBS[0], JOBS[2], JOBS[3], JOBS[4])
ROUNDS = 3
MOST_COPIES = 30
# Struck within this part of a whole run: what was done before is not done again.
HASTE = 0.6
DATABASE = env.cr.dbname
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
    "level of an escalation taken twice": """
        SELECT count(*) FROM (
            SELECT FROM kam_approval_decision WHERE kind = 'escalate'
             GROUP BY request_step_id, cycle, level HAVING count(*) > 1) twice""",
    "issue of a level that was not told": """
        SELECT count(*) FROM kam_issue i WHERE i.response_level > 0 AND NOT EXISTS (
               SELECT FROM kam_notice n WHERE n.res_model = 'kam.issue' AND n.res_id = i.id
                  AND n.topic = 'issue_response_late')""",
    "level of an issue told twice": """
        SELECT count(*) FROM (
            SELECT FROM kam_notice WHERE res_model = 'kam.issue' AND topic LIKE 'issue%late'
             GROUP BY res_id, topic, user_id HAVING count(*) > 1) twice""",
    "step that shows other levels than were taken": """
        SELECT count(*) FROM kam_approval_request_step s
         WHERE s.escalation_level != (
               SELECT count(*) FROM kam_approval_decision d
                WHERE d.request_step_id = s.id AND d.cycle = s.cycle AND d.kind = 'escalate')""",
    "window owed twice": """
        SELECT count(*) FROM (
            SELECT FROM kam_obligation WHERE state != 'cancelled'
             GROUP BY company_id, account_id, kind_id, date_from, date_to
            HAVING count(*) > 1) twice""",
    "window owed that was not reached by the night": """
        SELECT count(*) FROM kam_obligation o JOIN res_company c ON c.id = o.company_id
         WHERE c.kam_obligation_until IS NULL""",
    "overdue or met in a period that is not over or was not served": """
        SELECT count(*) FROM kam_obligation o JOIN res_company c ON c.id = o.company_id
         WHERE o.state = 'overdue' AND o.date_to >= c.kam_obligation_until
            OR o.state IN ('met', 'met_late') AND o.done < o.required
            OR o.state = 'overdue' AND o.missing = 0""",
    "visit called missed without its reason, or with a notice left": """
        SELECT count(*) FROM kam_visit v WHERE v.state = 'missed' AND (v.reason IS NULL
            OR EXISTS (SELECT FROM kam_notice n WHERE n.res_model = 'kam.visit'
                          AND n.res_id = v.id AND n.sent_on IS NULL AND n.settled_on IS NULL))""",
    "pursuit warned about or released whose owner hears nothing": """
        SELECT count(*) FROM kam_pursuit p WHERE (p.state = 'lapsed' OR p.warned_on IS NOT NULL)
           AND NOT EXISTS (SELECT FROM kam_notice n
                            WHERE n.res_model = 'kam.pursuit' AND n.res_id = p.id)""",
    "bid called told whose team hears nothing": """
        SELECT count(*) FROM kam_bid b WHERE b.told < 99
           AND NOT EXISTS (SELECT FROM kam_notice n
                            WHERE n.res_model = 'kam.bid' AND n.res_id = b.id)""",
    "check of a contract without what happened": """
        SELECT count(*) FROM kam_contract_check WHERE facts IS NULL""",
    "contract extended whose term does not count it": """
        SELECT count(*) FROM kam_contract c WHERE c.end_by_terms IS NOT NULL AND NOT EXISTS (
               SELECT FROM kam_contract_term t WHERE t.contract_id = c.id AND t.extended > 0)""",
    "term called told whose keeper hears nothing": """
        SELECT count(*) FROM kam_contract_term t WHERE t.told IS NOT NULL AND NOT EXISTS (
               SELECT FROM kam_notice n
                WHERE n.res_model = 'kam.contract.term' AND n.res_id = t.id)""",
    "scorecard without its figures, or sent and nobody told": """
        SELECT count(*) FROM kam_scorecard c
         WHERE NOT EXISTS (SELECT FROM kam_scorecard_line l WHERE l.card_id = c.id)
            OR c.state = 'review' AND NOT EXISTS (SELECT FROM kam_notice n
                WHERE n.res_model = 'kam.scorecard' AND n.res_id = c.id)""",
    "meeting without its agenda": """
        SELECT count(*) FROM kam_review r
         WHERE NOT EXISTS (SELECT FROM kam_review_line l WHERE l.review_id = r.id)""",
    "meeting, stage report or calendar made twice": """
        SELECT count(*) FROM (
            SELECT FROM kam_review GROUP BY company_id, kind_id, period_key HAVING count(*) > 1
             UNION ALL
            SELECT FROM kam_pursuit_report GROUP BY action_id HAVING count(*) > 1
             UNION ALL
            SELECT FROM kam_work_calendar GROUP BY company_id, year HAVING count(*) > 1) twice""",
    "work calendar without its lines": """
        SELECT count(*) FROM kam_work_calendar c
         WHERE NOT EXISTS (SELECT FROM kam_work_calendar_line l WHERE l.calendar_id = c.id)""",
    "status report called filled that lacks a key account, or whose people hear nothing": """
        SELECT count(*) FROM kam_status_report r
         WHERE r.filled_on IS NOT NULL AND (NOT EXISTS (
               SELECT FROM kam_status_report_line l WHERE l.report_id = r.id)
            OR EXISTS (
               SELECT FROM kam_status_report_line l JOIN res_users u ON u.id = l.user_id
                WHERE l.report_id = r.id AND u.active AND NOT EXISTS (
                      SELECT FROM kam_notice n WHERE n.res_model = 'kam.status.report'
                         AND n.res_id = r.id AND n.user_id = l.user_id)))""",
    "account manager told twice of a status report": """
        SELECT count(*) FROM (
            SELECT FROM kam_notice WHERE topic = 'status_lines'
             GROUP BY res_id, user_id HAVING count(*) > 1) twice""",
    "notice called sent without its message": """
        SELECT count(*) FROM kam_notice n
          JOIN res_users u ON u.id = n.user_id JOIN res_partner p ON p.id = u.partner_id
         WHERE n.sent_on IS NOT NULL AND NOT EXISTS (
               SELECT FROM mail_mail m WHERE position(p.email IN m.email_to) > 0)""",
}


def work(jobs):
    """What a worker does: some jobs, one after the other."""
    with Registry(DATABASE).cursor() as cr:
        models = api.Environment(cr, SUPERUSER_ID, {})
        for model, job, *arguments in jobs:
            getattr(models[model], job)(*arguments)


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


@contextlib.contextmanager
def looking(database=DATABASE):
    """A connection of our own, which no forked child shares."""
    with contextlib.closing(odoo.sql_db.db_connect(database).cursor()) as cr:
        yield cr
    odoo.sql_db.close_all()


def look(statements):
    """Run counting statements; returns the names above zero."""
    found = []
    with looking() as cr:
        for name, statement in statements.items():
            cr.execute(statement)
            if cr.fetchone()[0]:
                found.append(name)
    return found


def all_rows():
    """{name: rows as text} of every statement in ARGUMENTS."""
    rows = {}
    with looking() as cr:
        for name, statement in ARGUMENTS["rows"].items():
            cr.execute(f"SELECT t::text FROM ({statement}) t")
            rows[name] = sorted(text for [text] in cr.fetchall())
    return rows


OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid != pg_backend_pid()"


def wait_for_orphans():
    """The server needs a moment to notice that a killed client is gone."""
    for _attempt in range(200):
        if not look({"others": f"SELECT count(*) {OTHERS}"}):
            return
        time.sleep(0.05)
    raise TimeoutError("the server still works for a killed client")


def renew():
    """Make the database what it was before any job ran."""
    with looking("postgres") as cr:
        cr.rollback()
        cr._cnx.autocommit = True
        cr.execute(f'DROP DATABASE "{DATABASE}" WITH (FORCE)')
        cr.execute(f'CREATE DATABASE "{DATABASE}" TEMPLATE "{ARGUMENTS["template"]}"')


def kill(pid):
    """Kill a worker; returns whether it was still at work."""
    os.kill(pid, signal.SIGKILL)
    return finish(pid) == -signal.SIGKILL


def cut(pid):
    """End the connection of a worker; returns whether that stopped it."""
    look({"ended": f"SELECT count(pg_terminate_backend(pid)) {OTHERS}"})
    return finish(pid) != 0


def finish_all(workers=1, jobs=JOBS):
    """Run every job to its end, by so many workers at once; returns the exit codes."""
    codes = []
    for job in jobs:
        pids = [start(job) for _number in range(workers)]
        codes += [finish(pid) for pid in pids]
    return codes


def disturb(harm):
    """Harm workers at moments of chance until it struck often enough.

    A copy is over when a worker came to its end; then another copy begins.
    """
    moments = random.Random(20)
    answer = {"harmed": 0, "copies": 0, "half_done": [], "codes": [], "rows": []}
    while answer["harmed"] < ARGUMENTS["times"] and answer["copies"] < MOST_COPIES:
        renew()
        answer["copies"] += 1
        struck = True
        while struck and answer["harmed"] < ARGUMENTS["times"]:
            pid = start(*JOBS)
            time.sleep(ARGUMENTS["seconds"] * HASTE * moments.random())
            struck = harm(pid)
            answer["harmed"] += struck
            wait_for_orphans()
            answer["half_done"] += look(HALF_DONE)
        answer["codes"].append(finish(start(*JOBS)))
        answer["rows"].append(all_rows())
    return answer


@contextlib.contextmanager
def slow_applying():
    """Whoever writes account files at the same time is sure to be faster."""
    evaluations = Registry(DATABASE)["kam.tier.evaluation"]

    def apply_lines(self, date):
        time.sleep(1)
        return super(evaluations, self)._apply_lines(date)

    evaluations._apply_lines = apply_lines
    yield
    del evaluations._apply_lines


def run():
    """What ARGUMENTS ask for; see above."""
    mode = ARGUMENTS["mode"]
    if mode in ("killed", "cut"):
        return disturb({"killed": kill, "cut": cut}[mode])
    if mode == "often":
        with slow_applying():
            codes = finish_all(jobs=OFTEN)
        codes += [code for _round in range(ROUNDS) for code in finish_all(jobs=OFTEN)]
    else:
        codes = finish_all(2 if mode == "two" else 1)
    return {"codes": codes, "half_done": [], "rows": [all_rows()]}


env.cr.commit()
env.cr.close()
odoo.sql_db.close_all()
started = time.monotonic()
answer = run()
answer["half_done"] += look(HALF_DONE)
answer["seconds"] = time.monotonic() - started
print(f"RESULT {json.dumps(answer)}", flush=True)
# The shell would roll back on the connection that is closed.
os._exit(0)
