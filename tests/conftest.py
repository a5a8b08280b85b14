"""What the tests from outside share: the environment of ./dev, as a fixture."""

import contextlib
import json
import signal

import polib
import pytest
from client import Client
from playwright.sync_api import sync_playwright
from repository import REPO, TESTS, load_dev
from screens import launch

# Told to end, we take down what we made, as after Ctrl-C; also in the background of a shell,
# which lets programs ignore that.
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, signal.default_int_handler)


@pytest.fixture(scope="session")
def dev():
    """The tool ./dev as a module."""
    return load_dev()


@pytest.fixture(scope="session")
def odoo_env(dev):
    """The Environment (see ./dev) on the test cluster.

    Of use to a test: `create_database`, `drop_database`, `serve`, `run`, `upgrade`,
    `run_shell`, `sql`, and `python`, `command`, `conf`, `env` to call Odoo oneself.
    """
    return dev.Environment("test", tools=True)


@pytest.fixture
def database(odoo_env, request):
    """The name of a fresh database with the addon installed, dropped after the test.

    Another kind: `@pytest.mark.parametrize("database", [{"demo": True}], indirect=True)`
    with the keywords of `Environment.create_database`.
    """
    name = odoo_env.create_database(odoo_env.new_name(), **getattr(request, "param", {}))
    yield name
    odoo_env.drop_database(name)


# Styles for paper are fetched with the first page, too, and hold up a server of one process.
MORE_ASSETS = """
env["ir.qweb"]._get_asset_bundle("web.assets_web_print", css=True, js=False).css()
env.cr.commit()
"""


class World:
    """A filled database (see shell/world.py) to clone, with `ids` by name and API `keys`."""

    def __init__(self, environment, database):
        self.environment = environment
        self.database = database
        answer = run_script(environment, database, "world")
        self.ids = answer["ids"]
        self.keys = answer["keys"]

    @contextlib.contextmanager
    def clone(self):
        """A copy of the world; yields its database name."""
        name = self.environment.new_name()
        self.environment.clone_database(self.database, name)
        try:
            yield name
        finally:
            self.environment.drop_database(name)


class Site:
    """A served copy of the world."""

    def __init__(self, world, database, address):
        self.world = world
        self.database = database
        self.address = address
        self.ids = world.ids

    def client(self, login):
        """A JSON-2 client of one of the world's users."""
        return Client(self.address, self.database, self.world.keys[login])

    def sql(self, statement):
        return self.world.environment.sql(self.database, statement)

    def digest(self, conditions):
        """{table: number and checksum of its rows}, for {table: which rows}."""
        selects = [
            f"SELECT '{table}', count(*), md5(string_agg(t::text, '|' ORDER BY t::text))"
            f" FROM {table} t WHERE {condition}"
            for table, condition in conditions.items()
        ]
        rows = self.sql(" UNION ALL ".join(selects))
        return dict(row.split("|", 1) for row in rows)


def run_script(environment, database, name, **arguments):
    """Run shell/<name>.py in Odoo's shell with ARGUMENTS; return what it answers."""
    people, script = ((TESTS / "shell" / f"{part}.py").read_text() for part in ("people", name))
    said = environment.run_shell(database, f"ARGUMENTS = {arguments!r}\n{people}\n{script}")
    [answer] = [line for line in said.splitlines() if line.startswith("RESULT ")]
    return json.loads(answer.removeprefix("RESULT "))


@pytest.fixture(scope="session")
def world(dev, odoo_env):
    """A small filled world; tests work on clones of it."""
    name = odoo_env.create_database(odoo_env.new_name())
    try:
        world = World(odoo_env, name)
        odoo_env.run_shell(name, dev.ASSETS_CODE + MORE_ASSETS)
        yield world
    finally:
        odoo_env.drop_database(name)


@contextlib.contextmanager
def served(world):
    """Serve a clone of the world while the block runs."""
    with world.clone() as database, world.environment.serve(database) as address:
        yield Site(world, database, address)


@pytest.fixture(scope="module")
def site(world):
    """A served copy of the world, for all tests of one file."""
    with served(world) as site:
        yield site


# In a browser


@pytest.fixture(scope="session")
def browser():
    """One browser; each Screen is a window of its own, without a past."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=["en_US", "zh_CN"])
def language(request):
    return request.param


@pytest.fixture(scope="module")
def words(language):
    """What the app's English words are in the language of the test."""
    if language == "en_US":
        return lambda english: english
    catalogue = polib.pofile(str(REPO / "key_account_mgmt" / "i18n" / f"{language}.po"))
    translated = {entry.msgid: entry.msgstr for entry in catalogue}
    return lambda english: translated[english]


@contextlib.contextmanager
def served_in(world, language, logins):
    """Serve a clone of the world while the block runs; these people read that language."""
    with served(world) as site:
        for login in logins:
            site.client(login).write("res.users", site.ids[login], lang=language)
        yield site
