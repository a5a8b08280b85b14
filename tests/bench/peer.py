"""OCA's base_tier_validation beside the addon: to compare with, never to depend on."""

import copy
import os
import subprocess
import zipfile
from contextlib import contextmanager
from pathlib import Path

MODULE = "base_tier_validation"
REQUIREMENT = f"odoo-addon-{MODULE}==19.0.*"


class Peer:
    """
    :param dev: the tool ``./dev`` as a module
    :param environment: its ``Environment``
    """

    def __init__(self, dev, environment):
        self.dev = dev
        self.environment = environment
        cache = os.environ.get("KAM_BENCH_PEER") or dev.CACHE / "bench"
        self.folder = Path(cache) / MODULE

    def addons(self):
        """The folder of its addon, fetched once from the package index.

        :raise DevError: it cannot be had
        """
        addons = self.folder / "odoo" / "addons"
        if not (addons / MODULE / "__manifest__.py").exists():
            self._fetch()
        return addons

    def _fetch(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        pip = [str(self.environment.python), "-m", "pip", "--disable-pip-version-check"]
        options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--timeout", "10"]
        done = subprocess.run(
            [*pip, "download", *options, "--retries", "1", "-d", str(self.folder), REQUIREMENT],
            capture_output=True,
            text=True,
        )
        wheels = sorted(self.folder.glob("*.whl"))
        if done.returncode or not wheels:
            lines = done.stderr.strip().splitlines() or ["nothing was downloaded"]
            raise self.dev.DevError(lines[-1])
        with zipfile.ZipFile(wheels[-1]) as wheel:
            wheel.extractall(self.folder)

    @contextmanager
    def database(self):
        """(environment, database) with both addons, gone afterwards."""
        environment = copy.copy(self.environment)
        environment.conf = self.folder / "odoo.conf"
        lines = self.environment.conf.read_text().splitlines()
        more = f",{self.addons()}"
        text = "".join(f"{n}{more if n.startswith('addons_path') else ''}\n" for n in lines)
        self.dev.replace_text(environment.conf, text)
        database = environment.create_database(environment.new_name())
        try:
            environment.run(database, "-i", MODULE)
            yield environment, database
        finally:
            environment.drop_database(database)
