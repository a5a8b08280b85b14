"""The performance contract, measured: ./dev bench [name …]

Each row ends with "ratio R goal <=G"; lower is better. A ratio above its goal is no
failure of the run. Names: evaluation nightly obligations rollup install screens approvals peer
guard kpi kpi_people scorecards status dashboard; none: all of them.

    KAM_BENCH_SCALE   size of the data, 1 = that of the contract
    KAM_BENCH_ROUNDS  how often a piece is timed, instead of 5 (install: 3)

What stands against the addon is plain SQL that writes the same rows into the same tables
(floor/*.sql), Odoo without the addon, or (peer) the best-known approval addon, where the
package index has it: KAM_BENCH_PEER, the folder it is kept in, instead of one in the cache.
"""

import importlib.util
import os
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path

from databases import DAY, Databases
from peer import Peer

HERE = Path(__file__).resolve().parent

INSIDE = """
import sys
sys.path.insert(0, {here!r})
from datetime import date
from bench_{name} import run
run(env, date.fromisoformat({day!r}){arguments})
"""


def load_dev():
    """Return the tool ./dev as a module."""
    loader = SourceFileLoader("kam_dev", str(HERE.parent.parent / "dev"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("kam_dev", loader))
    loader.exec_module(module)
    return module


class Benchmark:
    def __init__(self):
        self.dev = load_dev()
        self.environment = self.dev.Environment("test", tools=True)
        self.databases = Databases(
            self.dev, self.environment, float(os.environ.get("KAM_BENCH_SCALE") or 1)
        )

    def inside(self, name, database, arguments="", environment=None):
        """Run ``bench_<name>.run(env, day)`` in an Odoo of its own."""
        code = INSIDE.format(here=str(HERE), name=name, day=DAY, arguments=arguments)
        (environment or self.environment).run_shell(database, code, show=self.dev.say)

    def measure(self, name):
        """Run one benchmark; say why when it cannot be."""
        try:
            getattr(self, name)()
        except self.dev.DevError as trouble:
            print(f"{name} could not be measured: {trouble}", flush=True)
            return False
        return True

    def evaluation(self):
        self.inside("evaluation", self.databases.accounts())

    def nightly(self):
        self.inside("nightly", self.databases.accounts())

    def obligations(self):
        self.inside("obligations", self.databases.accounts())

    def status(self):
        self.inside("status", self.databases.accounts())

    def rollup(self):
        self.inside("rollup", self.databases.accounts())

    def kpi_people(self):
        self.inside("kpi_people", self.databases.accounts())

    def scorecards(self):
        self.inside("scorecards", self.databases.accounts())

    def kpi(self):
        self.inside("kpi", self.databases.accounts())

    def dashboard(self):
        self.inside("dashboard", self.databases.accounts())

    def screens(self):
        plain = self.databases.odoo()
        self.inside("screens", self.databases.deals(), f", plain={plain!r}")

    def guard(self):
        plain = self.databases.odoo()
        self.inside("guard", self.databases.accounts(), f", plain={plain!r}")

    def install(self):
        from bench_install import run

        run(self.dev, self.environment, self.databases)

    def approvals(self):
        # The size of other tables is of no account; the test document leaves a table behind.
        database = self.environment.create_database(self.environment.new_name())
        try:
            self.inside("approvals", database)
        finally:
            self.environment.drop_database(database)

    def peer(self):
        peer = Peer(self.dev, self.environment)
        try:
            peer.addons()
        except self.dev.DevError as trouble:
            print(f"approvals vs base_tier_validation  not available: {trouble}", flush=True)
            return
        with peer.database() as (environment, database):
            self.inside("peer", database, environment=environment)


NAMES = (
    "evaluation", "nightly", "obligations", "rollup", "install", "screens", "approvals", "peer",
    "guard", "kpi", "kpi_people", "scorecards", "status", "dashboard",
)  # fmt: skip


def main(names):
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}. Known: {', '.join(NAMES)}.")
        return 2
    benchmark = Benchmark()
    done = [benchmark.measure(name) for name in names or NAMES]
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
