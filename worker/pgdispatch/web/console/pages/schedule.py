"""One schedule: its next runs, its tasks, what was skipped, how late it was, and its settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg

from pgdispatch.errors import PgdispatchError
from pgdispatch.web.console import drawing, words
from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.expected import ask_expected
from pgdispatch.web.console.pages.finding import find, following
from pgdispatch.web.console.pages.reach import reach
from pgdispatch.web.console.reading import Rows, ask
from pgdispatch.web.console.refusals import explain

PATH = "/schedule/{schedule:path}"
TITLE = None
TEMPLATE = "schedule.html"
MOST = 50
COMING = 8  # runs that are forecast
CHART = 56  # pixels
FREE_DAY = ("run", "skip", "before", "after")

Link = psycopg.Connection[dict[str, Any]]


def read(connection: Link, asked: Asked, /) -> dict[str, object]:
    """Return one schedule, with a preview of another recurrence if the query has one.

    Raises `NotFoundError`.

    Transaction: joins the caller's; reads only.
    """
    name = asked.text("schedule", 200) or ""
    found = find(connection, statements.SCHEDULE, "schedule", schedule=name)
    after = asked.number("after") or 0
    tasks = ask(connection, statements.SCHEDULE_TASKS, schedule=name, after=after, most=MOST + 1)
    since = reach(connection, asked)
    delays = ask(connection, statements.SCHEDULE_DELAYS, schedule=name, since=since)
    row = found[0]
    next_runs = _next_runs(connection, asked, row)
    return {
        "title": f"Schedule {name}",
        "section": "Schedules",
        **_beside(connection, name),
        "schedule": row,
        "found": found,
        "changes": ask(connection, statements.CHANGES, kind="schedule", name=name),
        "tasks": tasks,
        "most": MOST,
        "following": following(tasks, MOST, "task"),
        "delays": delays,
        "chart": _chart(delays, asked.zone, row["now"]),
        **next_runs,
    }


def _next_runs(connection: Link, asked: Asked, row: dict[str, Any]) -> dict[str, object]:
    """Return when it runs next, or would if it were as the query says."""
    is_asked = "recurrence" in asked.query  # empty: none
    now = {name: row[name] for name in ("recurrence", "time_zone", "calendar", "on_free_day")}
    wanted = now
    if is_asked:
        wanted = {
            "recurrence": asked.text("recurrence", 200),
            "time_zone": asked.text("time_zone", 100) or row["time_zone"],
            "calendar": now["calendar"],
            "on_free_day": asked.word("on_free_day", FREE_DAY) or now["on_free_day"],
        }
        if "calendar" in asked.query:  # empty: none
            wanted["calendar"] = asked.text("calendar", 100)
    schedule = row["schedule"] if wanted == now else None
    preview, refusal = _preview(connection, schedule, **wanted)
    return {
        **wanted,
        "free_day_choices": FREE_DAY,
        "calendars": ask(connection, statements.CALENDAR_NAMES),
        "is_preview": wanted != now,
        "preview": preview,
        "refusal": refusal,
    }


def _beside(connection: Link, name: str) -> dict[str, object]:
    """Return what is forecast of it, its linked tasks, what was skipped, and its pause."""
    return {
        "is_expecting": True,
        "coming": ask_expected(
            connection, statements.SCHEDULE_FORECAST, schedule=name, most=COMING
        ),
        "pause": ask(connection, statements.PAUSE, scope="schedule", name=name),
        "linked": ask(connection, statements.SCHEDULE_LINKED, schedule=name),
        "skipped": ask(connection, statements.SCHEDULE_SKIPPED, schedule=name),
    }


def _preview(
    connection: Link, schedule: str | None, **asked: str | None
) -> tuple[Rows, PgdispatchError | None]:
    """Return the next times, of the schedule as it is or as asked for; or the refusal of that."""
    if asked["recurrence"] is None:
        return Rows(), None
    try:
        if schedule is not None:
            zone = asked["time_zone"]
            return ask(
                connection, statements.SCHEDULE_PREVIEW, schedule=schedule, time_zone=zone
            ), None
        found = ask(connection, statements.PREVIEW, **asked)
    except (psycopg.OperationalError, psycopg.InterfaceError):
        raise
    except psycopg.Error as error:
        return Rows(), explain(error)
    return found, None


def _chart(delays: Rows, zone: str, now: datetime) -> tuple[drawing.Rect, ...]:
    return drawing.columns(
        [max(row["longest"].total_seconds(), 0.0) for row in delays],
        ["mute"] * len(delays),
        [
            f"{words.clock(row['hour'], zone, now)}: {words.counted(row['jobs'], 'job')}, the "
            f"latest by {words.span(row['longest'])}, on the mean {words.span(row['mean'])}"
            for row in delays
        ],
        height=CHART,
    )
