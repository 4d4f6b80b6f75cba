"""Install the schema, and say into which database."""

from __future__ import annotations

import click

from pgdispatch import installer
from pgdispatch_cli.connecting import target
from pgdispatch_cli.options import database_option, example
from pgdispatch_cli.stderr import write_remark


@click.command(epilog=example("pgdispatch --dsn 'host=db.example dbname=etl' install"))
@database_option
def install() -> None:
    """Install the schema into a database.

    PostgreSQL 15 or newer; no extension is needed. All of it is one transaction, and doing it
    again changes nothing.
    """
    found = target()
    done = installer.install(found.dsn)
    what = "installed" if done.changed else "was up to date, nothing changed"
    click.echo(f"schema pgdispatch {what} ({done.digest[:12]}) in {found.shown()}")


@click.command(epilog=example("pgdispatch dsn", 'psql "$(pgdispatch dsn)"'))
@database_option
def dsn() -> None:
    """Say which database would be used, and why.

    Prints the connection string, secrets hidden; where it came from goes to standard error. The
    first of these that is there counts: --dsn, PGDISPATCH_DSN, libpq's own variables (PGHOST,
    PGDATABASE …), and a server that 'pgdispatch up' is running in your data folder.
    """
    found = target()
    click.echo(found.shown())
    write_remark(f"from {found.source}")
