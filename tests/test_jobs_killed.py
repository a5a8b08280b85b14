"""Scheduled jobs die, meet each other and people, and see one moment of the database."""

import contextlib
import threading
from datetime import date

import pytest
from client import Client, RefusedError
from conftest import run_script

DAY = date(date.today().year + 1, 1, 15).isoformat()
OWED = """
    SELECT o.company_id, f.partner_id, o.policy_id, o.kind_id, o.tier_id, o.date_from, o.date_to,
           o.date_join, o.late_join, o.state, o.required, o.done, o.awaiting, o.planned, o.missing,
           o.date_next, o.user_id, o.manager_id, o.is_planned, o.performer_missing, o.is_over,
           o.reminded_for, o.reminded_level, o.overdue_told
      FROM kam_obligation o JOIN kam_obligation_policy p ON p.id = o.policy_id
      LEFT JOIN kam_account f ON f.id = o.account_id"""
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
    "obligations": f"{OWED} WHERE o.state != 'cancelled' AND p.scope != 'pack'",
    "obligations of packs": f"{OWED} WHERE o.state != 'cancelled' AND p.scope = 'pack'",
    "visits": """
        SELECT account_id, day, state, reason, report_due, report_told_on FROM kam_visit""",
    "pursuits": """
        SELECT number, state, state_before, reason, warned_on, last_progress_on FROM kam_pursuit""",
    "stage reports": """
        SELECT p.number, a.name, r.state, r.date_due, r.user_id FROM kam_pursuit_report r
          JOIN kam_pursuit p ON p.id = r.pursuit_id JOIN kam_action a ON a.id = r.action_id""",
    "scorecards": """
        SELECT c.subject_kind, c.user_id, c.team_id, c.period_kind, c.date_from, c.state, c.total,
               c.grade, c.reviewer_id, l.kpi_code, l.value, l.score, l.weight
          FROM kam_scorecard c LEFT JOIN kam_scorecard_line l ON l.card_id = c.id""",
    "meetings": """
        SELECT r.name, r.state, r.date, r.date_from, r.chair_id, r.user_id, l.name, l.owner_id,
               (SELECT array_agg(p.res_users_id ORDER BY p.res_users_id)
                  FROM kam_review_res_users_rel p WHERE p.kam_review_id = r.id)
          FROM kam_review r LEFT JOIN kam_review_line l ON l.review_id = r.id""",
    "bids": "SELECT name, state, told FROM kam_bid",
    "status reports": """
        SELECT r.company_id, r.month, r.state, r.date_due, r.user_id, r.filled_on IS NOT NULL,
               l.account_id, l.status, l.tier_id, l.user_id, l.sales_month, l.sales_ytd,
               l.overdue, l.light_sales, l.light_payments, l.change_1, f.block, f.day, f.text
          FROM kam_status_report r JOIN kam_status_report_line l ON l.report_id = r.id
          LEFT JOIN kam_status_fact f ON f.line_id = l.id""",
    "work calendars": """
        SELECT c.year, l.quarter, l.name, l.date_due, l.frozen_on FROM kam_work_calendar c
          LEFT JOIN kam_work_calendar_line l ON l.calendar_id = c.id""",
    "contracts": "SELECT name, state, date_to, end_by_terms FROM kam_contract",
    "contract checks": """
        SELECT c.name, k.date_from, k.date_to, k.due_on, k.state, k.told, k.report_text
          FROM kam_contract_check k JOIN kam_contract c ON c.id = k.contract_id""",
    "contract terms": "SELECT name, kind, date, state, told, extended FROM kam_contract_term",
    "issues": "SELECT number, state, response_level, resolve_level, escalated_on FROM kam_issue",
    "next negotiations": """
        SELECT c.name, n.name FROM kam_negotiation n
          JOIN kam_contract c ON c.id = n.renews_contract_id""",
    "notices": """
        SELECT user_id, title,
               (SELECT array_agg(l ORDER BY l) FROM jsonb_array_elements_text(lines::jsonb) l),
               urgent, sent_on IS NOT NULL, settled_on IS NOT NULL
          FROM kam_notice""",
    "messages": """
        SELECT m.email_to, t.subject FROM mail_mail m JOIN mail_message t
            ON t.id = m.mail_message_id WHERE m.email_to IS NOT NULL""",
    "escalations": """
        SELECT r.name, s.name, s.state, s.escalation_level, d.kind, d.level, d.target_user_id,
               (SELECT array_agg(a.user_id ORDER BY a.user_id)
                  FROM kam_approval_request_step_user_rel a WHERE a.step_id = s.id)
          FROM kam_approval_request_step s JOIN kam_approval_request r ON r.id = s.request_id
          LEFT JOIN kam_approval_decision d ON d.request_step_id = s.id""",
}
KILLS, CUTS = 20, 8
# What Odoo answers after five tries against somebody else's changes.
BUSY = ("SerializationFailure", "LockNotAvailable", "DeadlockDetected", "ConcurrencyError")


