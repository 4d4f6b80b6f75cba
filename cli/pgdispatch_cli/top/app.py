"""The live screen: it looks again and again, and does what its keys say."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar

import psycopg
from textual.app import App
from textual.binding import Binding, BindingType
from textual.notifications import SeverityLevel

from pgdispatch.errors import NoDatabaseError, PgdispatchError
from pgdispatch_cli.failure import explain
from pgdispatch_cli.hints import in_command
from pgdispatch_cli.times import format_clock
from pgdispatch_cli.top import view
from pgdispatch_cli.top.dialogs import Ask, AskNumber
from pgdispatch_cli.top.job_screen import JobScreen
from pgdispatch_cli.top.lines import Line, Palette, Row, pictures
from pgdispatch_cli.top.looks import CSS, DARK, LIGHT, PALETTES, THEMES, theme_of_terminal
from pgdispatch_cli.top.main_screen import MainScreen
from pgdispatch_cli.top.reading import Looked, Options, Session, Wish
from pgdispatch_cli.top.verbs import Deed, verbs_of
from pgdispatch_cli.top.waiting import answered

HOUR_EVERY = timedelta(seconds=10)  # is the last hour read anew
PATIENCE = 10.0  # seconds for an answer, after which the connection is given up
FAILURES = (psycopg.Error, PgdispatchError, TimeoutError)


class Top(App[None]):
    """The screen and what it shows. `looked` is the last look, however old."""

    CSS = CSS
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,ctrl+c,ctrl+q", "quit", priority=False),
        Binding("ctrl+z", "suspend_process"),
        Binding("space", "pause"),
        Binding("t", "other_theme"),
    ]

    def __init__(self, session: Session, options: Options, looked: Looked) -> None:
        super().__init__()
        self.session = session
        self.options = options
        self.looked = looked
        self.site = options.site
        self.is_paused = False
        self.away: str | None = None
        self._hour_at = looked.at - HOUR_EVERY
        self._turn = asyncio.Lock()
        self._wake = asyncio.Event()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = theme_of_terminal()
        self.main = MainScreen(self, options)

    def on_mount(self) -> None:
        """Show what has been read already, and go on reading."""
        self.push_screen(self.main)
        self.app_resume_signal.subscribe(self, lambda _: self.look_soon())
        self.run_worker(self._keep_looking())

    @property
    def palette(self) -> Palette:
        """The colours of the theme at hand."""
        return PALETTES[self.theme]

    @property
    def standing(self) -> Line:
        """How the screen stands: which database, as of when, and whether it is still read."""
        at, place = format_clock(self.looked.at), f"{self.session.place}  "
        if self.away is not None:
            return [(place, "ink3"), (f"✕ {self.away.format(at=at)}", "bad")]
        if self.is_paused:
            return [(f"{place}{at}  ", "ink3"), ("‖ paused, space goes on", "warn")]
        pace = f" {self.options.interval:g} s"
        return [(f"{place}{at}  ", "ink3"), ("●", "ok"), (pace, "ink3")]

    async def _keep_looking(self) -> None:
        """Look every interval, or as soon as something else is to be seen."""
        while True:
            try:
                async with asyncio.timeout(self.options.interval):
                    await self._wake.wait()
            except TimeoutError:
                if self.is_paused:
                    continue
            self._wake.clear()
            await self.look()

    def look_soon(self) -> None:
        """Look at once, paused or not."""
        self._wake.set()

    async def look(self) -> None:
        """Look once, and show it; with the database away, the last look stays."""
        wish = self._wish()
        async with self._turn:
            try:
                found: Looked = await self._ask(partial(self.session.look, wish))
            except FAILURES as error:
                self.away = told_of(error)
            else:
                self.away = None
                self._keep(found)
        while self.session.warnings:
            self.notify(pictures(self.session.warnings.pop(0)), severity="warning", markup=False)
        self.paint()

    def _wish(self) -> Wish:
        """Return what is to be read: the last hour seldom, as it moves slowly."""
        is_due = self.looked.at - self._hour_at >= HOUR_EVERY or self.looked.at < self._hour_at
        has_hour = is_due and view.cells_for(self.size.width) > 0
        return Wish(self.main.panes, self.site, self._job_asked(), has_hour, self.main.depth)

    def _keep(self, found: Looked) -> None:
        """Take what was found for the last look, with the last hour as it was read last."""
        if found.wish.has_hour:
            self._hour_at = found.at
        else:
            found = replace(found, runs=self.looked.runs)
        self.looked = found

    async def _ask(self, call: Any) -> Any:
        """Ask the database; a connection that does not answer is given up for a new one."""
        try:
            return await answered(call, within=PATIENCE)
        except TimeoutError:
            self.session = self.session.anew()
            raise

    def _job_asked(self) -> int | None:
        """Return the job whose page is open."""
        pages = [screen for screen in self.screen_stack if isinstance(screen, JobScreen)]
        return pages[-1].job if pages else None

    def paint(self) -> None:
        """Show the last look on every screen that is open."""
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen | JobScreen):
                screen.set_class(self.away is not None, "away")
                screen.paint()

    def open_job(self, job: int) -> None:
        """Open the page of a job."""
        self.push_screen(JobScreen(self, job))
        self.look_soon()

    def offer(self, pane: str, row: Row, key: str | None) -> bool:
        """Do what a key does with a row, after asking; tell whether it does anything."""
        found = [verb for verb in verbs_of(pane, self.looked.rights, row) if verb.key == key]
        deed = found[0].deed(row) if found else None
        if deed is None:
            return False
        self.run_worker(self._ask_and_do(deed))
        return True

    async def _ask_and_do(self, deed: Deed) -> None:
        values: Mapping[str, Any] = deed.values
        if deed.asks is not None:
            number = await self.push_screen_wait(AskNumber(deed))
            if number is None:
                return
            values = {**values, deed.asks: number}
        elif not await self.push_screen_wait(Ask(deed)):
            return
        await self.do(deed, values)

    async def do(self, deed: Deed, values: Mapping[str, Any]) -> None:
        """Do it, and say what became of it: a refusal in the database's own words."""
        sent = {**values, "by": self.options.by}
        async with self._turn:
            try:
                result = await self._ask(partial(self.session.act, deed.statement, sent))
            except FAILURES as error:
                self.notify(said(error), severity="error", timeout=15, markup=False)
            else:
                severity: SeverityLevel = "error" if deed.is_nothing(result) else "information"
                self.notify(deed.done(result), severity=severity, markup=False)
        self.look_soon()

    def on_unmount(self) -> None:
        """Close the connection, unless somebody still waits for its answer."""
        if not self._turn.locked():
            self.session.close()

    def action_pause(self) -> None:
        """Stop looking, or go on."""
        self.is_paused = not self.is_paused
        if not self.is_paused:
            self.look_soon()
        self.paint()

    def action_other_theme(self) -> None:
        """Change between the dark and the light theme."""
        self.theme = LIGHT if self.theme == DARK else DARK
        self.paint()


def told_of(error: BaseException) -> str:
    """Return what the first line says of a look that failed; `{at}`: when the last one was."""
    explained = explain(error)
    if explained is None or isinstance(explained, NoDatabaseError):
        return "no answer since {at}, trying again"
    message = pictures(explained.message).replace("{", "{{").replace("}", "}}")
    return f"since {{at}}: {message[:60]}"


def said(error: BaseException) -> str:
    """Return what an error says, with its detail and hint."""
    explained = explain(error)
    if explained is None:
        return pictures(str(error) or "no answer in time")
    parts = [explained.message, explained.detail, in_command(explained.hint or "")]
    return "\n".join(pictures(part) for part in parts if part)
