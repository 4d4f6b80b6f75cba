"""The screen once, for pipes, files, `watch`, and terminals that can do no more."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence

from rich.console import Console

from pgdispatch_cli.output import room
from pgdispatch_cli.times import format_clock, zone_label
from pgdispatch_cli.top import view
from pgdispatch_cli.top.lines import OF_TERMINAL, Line, Row, cut, painted, width_of
from pgdispatch_cli.top.panes import PANES, Pane
from pgdispatch_cli.top.reading import Looked

MOST = 50  # rows of a pane where nothing says how high the screen is
LEAST = 0.45  # of the height is for the first pane, if it needs as much
OVERHEAD = 2  # lines of a pane that are no rows: heading and titles


def has_hour() -> bool:
    """Tell whether there is room for the last hour of each backgrounder."""
    return view.cells_for(room()) > 0


def write_once(looked: Looked, *, place: str) -> None:
    """Write the first lines and the panes wished for, as wide and high as the terminal.

    Where there is none, lines are whole, and a pane has its first `MOST` rows.
    """
    wish, width, height = looked.wish, room(), lines_of_terminal()
    right: Line = [(f"{place}  {format_clock(looked.at)} {zone_label()}", "ink3")]
    lines = [view.first_line(view.headline(looked), right, width)]
    if found := view.notices(looked):
        lines.append(view.side_by_side(found, width))
    panes = [PANES[name] for name in wish.panes]
    cells = view.cells_for(width)
    rows = [view.rows_of(pane, looked, site=wish.site, cells=cells) for pane in panes]
    most = share([len(one) for one in rows], None if height is None else height - len(lines) - 1)
    for pane, some, limit in zip(panes, rows, most, strict=True):
        head = view.heading(pane, looked, some, site=wish.site, words="")
        lines += [ruled(head, width), *body(pane, looked, some[:limit], width)]
        if limit < len(some) and height is None:
            lines.append([(f"… {len(some) - limit:,} more", "ink3")])
    write([line if width is None else cut(line, width) for line in lines])


def body(pane: Pane, looked: Looked, rows: Sequence[Row], width: int | None) -> list[Line]:
    """Return the titles and rows of a pane, or why it has none."""
    if not rows:
        return [view.nothing(pane, looked)]
    laid = view.lay_out_pane(pane, rows, width)
    return [laid.titles, *laid.lines]


def ruled(head: Line, width: int | None) -> Line:
    """Return a heading with a rule behind it."""
    if width is None:
        return [("── ", "ink3"), *head]
    kept = cut([("── ", "ink3"), *head], width)
    rest = width - width_of(kept) - 1
    return [*kept, (f" {'─' * rest}" if rest > 0 else "", "ink3")]


def share(counts: Sequence[int], height: int | None) -> list[int]:
    """Return how many rows each pane may show: the second gets more than half."""
    if height is None:
        return [MOST] * len(counts)
    left = height - OVERHEAD * len(counts)
    given = []
    for number, count in enumerate(counts, 1):
        others = sum(counts[number:])
        most = max(left - others, int(left * LEAST)) if others else left
        given.append(max(min(count, most), 1))
        left -= given[-1]
    return given


def lines_of_terminal() -> int | None:
    """Return how many lines the terminal has; None: there is none. LINES counts everywhere."""
    given = os.environ.get("LINES", "")
    if given.isascii() and given.isdecimal() and int(given) > 0:
        return int(given)
    return shutil.get_terminal_size().lines if sys.stdout.isatty() else None


def write(lines: Sequence[Line]) -> None:
    """Write lines in the terminal's own colours, if it has some and they are wanted."""
    console = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
    for line in lines:
        text = painted(line, OF_TERMINAL)
        text.rstrip()
        console.print(text, end="\n")
    console.file.flush()
