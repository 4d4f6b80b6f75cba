"""What has ended, newest first: by outcome, backgrounder, task, schedule, site, type and time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import psycopg

from pgdispatch.errors import InvalidInputError
from pgdispatch.web.console.asked import Asked, cursor_of
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.finding import all_of
from pgdispatch.web.console.pages.instants import in_field, instant
from pgdispatch.web.console.reading import Rows, ask

PATH = "/history"
TITLE = "History"
TEMPLATE = "history.html"
MOST = 50
LOOK_AT = 10_000
RARE = ("failed", "cancelled")  # there is an index for them
OUTCOMES = ("succeeded", *RARE)
FILTERS = (
    "outcome",
    "backgrounder",
    "task",
    "schedule",
    "site",
    "type",
    "datasource",
    "from",
    "to",
)

Link = psycopg.Connection[dict[str, Any]]


def read(connection: Link, asked: Asked, /) -> dict[str, object]:
    """Return a page of the history. It looks at 10,000 ends at most, and says if that was all.

    Transaction: joins the caller's; reads only.
    """
    given = _given(asked)
    bounds = all_of(statements.HISTORY_BOUNDS, given)
    rows = ask(
        connection,
        statements.HISTORY.replace("{bounds}", bounds).replace(
            "{condition}", all_of(statements.HISTORY_CONDITIONS, given)
        ),
        **_values(given),
        look_at=LOOK_AT,
        most=MOST + 1,
    )
    counts = ask(
        connection,
        statements.OUTCOMES.replace(
            "{bounds}", all_of(statements.HISTORY_BOUNDS, _but_rare(given))
        ),
        **_values(given),
    )
    older, looked_until = _older(connection, rows, given, bounds)
    return {
        "title": TITLE,
        "rows": _shown(rows),
        "counts": counts,
        "by_outcome": {row["outcome"]: row["jobs"] for row in counts},
        "given": {name: value for name, value in given.items() if name in FILTERS},
        "fields": _fields(asked, given),
        "is_first": "before" not in given,
        "older": older,
        "looked_until": looked_until,
        "newest": None if rows else _newest(connection),
    }


def _given(asked: Asked) -> dict[str, Any]:
    given: dict[str, Any] = {
        "outcome": asked.word("outcome", OUTCOMES),
        "backgrounder": asked.text("backgrounder", 100),
        "task": asked.number("task", 1),
        "schedule": asked.text("schedule", 200),
        "site": asked.text("site", 100),
        "type": asked.text("type", 100),
        "datasource": asked.text("datasource"),
        "from": instant(asked, "from"),
        "to": instant(asked, "to"),
        "before": _place(asked),
    }
    is_of_one = given["backgrounder"] is not None or given["task"] is not None
    given["rare"] = True if given["outcome"] in RARE and not is_of_one else None
    return {name: value for name, value in given.items() if value is not None}


def _place(asked: Asked) -> tuple[datetime, int] | None:
    """Return after which end the page begins. Raises `InvalidInputError`."""
    values = asked.cursor("before")
    if values is None:
        return None
    try:
        at, job = values
        return datetime.fromisoformat(at), int(job)
    except (TypeError, ValueError):
        raise InvalidInputError(
            "before is no place in the history", hint="begin with the first page"
        ) from None


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    names = {"from": "from_at", "to": "to_at"}
    values = {names.get(name, name): value for name, value in given.items() if name != "before"}
    if "before" in given:
        values["before_at"], values["before_id"] = given["before"]
    return values


def _but_rare(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what was given, for counts by outcome."""
    return {name: value for name, value in given.items() if name != "rare"}


def _older(
    connection: Link, rows: Rows, given: Mapping[str, Any], bounds: str
) -> tuple[str | None, datetime | None]:
    """Return the place where the next page begins, and until when was looked, if not to the end."""
    if len(rows) > MOST:
        last = rows[MOST - 1]
        return cursor_of([last["ended_at"].isoformat(), last["job"]]), None
    if not any(name in given for name in statements.HISTORY_CONDITIONS):
        return None, None
    end = ask(
        connection,
        statements.END_OF_STRETCH.replace("{bounds}", bounds),
        **_values(given),
        look_at=LOOK_AT,
    )
    if not end:
        return None, None
    return cursor_of([end[0]["ended_at"].isoformat(), end[0]["job"]]), end[0]["ended_at"]


def _shown(rows: Rows) -> Rows:
    shown = Rows(rows[:MOST])
    shown.sql, shown.is_late = rows.sql, rows.is_late
    return shown


def _fields(asked: Asked, given: Mapping[str, Any]) -> dict[str, str]:
    fields = {name: str(given.get(name, "")) for name in FILTERS}
    return fields | {name: in_field(given.get(name), asked.zone) for name in ("from", "to")}


def _newest(connection: Link) -> Mapping[str, Any] | None:
    found = ask(connection, statements.NEWEST)
    return found[0] if found else None
