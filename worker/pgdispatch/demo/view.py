"""What a person sees while the demo runs: a live view on a terminal, lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from types import TracebackType
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

Row = dict[str, Any]
SUMMARY_EVERY = 3.0


class View:
    """Show events as they come, and between them what runs where and what waits, and why."""

    def __init__(self, console: Console, *, is_plain: bool) -> None:
        """Print to `console`; with `is_plain`, lines only."""
        self._console = console
        self._began = time.monotonic()
        self._summed_up = 0.0
        self._live: Live | None = None
        self._is_plain = is_plain

    def __enter__(self) -> View:
        if not self._is_plain:
            self._live = Live(console=self._console, refresh_per_second=8, transient=True)
            self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.__exit__(kind, error, trace)
            self._live = None

    def say(self, text: str) -> None:
        """Tell that something happened."""
        line = Text(f"{time.monotonic() - self._began:5.1f} s  {text}")
        console = self._console if self._live is None else self._live.console
        console.print(line, soft_wrap=True)

    def show(
        self, ended: int, expected: int, running: Sequence[Row], waiting: Sequence[Row]
    ) -> None:
        """Show the state of things as it is now."""
        if self._live is not None:
            self._live.update(
                Group(_progress(ended, expected), _running(running), _waiting(waiting))
            )
        elif self._is_plain and time.monotonic() - self._summed_up > SUMMARY_EVERY:
            self._summed_up = time.monotonic()
            self.say(f"{ended} of {expected} ended; {_in_words(running)}")
            for row in waiting[:3]:
                self.say(f"    waits: {row['title']} ({row['reason']})")


def _progress(ended: int, expected: int) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_row(f"{ended} of {expected} jobs", ProgressBar(expected, ended, width=50))
    return grid


def _running(rows: Sequence[Row]) -> Table:
    table = Table(box=None, title="running", title_justify="left", pad_edge=False)
    for column in ("backgrounder", "job", "type", "site", "title", "for", "progress"):
        table.add_column(column, no_wrap=True)
    for row in rows:
        progress = "" if row["progress"] is None else f"{row['progress']:.0f} %"
        runs_for = "" if row["runs_for"] is None else f"{seconds(row['runs_for'])} s"
        table.add_row(
            row["backgrounder"],
            str(row["job"] or row["status"]),
            row["type"],
            row["site"],
            row["title"],
            runs_for,
            progress,
        )
    return table


def _waiting(rows: Sequence[Row]) -> Table:
    table = Table(box=None, title="\nwaiting", title_justify="left", pad_edge=False)
    for column in ("#", "job", "title", "site", "priority", "place by", "reason"):
        table.add_column(column, no_wrap=True)
    for row in rows:
        table.add_row(
            str(row["position"]),
            str(row["job"]),
            row["title"],
            row["site"],
            str(row["priority"]),
            row["decided_by"],
            row["reason"],
        )
    return table


def _in_words(running: Sequence[Row]) -> str:
    busy = [f"{row['backgrounder']} {row['title']}" for row in running if row["job"] is not None]
    return "running: " + (", ".join(busy) or "nothing")


def seconds(span: timedelta) -> str:
    """Return a time span in seconds with one decimal."""
    return f"{span.total_seconds():.1f}"
