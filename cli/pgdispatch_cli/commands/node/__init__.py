"""Nodes: how many processes each runs, and which jobs it takes."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy import Select, case, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from pgdispatch import tables
from pgdispatch_cli.changing import add_row, change_row, cleared, given
from pgdispatch_cli.commands.status import format_age
from pgdispatch_cli.group import HelpfulGroup
from pgdispatch_cli.options import Command, database_option, example, listing_options
from pgdispatch_cli.output import Column, format_value, write_done, write_listing
from pgdispatch_cli.parameters import names
from pgdispatch_cli.transaction import database


def types_taken(types: list[str] | None) -> str:
    """Return the job types that a node takes, for people."""
    return "all" if types is None else format_value(types) or "none"


COLUMNS = (
    Column("name", "node", least=12),
    Column("state", "state"),
    Column("is_drained", "drained", drop=3),
    Column("backgrounders", "wanted"),
    Column("up", "up"),
    Column("busy", "busy"),
    Column("processors", "processors", drop=9),
    Column("types", "types", drop=4, least=8, form=types_taken),
    Column("addresses", "application servers", drop=8, least=8),
    Column("host", "host", drop=7, least=8),
    Column("package_version", "version", drop=6),
    Column("heartbeat_at", "heartbeat", drop=2, brief="heard"),
)
BACKGROUNDERS = click.IntRange(min=0, max=1000)
CLEARABLE = {"only": "only_types", "except": "except_types"}
OPTIONS = (
    click.option(
        "--application-servers",
        type=click.IntRange(min=0, max=100),
        metavar="N",
        help="At least 1 if there are backgrounders (default: 1).",
    ),
    click.option(
        "--only",
        "only_types",
        type=names,
        metavar="TYPES",
        help="Only these job types: flow,alert.",
    ),
    click.option(
        "--except", "except_types", type=names, metavar="TYPES", help="All job types but these."
    ),
)


def details(command: Command) -> Command:
    """Add the options that a node can be given when it is added, and later."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.group(cls=HelpfulGroup)
@database_option
def node() -> None:
    """Nodes: how many processes each runs, and which jobs it takes."""


@node.command(
    "add",
    epilog=example(
        "pgdispatch node add etl-1 --backgrounders 4", "pgdispatch node add etl-2 --only flow"
    ),
)
@click.argument("name")
@click.option(
    "--backgrounders",
    type=BACKGROUNDERS,
    metavar="N",
    default=1,
    show_default=True,
    help="How many.",
)
@details
@database_option
def add(name: str, **values: Any) -> None:
    """Add a node before its worker starts for the first time."""
    with database() as connection:
        add_row(connection, tables.node, replacing(given(name=name, **values)))
    write_done(f"node {name} added")


@node.command(
    "change",
    epilog=example(
        "pgdispatch node change etl-1 --backgrounders 8",
        "pgdispatch node change etl-1 --except full_extract",
        "pgdispatch node change etl-1 --clear except",
    ),
)
@click.argument("name")
@click.option("--backgrounders", type=BACKGROUNDERS, metavar="N", help="How many.")
@details
@click.option(
    "--clear", type=click.Choice(list(CLEARABLE)), multiple=True, help="Take such jobs again."
)
@database_option
def change(name: str, clear: tuple[str, ...], **values: Any) -> None:
    """Change what a node runs, while it runs.

    It follows within seconds. Jobs that run are not stopped: a process that is one too many ends
    after its job. --only takes the place of --except and the other way round.
    """
    changes = replacing(cleared(given(**values), clear, CLEARABLE))
    with database() as connection:
        change_row(connection, tables.node, name, changes)
    write_done(f"node {name} changed")


@node.command("drain", epilog=example("pgdispatch node drain etl-1"))
@click.argument("name")
@database_option
def drain(name: str) -> None:
    """Let a node take no new jobs; those that run there go on.

    It stays so, over restarts too, until it is resumed.
    """
    with database() as connection:
        change_row(connection, tables.node, name, {"is_drained": True})
    write_done(f"node {name} takes no new jobs")


@node.command("resume", epilog=example("pgdispatch node resume etl-1"))
@click.argument("name")
@database_option
def resume(name: str) -> None:
    """Let a node that was drained take jobs again."""
    with database() as connection:
        change_row(connection, tables.node, name, {"is_drained": False})
    write_done(f"node {name} takes jobs")


@node.command("list", epilog=example("pgdispatch node list --json"))
@listing_options
@database_option
def list_nodes(as_json: bool) -> None:
    """List the nodes: up, stopped or lost, and what each takes.

    With how many backgrounders each is wanted to run, how many are up, and how many are busy; and
    where its application servers listen.
    """
    with database() as connection:
        rows = [dict(row) for row in connection.execute(nodes()).mappings()]
        now = connection.execute(select(func.pgdispatch.now())).scalar_one()
    if not as_json:
        rows = [{**row, "heard": format_age(row, now)} for row in rows]
    write_listing(rows, COLUMNS, as_json=as_json, empty="there is no node")


def replacing(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a change: a new limit of types ends one of the other kind."""
    limits = [column for column in CLEARABLE.values() if values.get(column) is not None]
    if len(limits) > 1:
        raise click.UsageError("--only and --except exclude each other")
    return {**dict.fromkeys(CLEARABLE.values()), **values} if limits else values


def nodes() -> Select[Any]:
    """Return the query of all nodes with what is up on each."""
    own, process, server = tables.node, tables.backgrounder.c, tables.application_server.c
    job = tables.job.c
    lease = func.pgdispatch.seconds("lease_seconds")
    state = case(
        (own.c.heartbeat_at.is_(None), "stopped"),
        (own.c.heartbeat_at <= func.pgdispatch.now() - lease, "lost"),
        else_="up",
    )
    up = select(func.count()).where(process.node == own.c.name)
    busy = select(func.count()).where(job.state == "running", job.node == own.c.name)
    addresses = select(func.array_agg(aggregate_order_by(server.address, server.number))).where(
        server.node == own.c.name
    )
    return select(
        own,
        state.label("state"),
        up.scalar_subquery().label("up"),
        busy.scalar_subquery().label("busy"),
        func.coalesce(addresses.scalar_subquery(), []).label("addresses"),
    ).order_by(own.c.name)
