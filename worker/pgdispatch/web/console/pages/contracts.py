"""The contracts: by when data have to be there, and whether they will be."""

from __future__ import annotations

from functools import partial
from typing import Any

import psycopg

from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.drawing import FULL, Rect, share
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.finding import following
from pgdispatch.web.console.reading import ask
from pgdispatch.web.console.words import clock

PATH = "/contracts"
TITLE = "Contracts"
TEMPLATE = "contracts.html"
MOST = 50
HEIGHT = 14  # pixels of an axis
MARK = 0.8  # per cent: the width of what marks an instant


def read(connection: psycopg.Connection[dict[str, Any]], asked: Asked, /) -> dict[str, object]:
    """Return the contracts by number, of one site or datasource if asked, each with its axis.

    Transaction: joins the caller's; reads only.
    """
    site, datasource = asked.text("site"), asked.text("datasource")
    found = ask(
        connection,
        statements.CONTRACTS,
        after=asked.number("after") or 0,
        site=site,
        datasource=datasource,
        most=MOST + 1,
    )
    return {
        "contracts": found,
        "axes": {row["contract"]: axis(row, asked.zone) for row in found},
        "most": MOST,
        "following": following(found, MOST, "contract"),
        "only": {"site": site, "datasource": datasource},
    }


def axis(row: dict[str, Any], zone: str) -> tuple[Rect, ...]:
    """Return a short axis from now, or when the data were there, to what comes last.

    On it the time that the data are expected at, nine times of ten, and when they are due.
    """
    due, now = row["due"], row["now"]
    if due is None:
        return ()
    there, median = row["ended_at"], row["expected_at"]
    last = row["late_at"] or row["beyond"] or median
    start = min(one for one in (now, there, due) if one is not None)
    end = max(one for one in (now, there, due, last) if one is not None)
    margin = (end - start) / 20
    start, end = start - margin, end + margin
    rects = []
    told = partial(clock, zone=zone, now=now)
    if there is not None:
        rects.append(_mark(share(there, start, end), "ok", f"there at {told(there)}"))
    elif median is not None or row["beyond"] is not None:
        left = share(row["early_at"] or last, start, end)
        width = max(share(last, start, end) - left, MARK)
        span = f"nine in ten by {told(last)}"
        if row["early_at"] is not None and row["late_at"] is not None:
            span = f"{told(row['early_at'])} to {told(row['late_at'])}"
        rects.append(Rect(round(left, 3), round(width, 3), 4, HEIGHT - 8, "run", span))
        if median is not None:
            rects.append(_mark(share(median, start, end), "run", f"expected {told(median)}"))
    tone = "bad" if row["state"] in {"late", "broken"} else "mute"
    rects.append(_mark(share(due, start, end), tone, f"due {told(due)}"))
    return tuple(rects)


def _mark(x: float, tone: str, title: str) -> Rect:
    return Rect(round(min(x, FULL - MARK), 3), MARK, 0, HEIGHT, tone, title)
