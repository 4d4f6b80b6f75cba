"""Sites and their limits."""

from __future__ import annotations

import click
from sqlalchemy import select

from pgdispatch import metadata, views
from pgdispatch_cli.changing import add_row, change_row, given
from pgdispatch_cli.connecting import database
from pgdispatch_cli.group import HelpfulGroup
from pgdispatch_cli.options import database_option, example, json_option
from pgdispatch_cli.output import Column, write_listing

COLUMNS = (
    Column("site", "site", folds=True),
    Column("max_running_jobs", "limit"),
    Column("running", "running"),
    Column("waiting", "waiting"),
    Column("overflow", "overflow"),
    Column("run_now_enabled", "run now"),
)
LIMIT = click.IntRange(min=0, max=2**31 - 1)


@click.group(cls=HelpfulGroup)
@database_option
def site() -> None:
    """Sites (tenants) and their limits."""


@site.command("add", epilog=example("pgdispatch site add acme --max-running 4"))
@click.argument("name")
@click.option("--max-running", type=LIMIT, metavar="N", help="Jobs at once (default: no limit).")
@click.option("--run-now/--no-run-now", default=None, help="Whether Run Now is allowed.")
@database_option
def add(name: str, max_running: int | None, run_now: bool | None) -> None:
    """Add a site."""
    values = given(name=name, max_running_jobs=max_running, run_now_enabled=run_now)
    with database() as connection:
        add_row(connection, metadata.site, values)
    click.echo(f"site {name} added")


@site.command(
    "change",
    epilog=example(
        "pgdispatch site change acme --max-running 8", "pgdispatch site change acme --no-limit"
    ),
)
@click.argument("name")
@click.option(
    "--max-running", type=LIMIT, metavar="N", help="Jobs at once; waiting ones start at once."
)
@click.option("--no-limit", is_flag=True, help="As many at once as there are backgrounders.")
@click.option("--run-now/--no-run-now", default=None, help="Whether Run Now is allowed.")
@database_option
def change(name: str, max_running: int | None, no_limit: bool, run_now: bool | None) -> None:
    """Change a site; it takes effect at once."""
    if no_limit and max_running is not None:
        raise click.UsageError("--max-running and --no-limit exclude each other")
    values = given(max_running_jobs=max_running, run_now_enabled=run_now)
    if no_limit:
        values["max_running_jobs"] = None
    with database() as connection:
        change_row(connection, metadata.site, name, values)
    click.echo(f"site {name} changed")


@site.command("list", epilog=example("pgdispatch site list --json"))
@json_option
@database_option
def list_sites(as_json: bool) -> None:
    """List the sites against their limits.

    overflow: jobs that wait because the site is at its limit.
    """
    with database() as connection:
        rows = connection.execute(select(views.site_usage)).mappings().all()
    write_listing(rows, COLUMNS, as_json=as_json, empty="there is no site")
