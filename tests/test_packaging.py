"""The addon as a Python package, odoo-addon-key_account_mgmt."""

import email
import os
import re
import subprocess
import zipfile

import pytest
from repository import REPO

ADDON = "key_account_mgmt"


class Wheel:
    """A built wheel: its file name, metadata, and the addon's files by their path."""

    def __init__(self, path):
        self.name = path.name
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            [metadata] = [name for name in names if name.endswith(".dist-info/METADATA")]
            self.metadata = email.message_from_bytes(archive.read(metadata))
        root = f"odoo/addons/{ADDON}/"
        self.files = {name.removeprefix(root) for name in names if name.startswith(root)}
        self.others = {name for name in names if not name.startswith(root)}


@pytest.fixture(scope="module")
def wheel(dev, tmp_path_factory):
    """The wheel as `pip wheel` makes it, with the tools that are installed."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        *(str(dev.Python.ensure(tools=True)), "-m", "pip", "wheel", "--no-input", "--quiet"),
        *("--disable-pip-version-check", "--no-index", "--no-deps", "--no-build-isolation"),
        *("--wheel-dir", str(folder), str(REPO / ADDON)),
    ]
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    # git refuses a repository of another user, which a CI's container often is
    env |= {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": str(REPO),
    }
    done = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    [path] = folder.glob("*.whl")
    return Wheel(path)


def test_name_and_version_are_those_of_the_manifest(dev, wheel):
    version = dev.read_manifest()["version"]
    assert wheel.metadata["Name"] == f"odoo-addon-{ADDON}"
    assert wheel.metadata["Version"] == version
    assert wheel.metadata["License"] == "LGPL-3"
    assert wheel.name == f"odoo_addon_{ADDON}-{version}-py3-none-any.whl"


def test_it_needs_odoo_and_no_other_package(wheel):
    assert wheel.metadata.get_all("Requires-Dist") == ["odoo==19.0.*"]


def test_every_file_of_the_manifest_is_inside(dev, wheel):
    manifest = dev.read_manifest()
    named = set(manifest["data"])
    for patterns in manifest["assets"].values():
        for pattern in patterns:
            found = REPO.glob(pattern)
            matched = {str(path.relative_to(REPO / ADDON)) for path in found if path.is_file()}
            assert matched, pattern
            named |= matched
    assert not named - wheel.files, "named in the manifest, but not under git's control"


def test_what_no_manifest_names_is_inside(wheel):
    """Files that Odoo or our code finds by their place."""
    assert {
        "__init__.py",
        "__manifest__.py",
        "data/neutralize.sql",
        "demo/__init__.py",
        "demo/customers.csv",
        "demo/logins.csv",
        "i18n/key_account_mgmt.pot",
        "i18n/zh_CN.po",
        "static/description/icon.png",
    } <= wheel.files


def git(*arguments):
    """What git says about the addon's folder, in lines."""
    command = ["git", "-c", f"safe.directory={REPO}", *arguments]
    done = subprocess.run(command, cwd=REPO / ADDON, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_it_is_the_folder_as_git_sees_it(wheel):
    """Nothing is forgotten, and no cache or build file slips in."""
    assert wheel.files == set(git("ls-files")) - {"pyproject.toml"}
    assert not [name for name in wheel.files if "__pycache__" in name or name.endswith(".pyc")]
    assert all(".dist-info/" in name for name in wheel.others)


def test_building_leaves_nothing_behind(wheel):
    said = git("status", "--porcelain", "--ignored", ".")
    assert not [line for line in said if "build" in line or "egg-info" in line]


def test_no_text_was_left_half_merged():
    """No file of the repository holds the marks of a merge that was not finished."""
    marks = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
    names = [name for name in git("ls-files", "--full-name", ":/") if not name.endswith(".png")]
    assert len(names) > 100
    texts = {name: (REPO / name).read_bytes().decode(errors="replace") for name in names}
    assert not [name for name, text in texts.items() if marks.search(text)]
