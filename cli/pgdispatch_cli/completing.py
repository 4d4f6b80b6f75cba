"""Names from the database, for a shell that completes a command line.

Only while a shell asks. A database that is away, slow or not ours is none: then there is nothing to
offer, and nobody is told.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from shlex import quote
from threading import Thread

import click
from click.shell_completion import CompletionItem

from pgdispatch_cli.options import GIVEN_DSN

PATIENCE = 1.0  # seconds for all of it
MOST = 200  # names
TABLES: Mapping[str, str] = {
    "site": "site",
    "sites": "site",
    "schedule": "schedule",
    "type": "job_type",
    "job_type": "job_type",
    "node": "node",
    "setting": "setting",
    "calendar": "calendar",
    "window": "closed_window",
}


class Name(click.ParamType[str]):
    """The name of a row in one of the small tables."""

    name = "text"

    def __init__(self, table: str) -> None:
        self.table = table

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002  # click's signature
        incomplete: str,
    ) -> list[CompletionItem]:
        """Return what the names that begin so are."""
        return [CompletionItem(name) for name in names(ctx, self.table, incomplete)]


def offer_names(command: click.Command, group: str, name: str) -> None:
    """Let the command `name` of a group complete the names that it is given, but no new one."""
    for parameter in command.params:
        of = parameter.name or ""
        if of == "name" and name != "add":
            of = group
        is_plain = isinstance(parameter.type, click.types.StringParamType)
        if is_plain and of in TABLES:
            parameter.type = Name(TABLES[of])


def names(context: click.Context, table: str, beginning: str) -> list[str]:
    """Return the names in a table that begin so; none if they are not to be had in `PATIENCE`.

    One that a shell would not take as it is is left out: what is offered may be run unread.
    """
    found: list[str] = []
    given = context.meta.get(GIVEN_DSN)
    looking = Thread(target=look, args=(given, table, beginning, found), daemon=True)
    looking.start()
    looking.join(PATIENCE)
    return [name for name in tuple(found) if quote(name) == name]


def look(given: str | None, table: str, beginning: str, found: list[str]) -> None:
    """Add to `found` the names in a table that begin so.

    Transaction: one, on a connection of its own; reads only.
    """
    with suppress(Exception):
        import psycopg  # noqa: PLC0415  # not where a shell asks for commands and options only
        from psycopg.sql import SQL, Identifier  # noqa: PLC0415

        from pgdispatch_cli.connecting import find_target, own_target  # noqa: PLC0415

        query = SQL("select name from {} where starts_with(name, %s) order by name limit {}")
        target = find_target(given, os.environ) or own_target()
        if target is not None:
            with psycopg.connect(target.dsn, connect_timeout=2) as connection:
                connection.execute("set local statement_timeout = '1s'")
                rows = connection.execute(
                    query.format(Identifier("pgdispatch", table), MOST), [beginning]
                )
                found.extend([str(name) for (name,) in rows])
