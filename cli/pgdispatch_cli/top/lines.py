"""Lines of text in tones: how the rows of a pane are laid out, whatever shows them.

A tone says what a text means (`run`, `gate`, `bad` …); a palette says how that looks.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from pgdispatch_cli.layout import GAP, Want, fit, shorten

Piece = tuple[str, str]  # text, tone
Line = list[Piece]
Row = Mapping[str, Any]
Palette = Mapping[str, str]

ROOMY = 150  # cells

ON_DARK: Palette = {
    "ink": "#e9edf2",
    "ink2": "#b2bac6",
    "ink3": "#8d96a3",
    "strong": "bold #e9edf2",
    "run": "#7aa7ff",
    "past": "#3f8a66",
    "ok": "#5cc894",
    "bad": "#ff8a7c",
    "warn": "#e5b05c",
    "gate": "#b79bff",
    "held": "#5a4a8c",
    "mute": "#8d96a3",
    "thread": "#3a424e",
}
ON_LIGHT: Palette = {
    "ink": "#12161c",
    "ink2": "#454d59",
    "ink3": "#626b78",
    "strong": "bold #12161c",
    "run": "#1f5fd6",
    "past": "#5d9f80",
    "ok": "#17774a",
    "bad": "#c02a1d",
    "warn": "#8a5300",
    "gate": "#6a3fc0",
    "held": "#a98fe0",
    "mute": "#626b78",
    "thread": "#c6ccd4",
}
OF_TERMINAL: Palette = {  # whatever its colours are
    "ink": "",
    "ink2": "",
    "ink3": "dim",
    "strong": "bold",
    "run": "blue",
    "past": "green",
    "ok": "green",
    "bad": "red",
    "warn": "yellow",
    "gate": "magenta",
    "held": "magenta",
    "mute": "dim",
    "thread": "dim",
}


@dataclass(frozen=True)
class Column:
    """One column of a pane: its title, what it shows of a row, and what it gives up.

    `drop` and `least` are as in `layout.Want`, `keeps` as in `layout.shorten`; `least` is for a
    text, which may be cut, and 0 for what is shown whole. `is_spare`: only on a `ROOMY` screen;
    `is_optional`: only if some row has it.
    """

    title: str
    line: Callable[[Row], Line]
    drop: int = 0
    least: int = 0
    keeps: str = ""
    is_right: bool = False
    is_spare: bool = False
    is_optional: bool = False


@dataclass(frozen=True)
class Laid:
    """The lines of a pane as laid out for some width: its titles, and a line for each row."""

    titles: Line
    lines: list[Line]


def lay_out(columns: Sequence[Column], rows: Sequence[Row], width: int | None) -> Laid:
    """Lay rows out in `width` cells; None: as many as they need."""
    if width is not None and width < ROOMY:
        columns = [column for column in columns if not column.is_spare]
    columns = [one for one in columns if not one.is_optional or any(map(one.line, rows))]
    cells = [[column.line(row) for column in columns] for row in rows]
    wants = [want([line[at] for line in cells], column) for at, column in enumerate(columns)]
    whole = {at: one.whole for at, one in enumerate(wants)}
    widths = whole if width is None else fit(wants, width)
    titles = [[(columns[at].title, "ink3")] for at in widths]
    shown = [[line[at] for at in widths] for line in cells]
    kept = [columns[at] for at in widths]
    room = list(widths.values())
    return Laid(joined(titles, kept, room), [joined(line, kept, room) for line in shown])


def want(cells: Sequence[Line], column: Column) -> Want:
    """Return what a column asks for; one that is empty is the first to go."""
    widest = max((width_of(cell) for cell in cells), default=0)
    whole = max(widest, cell_len(column.title))
    least = max(cell_len(column.title), min(column.least, whole)) if column.least else whole
    is_empty = widest == 0
    return Want(whole, least, column.drop + 100 if is_empty and column.drop else column.drop)


def joined(cells: Sequence[Line], columns: Sequence[Column], widths: Sequence[int]) -> Line:
    """Return the cells of a row as one line."""
    line: Line = []
    for cell, column, width in zip(cells, columns, widths, strict=True):
        kept = cut(cell, width, keeps=column.keeps)
        blank = (" " * (width - width_of(kept)), "ink")
        line += [blank, *kept] if column.is_right else [*kept, blank]
        line.append((" " * GAP, "ink"))
    return line[:-1]


def cut(line: Line, width: int, *, keeps: str = "") -> Line:
    """Return a line in at most `width` cells."""
    if width_of(line) <= width:
        return line
    kept: Line = []
    for text, tone in line:
        room = width - width_of(kept)
        kept.append((shorten(text, room, keeps=keeps) if room > 0 else "", tone))
        if cell_len(text) > room:
            break
    return kept


def width_of(line: Line) -> int:
    """Return how many cells a line takes."""
    return sum(cell_len(text) for text, _ in line)


def painted(line: Line, palette: Palette) -> Text:
    """Return a line in the colours of a palette."""
    text = Text(no_wrap=True, overflow="ellipsis", end="")
    for part, tone in line:
        text.append(part, palette[tone])
    return text


def plain(line: Line) -> str:
    """Return the text of a line."""
    return "".join(text for text, _ in line)


def pictures(text: str) -> str:
    """Return a text in one line, with a picture for each character that would steer a terminal.

    U+2400 and on for control characters; `�` for what has none, such as marks of direction.
    """
    return "".join(picture(character) for character in text)


def picture(character: str) -> str:
    """Return a character, or what is shown in its place."""
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return " " if unicodedata.category(character) == "Zs" else "�"
