"""Scheduled jobs die, meet each other, and see one moment of the database."""

from datetime import date

import pytest
from conftest import run_script

DAY = date(date.today().year + 1, 1, 15).isoformat()
# What the jobs leave behind, without ids and moments, which differ from run to run.
ROWS = {
    "figures": """
        SELECT m.code, v.partner_id, v.company_id, v.kind, v.date_from, v.date_to, v.value
          FROM kam_metric_value v JOIN kam_metric m ON m.id = v.metric_id""",
    "files": """
        SELECT partner_id, company_id, tier_id, tier_rank, tier_since, is_key_account,
               last_evaluation_date, state, sales, sales_ytd, growth, overdue, pipeline
          FROM kam_account""",
    "suggestions": """
        SELECT company_id, scheme_id, partner_id, label_id, current_tier_id,
               suggested_tier_id, change, since, account_id IS NULL
          FROM kam_tier_suggestion""",
    "history": """
        SELECT f.partner_id, a.scheme_id, a.tier_id, a.previous_tier_id, a.direction,
               a.date_from, a.date_to, a.origin, a.is_inherited
          FROM kam_tier_assignment a JOIN kam_account f ON f.id = a.account_id""",
    "evaluations": """
        SELECT e.name, e.kind, e.period_key, e.state, e.day, e.effective_date,
               e.policy_version, l.scheme_id, l.partner_id, l.label_id, l.current_tier_id,
               l.suggested_tier_id, l.decided_tier_id, l.code, l.change, l.sales
          FROM kam_tier_evaluation e
          LEFT JOIN kam_tier_evaluation_line l ON l.evaluation_id = e.id""",
    "results": """
        SELECT e.name, l.partner_id, c.origin_id, r.value, r.threshold, r.verdict
          FROM kam_tier_evaluation_result r
          JOIN kam_tier_evaluation_line l ON l.id = r.line_id
          JOIN kam_tier_evaluation e ON e.id = l.evaluation_id
          JOIN kam_tier_evaluation_criterion c ON c.id = r.criterion_id""",
    "digests": "SELECT user_id, title, lines FROM kam_notice",
}


@pytest.fixture(scope="module")
def jobs_world(world):
    """A clone of the world where the jobs have everything to do on DAY."""
    with world.clone() as database:
        run_script(world.environment, database, "jobs_world", day=DAY)
        yield database


@pytest.fixture
def run_jobs(world, jobs_world):
    """Run the jobs in a fresh clone; returns what was seen and the rows afterwards."""
    environment, made = world.environment, []

    def run(mode, **arguments):
        database = environment.new_name()
        environment.clone_database(jobs_world, database)
        made.append(database)
        answer = run_script(environment, database, "work", mode=mode, day=DAY, **arguments)
        answer["log"] = environment.sql(database, "SELECT DISTINCT state FROM kam_job_run")
        rows = {
            name: sorted(environment.sql(database, f"SELECT t::text FROM ({statement}) t"))
            for name, statement in ROWS.items()
        }
        return answer, rows

    yield run
    for database in made:
        environment.drop_database(database)


@pytest.fixture(scope="module")
def undisturbed():
    """Filled by the first run, for all tests of this module."""
    return {}


@pytest.fixture
def expected(run_jobs, undisturbed):
    """(seconds, rows) of one worker whom nothing disturbs."""
    if not undisturbed:
        answer, rows = run_jobs("alone")
        assert set(answer["codes"]) == {0}
        assert not answer["half_done"]
        undisturbed["run"] = answer["seconds"], rows
    return undisturbed["run"]


def test_the_jobs_have_something_to_do(expected):
    """An empty run would prove nothing: every kind of row is there."""
    _seconds, rows = expected
    assert all(rows.values()), {name: len(lines) for name, lines in rows.items()}
    evaluations = "\n".join(rows["evaluations"])
    assert ",annual," in evaluations
    assert ",auto," in evaluations
    assert ",applied," in evaluations


def test_killed_jobs_complete_with_the_same_rows(run_jobs, expected):
    """SIGKILL anywhere leaves nothing half-done, and the next run completes it.

    Source: S0-35, S2-09
    """
    seconds, rows = expected
    answer, after = run_jobs("killed", seconds=seconds)
    assert answer["kills"] >= 6
    assert not answer["half_done"]
    assert set(answer["codes"]) == {0}
    # The log says that a worker died, and that nobody is at work any more.
    assert {"done", "interrupted"} <= set(answer["log"])
    assert "running" not in answer["log"]
    assert after == rows


def test_two_workers_give_one_result(run_jobs, expected):
    _seconds, rows = expected
    answer, after = run_jobs("two")
    assert set(answer["codes"]) == {0}
    assert "running" not in answer["log"]
    assert not answer["half_done"]
    assert after == rows


def test_invoice_posted_meanwhile_belongs_to_the_next_computation(world):
    """Both schemes of an evaluation are measured on one moment of the database."""
    customer = world.ids["Cygnus Towers"]
    with world.clone() as database:
        answer = run_script(world.environment, database, "snapshot", customer=customer)
    assert answer["meanwhile"] == {"s0": 7_000_000, "s3": 7_000_000}
    assert answer["again"] == {"s0": 10_500_000, "s3": 10_500_000}
