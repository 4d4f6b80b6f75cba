"""What differs between a file and a database, row by row."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pgdispatch_cli.estate.document import Document, check_known
from pgdispatch_cli.estate.kinds import (
    SETTING,
    TASK,
    Columns,
    Estate,
    Kind,
    Row,
    kinds_of,
)

ADD, CHANGE, DELETE, LEAVE = "add", "change", "delete", "leave"
Facts = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """What is to become of one row: add, change, delete; leave, where only --prune would delete it.

    `before` and `after` are what differs, as in `pgdispatch changes`. `along` is what a delete
    takes along, or finds in its way.
    """

    what: str
    row: Row
    present: Row | None = None
    before: Facts | None = None
    after: Facts | None = None
    along: str = ""

    @property
    def kind(self) -> Kind:
        """The kind of the row."""
        return self.row.kind


def compare(document: Document, present: Estate, columns: Columns, *, prune: bool) -> list[Change]:
    """Return what is to be done so that the database has what the file says.

    Rows of the file that are in the database get their numbers. Of a table that is not in the file
    nothing is deleted or left.
    """
    changes: list[Change] = []
    for kind in kinds_of(document.site):
        if kind.table not in document.rows:
            continue
        known = present.rows[kind.table]
        check_settings(document, kind, known)
        names = tuple(column.name for column in columns[kind.table])
        names += (kind.part,) if kind.part else ()
        matched = pairs(kind, document.rows[kind.table], known, names)
        for wanted, there in matched:
            if wanted is None:
                if there is not None and not there.is_given:
                    changes.append(without(there, present, names, prune=prune))
            elif there is None:
                changes.append(Change(ADD, wanted, after=facts(wanted, names, columns)))
            else:
                wanted.id = there.id
                changes += differing(wanted, there, names)
    return changes


def check_settings(document: Document, kind: Kind, known: Iterable[Row]) -> None:
    """Refuse a setting that there is not."""
    if kind is SETTING:
        names = [row.values["name"] for row in known]
        for row in document.rows[kind.table]:
            check_known(document, row.path, names)


def pairs(
    kind: Kind, wanted: Iterable[Row], known: Iterable[Row], names: tuple[str, ...]
) -> Iterator[tuple[Row | None, Row | None]]:
    """Yield the rows of the file, each with its own of the database; then those that are left."""
    left = grouped(known, kind.key)
    files = grouped(wanted, kind.key)
    mine: dict[Row, Row] = {}
    for key, rows in files.items():
        for columns in (names, *kind.nearest):
            alike = grouped(left.get(key, []), columns)
            for row in rows:
                same = alike.get(look(row, columns))
                if row not in mine and same:
                    mine[row] = same.pop(0)
            left[key] = [row for rest in alike.values() for row in rest]
    for rows in files.values():
        yield from zip(rows, in_turn(rows, mine, names), strict=True)
    for rows in left.values():
        yield from ((None, row) for row in rows)


def in_turn(
    rows: Iterable[Row], mine: Mapping[Row, Row], names: tuple[str, ...]
) -> Iterator[Row | None]:
    """Yield what the rows are taken for; of those that are wholly alike, in the order of numbers.

    An export has them in that order: so steps that mean one of them go on meaning the same.
    """
    turns = {
        alike: iter(sorted((mine[row] for row in same if row in mine), key=lambda row: row.id or 0))
        for alike, same in grouped(rows, names).items()
    }
    for row in rows:
        yield next(turns[look(row, names)], None)


def grouped(rows: Iterable[Row], columns: tuple[str, ...]) -> dict[str, list[Row]]:
    """Return the rows that have the same values in some columns together."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[look(row, columns)].append(row)
    return found


def look(row: Row, columns: tuple[str, ...]) -> str:
    """Return what rows are compared by, as a text that can be a key."""
    return repr([comparable(row.values.get(name)) for name in columns])


def comparable(value: Any) -> Any:
    """Return a value; of steps, what the database has of them."""
    if isinstance(value, Row):
        return "row", value.id
    if isinstance(value, list) and value and hasattr(value[0], "facts"):
        return [step.facts for step in value]
    return value


def differing(wanted: Row, there: Row, names: tuple[str, ...]) -> Iterator[Change]:
    """Yield the change of a row, if there is any."""
    before: Facts = {}
    after: Facts = {}
    for name in names:
        old, new = there.values.get(name), wanted.values.get(name)
        if comparable(old) == comparable(new):
            continue
        if name == wanted.kind.part:
            was, becomes = parts(there), parts(wanted)
            before.update({k: v for k, v in was.items() if becomes.get(k, ...) != v})
            after.update({k: v for k, v in becomes.items() if was.get(k, ...) != v})
            if was == becomes:  # another task of the same title
                before, after = {**before, **was}, {**after, **becomes}
        else:
            before[name], after[name] = shown(wanted.kind, name, old), shown(wanted.kind, name, new)
    if before or after:
        yield Change(CHANGE, wanted, there, before, after)


def without(there: Row, present: Estate, names: tuple[str, ...], *, prune: bool) -> Change:
    """Return what becomes of a row that is not in the file; a setting has its default again."""
    if not prune:
        return Change(LEAVE, there, there)
    if there.kind is SETTING:
        default = present.default_values[there.values["name"]]
        row = replace(there, values={**there.values, "value": default})
        return Change(CHANGE, row, there, {"value": there.values["value"]}, {"value": default})
    own = (name for name in names if name != there.kind.part)
    before = {name: shown(there.kind, name, there.values[name]) for name in own} | parts(there)
    before = {name: value for name, value in before.items() if value is not None}
    return Change(DELETE, there, there, before=before)


def facts(row: Row, names: tuple[str, ...], columns: Columns) -> Facts:
    """Return what a new row says, but for what is so by default and for what it is known by."""
    usual = {column.name: column.default for column in columns[row.kind.table]}
    found: Facts = {}
    for name in names:
        value = row.values[name]
        if name == row.kind.part:
            found.update(parts(row))
        elif name not in row.kind.key and value != usual[name]:
            found[name] = shown(row.kind, name, value)
    return found


def parts(row: Row) -> Facts:
    """Return what a row has of another table, if anything, each under a name of its own."""
    if row.kind.part == "timeouts":
        return {f"timeout of {kind}": value for kind, value in row.values["timeouts"].items()}
    if row.kind.part == "days":
        return {f"day {day}": day_words(*facts) for day, facts in row.values["days"].items()}
    return {
        f"step {step.step}": step.task.values["title"]
        + ("" if step.stop_on_failure else " (go on)")
        for step in row.values.get("steps", [])
    }


def day_words(name: str | None, works: bool) -> str:
    """Return what a day of a calendar is, as in `pgdispatch changes`."""
    return ("works" if works else "free") + (f": {name}" if name else "")


def shown(kind: Kind, name: str, value: Any) -> Any:
    """Return a value for people and programs: arguments as JSON, not as its text."""
    if name == "args" and kind is TASK and value is not None:
        return json.loads(value)
    return value.values["title"] if isinstance(value, Row) else value
