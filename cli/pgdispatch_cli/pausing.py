"""What holds a thing: pauses of its own, and that of everything."""

from __future__ import annotations

from typing import Any

import psycopg

from pgdispatch_cli.output import format_value
from pgdispatch_cli.reading import Rows, read


def pauses_of(connection: psycopg.Connection, scope: str, name: str) -> list[dict[str, Any]]:
    """Return the pauses that hold a site, type or schedule, the oldest first.

    Transaction: joins the caller's; reads only.
    """
    held = {"scope in ('all', %s)": scope, "coalesce(name, '') in ('', %s)": name}
    return read(connection, Rows("paused", where=held))


def pause_facts(pauses: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return pauses as labels and values for people: what, by whom, since and until when, why."""
    return [("paused", pause_line(pause)) for pause in pauses]


def pause_line(pause: dict[str, Any]) -> str:
    """Return one pause in a line."""
    what = "everything, " if pause["scope"] == "all" else ""
    until = format_value(pause["until"]) or "somebody resumes it"
    why = f": {format_value(pause['reason'])}" if pause["reason"] else ""
    said = f"{what}by {format_value(pause['paused_by'])} since {format_value(pause['paused_at'])}"
    return f"{said}, until {until}{why}"
