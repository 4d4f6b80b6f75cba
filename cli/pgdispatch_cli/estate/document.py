"""A file read: its rows, each value of the type of its column; what is wrong is said with its line.

What its values mean to the database, `normalise` asks it; whether they are allowed, shows when they
are applied.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from typing import Any, LiteralString, NoReturn

import psycopg

from pgdispatch.errors import InvalidInputError
from pgdispatch_cli.estate import statements as sql
from pgdispatch_cli.estate.kinds import (
    CALENDAR,
    CONTRACT,
    FORMAT,
    GRANT,
    JOB_TYPE,
    KINDS,
    LINKED_TASK,
    NOTICE_RULE,
    REFERENCES,
    ROLES,
    SCHEDULE,
    SETTING,
    SITE,
    STEP_TASK,
    TASK,
    WEEKDAYS,
    Column,
    Columns,
    Estate,
    Kind,
    Path,
    Row,
    Step,
    by_name,
    kinds_of,
    usual_priority,
)
from pgdispatch_cli.estate.toml_lines import lines_of
from pgdispatch_cli.estate.toml_text import NONE

INTEGERS = {"int2": 2**15, "int4": 2**31, "int8": 2**63}
LITERALS: Mapping[str, LiteralString] = {
    name: name for name in ("interval", "time", "timestamptz", "jsonb")
}
WHERE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
HEADER_KEYS = ("format", "only_site")


@dataclass
class Document:
    """A file: what it is called, its text, and its rows.

    `site`: only what belongs to it counts; `only_site`: the file has nothing else.
    """

    name: str
    text: str
    rows: dict[str, list[Row]] = field(default_factory=dict)
    site: str | None = None
    only_site: str | None = None

    def refuse(self, path: Path, complaint: str, hint: str | None = None) -> NoReturn:
        """Raise InvalidInputError that says on which line something is wrong."""
        raise InvalidInputError(f"{self.where(path)}: {complaint}", hint=hint)

    @cached_property
    def lines(self) -> Mapping[Path, int]:
        """On which lines what it has begins."""
        return lines_of(self.text)

    def line(self, path: Path) -> int | None:
        """Return the line of what is at `path`, or of what that is within."""
        ends = range(len(path), 0, -1)
        return next((self.lines[path[:end]] for end in ends if path[:end] in self.lines), None)

    def where(self, path: Path) -> str:
        """Return the file's name and the line of what is at `path`."""
        line = self.line(path)
        return self.name if line is None else f"{self.name}, line {line}"


def fill(document: Document, tables: Mapping[str, Any], columns: Columns, present: Estate) -> None:
    """Read the rows of a file; raises InvalidInputError for what cannot be one."""
    known = [*HEADER_KEYS, *(kind.table for kind in KINDS)]
    for table in tables:
        check_known(document, (table,), known)
    for kind in KINDS:
        if kind.table not in tables:
            continue
        if kind not in kinds_of(document.only_site):
            document.refuse((kind.table,), f"a file of one site has no {kind.table}")
        if kind in kinds_of(document.site):
            document.rows[kind.table] = rows_of(
                document, kind, tables[kind.table], columns[kind.table]
            )
    refer(document, present)
    keep_site(document)
    check_doubles(document)


