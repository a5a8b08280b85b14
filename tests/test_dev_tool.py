"""./dev itself: what it reads, what it counts, and the databases it makes."""

import os
import signal
import socket
import sys
import threading
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


STAMP = "2026-01-05 10:00:00,000 7"
SUITE_LOG = f"""\
Running as user 'root' is a security risk.
{STAMP} INFO kam_test odoo.addons.crm.tests.test_lead: Starting TestLead.test_won ...
{STAMP} INFO kam_test odoo.addons.crm.tests.test_lead: ======================================
{STAMP} ERROR kam_test odoo.addons.crm.tests.test_lead: FAIL: TestLead.test_won
Traceback (most recent call last):
  File "test_lead.py", line 7, in test_won
AssertionError: ERROR: TestLead.test_of_a_traceback
{STAMP} INFO kam_test odoo.addons.sale.tests.test_order: Starting TestOrder.test_sum ...
{STAMP} ERROR kam_test odoo.addons.sale.tests.test_order: ERROR: Subtest TestOrder.test_sum (n=1)
{STAMP} ERROR kam_test odoo.addons.sale.tests.test_order: ERROR: Subtest TestOrder.test_sum (n=2)
{STAMP} ERROR kam_test odoo.tests.suite: ERROR: setUpClass (odoo.addons.sale.tests.test_tax.TestTax)
{STAMP} ERROR kam_test odoo.sql_db: bad query: SELECT 1
ERROR: relation does not exist
{STAMP} WARNING kam_test odoo.addons.sale.models.order: ERROR: not of a test
"""
SUITE_END = f"{STAMP} INFO kam_test odoo.tests.result: 1 failed, 3 error(s) of 520 tests when\n"
SUITE_FAILING = {
    "crm.tests.test_lead.TestLead.test_won",
    "sale.tests.test_order.TestOrder.test_sum",
    "sale.tests.test_tax.TestTax.setUpClass",
}


def test_suites_are_read_from_odoos_log(dev):
    suites = dev.read_suites((SUITE_LOG + SUITE_END).splitlines(keepends=True))
    assert (suites.tests, suites.finished) == (520, True)
    assert suites.failing == SUITE_FAILING


def test_suites_that_broke_off_are_known(dev):
    suites = dev.read_suites(SUITE_LOG.splitlines())
    assert (suites.tests, suites.finished) == (2, False)
    assert suites.failing == SUITE_FAILING
    assert not dev.read_suites([]).finished


def test_suites_are_compared(dev):
    lines, only = dev.compare_suites(
        dev.Suites(520, {"crm.A.test_a", "crm.B.test_b"}),
        dev.Suites(519, {"crm.B.test_b", "sale.D.test_d", "sale.C.test_c"}),
    )
    assert only == ["sale.C.test_c", "sale.D.test_d"]
    assert lines == [
        "without the addon: 520 tests, 2 failing",
        "  crm.A.test_a",
        "  crm.B.test_b",
        "with the addon: 519 tests, 3 failing",
        "  crm.B.test_b",
        "  sale.C.test_c",
        "  sale.D.test_d",
        "fails only with the addon: sale.C.test_c, sale.D.test_d",
    ]


def test_suites_that_fail_without_the_addon_too_are_no_fault_of_it(dev):
    same = dev.Suites(520, {"crm.A.test_a"})
    lines, only = dev.compare_suites(same, same)
    assert not only
    assert lines[-1] == "fails only with the addon: nothing"
    assert not dev.compare_suites(same, dev.Suites(520))[1]


def test_a_broken_off_suite_is_no_success(dev):
    broken, good = dev.Suites(3, finished=False), dev.Suites(520)
    assert dev.compare_suites(good, broken)[1] == ["the run itself, it broke off"]
    for other in (good, broken):
        with pytest.raises(dev.DevError):
            dev.compare_suites(broken, other)


@pytest.mark.parametrize(("log", "code"), [(SUITE_END, 0), (SUITE_LOG + SUITE_END, 1)])
def test_odoos_suites_run_without_and_with_the_addon(dev, tmp_path, monkeypatch, log, code):
    """The same modules and tags, apart from the addon; the exit code tells the result."""
    runs = []

    def follow(environment, database, modules, tags):
        runs.append((set(modules), tags))
        path = tmp_path / database
        path.write_text(log if dev.ADDON in modules else SUITE_END)
        return None, 1, path

    names = iter("ab")
    environment = type("Environment", (), {"new_name": lambda self: next(names)})()
    monkeypatch.setattr(dev, "Environment", lambda *args, **kwargs: environment)
    monkeypatch.setattr(dev, "follow_odoo_tests", follow)
    assert dev.command_test(["--odoo-suites"]) == code
    (without, tags), (with_addon, same_tags) = runs
    assert with_addon - without == {dev.ADDON}
    assert {"crm", "sale_crm", "survey"} <= {tag.strip("/") for tag in tags}
    assert tags == same_tags


def test_odoos_suites_stand_alone(dev):
    with pytest.raises(dev.DevError):
        dev.command_test(["--odoo-suites", "/key_account_mgmt"])


