"""A folder of SQL functions calls only folders on lower floors, as sql/README.md lists them."""

from __future__ import annotations

import re
from pathlib import Path

SQL = Path(__file__).resolve().parents[2] / "sql"
ROW = re.compile(r"^\| (\d+) \| \[`(\w+)`\]\(functions/\2\) \|", re.MULTILINE)
FLOORS = {folder: int(floor) for floor, folder in ROW.findall((SQL / "README.md").read_text())}
FILES = {path.stem: path for path in (SQL / "functions").rglob("*.sql")}
PROSE = re.compile(r"/\*.*?\*/|--[^\n]*|'[^']*'", re.DOTALL)
CALL = re.compile(r"\bpgdispatch\.(\w+)\s*\(")


def folder(name: str) -> str:
    """Return the folder of a function."""
    return FILES[name].parent.name


def called(name: str) -> set[str]:
    """Return the functions that a function calls, and those that the triggers beside it run."""
    text = PROSE.sub("", FILES[name].read_text(encoding="utf-8"))
    return {other for other in CALL.findall(text) if other in FILES}


def test_each_folder_has_a_floor() -> None:
    """And a line that says what it is for."""
    assert set(FLOORS) == {path.parent.name for path in FILES.values()}


def test_a_folder_calls_only_folders_on_lower_floors() -> None:
    """Whoever reads a folder needs only those below it."""
    upward = [
        f"{folder(name)}/{name} calls {folder(other)}/{other}"
        for name in sorted(FILES)
        for other in sorted(called(name))
        if folder(other) != folder(name) and FLOORS[folder(other)] >= FLOORS[folder(name)]
    ]

    assert upward == []
