"""A server of one's own, the schema and a node, all in one."""

from __future__ import annotations

from pathlib import Path

import click

from pgdispatch.host import log_lines
from pgdispatch_cli.commands.worker import (
    CONFIG,
    ends_in_form,
    log_jobs_option,
    log_options,
    processors_option,
)
from pgdispatch_cli.connecting import readable
from pgdispatch_cli.options import GIVEN_DSN, example, keep_dsn


@click.command(
    epilog=example(
        "pgdispatch up",
        "pgdispatch up --backgrounders 4 --app my_handlers",
        "pgdispatch up --dsn postgresql://db.example/etl",
    )
)
@click.option(
    "--dsn",
    metavar="DSN",
    expose_value=False,
    callback=keep_dsn,
    help="Use this database, in place of a private server.",
)
@click.option(
    "--data-folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the data stays, or the catalogue alone (default: your own data folder).",
)
@click.option(
    "--backgrounders",
    "--processes",  # as it was called first
    "backgrounders",
    type=click.IntRange(min=0, max=1000),
    metavar="N",
    help="How many backgrounders, the first time (default: up to 2; 1 with --dsn). Later: node"
    " change.",
)
@processors_option
@click.option(
    "--app",
    "apps",
    multiple=True,
    metavar="MODULE[:ATTR]",
    help="Where handlers are registered; may be repeated.",
)
@click.option("--config", type=CONFIG, help="TOML file naming programs and procedures.")
@log_jobs_option
@log_options
@ends_in_form
def command(
    *,
    data_folder: Path | None,
    backgrounders: int | None,
    processors: int | None,
    apps: tuple[str, ...],
    config: Path | None,
    log_level: str | None,
    log_format: str | None,
) -> int:
    """Start a private server, the schema and a node, all in one.

    For trying out and for one machine: PostgreSQL comes along and opens no port. Ctrl-C stops all
    of it; the data is there next time.

    With --dsn all but the server, in a database that is there: the schema is installed or brought
    up to date, and the node is called as this machine.
    """
    log_lines.set_up(level=log_level, form=log_format)
    from pgdispatch.up import UpOptions, serve  # noqa: PLC0415  # as in worker

    given = click.get_current_context().meta.get(GIVEN_DSN)
    return serve(
        UpOptions(
            dsn=readable(given, "--dsn") if given else None,
            data_folder=data_folder,
            processes=backgrounders,
            processors=processors,
            apps=apps,
            config=config,
        )
    )
