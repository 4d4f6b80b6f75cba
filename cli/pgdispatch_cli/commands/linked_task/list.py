"""The linked tasks, and which step of each waits or runs."""

from __future__ import annotations

import click

from pgdispatch_cli.filtering import Wording, explain_nothing
from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.reading import Rows, looking, read

COLUMNS = (
    Column("id", "linked task"),
    Column("site", "site", drop=5, least=6),
    Column("title", "title", least=10),
    Column("schedule", "schedule", drop=3, least=8),
    Column("priority", "prio", drop=7),
    Column("enabled", "enabled", drop=4),
    Column("steps", "steps", drop=6),
    Column("last_run_at", "last run", drop=2),
    Column("job", "job", drop=1),
)
WORDING = Wording("there is no linked task{}", "exist", "exists")


@click.command(epilog=example("pgdispatch linked-task list --site acme"))
@click.option("--site", help="Only those of this site.")
@click.option("--schedule", help="Only those of this schedule.")
@listing_options
@database_option
def command(*, as_json: bool, **filters: str | None) -> None:
    """List the linked tasks; job: the step that waits or runs now."""
    empty = ""
    with looking() as connection:
        rows = read(connection, Rows("linked_task_status").of(filters))
        if not rows:
            empty = explain_nothing(connection, Rows("linked_task"), filters, WORDING)
    write_listing(rows, COLUMNS, as_json=as_json, empty=empty)
