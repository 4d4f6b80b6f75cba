"""Advisory locks have names, and their numbers stand in one place: the function lock_class."""

from __future__ import annotations

import re
from pathlib import Path

from pgdispatch.handlers import flow
from pgdispatch.schema import upgrade
from pgdispatch.schema.other_schema import LOCKS

ROOT = Path(__file__).resolve().parents[2]
SQL = ROOT / "sql"
CLASSES = SQL / "functions/settings/lock_class.sql"
NUMBERS = re.findall(r"when '(\w+)' then (\d+)", CLASSES.read_text(encoding="utf-8"))
NAMES = [name for name, _ in NUMBERS]
NUMBER = re.compile(rf"{LOCKS}\d*")
NAMED = re.compile(r"\block_class\(([^)]*)\)")
TAKEN = re.compile(r"\bpg_(?:try_)?advisory\w*\(\s*+(?!pgdispatch\.lock_class\('\w+'\),\s)[^\n]*")


def texts() -> dict[str, str]:
    """Return the SQL files that use locks, by name."""
    files = [*(SQL / "functions").rglob("*.sql"), *(SQL / "views").glob("*.sql")]
    files += [*(SQL / "checks").glob("*.sql")]
    return {path.stem: path.read_text(encoding="utf-8") for path in files if path != CLASSES}


def test_each_class_of_locks_has_a_name_and_a_number_of_its_own() -> None:
    """Which begins as all do, so that another schema's locks can be others."""
    numbers = [number for _, number in NUMBERS]

    assert len(set(NAMES)) == len(NAMES) == len(set(numbers)) > 0
    assert {number[:-3] for number in numbers} == {LOCKS}


def test_each_lock_is_taken_by_a_name_that_is_listed() -> None:
    """No bare number, and none that is a mistake in writing."""
    found = texts()
    used = {word for text in found.values() for word in NAMED.findall(text)}

    assert [name for name, text in found.items() if NUMBER.search(text)] == []
    assert [line for text in found.values() for line in TAKEN.findall(text)] == []
    assert {word.strip("'") for word in used} <= set(NAMES)


def test_numbers_in_python_are_those_that_are_listed() -> None:
    """Where there may be no schema to ask: before it is installed, and in a flow's database."""
    numbers = dict(NUMBERS)
    found = {
        path.stem: NUMBER.findall(text)
        for path in [*(ROOT / "worker").rglob("*.py"), *(ROOT / "cli").rglob("*.py")]
        if LOCKS in (text := path.read_text(encoding="utf-8"))
    }

    assert str(upgrade.INSTALL_LOCK) == numbers["installation"]
    assert NUMBER.findall(flow.REPLACING) == [numbers["flow_result"]]
    assert found == {
        "upgrade": [numbers["installation"]],
        "flow": [numbers["flow_result"]],
        "other_schema": [LOCKS],
    }


def test_numbers_in_pages_are_those_that_are_listed() -> None:
    """Readers may not call the function: a query of theirs has the number, and the name beside."""
    shown = re.compile(rf"({LOCKS}\d*)(?:.*lock_class\('(\w+)'\))?")
    pages = [path.read_text(encoding="utf-8") for path in [*ROOT.glob("*.md"), *SQL.glob("*.md")]]
    found = {(name, number) for text in pages for number, name in shown.findall(text)}

    assert found <= set(NUMBERS)
