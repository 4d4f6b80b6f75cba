"""Every background process and what it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import click
from sqlalchemy import func, select

from pgdispatch import metadata, views
from pgdispatch_cli.options import database_option, example, json_option
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.session import database

COLUMNS = (
    Column("node", "node"),
    Column("name", "process"),
    Column("status", "status"),
    Column("pid", "pid"),
    Column("address", "address"),
    Column("job", "job"),
    Column("type", "type"),
    Column("site", "site", folds=True),
    Column("title", "title", folds=True),
    Column("runs_for", "for"),
    Column("progress", "done", unit=" %"),
    Column("heartbeat_at", "heartbeat"),
)
STATES = ("lost", "stopped", "drained")  # of nodes, worth a word


@click.command(epilog=example("pgdispatch status", "watch pgdispatch status"))
@json_option
@database_option
def status(as_json: bool) -> None:
    """Show every background process and what it runs.

    busy and idle say it themselves; starting: the node is up, the process not yet; drained: idle,
    as its node takes no new jobs; lost: its node has sent no heartbeat for a lease; stopped: its
    node was shut down. Application servers are up.
    """
    count = func.count()
    running = metadata.job.c.state == "running"
    jobs = select(count.filter(~running), count.filter(running)).select_from(metadata.job)
    with database() as connection:
        found = connection.execute(select(views.status)).mappings().all()
        waits, runs = connection.execute(jobs).one()
    rows = [{**row, "name": row["backgrounder"] or row["process"]} for row in found]
    if not as_json:
        click.echo(f"{waits} waiting, {runs} running; {summarise(rows)}\n")
    write_listing(
        found if as_json else rows,
        COLUMNS,
        as_json=as_json,
        empty="no node has been up yet; start one: pgdispatch worker",
    )


def summarise(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say in a line how many nodes and backgrounders there are, and how they are."""
    nodes = [list(node) for _, node in groupby(rows, key=lambda row: row["node"])]
    states = [state_of(node[0]) for node in nodes]
    words = [f"{count_of(len(nodes), 'node')}"]
    words += [f"{states.count(state)} {state}" for state in STATES if state in states]
    live = [row for row in rows if row["status"] in {"busy", "idle", "drained"}]
    busy = sum(row["status"] == "busy" for row in live)
    return f"{', '.join(words)}; {busy} of {count_of(len(live), 'backgrounder')} busy"


def state_of(process: Mapping[str, Any]) -> str:
    """Return the state of a node from any of its processes."""
    if process["status"] in {"lost", "stopped"}:
        return str(process["status"])
    return "drained" if process["is_drained"] else "up"


def count_of(number: int, what: str) -> str:
    """Return `1 node`, `2 nodes`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
