"""The benchmark runs, its rows can be read, and what we write is what the floor writes.

On a fiftieth of the data; how long anything takes is not looked at.  Source: design §7.
"""

import re
import subprocess

import pytest

ROW = re.compile(
    r"^(?P<name>\w[\w ]*?)  +(?P<details>.*?)  ratio (?P<ratio>\d+\.\d\d) goal <=(\d+\.\d\d)$"
)
WRITING = ("evaluation", "nightly", "obligations", "rollup", "status")
READING = ("dashboard by month", "dashboard by tier", "dashboard by account")


@pytest.fixture(scope="module")
def bench(dev, odoo_env):
    """``names, **variables -> output``: run benchmarks at their smallest."""

    def run(*names, **variables):
        small = {"KAM_BENCH_SCALE": "0.02", "KAM_BENCH_ROUNDS": "1"}
        done = subprocess.run(
            [str(odoo_env.python), "tests/bench/run.py", *names],
            cwd=dev.REPO,
            env=odoo_env.env | small | variables,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def read(output):
    """``{name: match}`` of the rows printed by benchmarks."""
    found = [ROW.match(line) for line in output.splitlines()]
    return {match["name"]: match for match in found if match}


@pytest.fixture(scope="module")
def rows(bench):
    """``{name: details}`` of the rows printed by the benchmarks that write."""
    return {name: match["details"] for name, match in read(bench(*WRITING)).items()}


@pytest.fixture(scope="module")
def approvals(bench):
    """``{name: match}`` of the rows about approvals."""
    return read(bench("approvals"))


@pytest.fixture(scope="module")
def dashboard(bench):
    """``{name: details}`` of the figures of the dashboard."""
    return {name: match["details"] for name, match in read(bench("dashboard")).items()}


@pytest.mark.parametrize("name", READING)
def test_the_dashboard_reads_what_plain_sql_reads(dashboard, name):
    assert "match yes" in dashboard[name]


@pytest.mark.parametrize("name", WRITING)
def test_we_write_what_plain_sql_writes(rows, name):
    assert "match yes" in rows[name]


def test_figures_of_kpis_are_those_of_plain_sql(bench):
    found = read(bench("kpi"))
    assert len(found) == 8
    assert all("match yes" in match["details"] for match in found.values()), found


def test_figures_of_people_are_those_of_plain_sql(bench):
    found = read(bench("kpi_people"))
    assert "match yes" in found["kpi people K01 K04"]["details"], found


def test_scorecards_are_those_of_plain_sql(bench):
    found = read(bench("scorecards"))
    assert "match yes" in found["scorecards of a quarter"]["details"], found


def test_queries_do_not_depend_on_the_number_of_accounts(rows):
    few, many = re.search(r"queries 50: (\d+), \d+: (\d+)", rows["nightly queries"]).groups()
    assert int(many) <= int(few)


def test_memory_is_measured(rows):
    assert re.match(r"extra \d+ MB of 200 MB", rows["evaluation memory"])


@pytest.mark.parametrize("work", ("submit", "decide"))
def test_queries_per_document_are_within_their_goal(approvals, work):
    assert float(approvals[f"approvals {work}"]["ratio"]) <= 10
    assert {f"approvals {work} one by one", f"approvals {work} alone"} <= approvals.keys()


@pytest.mark.parametrize("part", ("kanban", "list", "count"))
def test_queries_of_the_inbox_do_not_depend_on_what_waits(approvals, part):
    assert float(approvals[f"approvals inbox {part} queries"]["ratio"]) <= 1


def test_what_cannot_be_compared_with_is_not_available(bench, tmp_path):
    """No network, nothing kept from before: the run says so and ends well."""
    output = bench("peer", KAM_BENCH_PEER=str(tmp_path), PIP_NO_INDEX="1")
    assert "approvals vs base_tier_validation  not available" in output


def test_unknown_name_is_refused(dev, odoo_env):
    command = [str(odoo_env.python), "tests/bench/run.py", "nothing"]
    done = subprocess.run(command, cwd=dev.REPO, env=odoo_env.env, capture_output=True, text=True)
    assert done.returncode == 2
    assert "evaluation" in done.stdout
