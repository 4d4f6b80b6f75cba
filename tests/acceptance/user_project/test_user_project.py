"""An application's own project: handlers, their tests, and producers, with types checked.

It is checked as its author would: by mypy and by pyright (as basedpyright, which PyPI has with all
it needs), both strict, from the outside, with what the package says of itself.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.checkout import ROOT
from support.pages import FIRST_STEPS, python_blocks

PROJECT = Path(__file__).with_name("project")
LISTED = (ROOT / "worker" / "README.md").read_text(encoding="utf-8")
MODULES = re.findall(r"^## `(pgdispatch[\w.]*)`", LISTED, re.MULTILINE)
MISSPELT = [
    *(f"from {module} import enquue as name_{number}" for number, module in enumerate(MODULES)),
    "from pgdispatch.testng import run",
    "from pgdispatch import enqueue",
    'enqueue("system", tittle="x")',
    "from pgdispatch.psycopg import enqueue as for_psycopg",
    'for_psycopg("system", prioriti=1)',
]
RIGHT = {line for line in MISSPELT if re.fullmatch(r"from .* import enqueue( as \w+)?", line)}
WRONG = {number for number, line in enumerate(MISSPELT, 1) if line not in RIGHT}
Found = set[tuple[str, int]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give the project, what pages show, and a module in which everything is misspelt."""
    folder = tmp_path / "project"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    producers, handlers = (ROOT / "worker" / f"{name}.md" for name in ("PRODUCERS", "HANDLERS"))
    shown = [*python_blocks(producers), python_blocks(handlers)[0], python_blocks(FIRST_STEPS)[0]]
    for number, block in enumerate(shown):
        (folder / f"shown_{number}.py").write_text(block, encoding="utf-8")
    (folder / "misspelt.py").write_text("\n".join(MISSPELT) + "\n", encoding="utf-8")
    return folder


def run(folder: Path, *command: str) -> str:
    """Run a program in a folder; return what it says."""
    ran = subprocess.run(
        [sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert ran.returncode in (0, 1), ran.stderr
    return ran.stdout


def by_mypy(folder: Path) -> Found:
    """Return where mypy sees an error."""
    cache = ROOT / ".mypy_cache" / "user_project"
    said = run(folder, "-m", "mypy", "--cache-dir", str(cache), "--no-error-summary", ".")
    found = re.findall(r"^(\w+\.py):(\d+): error: (.*)$", said, re.MULTILINE)
    return {(file, int(line)) for file, line, _ in found}


def by_pyright(folder: Path) -> Found:
    """Return where pyright sees an error."""
    options = ("--outputjson", "--pythonpath", sys.executable, "--level", "error")
    said = json.loads(run(folder, "-m", "basedpyright", *options))
    assert said["summary"]["filesAnalyzed"] == len(list(folder.glob("*.py")))
    return {
        (Path(each["file"]).name, each["range"]["start"]["line"] + 1)
        for each in said["generalDiagnostics"]
        if each["severity"] == "error"
    }


@pytest.mark.parametrize("check", [by_mypy, by_pyright])
def test_a_users_project_has_types_and_what_is_misspelt_is_an_error(
    check: object, project: Path
) -> None:
    """Each line that is wrong, and no other."""
    assert callable(check)
    assert check(project) == {("misspelt.py", line) for line in WRONG}


def test_a_users_tests_pass(project: Path) -> None:
    """As they are run there, with pytest and the package and nothing of this checkout."""
    said = run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider")

    assert re.search(r"^5 passed", said, re.MULTILINE), said
