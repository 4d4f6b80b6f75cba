"""Which database would be used, and why."""

from __future__ import annotations

import click

from pgdispatch_cli.connecting import target
from pgdispatch_cli.options import database_option, example
from pgdispatch_cli.stderr import write_remark


@click.command(epilog=example("pgdispatch dsn", 'psql "$(pgdispatch dsn)"'))
@database_option
def command() -> None:
    """Say which database would be used, and why.

    Prints the connection string, secrets hidden; where it came from goes to standard error. The
    first of these that is there counts: --dsn, PGDISPATCH_DSN, libpq's own variables (PGHOST,
    PGDATABASE …), and a server that 'pgdispatch up' is running in your data folder.
    """
    found = target()
    click.echo(found.shown())
    write_remark(f"from {found.source}")
