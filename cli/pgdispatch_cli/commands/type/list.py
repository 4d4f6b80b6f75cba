"""The job types by rank."""

from __future__ import annotations

import click

from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, format_value, write_listing
from pgdispatch_cli.reading import Rows, looking, read

COLUMNS = (
    Column("name", "type", least=19),
    Column("rank", "rank", drop=2),
    Column("timeout", "timeout", form=lambda timeout: format_value(timeout) or "none"),
    Column("max_attempts", "attempts", drop=1),
    Column("priority_from", "priority from", drop=3),
    Column("description", "what it is", least=20, wraps=True),
)


@click.command(epilog=example("pgdispatch type list"))
@listing_options
@database_option
def command(as_json: bool) -> None:
    """List the job types by rank: the first goes first within one batch."""
    with looking() as connection:
        rows = read(connection, Rows("job_type"), order=("rank", "name"))
    write_listing(rows, COLUMNS, as_json=as_json, empty="there is no job type")