@pytest.fixture(scope="module")
def jobs_world(world):
    """A clone of the world where the jobs have everything to do on DAY."""
    with world.clone() as database:
        run_script(world.environment, database, "jobs_world", day=DAY)
        yield database


@contextlib.contextmanager
def copied(world, jobs_world):
    """A copy of the jobs' world; yields its database name."""
    database = world.environment.new_name()
    world.environment.clone_database(jobs_world, database)
    try:
        yield database
    finally:
        world.environment.drop_database(database)


def run_jobs_in(world, database, mode, **arguments):
    """Run the jobs; what was seen and the rows of each copy, with the states of the log."""
    answer = run_script(
        world.environment, database, "work", mode=mode, day=DAY, rows=ROWS, **arguments
    )
    states = "SELECT DISTINCT state FROM kam_job_run"
    return answer | {"log": set(world.environment.sql(database, states))}


@pytest.fixture
def run_jobs(world, jobs_world):
    """Run the jobs in a fresh copy."""

    def run(mode, **arguments):
        with copied(world, jobs_world) as database:
            return run_jobs_in(world, database, mode, template=jobs_world, **arguments)

    return run


@pytest.fixture(scope="module")
def undisturbed():
    """Filled by the first run, for all tests of this module."""
    return {}


@pytest.fixture
def expected(run_jobs, undisturbed):
    """(seconds, rows) of one worker whom nothing disturbs."""
    if not undisturbed:
        answer = run_jobs("alone")
        assert set(answer["codes"]) == {0}
        assert not answer["half_done"]
        undisturbed["run"] = answer["seconds"], answer["rows"][0]
    return undisturbed["run"]


def receivers(rows):
    """The login of each message's receiver."""
    return sorted(message.split("@")[0].rpartition("<")[2] for message in rows["messages"])


def assert_all_was_done(answer, rows):
    """Nothing half-done on the way; in the end the rows of an undisturbed run."""
    assert not answer["half_done"]
    assert set(answer["codes"]) == {0}
    assert "running" not in answer["log"]
    for after in answer["rows"]:
        different = {
            name: sorted(set(lines) ^ set(rows[name]))
            for name, lines in after.items()
            if lines != rows[name]
        }
        assert not different


def test_the_jobs_have_something_to_do(expected):
    """An empty run would prove nothing: every kind of row is there."""
    _seconds, rows = expected
    assert all(rows.values()), {name: len(lines) for name, lines in rows.items()}
    evaluations = "\n".join(rows["evaluations"])
    assert ",annual," in evaluations
    assert ",auto," in evaluations
    assert ",applied," in evaluations
    assert any(",missed," in visit for visit in rows["visits"])
    pursuits = "\n".join(rows["pursuits"])
    assert ",lapsed," in pursuits
    assert f",{DAY}," in pursuits
    assert sum("Filing Meeting" in meeting for meeting in rows["meetings"]) == 1
    assert not any(bid.endswith(",99)") for bid in rows["bids"])
    assert any(line.endswith(",1)") for line in rows["contract terms"])
    assert all(",2,2," in issue for issue in rows["issues"])
    owed = "\n".join(rows["obligations"])
    assert ",overdue," in owed
    assert ",open," in owed


def test_each_level_once_and_one_message_per_person(expected):
    """Two late approvals: reminded at once, then the director told, then asked, too."""
    _seconds, rows = expected
    levels = [line for line in rows["escalations"] if ",escalate," in line]
    assert len(levels) == 2 * 3
    urgent = [n for n in rows["notices"] if n.endswith("t,t,f)") and "hums" not in n]
    # Reminded at once of each; everything else is one message in the morning.
    assert len(urgent) == 2
    told = receivers(rows)
    assert told.count("boss") == 2 + 1
    assert told.count("director") == told.count("manager") == 1


