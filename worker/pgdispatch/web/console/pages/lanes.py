"""What a backgrounder did over a stretch of time: runs as bars, and what lies between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pgdispatch.web.console import drawing, words
from pgdispatch.web.console.pages.filters import named

TONES = {
    "succeeded": "ok",
    **dict.fromkeys(("cancelled", "given back", "snoozed", "not begun"), "mute"),
}
IDLE = (
    "idle although jobs waited: each was held, or is of a type that this node does not take",
    "idle, nothing waited",
)
LEGEND = (
    ("run", "running"),
    ("ok", "succeeded"),
    ("bad", "failed"),
    ("mute", "cancelled"),
    ("held", "idle although jobs waited: none could start here"),
    ("thread", "idle, nothing waited"),
)


def moment(now: datetime) -> datetime:
    """Return until when strips are drawn: they move four times a minute, not with every look."""
    return now.replace(second=now.second // 15 * 15, microsecond=0)


def ended_bar(row: Mapping[str, Any], zone: str, now: datetime) -> drawing.Bar:
    """Return the bar of a run that has ended."""

    def title() -> str:
        length = words.span(row["ended_at"] - row["started_at"])
        begun = words.clock(row["started_at"], zone, now)
        return f"{named(row)} ({row['job']}), {row['ended_as']}, {begun} for {length}"

    tone = TONES.get(row["ended_as"], "bad")
    return drawing.Bar(row["started_at"], row["ended_at"], tone, title, f"/job/{row['job']}")


def running_bar(row: Mapping[str, Any], now: datetime) -> drawing.Bar:
    """Return the bar of a run that goes on."""
    title = f"{named(row)} ({row['job']}), running for {words.span(row['runs_for'])}"
    start = min(row["started_at"], now)
    return drawing.Bar(start, now, "run", title, f"/job/{row['job']}")


def stretches_of(
    waits: Iterable[Mapping[str, Any]], start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """Return when jobs waited, as finely as it can be drawn."""
    least = (end - start) * (drawing.LEAST / drawing.FULL)
    return drawing.merged([(row["from_at"], row["to_at"]) for row in waits], least)


def lane(
    bars: Iterable[drawing.Bar],
    start: datetime,
    end: datetime,
    up: tuple[datetime, datetime] | None,
    waits: Sequence[tuple[datetime, datetime]],
) -> tuple[drawing.Rect, ...]:
    """Return the strip of a backgrounder. When its process was not `up`, it was not idle either.

    `up`: from when to when it is known to have been up; None: only its runs tell.
    """
    own = list(bars)
    begun = min([*(bar.from_at for bar in own), *(up[:1] if up else [])], default=end)
    over = max([*(bar.to_at for bar in own), *(up[1:] if up else [])], default=start)
    idle = drawing.gaps(own, max(begun, start), min(over, end), waits, titles=IDLE)
    return drawing.strip([*own, *idle], start, end)


def up_of(process: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime] | None:
    """Return from when to when a process has been up; one of a node that is gone, till its end."""
    if process["started_at"] is None:
        return None
    is_gone = process["status"] in ("lost", "stopped")
    until = process["heartbeat_at"] or process["started_at"] if is_gone else now
    return process["started_at"], until
