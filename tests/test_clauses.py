"""The written policy: its clauses in one file, and what cites them."""

import csv
import re

from repository import REPO

CLAUSE = re.compile(r"\bS\d[a-t]?-\d{2,3}\b")
STRENGTHS = {"must", "record", "guidance"}


def clauses():
    with (REPO / "docs" / "policy_clauses.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_clause_stands_once_with_its_rule():
    rows = clauses()
    assert len(rows) == 577
    assert len({row["id"] for row in rows}) == len(rows)
    assert len({row["rule"] for row in rows}) == len(rows)
    for row in rows:
        assert CLAUSE.fullmatch(row["id"]), row
        assert row["area"].isupper(), row
        assert row["strength"] in STRENGTHS, row
        assert row["rule"], row


def test_code_and_tests_cite_clauses_that_exist():
    known = {row["id"] for row in clauses()}
    cited = {}
    for path in (REPO / "key_account_mgmt").rglob("*.py"):
        for clause in CLAUSE.findall(path.read_text(encoding="utf-8")):
            cited.setdefault(clause, path.name)
    assert len(cited) > 50
    assert not {clause: name for clause, name in cited.items() if clause not in known}
