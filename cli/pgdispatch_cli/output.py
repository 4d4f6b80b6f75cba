"""What goes to standard output: tables for people, JSON for programs, facts about one thing."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import Any
from uuid import UUID

import click
from rich.cells import cell_len

from pgdispatch_cli.layout import GAP, Want, fit, shorten
from pgdispatch_cli.options import is_wide
from pgdispatch_cli.stderr import printable, write_remark
from pgdispatch_cli.times import format_brief, format_instant, format_span, zone_label

CLOCK = re.compile(r"\b\d\d:\d\d\b")
Style = Mapping[str, Any]  # as click.style takes it
HEADER: Style = {"bold": True}
STYLES: Mapping[str, Style] = {
    "succeeded": {"fg": "green"},
    "failed": {"fg": "red"},
    "cancelled": {"fg": "yellow"},
    "busy": {"fg": "green"},
    "lost": {"fg": "red", "bold": True},
    "stopped": {"dim": True},
}
FORMS: Mapping[type, Callable[[Any], str]] = {
    type(None): lambda _: "",
    bool: lambda value: "yes" if value else "no",
    float: lambda value: f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}",
    datetime: format_instant,
    timedelta: format_span,
    dict: lambda value: printable(json.dumps(value, ensure_ascii=False)),
}
NUMBERS = {int, float, type(None)}  # a bool, though an int, is a word
Row = Mapping[Any, Any]


@dataclass(frozen=True)
class Column:
    """One column of a table: which field of a row, under what title.

    Where the terminal is narrow: `drop` says how soon it is left out (the higher, the sooner; 0:
    never); its text may be cut to `least` cells (0: never) and keeps what follows the last `keeps`,
    or, if it `wraps`, goes on in the next line; `brief` is the field that is shown in its place.
    `form` writes its values, null included, in place of `format_value`. `tells_time`: its text may
    have times of day in the zone of all the others.
    """

    field: str
    title: str
    drop: int = 0
    least: int = 0
    keeps: str = ""
    wraps: bool = False
    brief: str = ""
    unit: str = ""
    form: Callable[[Any], str] | None = None
    tells_time: bool = False


def write_listing(
    rows: Iterable[Row], columns: Sequence[Column], *, as_json: bool, empty: str
) -> None:
    """Write rows as JSON with all their fields, or as a table of `columns`.

    `empty` is the remark in place of a table without rows.
    """
    found = [dict(row) for row in rows]
    if as_json:
        write_json(found)
    elif found:
        write_table(found, columns)
    else:
        write_remark(empty)


def write_json(rows: Sequence[Row]) -> None:
    """Write an array of objects."""
    click.echo(json.dumps(list(rows), default=_plain, indent=2))


def write_json_line(row: Row) -> None:
    """Write one object in one line, at once."""
    click.echo(json.dumps(row, default=_plain))
    sys.stdout.flush()


def write_object(row: Row) -> None:
    """Write one object."""
    click.echo(json.dumps(row, default=_plain, indent=2))


def write_table(
    rows: Sequence[Row], columns: Sequence[Column], *, is_zone_said: bool = False
) -> None:
    """Write a table that fits the terminal; whole if there is none, or with --wide.

    The time zone of its instants is named once, unless that `is_zone_said` for all of the page,
    and so are the columns that had no room.
    """
    width = room()
    shown = columns if width is None else [_in_brief(column) for column in columns]
    cells = [[_cell(row[column.field], column, width) for column in shown] for row in rows]
    wants = [_want([line[at] for line in cells], column) for at, column in enumerate(shown)]
    whole = {at: want.whole for at, want in enumerate(wants)}
    widths = whole if width is None else fit(wants, width)
    values = {at: [row[shown[at].field] for row in rows] for at in widths}
    right = {at for at in widths if _is_number(values[at], shown[at])}
    titles = [shorten(shown[at].title, width) for at, width in widths.items()]
    _write_line([[title] for title in titles], widths, right, [HEADER] * len(widths))
    for line in cells:
        lines = [_lines(line[at], shown[at], widths[at]) for at in widths]
        _write_line(lines, widths, right, [STYLES.get(line[at], {}) for at in widths])
    remarks = []
    tells = (_tells_time(value, shown[at]) for at in widths for value in values[at])
    if not is_zone_said and any(tells):
        remarks.append(f"times in {zone_label()}")
    if len(widths) < len(columns):
        left_out = [column.title for at, column in enumerate(columns) if at not in widths]
        remarks.append(f"left out: {', '.join(left_out)}; --wide shows all")
    for remark in remarks:
        for part in folded(remark):
            write_remark(part.rstrip())


def room() -> int | None:
    """Return how many cells a line may have; None: as many as it needs.

    That is so with --wide, and where no terminal reads: one row is one line there. COLUMNS counts
    everywhere, as `watch` and others set it.
    """
    if is_wide():
        return None
    given = os.environ.get("COLUMNS", "")
    if given.isascii() and given.isdecimal() and int(given) > 0:
        return int(given)
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def write_done(sentence: str, made: Row | None = None, *, as_json: bool = False) -> None:
    """Write in one line what was done; as JSON, the numbers and names of what was `made`."""
    if as_json:
        write_json([made or {}])
    else:
        click.echo(printable(sentence))


def write_job(job: int, *, as_json: bool) -> None:
    """Say which job was made."""
    write_done(f"job {job} queued", {"job": job}, as_json=as_json)


def write_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Write labels and values, one a line, the values in one column."""
    kept = [(label, value) for label, value in facts if value]
    width = max((len(label) for label, _ in kept), default=0)
    for label, value in kept:
        write_folded(value, first=f"  {label.ljust(width)}  ")