def test_killed_jobs_complete_with_the_same_rows(run_jobs, expected):
    """SIGKILL anywhere leaves nothing half-done, and the next run completes it.

    Source: S0-35, S2-09
    """
    seconds, rows = expected
    answer = run_jobs("killed", seconds=seconds, times=KILLS)
    assert answer["harmed"] == KILLS
    # The log says that a worker died, and that nobody is at work any more.
    assert {"done", "interrupted"} <= answer["log"]
    assert_all_was_done(answer, rows)


def test_cut_connections_lose_nothing(run_jobs, expected):
    """The server ends the worker's connection: the worker ends, the next one completes it."""
    seconds, rows = expected
    answer = run_jobs("cut", seconds=seconds, times=CUTS)
    assert answer["harmed"] == CUTS
    assert_all_was_done(answer, rows)


def test_two_workers_give_one_result(run_jobs, expected):
    _seconds, rows = expected
    assert_all_was_done(run_jobs("two"), rows)


class BusyError(Exception):
    """Somebody else's change came first, as often as Odoo tries."""


@contextlib.contextmanager
def told_busy():
    try:
        yield
    except RefusedError as refusal:
        if refusal.name not in BUSY:
            raise
        raise BusyError from refusal


class Colleague(threading.Thread):
    """Works on account files and evaluations of his own, as fast as the server answers."""

    def __init__(self, client):
        super().__init__()
        self.client = client
        self.accounts = client.search("kam.account")
        self.saved = self.evaluations = 0
        self.trouble = None
        self._over = threading.Event()

    def run(self):
        try:
            while not self._over.is_set():
                self.write()
                if not self.saved % 5:
                    self.evaluate()
        except Exception as trouble:
            self.trouble = trouble

    def write(self):
        note = f"<p>{self.saved + 1}</p>"
        self.insist("kam.account", "write", self.accounts, vals={"note": note})
        self.saved += 1

    def evaluate(self):
        """An evaluation that comes to nothing."""
        ids = self.insist("kam.tier.evaluation", "create", vals_list=[{"name": "What if"}])
        for step in ("action_compute", "action_reset", "unlink"):
            self.insist("kam.tier.evaluation", step, ids)
        self.evaluations += 1

    def insist(self, *call, **arguments):
        """Try again while the server is busy."""
        for _attempt in range(20):
            with contextlib.suppress(BusyError), told_busy():
                return self.client.call(*call, **arguments)
        raise TimeoutError(call)

    def stop(self):
        self._over.set()
        self.join(120)


def test_people_at_work_meanwhile_lose_nothing(world, jobs_world, expected):
    """Units that met somebody's change are left and done later; what people saved stays."""
    _seconds, rows = expected
    environment = world.environment
    with copied(world, jobs_world) as database, environment.serve(database) as address:
        office = Client(address, database, world.keys["office"])
        colleague = Colleague(office)
        colleague.start()
        try:
            meanwhile = run_jobs_in(world, database, "often")
        finally:
            colleague.stop()
        assert colleague.trouble is None
        assert colleague.saved > 10
        assert colleague.evaluations
        assert set(meanwhile["codes"]) == {0}
        assert "met" in meanwhile["log"]
        finished = run_jobs_in(world, database, "alone")
        # What was left is told after what was not: another title, the same people.
        assert receivers(finished["rows"][0]) == receivers(rows)
        finished["rows"][0]["messages"] = rows["messages"]
        # A pack has no history: a file opened after the night's obligations was counted
        # owes by its pack from the next window on, one opened before at once.
        packs = "obligations of packs"
        finished["rows"][0][packs] = rows[packs]
        assert_all_was_done(finished, rows)
        notes = office.call("kam.account", "read", colleague.accounts, fields=["note"])
        assert {account["note"] for account in notes} == {f"<p>{colleague.saved}</p>"}


def test_invoice_posted_meanwhile_belongs_to_the_next_computation(world):
    """Both schemes of an evaluation are measured on one moment of the database."""
    customer = world.ids["Cygnus Towers"]
    with world.clone() as database:
        answer = run_script(world.environment, database, "snapshot", customer=customer)
    assert answer["meanwhile"] == {"s0": 7_000_000, "s3": 7_000_000}
    assert answer["again"] == {"s0": 10_500_000, "s3": 10_500_000}
