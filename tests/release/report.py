"""What the steps of a release found, as a table for people and as JSON for programs."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Literal

WIDTH = 80
COLUMNS = "{:<9} {:<8} {:>6}  "
INDENT = len(COLUMNS.format("", "", ""))
Result = Literal["done", "left out", "WRONG"]


class WrongError(Exception):
    """Something is not as it has to be; the text says what."""


class LeftOutError(Exception):
    """A step cannot be done on this machine; the text says why."""


@dataclass(frozen=True)
class Finding:
    """What one part of a step has come to."""

    result: Result
    what: str


@dataclass(frozen=True)
class Row:
    """A finding, the step that it is of, and how many seconds it took."""

    step: str
    result: Result
    what: str
    seconds: float

    def lines(self) -> list[str]:
        """Return it as lines of a terminal of 80 columns."""
        what = [
            part
            for line in self.what.splitlines()
            for part in textwrap.wrap(line, WIDTH - INDENT, break_on_hyphens=False) or [""]
        ]
        first = COLUMNS.format(self.step, self.result, f"{self.seconds:.0f} s")
        return [first + what[0], *(" " * INDENT + line for line in what[1:])]


def heading() -> str:
    """Return the line above the rows."""
    return (COLUMNS.format("step", "result", "took") + "what").rstrip()


def done(what: str) -> Finding:
    """Say that something was done, and is as it has to be."""
    return Finding("done", what)


def left_out(what: str) -> Finding:
    """Say what was not done, and why."""
    return Finding("left out", what)


def wrong(what: str) -> Finding:
    """Say what is not as it has to be."""
    return Finding("WRONG", what)


def short(names: list[str], most: int = 5) -> str:
    """Return the first few of many names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
