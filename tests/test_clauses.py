"""The written policy: its clauses in one file, and what cites them."""

import csv
import re

from repository import REPO

CLAUSE = re.compile(r"\bS\d[a-t]?-\d{2,3}\b")
# Documents to print, jobs and metrics the policy asks for.
PART = re.compile(r"[PJK]\d{1,2}")
STRENGTHS = {"must", "record", "guidance"}


def clauses():
    with (REPO / "docs" / "policy_clauses.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_clause_stands_once_with_its_rule():
    rows = [row for row in clauses() if not PART.fullmatch(row["id"])]
    assert len(rows) == 577
    assert len({row["id"] for row in rows}) == len(rows)
    assert len({row["rule"] for row in rows}) == len(rows)
    for row in rows:
        assert CLAUSE.fullmatch(row["id"]), row
        assert row["area"].isupper(), row
        assert row["strength"] in STRENGTHS, row
        assert row["rule"], row


def test_what_a_clause_names_exists():
    """“tested”: code and a test name it; “built”: code does; “open”: nothing does yet."""
    rows = [row for row in clauses() if row["state"]]
    assert len({row["id"] for row in rows}) == len(rows) > 100
    for row in rows:
        where, tests = row["where"].split(), row["test"].split()
        for path in (*where, *tests):
            assert (REPO / "key_account_mgmt" / path).is_file(), row
        if row["state"] == "tested":
            assert tests, row
        elif row["state"] == "built":
            assert where and not tests, row
        else:
            assert row["state"] in ("open", "guidance") and not where + tests, row


def test_code_and_tests_cite_clauses_that_exist():
    known = {row["id"] for row in clauses()}
    cited = {}
    for path in (REPO / "key_account_mgmt").rglob("*.py"):
        for clause in CLAUSE.findall(path.read_text(encoding="utf-8")):
            cited.setdefault(clause, path.name)
    assert len(cited) > 50
    assert not {clause: name for clause, name in cited.items() if clause not in known}
