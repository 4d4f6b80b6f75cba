"""The page of one job, which is read anew like everything else."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from pgdispatch_cli.top import view
from pgdispatch_cli.top.hub import Hub
from pgdispatch_cli.top.job import page
from pgdispatch_cli.top.keys import fitting
from pgdispatch_cli.top.lines import painted
from pgdispatch_cli.top.verbs import verbs_of

PANES = {"waiting": "queue", "running": "backgrounders"}  # whose verbs a job has by its state


class JobScreen(Screen[None]):
    """All that is known of one job. Esc goes back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "dismiss(None)"),
        Binding("b", "blocker"),
        Binding("j", "scroll('down')"),
        Binding("k", "scroll('up')"),
    ]

    def __init__(self, hub: Hub, job: int) -> None:
        super().__init__()
        self._hub = hub
        self.job = job

    def compose(self) -> ComposeResult:
        """Lay the page out."""
        yield Static(id="first")
        with VerticalScroll(classes="page"):
            yield Static(id="page")
        yield Static(id="keys")

    def on_mount(self) -> None:
        """Let the keys scroll the page."""
        self.query_one(VerticalScroll).focus()

    def on_resize(self) -> None:
        """Lay everything out for the new size."""
        self.paint()

    @property
    def found(self) -> dict[str, Any] | None:
        """What was read of the job; None: nothing yet, or there is none."""
        looked = self._hub.looked
        return looked.job if looked.wish.job == self.job else None

    @property
    def row(self) -> dict[str, Any] | None:
        """The job as the rows of the panes are."""
        found = self.found
        if found is None or found["state"] not in PANES:
            return None
        runs_for = found["runs_for"] if found["state"] == "running" else None
        return {**found, "job": self.job, "node": None, "runs_for": runs_for}

    def paint(self) -> None:
        """Show the last look."""
        if not self.size.width:
            return
        inner = self.size.width - 2
        looked = self._hub.looked
        first = view.first_line(view.headline(looked), self._hub.standing, inner)
        self.query_one("#first", Static).update(painted(first, self._hub.palette))
        self.query_one("#page", Static).update(self._page())
        self.query_one("#keys", Static).update(
            painted(fitting(self._keys(), inner), self._hub.palette)
        )

    def _page(self) -> Text:
        found = self.found
        if found is None:
            is_read = self._hub.looked.wish.job == self.job
            return Text(f"job {self.job} is not there, or not any more" if is_read else "…")
        lines = [painted(line, self._hub.palette) for line in page(found)]
        text = Text("\n").join(lines)
        text.no_wrap = False
        text.overflow = "fold"
        return text

    def _keys(self) -> list[tuple[str, str]]:
        row = self.row
        verbs = [] if row is None else verbs_of(self._pane(row), self._hub.looked.rights, row)
        blocker = [("b", "blocker")] if row is not None and row.get("blocker") else []
        named = [(verb.key, verb.label) for verb in verbs]
        return [("Esc", "back"), *blocker, *named, ("space", "pause"), ("q", "quit")]

    def _pane(self, row: dict[str, Any]) -> str:
        return PANES[row["state"]]

    def on_key(self, event: events.Key) -> None:
        """Do what a key does with this job."""
        row = self.row
        if row is not None and self._hub.offer(self._pane(row), row, event.character):
            event.stop()

    def action_scroll(self, where: str) -> None:
        """Scroll by a line."""
        area = self.query_one(VerticalScroll)
        area.scroll_relative(y=1 if where == "down" else -1, animate=False)

    def action_blocker(self) -> None:
        """Go to the page of the job in the way."""
        row = self.row
        if row is not None and row.get("blocker"):
            self._hub.open_job(row["blocker"])
