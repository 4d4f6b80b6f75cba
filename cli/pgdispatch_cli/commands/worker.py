"""A node's supervisor."""

from __future__ import annotations

import functools
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pgdispatch.errors import PgdispatchError
from pgdispatch.host import log_lines
from pgdispatch_cli.connecting import target
from pgdispatch_cli.options import Command, database_option, example
from pgdispatch_cli.parameters import log_size, memory

IS_INSTALLING = "pgdispatch_cli.install"
CONFIG = click.Path(exists=True, dir_okay=False, path_type=Path)
processors_option = click.option(
    "--processors",
    type=click.IntRange(min=1, max=10_000),
    metavar="N",
    help="The node's processors, which limit its backgrounders (default: those it may use).",
)


def keep_install(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Keep what --install says for `prepared`."""
    context.meta[IS_INSTALLING] = wanted


def ends_in_form(command: Callable[..., int]) -> Callable[..., int]:
    """Let a command say why it ended in the form of its log, if that is not for people."""

    @functools.wraps(command)
    def run(**options: Any) -> int:
        try:
            return command(**options)
        except PgdispatchError as error:
            if os.environ.get(log_lines.FORM) not in ("json", "journal"):
                raise
            log_lines.tell(error)
            return error.exit_status

    return run


def keep_echo(_: click.Context, __: click.Parameter, value: bool) -> None:
    """Let the processes of the node know that what jobs say is to be in its log."""
    if value:
        os.environ[log_lines.JOBS] = "1"


log_jobs_option = click.option(
    "--log-jobs",
    is_flag=True,
    expose_value=False,
    callback=keep_echo,
    envvar=log_lines.JOBS,
    help="What jobs log is in the log of the node, too (PGDISPATCH_LOG_JOBS=1).",
)


def log_options(command: Command) -> Command:
    """Add --log-level and --log-format."""
    level = click.option(
        "--log-level",
        type=click.Choice(log_lines.LEVELS),
        envvar=log_lines.LEVEL,
        help="debug: jobs that succeeded, too; warning: only what went wrong (default: info).",
    )
    form = click.option(
        "--log-format",
        type=click.Choice(log_lines.FORMS),
        envvar=log_lines.FORM,
        help="Lines with a time, for the journal, or of JSON (default: journal if it listens, else"
        " text).",
    )
    return level(form(command))


@click.command(
    epilog=example(
        "pgdispatch worker --node etl-1 --backgrounders 4 --app my_package.handlers",
        "pgdispatch worker --types flow,alert --config /etc/pgdispatch/node.toml",
        "pgdispatch worker --listen 0.0.0.0:8050",
    )
)
@click.option("--node", metavar="NAME", default=socket.gethostname, help="Default: host name.")
@click.option(
    "--backgrounders",
    "--processes",  # as it was called first
    "backgrounders",
    type=click.IntRange(min=0, max=1000),
    metavar="N",
    help="How many backgrounders a new node runs (default: 1). Later: node change.",
)
@processors_option
@click.option(
    "--app",
    "apps",
    multiple=True,
    metavar="MODULE[:ATTR]",
    help="Where handlers are registered; may be repeated.",
)
@click.option("--types", metavar="A,B", help="Take only jobs of these types (default: all).")
@click.option("--config", type=CONFIG, help="TOML file naming programs and procedures.")
@click.option(
    "--grace",
    type=click.FloatRange(min=0),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="How long running jobs may go on after SIGTERM, before they are asked to stop.",
)
@click.option(
    "--listen",
    default="127.0.0.1:8050",
    show_default=True,
    metavar="HOST:PORT",
    help="Where /livez, /readyz, /healthz and /metrics are; port 0: any that is free.",
)
@click.option(
    "--memory",
    type=memory,
    envvar="PGDISPATCH_MEMORY",
    metavar="SIZE",
    help="What a job and all it starts may use, such as 512MB (default: PGDISPATCH_MEMORY, the"
    " configuration file, no limit).",
)
@click.option(
    "--recycle-memory",
    type=memory,
    envvar="PGDISPATCH_RECYCLE_MEMORY",
    metavar="SIZE",
    help="Replace a backgrounder that holds more without a job (default:"
    " PGDISPATCH_RECYCLE_MEMORY, the configuration file, what --memory is).",
)
@click.option(
    "--recycle-jobs",
    type=click.IntRange(min=1),
    envvar="PGDISPATCH_RECYCLE_JOBS",
    metavar="N",
    help="Replace a backgrounder after so many jobs (default: PGDISPATCH_RECYCLE_JOBS, the"
    " configuration file, never).",
)
@click.option(
    "--fresh",
    is_flag=True,
    envvar="PGDISPATCH_FRESH",
    help="Give each job a new process, as --recycle-jobs 1 does (PGDISPATCH_FRESH=1).",
)
@click.option(
    "--install",
    is_flag=True,
    expose_value=False,
    callback=keep_install,
    help="First install the schema or bring it up to date.",
)
@click.option(
    "--log-keep",
    type=log_size,
    envvar="PGDISPATCH_LOG_KEEP",
    metavar="SIZE",
    help="What is kept of the log of an attempt, its first and its last half (default:"
    " PGDISPATCH_LOG_KEEP, the configuration file, 1MB).",
)
@log_jobs_option
@log_options
@database_option
@ends_in_form
def command(  # one parameter for each option
    *,
    node: str,
    backgrounders: int | None,
    processors: int | None,
    apps: tuple[str, ...],
    types: str | None,
    config: Path | None,
    grace: float,
    listen: str,
    memory: int | None,
    recycle_memory: int | None,
    recycle_jobs: int | None,
    fresh: bool,
    log_keep: int | None,
    log_level: str | None,
    log_format: str | None,
) -> int:
    """Run the backgrounders and application servers of one node.

    SIGTERM, SIGHUP or Ctrl-C drains: no new jobs, those that run may finish within the grace and
    then go back to the queue. A second signal stops at once. What is wrong in the node's own
    configuration ends it with status 2.

    --install is as 'pgdispatch install', but leaves a newer schema as it is: whether that serves
    this version, too, the node finds out by itself.
    """
    log_lines.set_up(level=log_level, form=log_format)
    from pgdispatch.host.limits import Limits  # noqa: PLC0415  # as below
    from pgdispatch.node.options import SupervisorOptions  # noqa: PLC0415  # as below
    from pgdispatch.node.supervisor import serve  # noqa: PLC0415  # asyncio and asyncpg: for this only

    return serve(
        SupervisorOptions(
            dsn=prepared(target().dsn),
            node=node,
            processes=backgrounders,
            processors=processors,
            apps=apps,
            types=split_types(types),
            config=config,
            grace=grace,
            listen=listen,
            limits=Limits(memory, recycle_memory, 1 if fresh else recycle_jobs, log_keep),
        )
    )


def prepared(dsn: str) -> str:
    """Return `dsn`, with --install once its database has the schema."""
    if click.get_current_context().meta.get(IS_INSTALLING):
        from pgdispatch.schema.installer import provide  # noqa: PLC0415  # as above

        provide(dsn)
    return dsn


def split_types(text: str | None) -> tuple[str, ...] | None:
    """Return the names in a list with commas; None if no list was given."""
    if text is None:
        return None
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise click.BadParameter("name at least one job type", param_hint="'--types'")
    return names
