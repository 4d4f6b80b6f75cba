"""Start the tasks of a datasource afresh."""

from __future__ import annotations

import click
from sqlalchemy import Text, func, literal, select

from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.output import write_done
from pgdispatch_cli.transaction import database


@click.command(epilog=example("pgdispatch task republish acme sales"))
@click.argument("site")
@click.argument("datasource")
@reason_option
@json_option
@database_option
def command(site: str, datasource: str, as_json: bool) -> None:
    """Start the tasks of a datasource afresh.

    For one that was published anew. They take the priority that their schedule has now, and lose
    their run-time history and their failures; a suspended one is resumed.
    """
    renew = func.pgdispatch.republish(literal(site, Text), literal(datasource, Text))
    with database() as connection:
        count = connection.execute(select(renew)).scalar_one()
    write_done(
        f"{count} {'task' if count == 1 else 'tasks'} started afresh",
        {"tasks": count},
        as_json=as_json,
    )
