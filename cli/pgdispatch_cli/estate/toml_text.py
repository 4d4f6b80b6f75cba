"""Configuration written as TOML: in an order of its own, the same text for the same rows.

Written here, not by a library: `tomlkit` takes four seconds for 5,000 tasks, `tomli-w` chooses by
itself between `[[task]]` and one array of all tasks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pgdispatch_cli.estate.kinds import (
    CALENDAR,
    CONTRACT,
    FORMAT,
    LINKED_TASK,
    NODE,
    REFERENCES,
    SETTING,
    SITE,
    TASK,
    Column,
    Columns,
    Estate,
    Kind,
    Row,
    Step,
    kinds_of,
    usual_priority,
)

HEAD = """\
# Configuration of pgdispatch, as `pgdispatch apply` reads it. Tables and columns are those of the
# schema; what has its default is left out.
"""
BARE = re.compile(r"[A-Za-z0-9_-]+")
CLOCK = re.compile(r"(\d+):(\d\d):(\d\d)")
WHOLE = re.compile(r"0|-?[1-9]\d{0,17}")
NONE = "none"  # null, where that is not the default


def write_estate(estate: Estate, columns: Columns) -> str:
    """Return the text of a file that says what an estate has."""
    kinds = kinds_of(estate.site)
    which: dict[Row, int] = {}
    rows: dict[Kind, list[Row]] = {}
    for kind in kinds:
        rows[kind] = in_order(kind, estate, columns, which)
        if kind in {TASK, LINKED_TASK}:
            which |= numbered(rows[kind])
    lines = [HEAD, f"format = {FORMAT}"]
    if estate.site is not None:
        lines.append(f"only_site = {text(estate.site)}")
    lines += [f"{kind.table} = []" for kind in kinds if not (kind.is_named or rows[kind])]
    for kind in kinds:
        if kind is SETTING or (kind.is_named and not rows[kind]):
            lines += ["", f"[{kind.table}]", *map(setting, rows[kind])]
            continue
        for row in rows[kind]:
            lines += ["", header(row)]
            usual: dict[str, Any] = {"site": estate.site} if estate.site is not None else {}
            if kind in {TASK, LINKED_TASK}:
                usual["priority"] = usual_priority(row, estate.types, estate.schedules)
            named = with_references(row, which) if kind is CONTRACT else row
            lines += written(named, columns[kind.table], usual)
            if kind.part:
                lines += part(row, which)
    return "\n".join(lines) + "\n"


def in_order(kind: Kind, estate: Estate, columns: Columns, which: Mapping[Row, int]) -> list[Row]:
    """Return the rows of a kind that are written, in the order of their values."""
    names = tuple(dict.fromkeys((*kind.key, *(c.name for c in columns[kind.table]))))

    def place(row: Row) -> tuple[Any, ...]:
        values = [
            (v is not None, v if isinstance(v, str) else json.dumps(v))
            for v in (with_references(row, which) if kind is CONTRACT else row).of(names)
        ]
        steps = [
            (s.step, s.task.values["title"], which[s.task], s.stop_on_failure)
            for s in row.values.get("steps", [])
        ]
        return (*values, steps, row.id or 0)

    rows = estate.rows.get(kind.table, [])
    return sorted((r for r in rows if not (r.is_given and kind in {SETTING, NODE})), key=place)


def numbered(rows: Iterable[Row]) -> dict[Row, int]:
    """Return which of those that a step or contract could mean by its title each is, from 1 on."""
    seen: dict[tuple[Any, ...], int] = {}
    which = {}
    for row in rows:
        name = row.of(row.kind.key)
        which[row] = seen[name] = seen.get(name, 0) + 1
    return which


def with_references(row: Row, which: Mapping[Row, int]) -> Row:
    """Return a contract with what it is about by its title, as a file has it."""
    values = dict(row.values)
    for name, kind in REFERENCES.items():
        thing = values[name]
        if thing is not None:
            facts = {key: thing.values[key] for key in kind.key if key != "site"}
            values[name] = facts | ({"which": which[thing]} if which[thing] > 1 else {})
    return replace(row, values=values)


def header(row: Row) -> str:
    """Return the line with which a row begins."""
    table = row.kind.table
    return f"[{table}.{key(row.values['name'])}]" if row.kind.is_named else f"[[{table}]]"


def setting(row: Row) -> str:
    """Return the line of a setting: a number where its value is one."""
    value = row.values["value"]
    return f"{key(row.values['name'])} = {value if WHOLE.fullmatch(value) else text(value)}"


def written(row: Row, columns: Iterable[Column], usual: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each value that is not what it is when left out; `usual` says more of it."""
    for column in columns:
        value = row.values[column.name]
        is_in_header = row.kind.is_named and column.name == "name"
        if not is_in_header and value != usual.get(column.name, column.default):
            yield f"{column.name} = {formatted(value, column.type)}"


