"""End a pause."""

from __future__ import annotations

import click
from sqlalchemy import Text, func, literal, select

from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done, write_json
from pgdispatch_cli.parameters import SCOPE
from pgdispatch_cli.times import format_span
from pgdispatch_cli.transaction import database


@click.command(epilog=example("pgdispatch resume site acme", "pgdispatch resume all"))
@click.argument("scope", type=SCOPE)
@click.argument("name", required=False)
@reason_option
@json_option
@database_option
def command(scope: str, name: str | None, as_json: bool) -> None:
    """End the pause of everything (all), or of a site, a type or a schedule by its NAME.

    Its jobs start again in their old places, unless something else is paused that they belong
    to. A suspended task is another matter: 'pgdispatch task resume'. So is a drained node.
    """
    end = func.pgdispatch.end_pause(literal(scope, Text), literal(name, Text))
    with database() as connection:
        lasted = connection.execute(select(end)).scalar_one()
    if as_json:
        write_json([{"scope": scope, "name": name, "paused_for": lasted}])
    else:
        what = "everything" if name is None else f"{scope} {name}"
        write_done(f"{what} is paused no longer; it was for {format_span(lasted)}")
