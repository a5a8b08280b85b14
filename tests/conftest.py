"""What the tests from outside share: the environment of ./dev, as a fixture."""

import contextlib
import importlib.util
import json
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest
from client import Client

TESTS = Path(__file__).resolve().parent
REPO = TESTS.parent


def load_dev():
    """Return the tool ./dev as a module."""
    loader = SourceFileLoader("kam_dev", str(REPO / "dev"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("kam_dev", loader))
    loader.exec_module(module)
    return module


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
    code = (TESTS / "shell" / f"{name}.py").read_text()
    said = environment.run_shell(database, f"ARGUMENTS = {arguments!r}\n{code}")
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
