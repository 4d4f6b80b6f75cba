"""What `pgdispatch top` says: the sentence of the first line, and the glyph of each state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from pgdispatch.web.console.words import KINDS, STATES, Overview, headline, who_takes
from pgdispatch.web.console.words import span as in_words
from pgdispatch_cli.commands.status import count_of
from pgdispatch_cli.top.lines import Line

Row = Mapping[str, Any]
LIVE = {"busy", "idle", "drained"}  # states of backgrounders that are there
SIGNS = {  # of the console's glyphs
    "next": "▶",
    "gate": "‖",
    "warn": "▲",
    "time": "○",
    "stop": "○",
    "running": "●",
    "ok": "✓",
    "bad": "✕",
}
GLYPHS: Mapping[str, tuple[str, str]] = {  # of the kinds of reasons, and of states
    name: (SIGNS[tone.glyph], tone.colour) for name, tone in {**STATES, **KINDS}.items()
} | {"up": ("●", "ok")}


def sentence(
    processes: Sequence[Row],
    queue: Sequence[Row],
    waiting: int,
    *,
    is_more: bool = False,
    is_confined: bool = False,
) -> str:
    """Say in one sentence how things are, from the processes and the head of the queue.

    `waiting`, or `is_more` than that, wait; who could start is told only of a whole queue.
    """
    if is_confined:
        runs = sum(row["status"] == "busy" for row in processes)
        return (
            f"{count_of(runs, 'job')} {'runs' if runs == 1 else 'run'}, {waits(waiting, is_more)}"
        )
    live = [row for row in processes if row["status"] in LIVE]
    free = sum(row["kind"] == "next" for row in queue)
    said = headline(
        Overview(
            nodes=len({row["node"] for row in processes}),
            backgrounders=len(live),
            busy=sum(row["status"] == "busy" for row in live),
            waiting=waiting + is_more,
            looked_at=len(queue),
            startable=free,
            ended=0,
            failed=0,
        )
    )
    if not (free and live) or is_more or len(queue) < waiting:
        return said
    idle = any(row["status"] != "busy" for row in live)
    one = f"one{who_takes(free)}" if idle else "one"
    return f"{said}; {free} {'starts' if free == 1 else 'start'} as soon as {one} is free"


def waits(waiting: int, is_more: bool) -> str:
    """Say how many jobs wait, or that it `is_more`."""
    if is_more:
        return f"more than {count_of(waiting, 'job')} wait"
    if waiting == 0:
        return "nothing waits"
    return f"{count_of(waiting, 'job')} {'waits' if waiting == 1 else 'wait'}"


def marked(kind: str | None, text: str) -> Line:
    """Return a text behind the glyph of what it is about, both in its tone."""
    glyph, tone = GLYPHS.get(kind or "", ("", "ink2"))
    return [(f"{glyph} {text}" if glyph else text, tone)]


def short_span(span: timedelta | None) -> str:
    """Return a span as the console says it; nothing for none, nor for less."""
    if not isinstance(span, timedelta):
        return "" if span is None else str(span)
    return in_words(max(span, timedelta()))


def counted(kinds: Iterable[str | None]) -> str:
    """Return how many there are of each kind, the most frequent first."""
    found = Counter(kind for kind in kinds if kind)
    return " · ".join(f"{kind} {count}" for kind, count in found.most_common())
