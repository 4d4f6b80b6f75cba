"""The tasks, and how each is doing."""

from __future__ import annotations

import click

from pgdispatch_cli.filtering import Wording, explain_nothing
from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.reading import Rows, looking, read

COLUMNS = (
    Column("task", "task"),
    Column("site", "site", drop=6, least=6),
    Column("type", "type", drop=5, least=8),
    Column("title", "title", least=10),
    Column("schedule", "schedule", drop=2, least=8),
    Column("priority", "prio", drop=7),
    Column("datasource", "datasource", drop=9, least=10),
    Column("enabled", "enabled", drop=4),
    Column("failures", "failures", drop=8),
    Column("suspended_at", "suspended", drop=3),
    Column("usually_for", "usually", drop=10),
    Column("job", "job", drop=1),
)
WORDINGS = {
    False: Wording("there is no task{}", "exist", "exists"),
    True: Wording("no task{} is suspended", "are", "is"),
}


@click.command(epilog=example("pgdispatch task list --site acme --type full_extract"))
@click.option("--site", help="Only tasks of this site.")
@click.option("--type", metavar="TYPE", help="Only tasks of this type.")
@click.option("--schedule", help="Only tasks of this schedule.")
@click.option("--suspended", is_flag=True, help="Only those that failed too often in a row.")
@listing_options
@database_option
def command(*, suspended: bool, as_json: bool, **filters: str | None) -> None:
    """List the tasks.

    A task without a priority reads that of its schedule. failures: how many jobs in a row have
    failed by now. suspended: since when its schedule passes it over. job: the one that waits or
    runs now.
    """
    asked = Rows("task_status", filled="suspended_at" if suspended else None)
    of = asked if suspended else Rows("task")
    empty = ""
    with looking() as connection:
        rows = read(connection, asked.of(filters))
        if not rows:
            empty = explain_nothing(connection, of, filters, WORDINGS[suspended])
    write_listing(rows, COLUMNS, as_json=as_json, empty=empty)
