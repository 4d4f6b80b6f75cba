"""What the templates call: words and drawings, in the zone and at the time of the page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from jinja2 import pass_context
from jinja2.runtime import Context

from pgdispatch.database.differences import differences
from pgdispatch.web.console import words
from pgdispatch.web.console.reading import Rows

LONGEST = 64 * 1024  # characters of a log, a result or arguments
INSTANT = re.compile(
    r"\b[12]\d{3}-[01]\d-[0-3]\d[ T][012]\d:[0-5]\d:[0-5]\d(?:\.\d{1,6})?[+-]\d\d(?::\d\d)?"
)


@pass_context
def clock(context: Context, instant: datetime | None) -> str:
    """Return an instant to the minute, in the zone of the page."""
    return words.clock(instant, context["zone"], context["now"])


@pass_context
def exact(context: Context, instant: datetime | None) -> str:
    """Return an instant to the second, in the zone of the page."""
    return words.clock(instant, context["zone"], context["now"], is_exact=True)


@pass_context
def in_zone(context: Context, text: str) -> str:
    """Return a text whose instants are as the rest of the page has them."""

    def clock(found: re.Match[str]) -> str:
        try:
            instant = datetime.fromisoformat(found[0])
        except ValueError:  # no month has so many days
            return found[0]
        return words.clock(instant, context["zone"], context["now"], is_exact=True)

    return INSTANT.sub(clock, text)


def named(row: Mapping[str, Any]) -> str:
    """Return the title of a job or task; what has none goes by its type."""
    return str(row.get("title") or words.plain(row.get("type")))


def pretty(value: object) -> str:
    """Return a JSON value, or a text, as it is shown; what is very long is cut."""
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def longest(runs: Sequence[Mapping[str, Any]]) -> timedelta | None:
    """Return how long the longest of some runs took."""
    lengths = [run["ended_at"] - run["started_at"] for run in runs if run["started_at"]]
    return max(lengths, default=None)


def statements(asked_for: Iterable[Rows]) -> str:
    """Return the statements of a panel as one text, which works in psql as it stands."""
    return "\n\n".join(f"{rows.sql.strip().rstrip(';')};" for rows in asked_for)


def seconds(number: float | None) -> timedelta | None:
    """Return a number of seconds as a span."""
    return None if number is None else timedelta(seconds=number)


def without(
    given: Mapping[str, Any], fields: Mapping[str, str], name: str | None
) -> dict[str, str]:
    """Return the filters of a page as its query has them, but for one."""
    return {one: fields[one] for one in given if one != name}


@pass_context
def way_back(context: Context) -> str:
    """Return the path and query of this page, to come back to."""
    asked = context["asked"]
    query = f"?{urlencode(dict(asked.query))}" if asked.query else ""
    return f"{context['path']}{query}"


FILTERS: dict[str, Callable[..., Any]] = {
    "seconds": seconds,
    "span": words.span,
    "statements": statements,
    "chance": words.chance,
    "clock": clock,
    "exact": exact,
    "in_zone": in_zone,
    "named": named,
    "in_line": words.in_line,
    "plain": words.plain,
    "pretty": pretty,
    "count": words.count,
    "counted": words.counted,
    "listed": words.listed,
    "longest": longest,
    "kind": words.tone_of_kind,
    "state": words.tone_of_state,
}
GLOBALS: dict[str, Any] = {
    "is_over": words.is_over,
    "way_back": way_back,
    "without": without,
    "differences": differences,
}
