"""Kinds of values on the command line, each refused with what it should look like."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import click

from pgdispatch.database.json_text import write_json
from pgdispatch.errors import InvalidInputError
from pgdispatch.host.memory_size import log_limit, memory_limit
from pgdispatch_cli.times import parse_instant, parse_past, parse_span

ATTEMPTS = click.IntRange(min=1, max=100)
SCOPE = click.Choice(["all", "site", "type", "schedule"])  # what can be paused
LARGEST = 2**63 - 1  # of PostgreSQL's bigint
LARGEST_INTEGER = 2**31 - 1  # of its integer
KINDS = {list: "array", str: "string", bool: "boolean", type(None): "null"}


NO_LIMIT = -1  # in the columns of a site; null there: the default of all sites


def number(text: str) -> int:
    """Return the number of a job or task."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:20]) <= LARGEST):
        raise click.BadParameter(f"{text!r} is not the number of a job or task")
    return int(text)


def priority(text: str) -> int:
    """Return a priority; the database says which are allowed, if its column can hold it."""
    if not re.fullmatch(r"-?[0-9]{1,20}", text, re.ASCII):
        raise click.BadParameter(f"{text!r} is not a whole number")
    if not -(2**15) <= int(text) < 2**15:
        raise InvalidInputError(
            f"priority {int(text)} is not between 1 and 100", hint="use 1 (highest) to 100"
        )
    return int(text)


def limit(text: str) -> int:
    """Return how many at once; -1 for `none`."""
    if text.lower() == "none":
        return NO_LIMIT
    if not (text.isascii() and text.isdecimal() and int(text[:20]) <= LARGEST_INTEGER):
        raise click.BadParameter(f"{text!r} is neither a number nor 'none'")
    return int(text)


def budget(text: str) -> int:
    """Return so many seconds a day, given as a number or a span such as `8h`; -1 for `none`."""
    seconds = NO_LIMIT if text.lower() == "none" else math.ceil(span(text).total_seconds())
    if seconds > LARGEST_INTEGER:
        raise click.BadParameter("that is more than a day can have; 'none' is no limit")
    return seconds


def memory(text: str) -> int:
    """Return an amount of memory in bytes, given as `512MB` or `2GB`."""
    return memory_limit(text, where="memory")


def log_size(text: str) -> int:
    """Return an amount of a log in bytes, given as `512KB` or `4MB`."""
    return log_limit(text, where="log")


def time_of_day(text: str) -> time:
    """Return a time of day, `HH:MM`."""
    if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", text, re.ASCII):
        raise click.BadParameter(f"{text!r} is not a time of day such as 06:30")
    return time.fromisoformat(text.zfill(5))


def day(text: str) -> date:
    """Return a day, `YYYY-MM-DD`."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise click.BadParameter(f"{text!r} is not a day such as 2026-12-25")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"there is no day {text}") from None


def names(text: str) -> list[str]:
    """Return the names in a list with commas, such as `flow,alert`."""
    found = [name.strip() for name in text.split(",") if name.strip()]
    if not found:
        raise click.BadParameter("name at least one")
    return found


def span(text: str) -> timedelta:
    """Return a span of time, such as `90s`, `15min` or `1h30m`."""
    try:
        return parse_span(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def when(text: str) -> datetime:
    """Return a point in time: ISO 8601, `HH:MM` or `+SPAN`."""
    try:
        return parse_instant(text, now=datetime.now(UTC))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def ago(text: str) -> datetime:
    """Return a point in the past: a span such as `6h`, `HH:MM` (the last one), or ISO 8601."""
    try:
        return parse_past(text, now=datetime.now(UTC))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def json_object(text: str) -> dict[str, Any]:
    """Return a JSON object: what a handler gets as the job's arguments."""
    try:
        parsed = json.loads(text, parse_constant=refuse_constant)
        write_json(parsed)
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(
            f'not JSON ({error}); write for example \'{{"table": "sales"}}\''
        ) from None
    if not isinstance(parsed, dict):
        kind = KINDS.get(type(parsed), "number")
        raise click.BadParameter(
            f'a JSON {kind}, not an object; write for example \'{{"table": "sales"}}\''
        )
    return parsed


def refuse_constant(name: str) -> None:
    """Refuse NaN and Infinity, which Python would read and PostgreSQL would not."""
    raise ValueError(f"{name} is not a number of JSON")


def chance(text: str) -> float:
    """Return a chance, given as a share, `0.2`, or in per cent, `20%`."""
    found = re.fullmatch(r"(\d{1,3}(?:\.\d{1,6})?|\.\d{1,6})(%?)", text, re.ASCII)
    share = float(found[1]) / (100 if found[2] else 1) if found else -1
    if not 0 < share <= 1:
        raise click.BadParameter(f"{text!r} is not a chance such as 20% or 0.2")
    return share
