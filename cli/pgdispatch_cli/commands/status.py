"""Every background process and what it runs."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import click
import psycopg

from pgdispatch_cli.connection import fix_transaction
from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.reading import Rows, count, looking, now, read
from pgdispatch_cli.times import format_span

COLUMNS = (
    Column("node", "node", drop=8, least=8),
    Column("name", "process", least=10, keeps=":"),
    Column("status", "status"),
    Column("pid", "pid", drop=10),
    Column("address", "address", drop=9),
    Column("job", "job"),
    Column("type", "type", drop=5, least=8),
    Column("site", "site", drop=6, least=6),
    Column("title", "title", drop=4, least=10),
    Column("runs_for", "for", drop=1),
    Column("progress", "done", drop=3, unit=" %"),
    Column("heartbeat_at", "heartbeat", drop=7, brief="heard"),
)
EVERY = 2  # seconds
MOST = 10_000  # jobs that are counted
STATES = ("lost", "stopped", "drained")  # of nodes, worth a word


@click.command(epilog=example("pgdispatch status", "pgdispatch status --watch"))
@click.option("--watch", is_flag=True, help=f"Look again every {EVERY} s, until Ctrl-C.")
@listing_options
@database_option
def command(watch: bool, as_json: bool) -> None:
    """Show every background process and what it runs.

    busy and idle say it themselves; starting: the node is up, the process not yet; drained: idle,
    as its node takes no new jobs; lost: its node has sent no heartbeat for a lease; stopped: its
    node was shut down. Application servers are up. 'pgdispatch top' shows more, and the queue.
    """
    if watch and as_json:
        raise click.UsageError("--watch is for people: leave --json out")
    with looking() as connection:
        show(connection, as_json=as_json)
        while watch:
            connection.rollback()  # nothing is held meanwhile
            time.sleep(EVERY)
            fix_transaction(connection)
            show(connection, is_again=True)


def show(connection: psycopg.Connection, *, as_json: bool = False, is_again: bool = False) -> None:
    """Write every process; if it `is_again`, in place of what is on the screen.

    Transaction: joins the caller's; reads only.
    """
    found = read(connection, Rows("status"))
    at = now(connection)
    runs = count(connection, Rows("job", {"state": "running"}), most=MOST)
    waits = count(connection, Rows("job", blank="backgrounder"), most=MOST + 1)
    rows = [{**row, "name": name_of(row), "heard": format_age(row, at)} for row in found]
    if is_again:
        click.clear()
    if not as_json:
        more = "" if waits <= MOST else "more than "
        click.echo(f"{more}{min(waits, MOST)} waiting, {runs} running; {summarise(rows)}\n")
    write_listing(
        found if as_json else rows,
        COLUMNS,
        as_json=as_json,
        empty="no node has been up yet; start one: pgdispatch worker",
    )


def name_of(process: Mapping[str, Any]) -> str:
    """Return what a process is called: a backgrounder by its id, another by what it is."""
    return str(process["backgrounder"] or f"{process['node']} {process['process']}")


def format_age(row: Mapping[str, Any], now: datetime) -> str:
    """Return how long ago a node was last heard of; nothing if it has stopped."""
    heartbeat = row["heartbeat_at"]
    return f"{format_span(now - heartbeat)} ago" if isinstance(heartbeat, datetime) else ""


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
    return f"{number} {what}" if number == 1 else f"{number:,} {what}s"
