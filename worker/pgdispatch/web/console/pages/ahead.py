"""The coming hours: how full they are, when schedules' runs end, and how good that is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg

from pgdispatch.web.console import drawing, words
from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.expected import ask_expected
from pgdispatch.web.console.reading import Rows, ask

PATH = "/ahead"
TITLE = "Ahead"
TEMPLATE = "ahead.html"
QUARTER = timedelta(minutes=15)
MOST = 200
BUSY, WAITING = 96, 56  # pixels
HOUR = 4  # quarters

Link = psycopg.Connection[dict[str, Any]]


def read(connection: Link, asked: Asked, /) -> dict[str, object]:
    """Return what is expected; the load of all only to those who may see it.

    Transaction: joins the caller's; reads only.
    """
    sees_all = asked.rights.sites is None
    load = ask_expected(connection, statements.LOAD_AHEAD) if sees_all else Rows()
    runs = ask_expected(connection, statements.RUNS_AHEAD, most=MOST + 1)
    return {
        "title": TITLE,
        "is_expecting": True,
        "forecast": ask(connection, statements.FORECAST_MADE),
        "load": load,
        "hours": load[::HOUR],
        "runs": runs,
        "most": MOST,
        "quality": ask(connection, statements.FORECAST_QUALITY),
        **_drawn(load, asked.zone),
    }


def _drawn(load: Rows, zone: str) -> dict[str, object]:
    """Return the columns of both drawings, and the hours under them."""
    if not load:
        return {"busy": (), "waiting": (), "ticks": (), "room": 0}
    now, room = load[0]["made_at"], load[0]["backgrounders"]
    titles = [
        f"{words.clock(row['at'], zone, now)}: {row['busy']:.1f} of {room} busy, "
        f"{row['waiting']:.0f} wait; in one case of ten more than {row['busy_high']:.1f}, "
        f"{row['waiting_high']:.0f}"
        for row in load
    ]
    full = ["warn" if row["busy_high"] > room - 0.5 else "run" for row in load]
    return {
        "busy": drawing.columns(
            [row["busy"] for row in load], full, titles, height=BUSY, most=float(room)
        ),
        "waiting": drawing.columns(
            [row["waiting"] for row in load], ["gate"] * len(load), titles, height=WAITING
        ),
        "ticks": drawing.ticks(load[0]["at"], load[-1]["at"] + QUARTER, zone),
        "room": room,
    }