def parsed(name: str, content: bytes, site: str | None) -> tuple[Document, dict[str, Any]]:
    """Return a file without its rows, and what TOML has of them, of which `fill` makes rows.

    With `site` only what belongs to that counts. Raises InvalidInputError for what is no such file.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidInputError(
            f"{name}, line {line}: not UTF-8", hint="save the file in UTF-8"
        ) from None
    document = Document(name, text)
    try:
        tables = tomllib.loads(text)
    except RecursionError:
        raise InvalidInputError(f"{name}: nested too deeply") from None
    except tomllib.TOMLDecodeError as error:
        found = WHERE.search(str(error))
        message = str(error)[: found.start()] if found else str(error)
        at = found[1] if found and found[1] else text.count("\n") + 1
        raise InvalidInputError(
            f"{name}, line {at}: not TOML: {message[:1].lower()}{message[1:]}",
            hint="see how it is written: pgdispatch export",
        ) from None
    if "format" not in tables:
        raise InvalidInputError(
            f"{name} does not say its format",
            hint=f"begin it with: format = {FORMAT}; or see: pgdispatch export",
        )
    if tables["format"] != FORMAT or isinstance(tables["format"], bool):
        document.refuse(
            ("format",),
            f"format {tables['format']!r} is not known",
            f"this pgdispatch reads format {FORMAT}; apply the file with the one that wrote it",
        )
    only = tables.get("only_site")
    if only is not None and not isinstance(only, str):
        document.refuse(("only_site",), "only_site must be the name of a site")
    if only is not None and site not in {None, only}:
        document.refuse(("only_site",), f"the file is of site {only}, not of {site}")
    document.only_site, document.site = only, only or site
    return document, tables


def check_known(document: Document, path: Path, known: Iterable[str]) -> None:
    """Refuse a key that there is not, with what may have been meant."""
    key = str(path[-1])
    names = sorted(known)
    if key not in names:
        near = difflib.get_close_matches(key, names, n=1)
        guess = f"did you mean {near[0]}? " if near else ""
        document.refuse(path, f"{key} is not known", f"{guess}known: {', '.join(names)}")


def rows_of(document: Document, kind: Kind, table: Any, columns: tuple[Column, ...]) -> list[Row]:
    """Return the rows of one table of the file."""
    found: Iterable[tuple[Any, Any]]
    if kind.is_named:
        shape = f"must hold tables, such as [{kind.table}.name]"
        found = table.items() if isinstance(table, dict) else ()
    else:
        shape = f"must be a list of tables, each [[{kind.table}]]"
        found = enumerate(table) if isinstance(table, list) else ()
    if not isinstance(table, dict if kind.is_named else list):
        document.refuse((kind.table,), f"{kind.table} {shape}")
    rows = []
    for key, values in found:
        path = (kind.table, key)
        if kind is SETTING:
            rows.append(Row(kind, setting(document, path, values), path))
        elif isinstance(values, dict):
            named = {**values, "name": key} if kind.is_named else values
            rows.append(row_of(document, Row(kind, {}, path), named, columns))
        else:
            document.refuse(path, f"{kind.table} {shape}")
    return rows


def setting(document: Document, path: Path, value: Any) -> dict[str, Any]:
    """Return name and value of a setting."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        document.refuse(path, f"{path[-1]} must be a text or a whole number")
    return {
        "name": checked_text(document, path, str(path[-1])),
        "value": checked_text(document, path, str(value)),
    }


def row_of(
    document: Document, row: Row, values: Mapping[str, Any], columns: tuple[Column, ...]
) -> Row:
    """Fill in a row: what it says, and what is so where it says nothing."""
    kind = row.kind
    known = [column.name for column in columns] + ([kind.part] if kind.part else [])
    for key in values:
        check_known(document, (*row.path, key), known)
    for column in columns:
        path = (*row.path, column.name)
        if column.name in values:
            reading = reference if row.refers(column.name) else value_of
            row.values[column.name] = reading(document, path, values[column.name], column)
        elif column.name == kind.site and document.only_site is not None:
            row.values[column.name] = document.only_site
        elif column.is_required:
            document.refuse(row.path, f"{column.name} is missing")
        else:
            row.values[column.name] = column.default
    if kind is TASK or kind is LINKED_TASK:
        row.says_priority = "priority" in values
    if kind.part:
        path = (*row.path, kind.part)
        row.values[kind.part] = PARTS_READ[kind](document, path, values.get(kind.part))
    if kind is GRANT:
        check_grant(document, row)
    elif kind is CALENDAR:
        order_weekdays(row)
    return row


def order_weekdays(row: Row) -> None:
    """Write the weekdays of a calendar as the database does; what is none, it refuses."""
    given = {text.strip().lower()[:3] for text in row.values["working_weekdays"]}
    if given <= {*WEEKDAYS}:
        row.values["working_weekdays"] = [day for day in WEEKDAYS if day in given]


