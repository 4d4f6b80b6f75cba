"""What goes to standard output: tables for people, JSON for programs, facts about one thing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import click
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pgdispatch_cli.stderr import printable, write_remark
from pgdispatch_cli.times import format_instant, format_span

UNLIMITED = 100_000  # columns; for pipes and files, where one row is one line
NARROWEST = 8  # columns, of text that may be folded
GAP = 2  # columns between two columns of a table
STYLES = {
    "succeeded": "green",
    "failed": "red",
    "cancelled": "yellow",
    "busy": "green",
    "lost": "bold red",
    "stopped": "dim",
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

    `folds` lets long text go on in the next line on a narrow terminal; all else stays whole.
    `form` writes its values, null included, in place of `format_value`.
    """

    field: str
    title: str
    folds: bool = False
    unit: str = ""
    form: Callable[[Any], str] | None = None


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


def write_table(rows: Sequence[Row], columns: Sequence[Column]) -> None:
    """Write a table as wide as the terminal, or one line a row if there is no terminal."""
    cells = [[_cell(row[column.field], column) for column in columns] for row in rows]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        widest = max(cell_len(line[number]) for line in cells)
        whole = max(widest, cell_len(column.title))
        is_number = all(type(row[column.field]) in NUMBERS for row in rows)
        table.add_column(
            column.title,
            justify="right" if is_number and not column.folds else "left",
            overflow="fold",
            no_wrap=not column.folds,
            min_width=min(whole, NARROWEST) if column.folds else whole,
        )
    for line in cells:
        table.add_row(*(Text(cell, STYLES.get(cell, "")) for cell in line))
    _write_rich(table)


def write_done(sentence: str) -> None:
    """Write in one line what was done."""
    click.echo(printable(sentence))


def write_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Write labels and values, one a line, the values in one column."""
    kept = [(label, value) for label, value in facts if value]
    width = max((len(label) for label, _ in kept), default=0)
    for label, value in kept:
        click.echo(f"  {label.ljust(width)}  {value}")


def write_block(title: str, text: str | None) -> None:
    """Write text of several lines under a title; nothing if there is none."""
    if text:
        click.echo(f"\n{title}")
        for line in text.expandtabs(4).splitlines():
            click.echo(f"  {printable(line)}".rstrip())


def format_value(value: Any) -> str:
    """Return a value for people; nothing for null."""
    if isinstance(value, list):
        return ", ".join(format_value(item) for item in value)
    for kind, form in FORMS.items():
        if isinstance(value, kind):
            return form(value)
    return printable(str(value))


def _cell(value: Any, column: Column) -> str:
    text = (column.form or format_value)(value)
    return text + column.unit if text else ""


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"a {type(value).__name__} has no form in JSON")


def _write_rich(table: Table) -> None:
    console = Console(highlight=False)
    if not sys.stdout.isatty():
        console.width = UNLIMITED
    needed = sum(column.min_width or 0 for column in table.columns) + GAP * (len(table.columns) - 1)
    console.width = max(console.width, needed)
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        click.echo(line.rstrip())
