"""What `pgdispatch top` says: the sentence of the first line, and the glyph of each state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from pgdispatch.web.console.words import Overview, headline
from pgdispatch_cli.commands.status import count_of
from pgdispatch_cli.top.lines import Line

Row = Mapping[str, Any]
LIVE = {"busy", "idle", "drained"}  # states of backgrounders that are there
GLYPHS: Mapping[str, tuple[str, str]] = {  # of the kinds of reasons, and of states
    "next": ("▶", "run"),
    "datasource": ("‖", "gate"),
    "schedule": ("‖", "gate"),
    "site limit": ("‖", "gate"),
    "held": ("‖", "gate"),
    "site budget": ("▲", "warn"),
    "no node": ("▲", "warn"),
    "paused": ("▲", "warn"),
    "time": ("○", "mute"),
    "busy": ("●", "run"),
    "idle": ("○", "mute"),
    "starting": ("○", "mute"),
    "drained": ("▲", "warn"),
    "stopped": ("○", "mute"),
    "lost": ("✕", "bad"),
    "up": ("●", "ok"),
    "succeeded": ("✓", "ok"),
    "failed": ("✕", "bad"),
    "cancelled": ("○", "mute"),
}


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
    return f"{said}; {free} {'starts' if free == 1 else 'start'} as soon as one is free"


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
    """Return a span in as few words as serve: two units only below five minutes."""
    if not isinstance(span, timedelta):
        return "" if span is None else str(span)
    seconds = max(int(span.total_seconds()), 0)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 300:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 86400:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"
    return f"{seconds // 86400} d {seconds % 86400 // 3600:02d} h"


def counted(kinds: Iterable[str | None]) -> str:
    """Return how many there are of each kind, the most frequent first."""
    found = Counter(kind for kind in kinds if kind)
    return " · ".join(f"{kind} {count}" for kind, count in found.most_common())
