"""What the tests from outside share: the environment of ./dev, as a fixture."""

import importlib.util
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent


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
