"""The first screen: the backgrounders above, and one of the other panes below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Input, Static

from pgdispatch_cli.top import view
from pgdispatch_cli.top.dialogs import Keys
from pgdispatch_cli.top.hub import Hub
from pgdispatch_cli.top.keys import fitting, listed
from pgdispatch_cli.top.lines import Line, cut, painted
from pgdispatch_cli.top.listing import Listing, unique
from pgdispatch_cli.top.panes import NUMBERS, PANES
from pgdispatch_cli.top.reading import DEEP, HEAD, UPPER, Options
from pgdispatch_cli.top.verbs import verbs_of

NEAR = 50  # rows before the last one
FRAME = 3  # cells beside a line: its margins and the scroll bar


class MainScreen(Screen[None]):
    """Two panes, one above the other, each with a heading and the titles of its columns."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(number), f"pane('{name}')") for name, number in NUMBERS.items()),
        Binding("tab", "next_pane(1)"),
        Binding("shift+tab", "next_pane(-1)"),
        Binding("slash", "filter"),
        Binding("s", "site"),
        Binding("b", "blocker"),
        Binding("escape", "all"),
        Binding("question_mark", "keys"),
    ]

    def __init__(self, hub: Hub, options: Options) -> None:
        super().__init__()
        self._hub = hub
        self._lower = options.lower
        self._first = "upper" if options.pane == UPPER else "lower"
        self.words = ""
        self._rows: dict[str, dict[str, dict[str, Any]]] = {"upper": {}, "lower": {}}

    @property
    def panes(self) -> Sequence[str]:
        """The names of the panes that are shown."""
        return (UPPER, self._lower)

    @property
    def pane(self) -> str:
        """The name of the pane that has the focus."""
        return UPPER if self.focused is self._listing("upper") else self._lower

    @property
    def depth(self) -> int:
        """How many places of the queue are wanted: more for a filter, and near the last of them."""
        is_near = self._lower == "queue" and self._listing("lower").cursor_row > HEAD - NEAR
        return DEEP if self.words or is_near else HEAD

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield Static(id="first")
        yield Static(id="notices")
        for part in ("upper", "lower"):
            with Vertical(id=part):
                yield Static(id=f"{part}-heading", classes="heading")
                yield Static(id=f"{part}-titles", classes="titles")
                yield Listing(id=f"{part}-rows")
        yield Input(id="filter", placeholder="words of title, site, type, reason", compact=True)
        yield Static(id="keys")

    def on_mount(self) -> None:
        """Begin in the pane that was asked for."""
        self._listing(self._first).focus()

    def on_resize(self) -> None:
        """Lay everything out for the new size."""
        self.paint()

    def paint(self) -> None:
        """Show the last look."""
        looked, width = self._hub.looked, self.size.width
        if not width:
            return
        inner = width - 2
        first = view.first_line(view.headline(looked), self._hub.standing, inner)
        self._static("first").update(self._painted(first))
        found = view.notices(looked)
        self._static("notices").set_class(bool(found), "some")
        self._static("notices").update(self._painted(view.side_by_side(found, inner)))
        for part, name in (("upper", UPPER), ("lower", self._lower)):
            self._paint_pane(part, name)
        self._paint_keys()

    def _paint_pane(self, part: str, name: str) -> None:
        looked, width = self._hub.looked, self.size.width
        pane, site = PANES[name], self._hub.site
        cells = view.cells_for(width)
        rows = view.rows_of(pane, looked, site=site, words=self.words, cells=cells)
        head = view.heading(pane, looked, rows, site=site, words=self.words)
        self._static(f"{part}-heading").update(self._painted(cut(head, width - 2)))
        laid = view.lay_out_pane(pane, rows, width - FRAME)
        nothing = view.nothing(pane, looked, words=self.words)
        self._static(f"{part}-titles").update(self._painted(laid.titles if rows else nothing))
        keys = unique([f"{name} {row[pane.key]}" for row in rows])
        self._rows[part] = dict(zip(keys, rows, strict=True))
        lines = {key: self._painted(line) for key, line in zip(keys, laid.lines, strict=True)}
        self._listing(part).show(lines, width - FRAME)

    def _paint_keys(self) -> None:
        row = self.row
        verbs = [] if row is None else verbs_of(self.pane, self._hub.looked.rights, row)
        can_open = row is not None and self.job_of(row) is not None
        keys = listed(
            verbs, can_open=can_open, has_blocker=row is not None and self._blocker(row) is not None
        )
        self._static("keys").update(self._painted(fitting(keys, self.size.width - 2)))

    @property
    def row(self) -> dict[str, Any] | None:
        """The row under the cursor."""
        part = "upper" if self.pane == UPPER else "lower"
        key = self._listing(part).current
        return None if key is None else self._rows[part].get(key)

    def job_of(self, row: dict[str, Any]) -> int | None:
        """Return the job that a row is about."""
        field = PANES[self.pane].job
        job: int | None = None if field is None else row[field]
        return job

    def _blocker(self, row: dict[str, Any]) -> int | None:
        return PANES[self.pane].blocker(row)

    def on_key(self, event: events.Key) -> None:
        """Do what a key does with the row under the cursor."""
        row = self.row
        if row is None or isinstance(self.focused, Input):
            return
        if self._hub.offer(self.pane, row, event.character):
            event.stop()

    def on_data_table_row_selected(self) -> None:
        """Open the job under the cursor."""
        row = self.row
        job = None if row is None else self.job_of(row)
        if job is not None:
            self._hub.open_job(job)

    def on_data_table_row_highlighted(self) -> None:
        """Tell which keys do something with this row."""
        self._paint_keys()

    def on_descendant_focus(self) -> None:
        """Tell which keys do something in this pane."""
        self._paint_keys()

    def action_pane(self, name: str) -> None:
        """Go to a pane; if it is not shown, it takes the lower place."""
        if name not in (UPPER, self._lower):
            self._lower = name
            self._hub.look_soon()
            self._listing("lower").clear()
            self.paint()
        self._listing("upper" if name == UPPER else "lower").focus()

    def action_next_pane(self, step: int) -> None:
        """Go to the next pane, or to the one before."""
        names = list(PANES)
        self.action_pane(names[(names.index(self.pane) + step) % len(names)])

    def action_filter(self) -> None:
        """Ask for the words to filter by."""
        asked = self.query_one("#filter", Input)
        asked.add_class("open")
        asked.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while they are written."""
        self.words = event.value
        self.paint()
        self._hub.look_soon()

    def on_input_submitted(self) -> None:
        """Keep the filter, and go back to the rows."""
        self.query_one("#filter", Input).remove_class("open")
        self._listing("lower").focus()

    def action_all(self) -> None:
        """Show everything again, without a filter."""
        self.query_one("#filter", Input).value = ""
        self.on_input_submitted()
        if self._hub.site is not None:
            self._hub.site = None
            self._hub.look_soon()

    def action_site(self) -> None:
        """Show the next site only; after the last, all of them."""
        choices = [None, *self._hub.looked.sites]
        at = choices.index(self._hub.site) if self._hub.site in choices else 0
        self._hub.site = choices[(at + 1) % len(choices)]
        self._hub.look_soon()

    def action_blocker(self) -> None:
        """Go to the job in the way: to its backgrounder if that is here, else to its page."""
        row = self.row
        job = None if row is None else self._blocker(row)
        if job is None:
            return
        found = [key for key, one in self._rows["upper"].items() if one["job"] == job]
        if not found:
            self._hub.open_job(job)
            return
        self._listing("upper").focus()
        self._listing("upper").put_cursor(found[0])

    def action_keys(self) -> None:
        """List the keys."""
        verbs = verbs_of(self.pane, self._hub.looked.rights)
        self.app.push_screen(Keys(listed(verbs, can_open=True, has_blocker=True, is_whole=True)))

    def _painted(self, line: Line) -> Text:
        return painted(line, self._hub.palette)

    def _static(self, name: str) -> Static:
        return self.query_one(f"#{name}", Static)

    def _listing(self, part: str) -> Listing:
        return self.query_one(f"#{part}-rows", Listing)
