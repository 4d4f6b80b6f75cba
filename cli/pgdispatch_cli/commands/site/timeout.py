"""How long the jobs of a site may run, by type."""

from __future__ import annotations

from datetime import timedelta

import click
from sqlalchemy import Connection, Select, Table, delete, select
from sqlalchemy.dialects.postgresql import insert

from pgdispatch import tables
from pgdispatch_cli.changing import key_of, missing, refusals
from pgdispatch_cli.options import database_option, example, listing_options, reason_option
from pgdispatch_cli.output import Column, format_value, write_listing
from pgdispatch_cli.parameters import span
from pgdispatch_cli.transaction import database

COLUMNS = (
    Column("type", "type", least=12),
    Column("timeout", "timeout", form=lambda timeout: format_value(timeout) or "none"),
    Column("is_own", "of its own"),
)
WORDS = ("none", "default")


def allowance(text: str) -> timedelta | str:
    """Return a span of time, or one of the words `none` and `default`."""
    return text.lower() if text.lower() in WORDS else span(text)


@click.command(
    epilog=example(
        "pgdispatch site timeout acme",
        "pgdispatch site timeout acme flow 2h",
        "pgdispatch site timeout acme flow default",
    )
)
@click.argument("site")
@click.argument("job_type", metavar="[TYPE]", required=False)
@click.argument("allowed", metavar="[SPAN|none|default]", type=allowance, required=False)
@reason_option
@listing_options
@database_option
def command(
    site: str, job_type: str | None, allowed: timedelta | str | None, as_json: bool
) -> None:
    """Say how long the jobs of a SITE may run, or change it for one TYPE.

    'none' is no limit, 'default' what the job type says. A task or a job with a timeout of its own
    keeps that; jobs that exist already stay as they are.
    """
    with database() as connection:
        check_known(connection, tables.site, site)
        if job_type is not None:
            check_known(connection, tables.job_type, job_type)
        if job_type is not None and allowed is not None:
            change(connection, site, job_type, allowed)
        rows = connection.execute(timeouts(site, job_type)).mappings().all()
    write_listing(rows, COLUMNS, as_json=as_json, empty="there is no job type")


def check_known(connection: Connection, table: Table, name: str) -> None:
    """Refuse a name that is no row's key in `table`.

    Transaction: joins the caller's; commits nothing.
    """
    key = key_of(table)
    if connection.execute(select(key).where(key == name)).first() is None:
        raise missing(table, name)


def change(connection: Connection, site: str, job_type: str, allowed: timedelta | str) -> None:
    """Give a site its own timeout for a type, or take it away (`default`).

    Transaction: joins the caller's; commits nothing.
    """
    own = tables.site_timeout
    if allowed == "default":
        connection.execute(delete(own).where(own.c.site == site, own.c.type == job_type))
        return
    value = None if allowed == "none" else allowed
    upsert = insert(own).values(site=site, type=job_type, timeout=value)
    with refusals(connection, own, f"of {site} for {job_type}"):
        connection.execute(
            upsert.on_conflict_do_update(index_elements=own.primary_key, set_={"timeout": value})
        )


def timeouts(site: str, job_type: str | None) -> Select[tuple[str, timedelta, bool]]:
    """Return the query of what a site allows each job type, by rank."""
    allowed = tables.effective_timeout.c
    query = select(allowed.type, allowed.timeout, allowed.is_own).where(allowed.site == site)
    return query if job_type is None else query.where(allowed.type == job_type)
