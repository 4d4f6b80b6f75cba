"""Everything about one node: what it takes, its processes and what they run."""

from __future__ import annotations

from typing import Any

import click

from pgdispatch_cli.commands.node.list import types_taken
from pgdispatch_cli.commands.status import format_age, name_of
from pgdispatch_cli.filtering import find
from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, format_value, write_json, write_page, write_section
from pgdispatch_cli.reading import Rows, looking, now, read

FACTS = {
    "state": "state",
    "heard": "last heard of",
    "is_drained": "drained",
    "drain_ends_at": "empty by",
    "backgrounders": "backgrounders wanted",
    "up": "up",
    "busy": "busy",
    "application_servers": "application servers wanted",
    "addresses": "addresses",
    "takes": "takes",
    "processors": "processors",
    "host": "host",
    "pid": "pid",
    "package_version": "version",
    "started_at": "started",
    "stopped_at": "stopped",
    "clock_ahead_for": "its clock is ahead",
    "created_at": "created",
}
PROCESSES = (
    Column("name", "process", least=10, keeps=":"),
    Column("status", "status"),
    Column("pid", "pid", drop=6),
    Column("job", "job"),
    Column("type", "type", drop=3, least=8),
    Column("site", "site", drop=4, least=6),
    Column("title", "title", drop=2, least=10),
    Column("runs_for", "for", drop=1),
    Column("progress", "%", drop=5),
)


@click.command(epilog=example("pgdispatch node show etl-1"))
@click.argument("name")
@listing_options
@database_option
def command(name: str, as_json: bool) -> None:
    """Show a node: what it takes, its processes, and what they run."""
    with looking() as connection:
        node = find(connection, "node_status", "node", name, field="name")
        processes = read(connection, Rows("status", {"node": name}))
        heard = format_age(node, now(connection))
    if as_json:
        write_json([{**node, "processes": processes}])
        return
    shown: dict[str, Any] = {**node, "heard": heard, "takes": types_taken(node["types"])}
    facts = [(label, format_value(shown[field])) for field, label in FACTS.items()]
    write_page("node ", name, facts)
    rows = [{**row, "name": name_of(row)} for row in processes]
    write_section("processes", rows, PROCESSES)
