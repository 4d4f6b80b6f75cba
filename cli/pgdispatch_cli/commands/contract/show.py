"""Everything about one contract: how it stands, its terms, what was told of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from sqlalchemy import select

from pgdispatch import tables
from pgdispatch_cli.changing import missing
from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, format_value, write_json, write_page, write_section
from pgdispatch_cli.parameters import number
from pgdispatch_cli.transaction import database

FACTS = {
    "state": "state",
    "due": "due",
    "data_after": "data since",
    "chance": "chance of being late",
    "expected": "expected",
    "slack": "slack",
    "began_at": "data of",
    "ended_at": "there since",
    "job": "job",
    "task": "task",
    "reason": "reason",
    "forecast": "forecast",
    "site": "site",
    "subject": "of",
    "terms": "terms",
    "time_zone": "time zone",
    "calendar": "calendar",
    "since": "since",
    "warning": "warns",
    "target": "tells",
    "note": "note",
    "created_by": "added by",
}
TOLD = (
    Column("notice", "notice"),
    Column("at", "at"),
    Column("contract_state", "state"),
    Column("target", "target", drop=1, least=8),
    Column("state", "delivery", drop=2),
)


@click.command(epilog=example("pgdispatch contract show 3"))
@click.argument("contract", metavar="CONTRACT", type=number)
@listing_options
@database_option
def command(contract: int, as_json: bool) -> None:
    """Show a contract: how it stands, what decides, its terms, the last that was told."""
    status, notice = tables.contract_status, tables.notice_status
    with database() as connection:
        query = select(status).where(status.c.contract == contract)
        found = connection.execute(query).mappings().one_or_none()
        if found is None:
            raise missing(tables.contract, contract)
        query = select(notice).where(notice.c.contract == contract).limit(10)
        told = [dict(row) for row in connection.execute(query).mappings()]
    if as_json:
        write_json([{**found, "notices": told}])
        return
    facts = {**found, **in_words({**found})}
    lines = [
        (label, format_value(facts[field]))
        for field, label in FACTS.items()
        if facts[field] is not None
    ]
    write_page(f"contract {contract}: ", found["name"], lines)
    write_section("last notices", told, TOLD)


def in_words(found: Mapping[str, Any]) -> dict[str, str | None]:
    """Return what takes several columns to say."""
    early, median, late = (
        format_value(found[name]) or "later" for name in ("early_at", "expected_at", "late_at")
    )
    expected = None
    if found["beyond"] is not None:
        beyond = format_value(found["beyond"])
        expected = (
            f"not before {beyond}"
            if found["expected_at"] is None
            else f"{median} ({early} to {late})"
        )
    chance = found["chance"]
    return {
        "chance": None if chance is None else f"{round(100 * chance)}%",
        "expected": expected,
        "forecast": None
        if found["runs"] is None
        else f"{found['runs']} runs, {format_value(found['forecast_at'])}",
        "warning": f"from {round(100 * found['warn_chance'])}% on, "
        f"{format_value(found['warn_before'])} ahead at the earliest",
    }
