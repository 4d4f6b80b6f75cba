"""The gates that are full: who holds each and until about when, how many wait, and the best."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import psycopg

from pgdispatch.web.console import words
from pgdispatch.web.console.asked import Asked
from pgdispatch.web.console.pages import statements
from pgdispatch.web.console.reading import Rows, ask

PATH = "/gates"
TITLE = "Gates"
TEMPLATE = "gates.html"
ONE = ("datasource", "schedule")  # gates that one run fills
MOST = 200

Link = psycopg.Connection[dict[str, Any]]


def read(connection: Link, asked: Asked, /) -> dict[str, object]:
    """Return the full gates, those first at which most jobs are parked.

    Transaction: joins the caller's; reads only.
    """
    found = ask(connection, statements.GATES, most=MOST + 1)
    gates = found.but(found[:MOST])
    sites = [row["site"] for row in gates if row["kind"] == "site limit"]
    holders = ask(connection, statements.SITE_HOLDERS, sites=sites) if sites else Rows()
    now = ask(connection, statements.NOW)[0]["now"]
    boards = [_board(row, holders, asked.zone, now) for row in gates]
    return {
        "title": TITLE,
        "gates": gates,
        "many": len(found),
        "most": MOST,
        "gates_asked": [rows for rows in (gates, holders) if rows.sql],
        "boards": [board for board in boards if board["waiting"] or board["kind"] not in ONE],
        "busy": [board for board in boards if not board["waiting"] and board["kind"] in ONE],
        "pauses": ask(connection, statements.PAUSES, most=100),
        "types": ask(connection, statements.TYPES_WITHOUT_NODE),
    }


def _board(row: Mapping[str, Any], holders: Rows, zone: str, now: datetime) -> dict[str, Any]:
    """Return a gate with its name, and with those that hold it and when they should end."""
    held = [one for one in holders if row["kind"] == "site limit" and one["site"] == row["site"]]
    if row["holder"] is not None and row["started_at"] is not None:
        held = [{**row, "job": row["holder"]}]
    name = row["schedule"] or " / ".join(filter(None, (row["site"], row["datasource"])))
    if row["kind"] == "paused":
        name = row["gate"].removeprefix("pause/").replace("/", " ", 1)
    return {**row, "name": name, "held_by": [{**one, **_end(one, zone, now)} for one in held]}


def _end(run: Mapping[str, Any], zone: str, now: datetime) -> dict[str, Any]:
    usual = run.get("usually_for")
    seconds = run.get("usual_seconds") if usual is None else usual.total_seconds()
    return words.end_of_run(run["started_at"], seconds, zone, now)
