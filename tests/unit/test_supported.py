"""What is supported is the same wherever it is said."""

from __future__ import annotations

import re
import tomllib

from pgdispatch.database.server_versions import OLDEST, TESTED_UP_TO
from support.checkout import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8").partition("## What it runs on\n")[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOW = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")


def row(name: str) -> str:
    """Return what the table of the README says of something in its second column."""
    found = re.search(rf"^\| {re.escape(name)} \| ([^|]+) \|", README, re.MULTILINE)
    assert found is not None, f"README.md has no row of {name}"
    return found[1]


def oldest(package: str) -> str:
    """Return the oldest version of a package that pyproject.toml names."""
    extras = PROJECT["optional-dependencies"].values()
    named = [*PROJECT["dependencies"], *(one for extra in extras for one in extra)]
    bound = re.compile(rf"{package}(?:\[[^\]]+\])?>=([\d.]+)")
    found = {match[1] for one in named if (match := bound.fullmatch(one))}
    assert len(found) == 1, f"pyproject.toml has {found} of {package}"
    return found.pop()


def test_python_is_the_same_everywhere() -> None:
    """README, what an index is told, and the workflow."""
    minors = re.findall(r"3\.\d+", row("Python"))
    told = [re.search(r":: Python :: (3\.\d+)$", one) for one in PROJECT["classifiers"]]

    assert minors == [found[1] for found in told if found]
    assert PROJECT["requires-python"] == f">={minors[0]}"
    assert set(re.findall(r'python: "(3\.\d+)"', WORKFLOW)) == set(minors)


def test_postgresql_is_the_same_everywhere() -> None:
    """README, what the installer refuses or remarks on, and the workflow."""
    told = {int(number) for number in re.findall(r'postgresql: "(\d+)"', WORKFLOW)}

    assert row("PostgreSQL") == f"{OLDEST} to {TESTED_UP_TO}"
    assert told == set(range(OLDEST, TESTED_UP_TO + 1))


def test_the_oldest_libraries_are_those_that_are_asked_for() -> None:
    """Of those that an application brings along itself."""
    for name, package in (("SQLAlchemy", "sqlalchemy"), ("psycopg", "psycopg"), ("asyncpg",) * 2):
        assert row(name).startswith(f"{oldest(package)} ")
