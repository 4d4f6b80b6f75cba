"""What ships: the source archive passes its own tests, and the wheel made from it is whole.

PGDISPATCH_TEST_ARCHIVE=1: the archive passes all tests, by the README's own command.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pgdispatch.version import VERSION
from release.artefacts import SYSTEMD, read_metadata, wheel_problems
from support.checkout import ROOT, git, is_clone
from support.wheels.build import build, unpack

README = (ROOT / "README.md").read_text(encoding="utf-8")
OPERATING = (ROOT / "sql" / "OPERATING.md").read_text(encoding="utf-8")
READERS = (  # the tests that read the tree and need no server
    "tests/unit/test_tree.py",
    "tests/unit/test_version.py",
    "tests/unit/benchmarks/test_figures.py",
    "tests/acceptance/deploy/test_systemd.py",
    "tests/acceptance/deploy/test_docker.py",
)
EPOCH = 1_700_000_000


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the source archive, unpacked."""
    folder = tmp_path_factory.mktemp("archive")
    return unpack(build(ROOT, "sdist", folder / "made"), folder / "tree")


@pytest.fixture(scope="module")
def wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the wheel that is built from the archive."""
    return build(tree, "wheel", tmp_path_factory.mktemp("wheel"), epoch=EPOCH)


def tracked() -> set[str]:
    """Return the files that git knows and that are there; in an archive, all."""
    listed = git(ROOT, "ls-files", "-z").split("\0") if is_clone() else []
    return {name for name in listed if name and (ROOT / name).exists()}


def test_the_archive_holds_every_file(tree: Path) -> None:
    """The tests, what they read, and how they are run."""
    held = {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()}

    assert tracked() - held == set()
    assert {"uv.lock", ".ci/run", "docker/.env.example", "PKG-INFO"} <= held


@pytest.mark.timeout(300)
def test_the_archive_passes_the_tests_that_read_the_tree(tree: Path) -> None:
    """Without git, and with its own package."""
    own = os.pathsep.join(str(tree / folder) for folder in ("worker", "cli"))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *READERS]

    done = subprocess.run(
        [*command, "-k", "not login_of_the_nodes"],  # that one starts a server
        cwd=tree,
        env=os.environ | {"PYTHONPATH": own},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )

    assert done.returncode == 0, done.stdout


@pytest.mark.skipif("PGDISPATCH_TEST_ARCHIVE" not in os.environ, reason="takes twenty minutes")
@pytest.mark.timeout(3600)
def test_the_archive_passes_all_tests(tree: Path) -> None:
    """By the command that the README gives."""
    found = re.search(r"^## Tests.*?^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "UV", "VIRTUAL_ENV", "PGDISPATCH_TEST_ARCHIVE"))
    }
    assert found is not None

    done = subprocess.run(
        ["/bin/sh", "-c", found[1]],
        cwd=tree,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-5000:]


def test_the_wheel_is_what_runs_of_the_archive_and_nothing_else(tree: Path, wheel: Path) -> None:
    """Modules, SQL, pages of the console, units: each file as it is there; no tests."""
    assert list(wheel_problems(tree, wheel)) == []
    assert str(read_metadata(wheel).version) == VERSION


@pytest.mark.parametrize("target", ["sdist", "wheel"])
def test_what_is_built_again_elsewhere_is_the_same(
    tree: Path, wheel: Path, tmp_path: Path, target: str
) -> None:
    """By the byte: from files of other times and another mask of rights."""
    copy = tmp_path / "copy"
    shutil.copytree(tree, copy, copy_function=copy_otherwise)

    made = wheel
    if target == "sdist":
        made = build(tree, target, tmp_path / "made", epoch=EPOCH)
    again = build(copy, target, tmp_path / "again", epoch=EPOCH)

    assert made.read_bytes() == again.read_bytes()


def copy_otherwise(source: str, to: str) -> None:
    """Copy a file, but not when it was made, nor who may read it."""
    shutil.copyfile(source, to)
    Path(to).chmod(0o755 if os.access(source, os.X_OK) else 0o600)


def test_the_wheel_has_what_systemd_needs_where_the_page_takes_it(
    wheel: Path,
) -> None:
    """No clone is needed."""
    data = f"pgdispatch-{VERSION}.data/data/"
    names = zipfile.ZipFile(wheel).namelist()
    held = {name.removeprefix(data) for name in names if name.startswith(data)}
    taken = re.findall(rf"/opt/pgdispatch/({SYSTEMD}/\S+)", OPERATING)

    assert len(taken) == 5
    assert held == set(taken)
