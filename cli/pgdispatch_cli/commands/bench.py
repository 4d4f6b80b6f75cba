"""Measure what pgdispatch does on one's own server."""

from __future__ import annotations

from dataclasses import asdict

import click

from pgdispatch.bench.run import BenchOptions, run
from pgdispatch_cli.connecting import target
from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.stderr import write_remark

COLUMNS = (
    Column("what", "MEASURE"),
    Column("value", "VALUE"),
    Column("unit", "UNIT"),
    Column("of_limit", "OF LIMIT"),
)


@click.command(
    epilog=example(
        "pgdispatch bench",
        "pgdispatch bench --jobs 50000 --clients 16 --json",
    )
)
@click.option(
    "--jobs",
    type=click.IntRange(min=100, max=10_000_000),
    default=10_000,
    show_default=True,
    metavar="N",
    help="How many jobs each drain has.",
)
@click.option(
    "--clients",
    type=click.IntRange(min=1, max=200),
    default=4,
    show_default=True,
    metavar="N",
    help="How many processes claim at once, after one alone.",
)
@click.option(
    "--schema",
    default="pgdispatch_bench",
    show_default=True,
    metavar="NAME",
    help="Made for the measurement; refused if it exists.",
)
@listing_options
@database_option
def command(*, jobs: int, clients: int, schema: str, as_json: bool) -> None:
    """Measure what pgdispatch does on your server.

    Installs into a schema of its own, inserts jobs, and drains them by client processes that
    claim and finish as backgrounders do. The limit beside it is a plain table, where each job costs
    one commit to claim and one to delete. An installation in the same database is not touched, but
    has to share the machine. The schema is dropped at the end, also after Ctrl-C.
    """
    options = BenchOptions(target().dsn, schema, jobs, clients)
    results = run(options, say=write_remark)
    write_listing(
        [asdict(result) for result in results], COLUMNS, as_json=as_json, empty="nothing measured"
    )
