"""Submitting, deciding and the inbox: queries per document, for people under record rules."""

import statistics
import time

from approvals import Stage
from bench_screens import specification
from measure import duration, report, rounds, undone

QUERIES = 10
ACTION = "key_account_mgmt.kam_approval_request_step_action_mine"


def run(env, _day):
    stage = Stage(env)
    submit(stage)
    decide(stage)
    inbox(stage)


def submit(stage):
    documents = stage.documents
    one = documents[:1]
    with undone(stage.root):
        # the first one fills the registry's caches
        one.action_submit()
    per_document(stage, "submit", documents, lambda all_of_them: all_of_them.action_submit())
    each(stage, "submit", documents, lambda document: document.action_submit())


def decide(stage):
    stage.documents.action_submit()
    stage.root.flush_all()
    stage.root.cr.commit()
    steps = stage.inbox()
    with undone(stage.root):
        stage.approve(steps[:1])
    per_document(stage, "decide", steps, stage.approve)
    each(stage, "decide", steps, lambda step: step.action_approve())


def per_document(stage, name, records, work):
    """All of them at once."""
    with undone(stage.root):
        queries, seconds = count(stage, lambda: work(records))
    total = len(records)
    details = f"{total} at once, {duration(seconds / total)} each, {queries} queries"
    report(f"approvals {name}", details, queries / total, QUERIES)


def each(stage, name, records, work):
    """One after the other: in one session, as a script does; each as a request of its own."""
    total = len(records)
    with undone(stage.root):
        queries, seconds = count(stage, lambda: [work(record) for record in records])
    details = f"{total} in one session, {duration(seconds / total)} each, {queries} queries"
    report(f"approvals {name} one by one", details, queries / total, QUERIES)
    queries, times = [], []
    with undone(stage.root):
        for record in records[: max(5, total // 10)]:
            fresh_request(record.env)
            # Nothing else of the others is read along.
            alone = record.browse(record.id)
            used, seconds = count(stage, lambda alone=alone: work(alone))
            queries.append(used)
            times.append(seconds)
    details = f"one request each, {duration(statistics.median(times))}, n {len(times)}"
    report(f"approvals {name} alone", details, statistics.median(queries), QUERIES)


def fresh_request(env):
    """Nothing in memory but what Odoo itself reads of the user and his company."""
    env.flush_all()
    env.invalidate_all()
    env.user.mapped("partner_id.lang")
    env.user.company_ids.mapped("currency_id.name")


def count(stage, work):
    """(queries, seconds) of a piece of work and of writing what it left to be written."""
    cr = stage.root.cr
    before = cr.sql_log_count
    started = time.perf_counter()
    work()
    stage.root.flush_all()
    return cr.sql_log_count - before, time.perf_counter() - started


def inbox(stage):
    """My Approvals with few waiting and with all of them, the same page of it."""
    steps = stage.inbox()
    few = max(2, len(steps) // 10)
    action = stage.root.ref(ACTION)
    mine = [("is_mine", "=", True)]
    steps_of_his = steps.browse()
    works = {}
    for kind in action.view_mode.split(","):
        asked = specification(steps.env, steps._name, kind)
        works[kind] = lambda asked=asked: steps_of_his.web_search_read(mine, asked, limit=few)
    works["count"] = lambda: steps_of_his.search_count(mine)
    for kind, work in works.items():
        queries, seconds = zip(
            *(page(stage, steps[:waiting], work) for waiting in (few, len(steps))), strict=True
        )
        name = f"approvals inbox {kind}"
        details = f"{few}: {duration(seconds[0])}, {len(steps)}: {duration(seconds[1])}"
        report(name, f"{details}, n {rounds()}", seconds[1] / seconds[0], 1.5)
        details = f"queries {few}: {queries[0]}, {len(steps)}: {queries[1]}"
        report(f"{name} queries", details, queries[1] / queries[0], 1)


def page(stage, waiting, work):
    """(queries, median seconds) of the work while only these wait."""
    cr = stage.root.cr
    times = []
    with undone(stage.root):
        cr.execute(
            "UPDATE kam_approval_request_step SET state = 'skipped' WHERE NOT id = ANY(%s)",
            [waiting.ids],
        )
        work()
        for _number in range(rounds()):
            stage.root.invalidate_all()
            queries, seconds = count(stage, work)
            times.append(seconds)
    return queries, statistics.median(times)
