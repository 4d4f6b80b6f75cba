"""What the screens need of the application that shows them."""

from __future__ import annotations

from typing import Protocol

from pgdispatch_cli.top.lines import Line, Palette, Row
from pgdispatch_cli.top.reading import Looked


class Hub(Protocol):
    """Where the screens have what they show from, and where their keys lead."""

    looked: Looked
    site: str | None

    @property
    def palette(self) -> Palette:
        """The colours at hand."""

    @property
    def standing(self) -> Line:
        """How the screen stands: which database, as of when, and whether it is still read."""

    def look_soon(self) -> None:
        """Look at once."""

    def open_job(self, job: int) -> None:
        """Open the page of a job."""

    def offer(self, pane: str, row: Row, key: str | None) -> bool:
        """Do what a key does with a row, after asking; tell whether it does anything."""