def write_block(title: str, text: str | None) -> None:
    """Write text of several lines under a title; nothing if there is none."""
    if text:
        click.echo(f"\n{title}")
        for line in text.expandtabs(4).splitlines():
            write_folded(printable(line).rstrip(), first="  ")


def write_page(what: str, name: str, facts: Iterable[tuple[str, str]]) -> None:
    """Write the head of a page about one thing: its name, what is known, the zone of its times."""
    write_folded(printable(name), first=what)
    write_facts([*facts, ("times in", zone_label())])


def write_section(
    title: str, rows: Sequence[Row], columns: Sequence[Column], *, most: int | None = None
) -> None:
    """Write a table under a title, or `none`, on a page that has said the zone of its times.

    Those behind the first `most` rows are only told of.
    """
    click.echo(f"\n{title}")
    if rows:
        write_table(rows[:most], columns, is_zone_said=True)
    else:
        click.echo("none")
    if most is not None and len(rows) > most:
        write_remark(f"the first {most} of more")


def write_folded(text: str, *, first: str) -> None:
    """Write a line that begins with `first`; on a terminal its text goes on below itself.

    It is broken between words only.
    """
    for number, line in enumerate(folded(text, len(first))):
        click.echo(f"{first if number == 0 else ' ' * len(first)}{line}".rstrip())


def folded(text: str, indent: int = 0) -> list[str]:
    """Return the lines in which a text fits the terminal beside `indent` cells."""
    width = room()
    return [text] if width is None else fold(text, width - indent)


def fold(text: str, width: int) -> list[str]:
    """Return the lines in which a text fits `width` cells, unless a word alone does not."""
    if cell_len(text) <= width:
        return [text]
    lines: list[str] = []
    for word in re.split(r"(?<=\S)(?= )", text):  # each with the blanks before it
        if lines and cell_len(lines[-1] + word) <= width:
            lines[-1] += word
        else:
            lines.append(word.lstrip() if lines else word)
    return lines


def format_value(value: Any) -> str:
    """Return a value for people; nothing for null."""
    if isinstance(value, list):
        return ", ".join(format_value(item) for item in value)
    for kind, form in FORMS.items():
        if isinstance(value, kind):
            return form(value)
    return printable(str(value))


def _in_brief(column: Column) -> Column:
    return replace(column, field=column.brief) if column.brief else column


def _cell(value: Any, column: Column, width: int | None) -> str:
    form = column.form or (format_value if width is None else _format_brief)
    text = form(value)
    return text + column.unit if text else ""


def _format_brief(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_format_brief(item) for item in value)
    return format_brief(value) if isinstance(value, datetime) else format_value(value)


def _want(texts: Sequence[str], column: Column) -> Want:
    widest = max((cell_len(text) for text in texts), default=0)
    whole = max(widest, cell_len(column.title))
    least = max(cell_len(column.title), min(column.least, whole)) if column.least else whole
    is_empty = widest == 0
    return Want(whole, least, column.drop + 100 if is_empty and column.drop else column.drop)


def _is_number(values: Sequence[Any], column: Column) -> bool:
    return all(type(value) in NUMBERS for value in values) and not column.least


def _lines(cell: str, column: Column, width: int) -> list[str]:
    if not column.wraps:
        return [shorten(cell, width, keeps=column.keeps)]
    return [shorten(line.rstrip(), width) for line in fold(cell.rstrip(), width)]


def _write_line(
    cells: Sequence[Sequence[str]],
    widths: Mapping[int, int],
    right: Container[int],
    styles: Sequence[Style],
) -> None:
    """Write one row: a cell that is folded goes on below itself."""
    for part in zip_longest(*cells, fillvalue=""):
        line = ""
        for (at, width), text, style in zip(widths.items(), part, styles, strict=True):
            blank = " " * (width - cell_len(text))
            shown = _styled(text, style)
            line += blank + shown if at in right else shown + blank
            line += " " * GAP
        click.echo(line.rstrip())


def _styled(text: str, style: Style) -> str:
    """Return text as a terminal shows it in a style; without colours where those are unwelcome."""
    if os.environ.get("NO_COLOR"):
        style = {name: value for name, value in style.items() if name != "fg"}
    if not text or not style or os.environ.get("TERM") in {"dumb", "unknown"}:
        return text
    return click.style(text, **style)


def _tells_time(value: Any, column: Column) -> bool:
    if column.tells_time:
        return CLOCK.search(str(value)) is not None
    found = value if isinstance(value, list) else [value]
    return column.form is None and any(isinstance(item, datetime) for item in found)


def _plain(value: object) -> Any:
    """Return a value that JSON has no form for as one that it has."""
    if isinstance(value, date):  # or an instant
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"a {type(value).__name__} has no form in JSON")
