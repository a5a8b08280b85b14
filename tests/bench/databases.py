"""Databases of the benchmark: made once of Odoo's templates and SQL, kept by content.

``odoo``      what the addon depends on, with the data of ``data/odoo.sql``
``accounts``  the same with the addon and ``data/accounts.sql``, after one nightly job
``deals``     a copy of ``accounts`` with all areas on and ``data/deals.sql``
"""

import os
import subprocess
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data"
DAY = "2026-11-22"
NIGHT = f"""
import datetime
env["kam.tier.evaluation"]._cron_nightly(datetime.date.fromisoformat("{DAY}"))
env.cr.commit()
"""
AREAS = """
for area in ("pursuit", "bid", "negotiation", "plan"):
    env.ref(f"key_account_mgmt.group_kam_area_{area}")._kam_switch_on()
env.cr.commit()
"""


class Databases:
    """
    :param dev: the tool ``./dev`` as a module
    :param environment: its ``Environment``
    :param scale: 1 = the sizes of the performance contract
    """

    def __init__(self, dev, environment, scale=1.0):
        self.dev = dev
        self.environment = environment
        self.scale = scale
        self._made = {}

    def odoo(self):
        return self._ensure("odoo", "dependencies", ["odoo.sql"])

    def accounts(self):
        scripts = ["odoo.sql", "accounts.sql"]
        return self._ensure("accounts", "addon", scripts, code=NIGHT)

    def deals(self):
        return self._ensure("deals", self.accounts(), ["deals.sql"], code=AREAS)

    def _ensure(self, kind, *recipe, **options):
        # Once per run: the addon's files may change meanwhile.
        if kind not in self._made:
            self._made[kind] = self._make(kind, *recipe, **options)
        return self._made[kind]

    def _make(self, kind, template, scripts, code=None):
        """
        :param template: ``"addon"``, ``"dependencies"`` or the name of a database
        """
        dev, environment = self.dev, self.environment
        prefix = f"kam_bench_{kind}_{f'{self.scale:g}'.replace('.', '_')}"
        scripts = [DATA / name for name in (*scripts, "finish.sql")]
        parts = [path.read_bytes() for path in scripts]
        parts += [environment.odoo.identity, dev.read_manifest()["depends"], code or ""]
        if template == "addon":
            parts.append(dev.addon_digest())
        elif template != "dependencies":
            parts.append(template)
        name = f"{prefix}_{dev.digest(*parts)}"
        with dev.exclusive(prefix):
            if not environment.has_database(name):
                self._drop_others(prefix)
                building = f"{prefix}_new"
                if template in ("addon", "dependencies"):
                    environment.create_database(building, template=template)
                else:
                    environment.clone_database(template, building)
                with dev.Step(f"Filling the database {name}"):
                    self._fill(building, scripts[:-1])
                    if code:
                        environment.run_shell(building, code)
                    self._fill(building, scripts[-1:])
                environment.rename_database(building, name)
        return name

    def _fill(self, database, scripts):
        command = ["psql", "-X", "-q", "-d", database, "-v", f"scale={self.scale}"]
        for path in scripts:
            done = subprocess.run(
                [*command, "-f", str(path)],
                env=os.environ | self.environment.env,
                capture_output=True,
                text=True,
            )
            if done.returncode:
                raise self.dev.DevError(f"{path.name}: {done.stderr.strip()}")

    def _drop_others(self, prefix):
        """Each is large and belongs to data or an addon that are no more."""
        names = self.environment.server.query("SELECT datname FROM pg_database")
        for name in names:
            if name.startswith(f"{prefix}_") and name.count("_") == prefix.count("_") + 1:
                self.environment.drop_database(name)
