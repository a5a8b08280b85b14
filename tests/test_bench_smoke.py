"""The benchmark runs, its rows can be read, and what we write is what the floor writes.

On a fiftieth of the data; how long anything takes is not looked at.  Source: design §7.
"""

import re
import subprocess

import pytest

ROW = re.compile(r"^(?P<name>\w[\w ]*?)  +(?P<details>.*?)  ratio (\d+\.\d\d) goal <=(\d+\.\d\d)$")
WRITING = ("evaluation", "nightly", "rollup")


@pytest.fixture(scope="module")
def rows(dev, odoo_env):
    """``{name: details}`` of the rows printed by the benchmarks that write."""
    done = subprocess.run(
        [str(odoo_env.python), "tests/bench/run.py", *WRITING],
        cwd=dev.REPO,
        env=odoo_env.env | {"KAM_BENCH_SCALE": "0.02", "KAM_BENCH_ROUNDS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = [ROW.match(line) for line in done.stdout.splitlines()]
    return {match["name"]: match["details"] for match in found if match}


@pytest.mark.parametrize("name", WRITING)
def test_we_write_what_plain_sql_writes(rows, name):
    assert "match yes" in rows[name]


def test_queries_do_not_depend_on_the_number_of_accounts(rows):
    few, many = re.search(r"queries 50: (\d+), \d+: (\d+)", rows["nightly queries"]).groups()
    assert int(many) <= int(few)


def test_memory_is_measured(rows):
    assert re.match(r"extra \d+ MB of 200 MB", rows["evaluation memory"])


def test_unknown_name_is_refused(dev, odoo_env):
    command = [str(odoo_env.python), "tests/bench/run.py", "nothing"]
    done = subprocess.run(command, cwd=dev.REPO, env=odoo_env.env, capture_output=True, text=True)
    assert done.returncode == 2
    assert "evaluation" in done.stdout