def value_of(document: Document, path: Path, value: Any, column: Column) -> Any:
    """Return a value as the database has it, or nearly: see `normalise`."""
    kind = column.type
    if value == NONE and column.is_nullable and kind != "text":
        return None
    if kind in INTEGERS or kind == "float8":
        most = INTEGERS.get(kind)
        return (
            whole_number(document, path, value, most=most - 1)
            if most
            else number(document, path, value)
        )
    if kind == "jsonb":
        return arguments(document, path, value)
    if (kind == "time" and isinstance(value, time)) or (
        kind == "timestamptz" and isinstance(value, datetime)
    ):
        return value.isoformat()
    if kind == "bool" and not isinstance(value, bool):
        document.refuse(path, f"{column.name} must be true or false")
    if kind == "_text" and not isinstance(value, list):
        document.refuse(path, f"{column.name} must be a list of texts")
    if isinstance(value, list) and kind == "_text":
        return [checked_text(document, path, item) for item in value]
    return value if kind == "bool" else checked_text(document, path, value)


def whole_number(document: Document, path: Path, value: Any, *, most: int) -> int:
    """Return a whole number that its column can hold."""
    if isinstance(value, bool) or not isinstance(value, int):
        document.refuse(path, f"{path[-1]} must be a whole number")
    if not -most <= value <= most:
        document.refuse(path, f"{path[-1]} {value} is out of range")
    return value


def number(document: Document, path: Path, value: Any) -> float:
    """Return a number, with or without a fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        document.refuse(path, f"{path[-1]} must be a number")
    return float(value)


def reference(document: Document, path: Path, value: Any, _: Column) -> dict[str, Any] | None:
    """Return which task or linked task a contract is about, which `refer` turns into its row."""
    if value == NONE:
        return None
    kinds = {"title": str, "which": int}
    kinds |= {"type": str} if path[-1] == "task" else {}
    if not isinstance(value, dict) or not {*kinds} - {"which"} <= {*value}:
        shape = ", ".join(f'{name} = "…"' for name in kinds if name != "which")
        document.refuse(path, f"{path[-1]} must be a table, such as {{ {shape} }}")
    for key, fact in value.items():
        check_known(document, (*path, key), kinds)
        if type(fact) is not kinds[key] or (type(fact) is int and not 0 < fact < 2**31):
            document.refuse(path, f"{key} of {path[-1]} cannot be {fact!r}")
    return {"which": 1, **value}


def checked_text(document: Document, path: Path, value: Any) -> str:
    """Return a text that a database can have."""
    if not isinstance(value, str):
        document.refuse(path, f"{path[-1]} must be text, in quotes")
    if "\x00" in value:
        document.refuse(path, f"{path[-1]} has a zero character, which no text can have")
    return value


def arguments(document: Document, path: Path, value: Any) -> str:
    """Return the JSON of a table, or of a text that is JSON."""
    name = path[-1]
    try:
        found = (
            json.loads(value, parse_constant=refuse_constant) if isinstance(value, str) else value
        )
        written = value if isinstance(value, str) else json.dumps(value, allow_nan=False)
        flat = json.dumps(found, ensure_ascii=False)
        flat.encode()
    except (ValueError, TypeError, RecursionError) as error:
        document.refuse(path, f"{name} is not JSON: {str(error)[:200]}")
    if not isinstance(found, dict):
        document.refuse(path, f"{name} must be a table, or the text of a JSON object")
    if "\\u0000" in flat:
        document.refuse(path, f"{name} has a zero character, which the database does not take")
    return written


def refuse_constant(name: str) -> None:
    """Refuse NaN and Infinity, which Python would read and PostgreSQL would not."""
    raise ValueError(f"{name} is not a number of JSON")


def timeouts(document: Document, path: Path, value: Any) -> dict[str, str | None]:
    """Return a site's timeouts by type; None: no limit."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        document.refuse(path, 'timeouts must be a table, such as { flow = "2h" }')
    column = Column("timeout", "interval", is_nullable=True)
    return {
        checked_text(document, path, name): value_of(document, (*path, name), item, column)
        for name, item in value.items()
    }


