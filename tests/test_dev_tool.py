"""./dev itself: what it reads, what it counts, and the databases it makes."""

import urllib.request

import pytest


def test_tags_go_to_odoo_and_the_rest_to_pytest(dev):
    tags, rest = dev.split_test_arguments(
        ["/key_account_mgmt:TestTier", ":TestTier.test_band", "tests/test_a.py::test_b", "-x"]
    )
    assert tags == ["/key_account_mgmt:TestTier", ":TestTier.test_band"]
    assert rest == ["tests/test_a.py::test_b", "-x"]


def test_archive_is_read_from_both_forms_of_apt_configuration(dev, tmp_path):
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (tmp_path / "sources.list").write_text(
        "# deb http://old.example/debian bookworm main\n"
        "deb [arch=amd64 signed-by=/keys/a.gpg] http://one.example/debian bookworm main contrib\n"
    )
    (folder / "a.sources").write_text(
        "Types: deb\nURIs: http://sec.example/\nSuites: bookworm-security\nComponents: main\n\n"
        "Enabled: no\nTypes: deb\nURIs: http://off.example/\nSuites: trixie\nComponents: main\n\n"
        "Types: deb deb-src\nURIs: http://two.example/\nSuites: trixie trixie-updates\n"
        "Components: main\nSigned-By:\n -----BEGIN KEY-----\n .\n text\n"
    )
    entries = dev.parse_apt_sources(tmp_path)
    assert dev.debian_archive(entries, "bookworm") == ("http://one.example/debian", "/keys/a.gpg")
    uri, key = dev.debian_archive(entries, "trixie")
    assert uri == "http://two.example/"
    assert key == "-----BEGIN KEY-----\n\ntext"
    assert dev.debian_archive(entries, "forky") is None


LOG = """\
2026-01-05 10:00:00,000 7 INFO kam_test odoo.addons.key_account_mgmt.tests.test_a: Starting {}
2026-01-05 10:00:00,000 7 INFO kam_test odoo.addons.key_account_mgmt.tests.test_a: skipped A.b : no
2026-01-05 10:00:00,000 7 ERROR kam_test odoo.addons.key_account_mgmt.tests.test_a: FAIL: A.test_c
Traceback
2026-01-05 10:00:00,000 7 INFO kam_test odoo.service: a line of no interest
2026-01-05 10:00:00,000 7 INFO kam_test odoo.tests.result: 1 failed, 2 error(s) of 9 tests when
"""


def test_odoo_results_are_counted_and_failures_shown(dev):
    shown = []
    output = dev.OdooTestOutput(shown.append)
    for line in LOG.format("A.test_c ...").splitlines():
        output.feed(line)
    tally = output.tally(1)
    assert str(tally) == "5 passed, 3 failed, 1 skipped"
    assert not tally.good
    assert "  tests.test_a.A" in shown
    assert "Traceback" in shown
    assert not [line for line in shown if "no interest" in line]


def test_a_broken_off_run_is_a_failure(dev):
    assert str(dev.OdooTestOutput(print).tally(0)) == "0 passed, 1 failed"


def test_no_test_at_all_is_no_success(dev):
    assert not dev.Tally().good


def test_logins_fall_back_to_the_administrator(dev, tmp_path):
    assert [row["login"] for row in dev.read_logins(tmp_path / "none.csv")] == ["admin"]


def test_table_counts_chinese_characters_double(dev):
    rows = [{"a": "客户", "b": "x"}, {"a": "tier", "b": "y"}]
    assert dev.format_table(("a", "b"), rows).splitlines() == ["a     b", "客户  x", "tier  y"]


def test_lint_finds_machine_paths_and_registries(dev, tmp_path, monkeypatch):
    monkeypatch.setattr(dev, "REPO", tmp_path)
    path = tmp_path / "a.md"
    host = "pypi" + ".org"
    path.write_text(f"see /home/{'jane'}/x\nget it from {host}\n/usr/share/doc is fine\n")
    assert list(dev.check_text([path])) == [
        "a.md:1: a machine's path",
        "a.md:2: a package registry's host",
    ]


def test_lint_finds_broken_csv(dev, tmp_path, monkeypatch):
    monkeypatch.setattr(dev, "REPO", tmp_path)
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "kam.thing.csv"
    path.write_text("id,name\na,b,c\na,b\n")
    assert list(dev.check_csv([path])) == [
        "data/kam.thing.csv, row 2: 3 columns instead of 2",
        "data/kam.thing.csv: id a twice",
    ]


@pytest.mark.parametrize("database", [{"template": "dependencies"}], indirect=True)
def test_a_database_is_served_and_its_shell_runs_code(odoo_env, database):
    assert odoo_env.run_shell(database, "print(env.cr.dbname)") == f"{database}\n"
    assert odoo_env.sql(database, "SELECT count(*) FROM res_company") == ["1"]
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with odoo_env.serve(database) as address, direct.open(f"{address}/web/login") as answer:
        assert answer.status == 200
