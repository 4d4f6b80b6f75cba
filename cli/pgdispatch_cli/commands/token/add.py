"""Add a token."""

from __future__ import annotations

import click
from sqlalchemy import LargeBinary, Text, func, literal, select

from pgdispatch.web.tableau.secret import digest, make_secret
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.transaction import database


@click.command(
    epilog=example("pgdispatch token add nightly", "pgdispatch token add etl --login etl --days 30")
)
@click.argument("name")
@click.option("--login", metavar="LOGIN", help="For this database login (default: your own).")
@click.option(
    "--days",
    type=click.IntRange(1, 365),
    default=90,
    show_default=True,
    metavar="N",
    help="So many days it is good for.",
)
@reason_option
@json_option
@database_option
def command(name: str, login: str | None, days: int, as_json: bool) -> None:
    """Add a token and print its secret, once: it is kept nowhere.

    Whoever has it can do what its login may, at a console that was started with --tableau-api, and
    nowhere else. You can make one for yourself, or for a login that you may become.
    """
    secret = make_secret()
    given = [literal(name, Text), literal(digest(secret), LargeBinary), literal(days)]
    if login is not None:
        given.append(literal(login, Text))
    with database() as connection:
        number = connection.execute(select(func.pgdispatch.add_token(*given))).scalar_one()
    write_done(
        f"token {number} added; its secret, which is not shown again:\n{secret}",
        {"token": number, "name": name, "secret": secret},
        as_json=as_json,
    )
