"""When which schedules are late: a heat map by hour of the day, over the last days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg

from pgdispatch.web.console import words
from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.reading import ask

PATH = "/late"
TITLE = None
TEMPLATE = "late.html"
DAYS = (1, 7, 28)
MOST = 40  # schedules
LOOK_AT = 20_000  # ends
STEPS = (10, 60, 300, 900, 3600)  # seconds from which a cell is one step darker


@dataclass(frozen=True)
class Cell:
    """The jobs of a schedule in one hour of the day; heat: 0 (in time) to 5; None: no job."""

    heat: int | None
    label: str
    title: str


def read(connection: psycopg.Connection[dict[str, Any]], asked: Asked, /) -> dict[str, object]:
    """Return how late the jobs of each schedule started, by the hour of their scheduled time.

    Transaction: joins the caller's; reads only.
    """
    days = asked.number("days", 1, max(DAYS)) or DAYS[1]
    rows = ask(connection, statements.LATE_HOURS, zone=asked.zone, days=days, look_at=LOOK_AT)
    return {
        "title": "Late schedules",
        "section": "Schedules",
        "rows": rows,
        "grid": grid_of(rows)[:MOST],
        "schedules": len({row["schedule"] for row in rows}),
        "most": MOST,
        "days": days,
        "choices": DAYS,
        "looked_at": sum(row["jobs"] for row in rows),
        "look_at": LOOK_AT,
        "steps": [words.span(step) for step in STEPS],
    }


def grid_of(rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, float, list[Cell]]]:
    """Return for each schedule its mean lateness and a cell for each hour, the latest first."""
    found: dict[str, dict[int, Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["schedule"], {})[row["hour"]] = row
    grid = []
    for schedule, hours in found.items():
        jobs = sum(row["jobs"] for row in hours.values())
        mean = sum(row["mean_seconds"] * row["jobs"] for row in hours.values()) / jobs
        cells = [cell_of(schedule, hour, hours.get(hour)) for hour in range(24)]
        grid.append((schedule, mean, cells))
    return sorted(grid, key=lambda line: (-line[1], line[0]))


def cell_of(schedule: str, hour: int, row: Mapping[str, Any] | None) -> Cell:
    """Return the cell of a schedule and an hour."""
    when = f"{schedule}, {hour:02}:00 to {hour:02}:59"
    if row is None:
        return Cell(None, "", f"{when}: no job")
    mean = max(float(row["mean_seconds"]), 0.0)
    heat = sum(mean >= step for step in STEPS)
    said = f"{words.counted(row['jobs'], 'job')}, {words.span(mean)} late on average"
    most = f"{words.span(max(row['most_seconds'], 0.0))} at most"
    return Cell(heat, brief(mean), f"{when}: {said}, {most}")


def brief(seconds: float) -> str:
    """Return a lateness for a cell, in its largest unit: `40s`, `12m`, `3h`, `2d`."""
    span = timedelta(seconds=seconds)
    for unit, length in (
        ("d", timedelta(1)),
        ("h", timedelta(hours=1)),
        ("m", timedelta(minutes=1)),
    ):
        if span >= length:
            return f"{span // length}{unit}"
    return f"{seconds:.0f}s"