# Both halves at once

# Stands for pytest: says that it began, and ends when it is told to go on or to end.
PYTEST = """\
#!{python}
import pathlib, signal, sys, time
folder = pathlib.Path({folder!r})
def end(*_signal):
    (folder / "taken down").touch()
    sys.exit(2)
signal.signal(signal.SIGTERM, end)
print("platform of no interest")
print("tests/test_a.py::test_b[en US] PASSED          [ 50%]", flush=True)
for _attempt in range(3000):
    if (folder / "go on").exists():
        break
    time.sleep(0.02)
[report] = [word.partition("=")[2] for word in sys.argv if word.startswith("--junitxml=")]
suite = '<testsuites><testsuite tests="5" failures="{failed}" errors="0" skipped="1"/></testsuites>'
pathlib.Path(report).write_text(suite)
print("tests/test_a.py::test_c FAILED                 [100%]")
print("=== FAILURES ===\\nE   no\\nFAILED tests/test_a.py::test_c - no", flush=True)
sys.exit(1 if {failed} else 0)
"""


class Halves:
    """./dev test with a pytest and an Odoo half of ours; what it shows is `capsys`'s."""

    def __init__(self, dev, folder, monkeypatch):
        self.dev, self.folder, self.monkeypatch = dev, folder, monkeypatch
        self.python = folder / "python"
        self.env = dict(os.environ)
        monkeypatch.setattr(dev, "Environment", lambda *args, **kwargs: self)

    def dependencies_template(self):
        pass

    def go_on(self):
        (self.folder / "go on").touch()

    def run(self, odoo, failed=0):
        """The exit code; `odoo` is the Odoo half, called when the other one is at work."""
        self.python.write_text(
            PYTEST.format(python=sys.executable, folder=str(self.folder), failed=failed)
        )
        self.python.chmod(0o755)
        begun, say = threading.Event(), self.dev.say

        def listen(text=""):
            say(text)
            if "tests/test_a.py::test_b" in text:
                begun.set()

        def inside(_environment, tags, show):
            assert begun.wait(60), "the tests from outside did not begin"
            show(f"Odoo tests {tags}")
            return odoo(show)

        signs = self.dev.SignsOfLife
        self.monkeypatch.setattr(self.dev, "SignsOfLife", lambda: signs(listen))
        self.monkeypatch.setattr(self.dev, "run_odoo_tests", inside)
        return self.dev.command_test([])


@pytest.fixture
def halves(dev, tmp_path, monkeypatch):
    return Halves(dev, tmp_path, monkeypatch)


def test_both_halves_run_at_the_same_time(dev, halves, capsys):
    """Results come line by line, what else pytest says together at the end."""

    def odoo(show):
        show("  tests.test_x.TestX")
        halves.go_on()
        return dev.Tally(7)

    assert halves.run(odoo) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "  tests/test_a.py::test_b[en US] PASSED",
        "Odoo tests ['/key_account_mgmt']",
        "  tests.test_x.TestX",
    ]
    assert lines[3] == "  tests/test_a.py::test_c FAILED"
    end = lines.index("=== FAILURES ===")
    assert lines[end : end + 3] == [
        "=== FAILURES ===",
        "E   no",
        "FAILED tests/test_a.py::test_c - no",
    ]
    assert lines[-3:] == [
        "Odoo tests: 7 passed, 0 failed",
        "Tests from outside: 4 passed, 0 failed, 1 skipped",
        "11 passed, 0 failed, 1 skipped",
    ]


@pytest.mark.parametrize(
    ("odoo", "failed", "last"),
    [
        ((7, 0), 2, "9 passed, 2 failed, 1 skipped"),
        ((5, 2), 0, "9 passed, 2 failed, 1 skipped"),
        (None, 0, "4 passed, 1 failed, 1 skipped"),
    ],
)
def test_a_failing_half_does_not_hide_the_other(dev, halves, capsys, odoo, failed, last):
    def inside(show):
        halves.go_on()
        if not odoo:
            raise dev.DevError("no database")
        return dev.Tally(*odoo)

    assert halves.run(inside, failed) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == last
    assert ("no database" in lines) == (odoo is None)
    assert "=== FAILURES ===" in lines


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM))
def test_an_interrupt_ends_both_halves(halves, number):
    """Ctrl-C, or being told to end: the tests from outside take down what they made."""

    def odoo(_show):
        os.kill(os.getpid(), number)
        threading.Event().wait(60)

    with pytest.raises(KeyboardInterrupt):
        halves.run(odoo)
    assert (halves.folder / "taken down").exists()


def test_long_silence_is_broken(dev, monkeypatch):
    monkeypatch.setattr(dev.SignsOfLife, "INTERVAL", 0.1)
    shown = threading.Event()
    with dev.SignsOfLife(lambda text: shown.set()):
        assert shown.wait(60)


def test_a_port_is_free_and_given_to_no_connection(dev):
    port = dev.free_port()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", port))
    with open("/proc/sys/net/ipv4/ip_local_port_range") as handle:
        assert port < int(handle.read().split()[0])


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
