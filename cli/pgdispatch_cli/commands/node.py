"""Nodes, and how many backgrounders each runs."""

from __future__ import annotations

import click
from sqlalchemy import func, select

from pgdispatch import metadata, views
from pgdispatch_cli.changing import add_row, change_row
from pgdispatch_cli.connecting import database
from pgdispatch_cli.group import HelpfulGroup
from pgdispatch_cli.options import database_option, example, json_option
from pgdispatch_cli.output import Column, write_listing

COLUMNS = (
    Column("name", "node"),
    Column("state", "state"),
    Column("backgrounders", "wanted"),
    Column("up", "up"),
    Column("busy", "busy"),
    Column("processors", "processors"),
    Column("types", "types", folds=True),
    Column("host", "host", folds=True),
    Column("package_version", "version"),
    Column("heartbeat_at", "heartbeat"),
)
BACKGROUNDERS = click.IntRange(min=0, max=1000)


@click.group(cls=HelpfulGroup)
@database_option
def node() -> None:
    """Nodes, and how many backgrounders each runs."""


@node.command("add", epilog=example("pgdispatch node add etl-1 --backgrounders 4"))
@click.argument("name")
@click.option(
    "--backgrounders",
    type=BACKGROUNDERS,
    metavar="N",
    default=1,
    show_default=True,
    help="How many.",
)
@database_option
def add(name: str, backgrounders: int) -> None:
    """Add a node before its worker starts for the first time."""
    with database() as connection:
        add_row(connection, metadata.node, {"name": name, "backgrounders": backgrounders})
    click.echo(f"node {name} added")


@node.command("change", epilog=example("pgdispatch node change etl-1 --backgrounders 8"))
@click.argument("name")
@click.option("--backgrounders", type=BACKGROUNDERS, metavar="N", required=True, help="How many.")
@database_option
def change(name: str, backgrounders: int) -> None:
    """Change how many backgrounders a node runs, while it runs.

    It follows within seconds. Jobs that run are not stopped: a process that is one too many ends
    after its job.
    """
    with database() as connection:
        change_row(connection, metadata.node, name, {"backgrounders": backgrounders})
    click.echo(f"node {name} shall run {backgrounders}")


@node.command("list", epilog=example("pgdispatch node list --json"))
@json_option
@database_option
def list_nodes(as_json: bool) -> None:
    """List the nodes: up, stopped or lost.

    With how many backgrounders each is wanted to run, how many are up, and how many are busy.
    """
    table, lines = metadata.node, views.status.c
    state = func.min(lines.status)
    up = func.count(lines.backgrounder)
    busy = func.count().filter(lines.status == "busy")
    counts = (
        select(lines.node, state.label("worst"), up.label("up"), busy.label("busy"))
        .group_by(lines.node)
        .subquery()
    )
    query = select(table, counts).join(counts, counts.c.node == table.c.name).order_by(table.c.name)
    with database() as connection:
        found = [dict(row) for row in connection.execute(query).mappings()]
    rows = [{**row, "state": state_of(row.pop("worst"))} for row in found]
    write_listing(rows, COLUMNS, as_json=as_json, empty="there is no node")


def state_of(status: str) -> str:
    """Return the state of a node from that of any of its processes."""
    return status if status in {"lost", "stopped"} else "up"
