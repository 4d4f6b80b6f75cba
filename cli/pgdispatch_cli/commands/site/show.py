"""Everything about one site: its limits, and what it has in the queue."""

from __future__ import annotations

from typing import Any

import click
import psycopg
from psycopg.rows import dict_row

from pgdispatch_cli.commands.site.list import for_people, hours, or_none
from pgdispatch_cli.commands.site.timeout import COLUMNS as TIMEOUTS
from pgdispatch_cli.filtering import find
from pgdispatch_cli.options import database_option, example, limit_option, listing_options
from pgdispatch_cli.output import Column, format_value, write_json, write_page, write_section
from pgdispatch_cli.pausing import pause_facts, pauses_of
from pgdispatch_cli.reading import Rows, looking, read
from pgdispatch_cli.statements import WAITING_OF_SITE

KINDS = (Column("kind", "waits because"), Column("state", "state"), Column("jobs", "jobs"))
RUNNING = (
    Column("job", "job"),
    Column("backgrounder", "backgrounder", drop=1, least=12, keeps=":"),
    Column("type", "type", drop=3, least=8),
    Column("title", "title", least=10),
    Column("started_at", "started", drop=4),
    Column("runs_for", "for", drop=2),
    Column("usually_for", "usually", drop=5),
)


@click.command(epilog=example("pgdispatch site show acme"))
@click.argument("name")
@limit_option
@listing_options
@database_option
def command(name: str, limit: int, as_json: bool) -> None:
    """Show a site: its limits, what runs of it, and how much waits for what reason.

    And what pauses hold it, and how long its jobs may run, where it says otherwise than the job
    type.
    """
    own = {"site": name}
    with looking() as connection:
        usage = find(connection, "site_usage", "site", name)
        (row,) = read(connection, Rows("site", {"name": name}))
        running = read(connection, Rows("running", own), limit=limit + 1)
        waiting = counts(connection, name)
        pauses = pauses_of(connection, "site", name)
        timeouts = read(connection, Rows("effective_timeout", {**own, "is_own": True}))
    site = {**usage, "time_zone": row["time_zone"], "created_at": row["created_at"]}
    if as_json:
        parts = {"running_jobs": running[:limit], "reasons": waiting, "timeouts": timeouts}
        write_json([{**site, "pauses": pauses, **parts}])
        return
    facts = facts_of(for_people(site), row["refill_at"].strftime("%H:%M"))
    write_page("site ", name, [*pause_facts(pauses), *facts])
    write_section("running", running, RUNNING, most=limit)
    write_section("waiting", waiting, KINDS)
    write_section("timeouts of its own", timeouts, TIMEOUTS[:2])


def facts_of(site: dict[str, Any], refill: str) -> list[tuple[str, str]]:
    """Return what is known of a site, as labels and values for people."""
    has_budget = site["seconds_limit"] is not None
    return [
        ("jobs at once", or_none(site["max_running_jobs"])),
        ("running", format_value(site["running"])),
        ("waiting", format_value(site["waiting"])),
        ("in overflow", format_value(site["overflow"])),
        ("a day", hours(site["seconds_limit"]) or "no limit"),
        ("spent", hours(site["spent_seconds"])),
        ("left", hours(site["left_seconds"])),
        ("next refill", format_value(site["refill_at"]) if has_budget else ""),
        ("refilled daily", f"{refill} {site['time_zone']}" if has_budget else ""),
        ("when all is spent", format_value(site["over_budget"])),
        ("run now", "allowed" if site["run_now_enabled"] else "not allowed"),
        ("created", format_value(site["created_at"])),
    ]


def counts(connection: psycopg.Connection, site: str) -> list[dict[str, Any]]:
    """Return how many jobs of a site wait, by kind of reason and state.

    Transaction: joins the caller's; reads only.
    """
    cursor = psycopg.Cursor(connection, row_factory=dict_row)
    return cursor.execute(WAITING_OF_SITE, [site]).fetchall()
