"""Let schedules pass over tasks."""

from __future__ import annotations

import click

from pgdispatch_cli.enabling import verb
from pgdispatch_cli.many import do, filter_options
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.parameters import number


@click.command(
    epilog=example("pgdispatch task disable 7", "pgdispatch task disable --schedule nightly --yes")
)
@click.argument("tasks", metavar="[TASK]...", type=number, nargs=-1)
@filter_options()
@reason_option
@json_option
@database_option
def command(tasks: tuple[int, ...], yes: bool, as_json: bool, **filters: str | None) -> int:
    """Let their schedules pass over tasks; jobs that wait already are not changed.

    Those that fit options are shown first, and disabled with --yes.
    """
    fixed = {"is_enabled": True}
    return do(verb(is_enabled=False), tasks, filters, fixed=fixed, yes=yes, as_json=as_json)
