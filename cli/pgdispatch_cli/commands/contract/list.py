"""The contracts, and how each stands now."""

from __future__ import annotations

import click

from pgdispatch_cli.filtering import Wording, explain_nothing
from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.reading import Rows, looking, read

STATES = ("fresh", "at risk", "will be late", "late", "broken", "disabled")
COLUMNS = (
    Column("contract", "contract"),
    Column("site", "site", drop=6, least=6),
    Column("name", "name", least=10),
    Column("state", "state"),
    Column("due", "due"),
    Column("expected_at", "expected", drop=2),
    Column(
        "chance", "late", drop=1, form=lambda one: "" if one is None else f"{round(100 * one)}%"
    ),
    Column("slack", "slack", drop=4),
    Column("job", "job", drop=3),
    Column("task", "task", drop=5),
    Column("reason", "reason", drop=7, least=12, tells_time=True),
)
WORDING = Wording("there is no contract{}", "exist", "exists")


@click.command(
    epilog=example("pgdispatch contract list --site acme", "pgdispatch contract list --state late")
)
@click.option("--site", help="Only those of this site.")
@click.option("--datasource", help="Only those of this datasource.")
@click.option("--schedule", help="Only those of this schedule.")
@click.option("--state", type=click.Choice(STATES), help="Only those that are so.")
@listing_options
@database_option
def command(*, as_json: bool, **filters: str | None) -> None:
    """List the contracts; late: the chance of that, where it is known.

    expected: in half of the simulated runs the data are there; job: it decides when.
    """
    empty = ""
    with looking() as connection:
        rows = read(connection, Rows("contract_status").of(filters), order=["site", "name"])
        if not rows:
            explained = {name: value for name, value in filters.items() if name != "state"}
            empty = explain_nothing(connection, Rows("contract"), explained, WORDING)
    write_listing(rows, COLUMNS, as_json=as_json, empty=empty)
