"""What waits, in the order of dispatch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from pgdispatch_cli.expecting import FIELDS, Forecast, forecasts_of, starts, starts_in_brief
from pgdispatch_cli.filtering import Wording, explain_nothing
from pgdispatch_cli.options import database_option, example, limit_option, listing_options
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.reading import Rows, looking, read
from pgdispatch_cli.stderr import write_remark

COLUMNS = (
    Column("position", "#"),
    Column("job", "job"),
    Column("type", "type", drop=4, least=8),
    Column("site", "site", drop=5, least=6),
    Column("title", "title", drop=3, least=10),
    Column("priority", "prio"),
    Column("decided_by", "decided by", drop=7),
    Column("reason", "waits because", least=28, tells_time=True),
    Column("waits_for", "for", drop=6),
)
STARTS = Column("starts", "starts about", drop=2, brief="soon", tells_time=True)
MARK = "! "
WAITING = Rows("job", blank="backgrounder")
WORDING = Wording("no job{} waits", "do", "does")


@click.command(
    epilog=example("pgdispatch queue", "pgdispatch queue --site acme --json | jq '.[0].reason'")
)
@click.option("--site", help="Only jobs of this site.")
@click.option("--type", "job_type", metavar="TYPE", help="Only jobs of this type.")
@limit_option
@listing_options
@database_option
def command(site: str | None, job_type: str | None, limit: int, as_json: bool) -> None:
    """Show what waits, in the order of dispatch, and why.

    Each job with its position among all waiting jobs, what put it before the job
    behind it, and the reason why it waits. One with ! does not end by itself. When it starts is
    said if there is a fresh forecast: see 'pgdispatch forecast'.
    """
    filters = {"site": site, "type": job_type}
    empty = ""
    with looking() as connection:
        rows = read(connection, Rows("queue").of(filters), limit=limit + 1)
        if not rows:
            empty = explain_nothing(connection, WAITING, filters, WORDING)
        shown = rows[:limit]
        said = forecasts_of(connection, [row["job"] for row in shown])
    stuck = any(row["needs_person"] for row in shown)
    columns = (*COLUMNS, STARTS) if said else COLUMNS
    if as_json:
        nothing = dict.fromkeys(FIELDS)
        shown = [
            {**row, **{name: said.get(row["job"], nothing)[name] for name in FIELDS}}
            for row in shown
        ]
    else:
        shown = [for_people(row, said.get(row["job"])) for row in shown]
    write_listing(shown, columns, as_json=as_json, empty=empty)
    if stuck and not as_json:
        write_remark(f"{MARK.strip()} waits until somebody does something: see pgdispatch doctor")
    if len(rows) > limit:
        write_remark(f"the first {limit} of more; see others with --limit")


def for_people(row: Mapping[str, Any], forecast: Forecast | None) -> dict[str, Any]:
    """Return a row with a mark if somebody has to do something, and when the job starts."""
    return {
        **row,
        "reason": MARK * row["needs_person"] + row["reason"],
        "starts": starts(forecast),
        "soon": starts_in_brief(forecast),
    }
