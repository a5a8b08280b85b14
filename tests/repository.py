"""Where the repository is, and its tool ./dev as a module."""

import importlib.util
from importlib.machinery import SourceFileLoader
from pathlib import Path

TESTS = Path(__file__).resolve().parent
REPO = TESTS.parent


def load_dev():
    """Return the tool ./dev as a module."""
    loader = SourceFileLoader("kam_dev", str(REPO / "dev"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("kam_dev", loader))
    loader.exec_module(module)
    return module
