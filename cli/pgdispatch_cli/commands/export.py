"""Write the configuration out as a file."""

from __future__ import annotations

import click
from psycopg import IsolationLevel

from pgdispatch_cli.connecting import target
from pgdispatch_cli.connection import connect, fix_transaction
from pgdispatch_cli.estate.present import check_site, read_columns, read_estate
from pgdispatch_cli.estate.toml_text import write_estate
from pgdispatch_cli.options import database_option, example


@click.command(
    epilog=example("pgdispatch export > estate.toml", "pgdispatch export --site acme > acme.toml")
)
@click.option("--site", help="Only this site, its tasks, linked tasks and notice rules.")
@database_option
def command(site: str | None) -> None:
    """Write what people have configured as TOML, for 'pgdispatch apply'.

    Sites, timeouts, schedules, tasks, linked tasks, job types, nodes, settings, notice rules, and
    who has been let in. What has its default is left out; the same configuration gives the same
    text. Pauses, suspensions, drained nodes and the queue are no configuration.
    """
    with connect(target().dsn, checked=True) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ  # all of one moment
        fix_transaction(connection)
        check_site(connection, site)
        columns = read_columns(connection)
        text = write_estate(read_estate(connection, columns, site), columns)
    click.echo(text, nl=False)
