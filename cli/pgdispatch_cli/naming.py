"""Delete and rename things, after a look at what that takes along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
import psycopg
from psycopg.rows import dict_row

from pgdispatch_cli.options import Command, json_option, reason_option
from pgdispatch_cli.output import Column, write_done, write_json, write_table
from pgdispatch_cli.reading import looking
from pgdispatch_cli.statements import CONSEQUENCES, DELETE, RENAME
from pgdispatch_cli.stderr import write_remark

VERBS = {"delete": DELETE, "rename": RENAME}
COLUMNS = (
    Column("what", "what"),
    Column("how_many", "how many"),
    Column("becomes", "what becomes of it"),
)


def naming_options(command: Command) -> Command:
    """Add --yes, --reason and --json."""
    command = reason_option(command)
    command = json_option(command)
    return click.option("--yes", is_flag=True, help="Do it; without, only show what it does.")(
        command
    )


def delete_thing(kind: str, name: str | int, **options: Any) -> None:
    """Delete a thing, or show what that would take along.

    Transaction: one, on a connection of its own.
    """
    _act("delete", (kind, str(name)), f"{kind} {name} deleted", **options)


def rename_thing(kind: str, name: str | int, new: str, **options: Any) -> None:
    """Rename a thing, or show what that would take along.

    Transaction: one, on a connection of its own.
    """
    _act("rename", (kind, str(name), new), f"{kind} {name} is now {new}", **options)


def _act(verb: str, values: Sequence[str], done: str, *, yes: bool, as_json: bool) -> None:
    kind, name = values[:2]
    with looking() as connection:
        cursor = psycopg.Cursor(connection, row_factory=dict_row)
        rows = cursor.execute(CONSEQUENCES, [verb, kind, name]).fetchall()
        if yes:
            connection.execute(VERBS[verb], values)
            connection.commit()
    if yes:
        key = {"job type": "type"}.get(kind, kind.replace(" ", "_"))
        is_numbered = kind in {"task", "linked task", "contract"}
        made = {key: int(name) if is_numbered else values[-1]}
        write_done(done, made, as_json=as_json)
    elif as_json:
        write_json(rows)
    else:
        write_table(rows, COLUMNS)
    if not yes:
        write_remark(f"nothing was done: --yes {verb}s {kind} {name}")
