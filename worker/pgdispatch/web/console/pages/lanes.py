"""What a backgrounder did over a stretch of time: runs as bars, and what lies between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pgdispatch.outcome import WENT_BACK
from pgdispatch.web.console import drawing, words
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.filters import named

TONES = {
    "succeeded": "ok",
    **dict.fromkeys(("cancelled", *WENT_BACK), "mute"),
}
HELD = "idle although jobs waited: "
NOTHING = "idle, nothing waited"
NOT_KEPT = (
    "each was held by a gate, a budget, a time or a pause, or is of a type that this node does "
    "not take, or the node was drained; which of these is not kept"
)
DRAINED = "the node is drained now, and since when its changes tell; before that, " + NOT_KEPT
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
    found = [(row["from_at"], row["to_at"]) for row in waits if row["from_at"] is not None]
    return drawing.merged(found, least)


def known_from(
    ended: Iterable[Mapping[str, Any]], waits: Iterable[Mapping[str, Any]], end: datetime
) -> datetime | None:
    """Return since when all is known that ran or waited until `end`; None: from the beginning.

    No more than so many ends are read, the last ones.
    """
    ends = [row["ended_at"] for row in ended if row["ended_at"] <= end]
    cuts = [min(ends)] if len(ends) >= statements.MOST_BARS else []
    return max([*cuts, *(row["known_from"] for row in waits if row["known_from"])], default=None)


def lane(
    bars: Iterable[drawing.Bar],
    start: datetime,
    end: datetime,
    up: tuple[datetime, datetime] | None,
    waits: Sequence[tuple[datetime, datetime]],
    *,
    since: datetime | None = None,
    is_drained: bool = False,
) -> tuple[drawing.Rect, ...]:
    """Return the strip of a backgrounder. When its process was not `up`, it was not idle either.

    `up`: from when to when it is known to have been up; None: only its runs tell. `since`: before
    that it may have run what was not read, so nothing is said of what lies between its bars.
    """
    own = list(bars)
    begun = min([*(bar.from_at for bar in own), *(up[:1] if up else [])], default=end)
    over = max([*(bar.to_at for bar in own), *(up[1:] if up else [])], default=start)
    idle = drawing.gaps(
        own,
        max(begun, start, since or start),
        min(over, end),
        waits,
        titles=(HELD + (DRAINED if is_drained else NOT_KEPT), NOTHING),
    )
    return drawing.strip([*own, *idle], start, end)


def up_of(process: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime] | None:
    """Return from when to when a process has been up; one of a node that is gone, till its end."""
    if process["started_at"] is None:
        return None
    is_gone = process["status"] in ("lost", "stopped")
    until = process["heartbeat_at"] or process["started_at"] if is_gone else now
    return process["started_at"], until