def days(document: Document, path: Path, value: Any) -> dict[str, tuple[str | None, bool]]:
    """Return a calendar's days: what each is called, and whether it is a working day."""
    shape = 'must be a name, or a table such as { name = "inventory", works = true }'
    if not isinstance(value or {}, dict):
        document.refuse(path, 'days must be a table, such as { 2026-12-25 = "Christmas" }')
    found = {}
    for day, item in (value or {}).items():
        here = (*path, day)
        try:
            when = date.fromisoformat(day).isoformat()
        except ValueError:
            document.refuse(here, f"{day} is not a day such as 2026-12-25")
        facts = {"name": item} if isinstance(item, str) else item
        if not isinstance(facts, dict):
            document.refuse(here, f"{day} {shape}")
        for key in facts:
            check_known(document, (*here, key), ("name", "works"))
        works = facts.get("works", False)
        if not isinstance(works, bool):
            document.refuse(here, "works must be true or false")
        name = checked_text(document, (*here, "name"), facts.get("name", ""))
        found[when] = name or None, works
    return found


def steps(document: Document, path: Path, value: Any) -> list[dict[str, Any]]:
    """Return the steps of a linked task, which `refer` turns into steps with their tasks."""
    shape = 'steps must be a list of tables, such as { task = "title of a flow" }'
    kinds = {"step": int, "task": str, "which": int, "stop_on_failure": bool}
    if not isinstance(value or [], list):
        document.refuse(path, shape)
    found = []
    for place, item in enumerate(value or [], 1):
        if not isinstance(item, dict) or "task" not in item:
            document.refuse(path, shape)
        for key, fact in item.items():
            check_known(document, (*path, place - 1, key), kinds)
            if type(fact) is not kinds[key] or (type(fact) is int and not 0 < fact < 2**31):
                document.refuse(path, f"{key} of step {place} cannot be {fact!r}")
        found.append({"step": place, "which": 1, "stop_on_failure": True, **item})
    numbers = [item["step"] for item in found]
    if len(set(numbers)) < len(numbers):
        document.refuse(path, "two steps have the same number")
    return found


PARTS_READ: Mapping[Kind, Callable[[Document, Path, Any], Any]] = {
    SITE: timeouts,
    CALENDAR: days,
    LINKED_TASK: steps,
}


def check_grant(document: Document, row: Row) -> None:
    """Refuse roles that there are not; put what is a set in order."""
    for role in row.values["roles"]:
        if role not in ROLES:
            document.refuse(
                (*row.path, "roles"), f"there is no role {role}", f"use {', '.join(ROLES)}"
            )
    if not row.values["roles"]:
        document.refuse((*row.path, "roles"), "roles must name one at least")
    row.values["roles"] = sorted(set(row.values["roles"]))
    if row.values["sites"] is not None:
        row.values["sites"] = sorted(set(row.values["sites"]))


def refer(document: Document, present: Estate) -> None:
    """Give tasks their usual priority, and steps their tasks: those of the file come before."""
    types = {**present.types, **by_name(document.rows.get(JOB_TYPE.table, []))}
    schedules = {**present.schedules, **by_name(document.rows.get(SCHEDULE.table, []))}
    for table in (TASK.table, LINKED_TASK.table):
        for row in document.rows.get(table, []):
            row.usual_priority = usual_priority(row, types, schedules)
            if not row.says_priority:
                row.values["priority"] = row.usual_priority
    own, there = flows(document.rows), flows(present.rows)
    for row in document.rows.get(LINKED_TASK.table, []):
        row.values["steps"] = [
            step_of(document, row, item, own, there) for item in row.values["steps"]
        ]
        row.values["steps"].sort(key=lambda step: step.step)
    refer_contracts(document, present)


def flows(rows: Mapping[str, list[Row]]) -> dict[tuple[str, str], list[Row]]:
    """Return what steps can mean, by site and title, in order."""
    found = defaultdict(list)
    for row in rows.get(TASK.table, []):
        if row.values["type"] == STEP_TASK:
            found[row.values["site"], row.values["title"]].append(row)
    return found


def refer_contracts(document: Document, present: Estate) -> None:
    """Give contracts the rows that they are about: of the file, or else of the database."""
    rows = document.rows.get(CONTRACT.table, [])
    for name, kind in REFERENCES.items():
        asking = [row for row in rows if row.values[name] is not None]
        if not asking:
            continue
        own, there = (alike(of.get(kind.table, []), kind) for of in (document.rows, present.rows))
        for row in asking:
            asked = row.values[name]
            key = tuple(row.values["site"] if one == "site" else asked[one] for one in kind.key)
            things = own.get(key) or there.get(key) or []
            if asked["which"] > len(things):
                document.refuse(
                    (*row.path, name),
                    f"site {key[0]} has no such {kind.noun}: {asked['title']!r}",
                    "name one of the same site, by its title",
                )
            row.values[name] = things[asked["which"] - 1]


