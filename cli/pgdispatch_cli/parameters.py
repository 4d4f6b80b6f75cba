"""Kinds of values on the command line, each refused with what it should look like."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from pgdispatch_cli.times import parse_instant, parse_span

PRIORITY = click.INT  # the database says which are allowed
LARGEST = 2**63 - 1  # of PostgreSQL's bigint
KINDS = {list: "array", str: "string", bool: "boolean", type(None): "null"}


def number(text: str) -> int:
    """Return the number of a job or task."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:20]) <= LARGEST):
        raise click.BadParameter(f"{text!r} is not the number of a job or task")
    return int(text)


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


def json_object(text: str) -> dict[str, Any]:
    """Return a JSON object: what a handler gets as the job's arguments."""
    try:
        parsed = json.loads(text, parse_constant=refuse_constant)
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
