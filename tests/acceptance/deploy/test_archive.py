"""What ships: the source archive passes its own tests, and the wheel made from it is whole.

PGDISPATCH_TEST_ARCHIVE=1: the archive passes all tests, by the README's own command.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from pgdispatch.version import VERSION
from support.checkout import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
OPERATING = (ROOT / "sql" / "OPERATING.md").read_text(encoding="utf-8")
READERS = (  # the tests that read the tree and need no server
    "tests/unit/test_tree.py",
    "tests/unit/test_version.py",
    "tests/unit/benchmarks/test_figures.py",
    "tests/acceptance/deploy/test_systemd.py",
    "tests/acceptance/deploy/test_docker.py",
)
SYSTEMD = "share/pgdispatch/systemd"


def build(tree: Path, target: str, into: Path) -> Path:
    """Build one target of a tree, and return the file."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(into)]
    subprocess.run(command, cwd=tree, check=True, capture_output=True, timeout=100)
    (made,) = into.glob("*.tar.gz" if target == "sdist" else "*.whl")
    return made


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the source archive, unpacked."""
    folder = tmp_path_factory.mktemp("archive")
    with tarfile.open(build(ROOT, "sdist", folder)) as archive:
        archive.extractall(folder, filter="data")
    return folder / f"pgdispatch-{VERSION}"


@pytest.fixture(scope="module")
def wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Give the wheel that is built from the archive."""
    return zipfile.ZipFile(build(tree, "wheel", tmp_path_factory.mktemp("wheel")))


def tracked() -> set[str]:
    """Return the files that git knows and that are there; in an archive, all."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        return set()
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {name for name in listed.split("\0") if name and (ROOT / name).exists()}


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


def test_the_wheel_has_the_version_and_the_schema_of_the_archive(
    tree: Path, wheel: zipfile.ZipFile
) -> None:
    """It is computed where the wheel is built, and where it runs."""
    metadata = wheel.read(f"pgdispatch-{VERSION}.dist-info/METADATA").decode()
    steps = {name for name in wheel.namelist() if name.startswith("pgdispatch/sql/versions/")}

    assert f"\nVersion: {VERSION}\n" in metadata
    assert len(steps) == len(list((tree / "sql" / "versions").glob("*.sql")))


def test_the_wheel_has_what_systemd_needs_where_the_page_takes_it(
    wheel: zipfile.ZipFile,
) -> None:
    """No clone is needed."""
    data = f"pgdispatch-{VERSION}.data/data/"
    held = {name.removeprefix(data) for name in wheel.namelist() if name.startswith(data)}
    taken = re.findall(rf"/opt/pgdispatch/({SYSTEMD}/\S+)", OPERATING)

    assert len(taken) == 5
    assert held == set(taken)


def test_the_wheel_has_the_console_as_the_archive_has_it(
    tree: Path, wheel: zipfile.ZipFile
) -> None:
    """Its templates and files are no modules, and are read from where it runs."""
    folder = tree / "worker" / "pgdispatch" / "web" / "console"
    wanted = {
        f"pgdispatch/web/console/{path.relative_to(folder)}": path.read_bytes()
        for name in ("templates", "static")
        for path in (folder / name).iterdir()
    }

    assert {"base.html", "console.js", "console.css"} <= {Path(name).name for name in wanted}
    assert {name: wheel.read(name) for name in wanted} == wanted
