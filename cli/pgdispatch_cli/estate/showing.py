"""A plan for people, and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pgdispatch.database.differences import differences
from pgdispatch_cli.estate.document import Document
from pgdispatch_cli.estate.kinds import CONTRACT, LINKED_TASK, NOTICE_RULE, SITE, TASK
from pgdispatch_cli.estate.plan import ADD, CHANGE, DELETE, LEAVE, Change
from pgdispatch_cli.output import write_folded
from pgdispatch_cli.stderr import printable, write_remark

BECOMES = {ADD: "to add", CHANGE: "to change", DELETE: "to delete"}
BECAME = {ADD: "added", CHANGE: "changed", DELETE: "deleted"}
SIGNS = {ADD: "+", CHANGE: "~", DELETE: "-"}


def write_plan(changes: Iterable[Change]) -> None:
    """Write a line for each row that is added, changed or deleted."""
    for change in changes:
        if change.what != LEAVE:
            write_folded(printable(sentence(change)), first=f"{SIGNS[change.what]} ")


def sentence(change: Change) -> str:
    """Return what becomes of a row: `task 17 "Sales" (flow, acme): priority 50 → 10`."""
    row = change.row
    named = f"{row.kind.noun} {row.name}"
    if row.kind is TASK:
        named += f" ({row.values['type']}, {row.values['site']})"
    elif row.kind in {LINKED_TASK, CONTRACT}:
        named += f" ({row.values['site']})"
    if change.what == DELETE:
        return f"{named}; {change.along}" if change.along else named
    if row.kind is NOTICE_RULE or (not change.after and not change.before):
        return named
    before = change.before if change.what == CHANGE else None
    return f"{named}: {differences(before, change.after)}"


def counted(changes: Iterable[Change], *whats: str) -> str:
    """Return how many rows of each kind: `2 sites, 1 task`."""
    numbers = Counter(change.kind.noun for change in changes if change.what in whats)
    return ", ".join(f"{n} {noun}{'s' if n > 1 else ''}" for noun, n in numbers.items())


def summary(changes: Iterable[Change], words: Mapping[str, str]) -> str:
    """Return how many rows are added, changed and deleted, in such words."""
    numbers = Counter(change.what for change in changes)
    return ", ".join(f"{numbers[what]} {word}" for what, word in words.items())


def write_left(changes: Sequence[Change]) -> None:
    """Say what is not in the file, if anything."""
    left = counted(changes, LEAVE)
    if left:
        write_remark(f"not in the file: {left}; with --prune they go")


def as_rows(document: Document, changes: Iterable[Change]) -> list[dict[str, Any]]:
    """Return a plan for programs."""
    return [
        {
            "what": change.what,
            "kind": change.kind.noun,
            "name": None if change.kind in {TASK, LINKED_TASK} else change.row.name,
            "id": change.row.id,
            "title": change.row.values.get("title"),
            "site": change.row.values.get("name" if change.kind is SITE else "site"),
            "line": document.line(change.row.path),
            "before": change.before,
            "after": change.after,
            "takes_along": change.along or None,
        }
        for change in changes
    ]
