"""The live screen of `pgdispatch top` without a terminal: its keys, and what it shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Static

from pgdispatch_cli.top.app import Top
from pgdispatch_cli.top.listing import Listing
from pgdispatch_cli.top.reading import Options, Session

SELDOM = 60.0  # seconds between its own looks: the tests tell it when to look
LONGEST = 500  # looks at a condition
PAUSE = 0.02


@dataclass
class Screen:
    """The screen while it runs."""

    app: Top
    pilot: Pilot[None]

    async def press(self, *keys: str) -> None:
        """Press keys, and look anew after each."""
        for key in keys:
            await self.pilot.press(key)
            await self.look()

    async def look(self) -> None:
        """Have it look at the database."""
        await self.app.look()
        await self.pilot.pause()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so."""
        for _ in range(LONGEST):
            if condition():
                return
            await self.pilot.pause(PAUSE)
        raise AssertionError(f"it has not come so: {self.text}")

    @property
    def text(self) -> str:
        """All that the screen on top shows, as text."""
        strips = self.app.screen._compositor.render_strips()  # the one place that has it
        return "\n".join(strip.text.rstrip() for strip in strips)

    @property
    def keys(self) -> str:
        """The last line, which lists the keys."""
        return str(self.app.screen.query_one("#keys", Static).content)

    @property
    def told(self) -> list[str]:
        """What it has told in a corner, refusals included."""
        return [notification.message for notification in self.app._notifications]

    def rows(self, part: str = "lower") -> list[str]:
        """Return the rows of the upper or the lower pane."""
        listing = self.app.main.query_one(f"#{part}-rows", Listing)
        return [str(listing.get_row(key)[0]) for key in listing.keys]

    @property
    def row(self) -> dict[str, Any]:
        """The row under the cursor."""
        return self.app.main.row or {}

    async def go_to(self, field: str, value: object) -> None:
        """Move the cursor down to the row that has a value."""
        await self.press("g")
        for _ in range(len(self.rows(self.part))):
            if self.row.get(field) == value:
                return
            await self.pilot.press("j")
        raise AssertionError(f"no row has {field} {value}: {self.text}")

    @property
    def part(self) -> str:
        """Which part has the focus."""
        return "upper" if self.app.main.pane == "backgrounders" else "lower"

    async def answer(self, key: str) -> None:
        """Answer what is asked before something changes, and wait for what becomes of it."""
        told = len(self.told)
        await self.pilot.press(key)
        await self.until(lambda: len(self.told) > told)
        await self.look()


@asynccontextmanager
async def open_screen(
    dsn: str, *, size: tuple[int, int] = (160, 42), **options: Any
) -> AsyncIterator[Screen]:
    """Start the screen on a database."""
    chosen = Options(interval=SELDOM, by="tester", **options)
    session = Session(dsn, is_read_only=chosen.is_read_only)
    app = Top(session, chosen, session.look(chosen.first_wish))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        screen = Screen(app, pilot)
        await screen.look()
        yield screen


def on_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a test that is a coroutine."""

    @wraps(test)
    def run(*arguments: Any, **named: Any) -> None:
        asyncio.run(test(*arguments, **named))

    return run