def alike(rows: Iterable[Row], kind: Kind) -> dict[tuple[Any, ...], list[Row]]:
    """Return the rows of a kind that share their keys together, in order."""
    found = defaultdict(list)
    for row in rows:
        found[row.of(kind.key)].append(row)
    return found


def step_of(
    document: Document,
    row: Row,
    item: Mapping[str, Any],
    own: Mapping[tuple[str, str], list[Row]],
    there: Mapping[tuple[str, str], list[Row]],
) -> Step:
    """Return a step with its task."""
    name = row.values["site"], item["task"]
    tasks = own.get(name) or there.get(name) or []
    if item["which"] > len(tasks):
        complaint = f"site {name[0]} has no {STEP_TASK} {item['task']!r}"
        if tasks:
            complaint = f"there are {len(tasks)} of {item['task']!r}, so which cannot be"
            complaint += f" {item['which']}"
        near = difflib.get_close_matches(
            item["task"], [title for site, title in {*own, *there} if site == name[0]], n=1
        )
        document.refuse(
            (*row.path, "steps"),
            complaint,
            f"did you mean {near[0]!r}?"
            if near and not tasks
            else "a step is a flow of the same site, by its title",
        )
    return Step(item["step"], tasks[item["which"] - 1], item["stop_on_failure"])


def keep_site(document: Document) -> None:
    """Leave only what belongs to the site that the file is about, if it is about one."""
    if document.site is None:
        return
    for table, rows in document.rows.items():
        own = [row for row in rows if row.of((str(row.kind.site),)) == (document.site,)]
        if len(own) < len(rows) and document.only_site is not None:
            other = next(row for row in rows if row not in own)
            document.refuse(
                other.path,
                f"{other.kind.noun} {other.name} is not of site {document.site}",
                "a file with only_site has what belongs to that site",
            )
        document.rows[table] = own


def check_doubles(document: Document) -> None:
    """Refuse a rule or a contract that is there twice."""
    for kind in (NOTICE_RULE, CONTRACT):
        seen: dict[tuple[Any, ...], Row] = {}
        for row in document.rows.get(kind.table, []):
            first = seen.setdefault(row.of(kind.key), row)
            if first is not row:
                line = document.line(first.path)
                document.refuse(row.path, f"this {kind.noun} is on line {line} already")


def normalise(connection: psycopg.Connection, document: Document, columns: Columns) -> None:
    """Replace spans, times and JSON by the texts that the database has for them.

    Raises InvalidInputError for one that it does not take.

    Transaction: joins the caller's; reads only.
    """
    places: dict[str, list[tuple[dict[str, Any], str, Path]]] = defaultdict(list)
    for table, rows in document.rows.items():
        told = [column for column in columns[table] if column.type in LITERALS]
        for row in rows:
            for column in told:
                path = (*row.path, column.name)
                places[column.type].append((row.values, column.name, path))
            if row.kind is SITE:
                own = row.values["timeouts"]
                places["interval"] += [(own, name, (*row.path, "timeouts", name)) for name in own]
    for kind, found in places.items():
        given = {values[name]: path for values, name, path in found if values[name] is not None}
        normal = normal_forms(connection, document, LITERALS[kind], given)
        for values, name, _ in found:
            values[name] = normal.get(values[name])


def normal_forms(
    connection: psycopg.Connection,
    document: Document,
    kind: LiteralString,
    given: Mapping[str, Path],
) -> dict[str, str]:
    """Return the normal form of each text; if one has none, the first of these is refused."""
    query = sql.normal_form(kind)
    try:
        with connection.transaction():
            found = connection.execute(query, [list(given)])
            return dict(zip(given, (text for (text,) in found), strict=True))
    except psycopg.DataError as error:
        if len(given) == 1:
            ((_, path),) = given.items()
            message = error.diag.message_primary or "not a value of its column"
            document.refuse(path, message, error.diag.message_hint)
    pairs = list(given.items())
    half = len(pairs) // 2
    return {
        **normal_forms(connection, document, kind, dict(pairs[:half])),
        **normal_forms(connection, document, kind, dict(pairs[half:])),
    }