def part(row: Row, which: Mapping[Row, int]) -> list[str]:
    """Return the lines of what a row has of another table, if it has any."""
    if row.kind is SITE:
        timeouts = {kind: span(value) for kind, value in sorted(row.values["timeouts"].items())}
        return [f"timeouts = {inline(timeouts)}"] if timeouts else []
    if row.kind is CALENDAR:
        head = f"[{row.kind.table}.{key(row.values['name'])}.days]"
        days = [f"{day} = {day_text(*facts)}" for day, facts in sorted(row.values["days"].items())]
        return ["", head, *days] if days else []
    steps: list[Step] = row.values["steps"]
    is_counted = [step.step for step in steps] == list(range(1, len(steps) + 1))
    shown = []
    for step in steps:
        facts: dict[str, Any] = {} if is_counted else {"step": step.step}
        facts["task"] = step.task.values["title"]
        if which[step.task] > 1:
            facts["which"] = which[step.task]
        if not step.stop_on_failure:
            facts["stop_on_failure"] = False
        shown.append(f"    {inline(facts)},")
    return ["steps = [", *shown, "]"] if shown else []


def day_text(name: str | None, works: bool) -> str:
    """Return a day of a calendar: its name; with more, where it is a working day."""
    if not works:
        return text(name or "")
    return inline({"name": name, "works": True} if name else {"works": True})


def formatted(value: Any, kind: str) -> str:
    """Return a value of a column of the type `kind` as TOML."""
    if value is None:
        return text(NONE)
    if kind == "interval":
        return text(span(value))
    if kind == "time":
        return text(value.removesuffix(":00"))
    if kind == "jsonb":
        return arguments(value)
    return inline(value)


def span(value: str | None) -> str:
    """Return an interval as people write it, `1h 30min`, where it is of hours or less."""
    clock = CLOCK.fullmatch(value or NONE)
    if not clock:
        return value or NONE
    parts = zip(map(int, clock.groups()), ("h", "min", "s"), strict=True)
    return " ".join(f"{number}{unit}" for number, unit in parts if number) or str(value)


def arguments(value: str) -> str:
    """Return a JSON object as a table of TOML, or as text if TOML cannot say just that."""
    try:
        return inline(json.loads(value, parse_int=exact_integer, parse_float=exact_float))
    except ValueError:
        return text(value)


def exact_integer(digits: str) -> int:
    """Return an integer if TOML has it."""
    if not WHOLE.fullmatch(digits):
        raise ValueError(digits)
    return int(digits)


def exact_float(digits: str) -> float:
    """Return a number with a fraction if it is written just so from what Python makes of it."""
    if repr(float(digits)) != digits:
        raise ValueError(digits)
    return float(digits)


def inline(value: Any) -> str:
    """Return a value as TOML in one line; raises ValueError for null."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        pairs = ", ".join(f"{key(name)} = {inline(item)}" for name, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(inline, value))}]"
    if value is None:
        raise ValueError("TOML has no null")
    return repr(value)


def key(name: str) -> str:
    """Return a name as a key."""
    return name if BARE.fullmatch(name) else text(name)


def text(value: str) -> str:
    """Return a text in quotes: as in JSON, but that TOML has DEL escaped, too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
