"""What each backgrounder did over a stretch of time, idle stretches explained, and the queue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import psycopg

from pgdispatch.errors import InvalidInputError
from pgdispatch.web.console import drawing, words
from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import lanes, statements
from pgdispatch.web.console.pages.instants import in_field, instant
from pgdispatch.web.console.reading import Rows, ask

PATH = "/timeline"
TITLE = "Timeline"
TEMPLATE = "timeline.html"
HOURS = (1, 3, 12, 24)
LONGEST = timedelta(days=7)
DEPTH = 56  # pixels

Link = psycopg.Connection[dict[str, Any]]


def read(connection: Link, asked: Asked, /) -> dict[str, object]:
    """Return a lane for each backgrounder; nothing for those who are confined to sites.

    Raises `InvalidInputError` for a stretch that is none.

    Transaction: joins the caller's; reads only.
    """
    if asked.rights.sites is not None:
        return {"title": TITLE, "is_confined": True}
    now = ask(connection, statements.NOW)[0]["now"]
    start, end = _stretch(asked, now)
    node = asked.text("node", 63)
    stretch = {"start": start, "end": end, "most": statements.MOST_BARS}
    ended = ask(connection, statements.ENDED_BARS, **stretch)
    running = ask(connection, statements.RUNNING_BARS, end=end)
    waits = ask(connection, statements.WAITS, **stretch)
    depth = ask(connection, statements.DEPTH, **stretch)
    processes = ask(connection, statements.PROCESSES)
    bars = _bars(ended, running, asked.zone, min(end, now), now)
    since = lanes.known_from(ended, waits, end)
    draw = partial(
        lanes.lane,
        start=start,
        end=min(end, now),
        waits=lanes.stretches_of(waits, start, end),
        since=since,
    )
    drawn = _lanes(draw, bars, processes, now)
    return {
        "title": TITLE,
        "is_confined": False,
        "lanes": [lane for lane in drawn if node is None or _node_of(lane[0]) == node],
        "node": node,
        "nodes": sorted({_node_of(name) for name, _, _ in drawn}),
        "ticks": drawing.ticks(start, end, asked.zone),
        "legend_items": lanes.LEGEND,
        "depth": _depth(depth, asked.zone, now),
        "deepest": max((row["waiting"] for row in depth), default=0),
        "asked_for": [ended, running, waits, processes],
        "depth_asked": [depth],
        "known_from": since,
        "numbers": ended[:50],
        **_range(asked, start, end, now),
    }


def _stretch(asked: Asked, now: datetime) -> tuple[datetime, datetime]:
    end = instant(asked, "to") or lanes.moment(now)
    hours = asked.number("hours", 1, 24)
    start = instant(asked, "from") or end - timedelta(hours=hours or 1)
    if not timedelta(minutes=1) <= end - start <= LONGEST:
        raise InvalidInputError(
            "the stretch is too short or too long", hint="from a minute to seven days"
        )
    return start, end


def _bars(
    ended: Rows, running: Rows, zone: str, end: datetime, now: datetime
) -> dict[str, list[drawing.Bar]]:
    bars: dict[str, list[drawing.Bar]] = defaultdict(list)
    for row in ended:
        bars[row["backgrounder"]].append(lanes.ended_bar(row, zone, now))
    for row in running:
        bars[row["backgrounder"]].append(lanes.running_bar(row, end))
    return bars


def _lanes(
    draw: Callable[..., tuple[drawing.Rect, ...]],
    bars: dict[str, list[drawing.Bar]],
    processes: Rows,
    now: datetime,
) -> list[tuple[str, tuple[drawing.Rect, ...], list[drawing.Bar]]]:
    """Return each backgrounder that is up or has run something, with its strip and its runs."""
    known = {row["backgrounder"]: row for row in processes if row["backgrounder"]}
    found = []
    for name in sorted({*bars, *known}, key=words.by_number):
        row = known.get(name)
        up = None if row is None else lanes.up_of(row, now)
        is_drained = row is not None and row["status"] == "drained"
        found.append((name, draw(bars[name], up=up, is_drained=is_drained), bars[name]))
    return found


def _node_of(backgrounder: str) -> str:
    return backgrounder.rpartition(":")[0]


def _depth(rows: Rows, zone: str, now: datetime) -> tuple[drawing.Rect, ...]:
    return drawing.columns(
        [float(row["waiting"]) for row in rows],
        ["mute"] * len(rows),
        [
            f"{words.clock(row['at'], zone, now)}: {words.counted(row['waiting'], 'job')} waited"
            for row in rows
        ],
        height=DEPTH,
    )


def _range(asked: Asked, start: datetime, end: datetime, now: datetime) -> dict[str, object]:
    """Return the stretch as fields, and the stretches before and after it."""
    length = end - start
    return {
        "start": start,
        "end": end,
        "hours": HOURS,
        "chosen": round(length.total_seconds() / 3600),
        "fields": {
            "from": in_field(start, asked.zone) if asked.query.get("from") else "",
            "to": in_field(end, asked.zone) if asked.query.get("to") else "",
        },
        "hours_asked": asked.number("hours", 1, 24),
        "earlier": _link(asked, start - length, start),
        "later": _link(asked, end, end + length) if end + length <= now else None,
    }


def _link(asked: Asked, start: datetime, end: datetime) -> Mapping[str, str]:
    found = {"from": in_field(start, asked.zone), "to": in_field(end, asked.zone)}
    node = asked.text("node", 63)
    return found if node is None else {**found, "node": node}
