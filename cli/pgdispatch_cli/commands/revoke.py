"""Take a role from a database user, for all sites or for some."""

from __future__ import annotations

import click
from sqlalchemy import func

from pgdispatch_cli.commands.grant import change, whom
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done


@click.command(
    epilog=example(
        "pgdispatch revoke alice operator", "pgdispatch revoke alice operator --site acme"
    )
)
@whom
@click.option("--site", "sites", multiple=True, help="Only take this site; may be repeated.")
@reason_option
@json_option
@database_option
def command(user: str, role: str, sites: tuple[str, ...], as_json: bool) -> None:
    """Take a ROLE from the database user USER.

    With --site only these sites go, from all roles of USER; with the last one go the roles. What
    USER has by way of another role stays: revoke it there.
    """
    where = change(func.pgdispatch.revoke_role, user, role, sites)
    write_done(
        f"{user} is not {role}{where} any more",
        {"user": user, "role": role, "sites": sites},
        as_json=as_json,
    )
