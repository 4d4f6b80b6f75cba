"""Revoke a token."""

from __future__ import annotations

import click
from sqlalchemy import BigInteger, func, literal, select

from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.parameters import number
from pgdispatch_cli.transaction import database


@click.command(epilog=example("pgdispatch token revoke 3"))
@click.argument("token", metavar="TOKEN", type=number)
@reason_option
@json_option
@database_option
def command(token: int, as_json: bool) -> None:
    """Revoke a token: nobody signs in with it, and whoever has is shut out at once.

    Your own, or any if you are an operator of all sites.
    """
    with database() as connection:
        connection.execute(select(func.pgdispatch.revoke_token(literal(token, BigInteger))))
    write_done(f"token {token} revoked", {"token": token}, as_json=as_json)
