"""What has ended, newest first: by outcome, who ran it, what it is a run of, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import psycopg

from pgdispatch.errors import InvalidInputError
from pgdispatch.outcome import FOR_GOOD, WENT_BACK
from pgdispatch.web.console.asked import Asked, cursor_of
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.pages.finding import all_of
from pgdispatch.web.console.pages.instants import in_field, instant
from pgdispatch.web.console.pages.reach import LOOK_AT, reach
from pgdispatch.web.console.reading import Rows, ask

PATH = "/history"
TITLE = "History"
TEMPLATE = "history.html"
MOST = 50
RARE = ("failed", "cancelled")  # there is an index for them
OUTCOMES = ("succeeded", *RARE)
NEWEST_FIRST = "ended"
OF_JOBS = ("late", "waited")  # what attempts are not sorted by
FAILED_AS = (*FOR_GOOD, *WENT_BACK)
FILTERS = (
    "outcome",
    "backgrounder",
    "task",
    "schedule",
    "site",
    "type",
    "datasource",
    "title",
    "node",
    "failed_as",
    "from",
    "to",
)

Link = psycopg.Connection[dict[str, Any]]


def read(connection: Link, asked: Asked, /) -> dict[str, object]:
    """Return a page of the history. It looks at 10,000 ends at most, and says if that was all.

    Sorted by anything but the end it is those with most of it, of the ends that were looked at.
    Raises `InvalidInputError`.

    Transaction: joins the caller's; reads only.
    """
    given = _given(asked)
    given |= _since(connection, asked, given)
    stretch = _stretch_of(given)
    sort = _sort(asked, given)
    condition = all_of(statements.HISTORY_CONDITIONS, given)
    statement = stretch(statements.HISTORY).replace("{condition}", condition)
    rows = ask(
        connection,
        statement.replace("{order}", statements.HISTORY_ORDERS[sort]),
        **_values(given),
        look_at=LOOK_AT,
        most=MOST + 1,
    )
    counts = _counts(connection, asked, given)
    is_sorted = sort != NEWEST_FIRST
    older, looked_until = _older(connection, rows, given, stretch, is_sorted=is_sorted)
    return {
        "title": TITLE,
        "rows": rows.but(rows[:MOST]),
        "counts": counts,
        "by_outcome": {row["outcome"]: row["jobs"] for row in counts},
        "given": {name: value for name, value in given.items() if name in FILTERS},
        "fields": _fields(asked, given),
        "ways_to_fail": FAILED_AS,
        "sort": sort,
        "chosen": {"sort": sort} if is_sorted else {},
        "sorts": [
            name
            for name in statements.HISTORY_ORDERS
            if not by_attempt(given) or name not in OF_JOBS
        ],
        "is_first": "before" not in given,
        "older": older,
        "looked_until": looked_until,
        "newest": None if rows else _newest(connection, asked),
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
        "title": asked.text("title"),
        "node": asked.text("node", 63),
        "failed_as": asked.word("failed_as", FAILED_AS),
        "from": instant(asked, "from"),
        "to": instant(asked, "to"),
        "before": _place(asked),
    }
    is_of_one = given["backgrounder"] is not None or given["task"] is not None
    is_rare = given["outcome"] in RARE or given["failed_as"] is not None
    given["rare"] = True if is_rare and not is_of_one else None
    return {name: value for name, value in given.items() if value is not None}


def _since(connection: Link, asked: Asked, given: Mapping[str, Any]) -> dict[str, datetime]:
    """Return since when 10,000 of all sites have ended, for those who see some of them only."""
    ends = [given["before"][0]] if "before" in given else []
    since = reach(
        connection,
        asked,
        before=min([*ends, given["to"]] if "to" in given else ends, default=None),
        backgrounder=given.get("backgrounder"),
        task=given.get("task"),
        is_rare="rare" in given,
    )
    return {} if since is None else {"since": since}


def _counts(connection: Link, asked: Asked, given: Mapping[str, Any]) -> Rows:
    """Return how many of the last 10,000 ended how."""
    kept = dict(given)
    if "rare" in kept:
        kept = {name: value for name, value in kept.items() if name not in ("rare", "since")}
        kept |= _since(connection, asked, kept)
    bounds = all_of(statements.HISTORY_BOUNDS, kept)
    return ask(connection, statements.OUTCOMES.replace("{bounds}", bounds), **_values(kept))


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


def by_attempt(given: Mapping[str, Any]) -> bool:
    """Tell whether each attempt is a row: that is so for whoever ran them, and how they failed."""
    names = ("backgrounder", "node", "failed_as")
    return "outcome" not in given and any(name in given for name in names)


def _sort(asked: Asked, given: Mapping[str, Any]) -> str:
    """Return what the rows are sorted by, most first. Raises `InvalidInputError`."""
    sort = asked.word("sort", list(statements.HISTORY_ORDERS)) or NEWEST_FIRST
    if sort in OF_JOBS and by_attempt(given):
        raise InvalidInputError(
            f"attempts cannot be sorted by {sort}", hint="choose an outcome, too"
        )
    return sort


def _stretch_of(given: Mapping[str, Any]) -> Callable[[str], str]:
    """Return what fills in which rows are looked at, and when each of them started."""
    relation, begun = statements.HISTORY_OF_JOBS, statements.BEGUN_OF_JOBS
    if by_attempt(given):
        relation, begun = statements.HISTORY_OF_ATTEMPTS, statements.BEGUN_OF_ATTEMPTS
    parts = {"relation": relation, "begun": begun}
    parts["bounds"] = all_of(statements.HISTORY_BOUNDS, given)

    def fill_in(text: str) -> str:
        for name, part in parts.items():
            text = text.replace(f"{{{name}}}", part)
        return text

    return fill_in


def _older(
    connection: Link,
    rows: Rows,
    given: Mapping[str, Any],
    stretch: Callable[[str], str],
    *,
    is_sorted: bool,
) -> tuple[str | None, datetime | None]:
    """Return the place where the next page begins, and until when was looked, if not to the end."""
    if len(rows) > MOST and not is_sorted:
        last = rows[MOST - 1]
        return cursor_of([last["ended_at"].isoformat(), last["job"]]), None
    if "since" in given:
        since = given["since"]
        is_all = "from" in given and given["from"] >= since
        return (None, None) if is_all else (cursor_of([since.isoformat(), 0]), since)
    if not is_sorted and not any(name in given for name in statements.HISTORY_CONDITIONS):
        return None, None
    end = ask(
        connection,
        stretch(statements.END_OF_STRETCH),
        **_values(given),
        look_at=LOOK_AT,
    )
    if not end:
        return None, None
    return cursor_of([end[0]["ended_at"].isoformat(), end[0]["job"]]), end[0]["ended_at"]


def _fields(asked: Asked, given: Mapping[str, Any]) -> dict[str, str]:
    fields = {name: str(given.get(name, "")) for name in FILTERS}
    return fields | {name: in_field(given.get(name), asked.zone) for name in ("from", "to")}


def _newest(connection: Link, asked: Asked) -> Mapping[str, Any] | None:
    found = ask(connection, statements.NEWEST, since=reach(connection, asked))
    return found[0] if found else None
