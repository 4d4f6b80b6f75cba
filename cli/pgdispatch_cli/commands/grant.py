"""Give a database user a role, for all sites or for some."""

from __future__ import annotations

from collections.abc import Callable

import click
from sqlalchemy import ARRAY, Function, Text, func, literal, select

from pgdispatch_cli.options import Command, database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.transaction import database

ROLES = ("producer", "worker", "viewer", "operator")


def whom(command: Command) -> Command:
    """Add what both commands are given: the user and the role."""
    command = click.argument("role", type=click.Choice(ROLES), metavar="ROLE")(command)
    return click.argument("user")(command)


def change(
    verb: Callable[..., Function[None]], user: str, role: str, sites: tuple[str, ...]
) -> str:
    """Call grant_role or revoke_role; return in words which sites it was about, if it was some."""
    given = literal(user, Text), literal(role, Text), literal(list(sites) or None, ARRAY(Text))
    with database() as connection:
        connection.execute(select(verb(*given)))
    return f" of site {', '.join(sites)}" if sites else ""


@click.command(
    epilog=example(
        "pgdispatch grant etl_node worker", "pgdispatch grant alice operator --site acme"
    )
)
@whom
@click.option("--site", "sites", multiple=True, help="Only this site; may be given repeatedly.")
@reason_option
@json_option
@database_option
def command(user: str, role: str, sites: tuple[str, ...], as_json: bool) -> None:
    """Give the database user USER a ROLE.

    producer: insert jobs, and see its own. viewer: see everything. operator: that, and change it.
    worker: what a node needs. With --site USER is confined: sees and changes what belongs to these
    sites only, and nothing of the cluster. Sites add up, over all roles of a user.

    The user has to exist: create role alice login. Call it as whoever installed the schema.
    """
    where = change(func.pgdispatch.grant_role, user, role, sites)
    write_done(
        f"{user} is {role}{where}", {"user": user, "role": role, "sites": sites}, as_json=as_json
    )
