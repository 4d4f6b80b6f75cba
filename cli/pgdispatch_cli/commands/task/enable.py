"""Let schedules run tasks again."""

from __future__ import annotations

import click

from pgdispatch_cli.enabling import verb
from pgdispatch_cli.many import do, filter_options
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.parameters import number


@click.command(
    epilog=example("pgdispatch task enable 7", "pgdispatch task enable --schedule nightly --yes")
)
@click.argument("tasks", metavar="[TASK]...", type=number, nargs=-1)
@filter_options()
@reason_option
@json_option
@database_option
def command(tasks: tuple[int, ...], yes: bool, as_json: bool, **filters: str | None) -> int:
    """Let their schedules run tasks again.

    Those that fit options are shown first, and enabled with --yes.
    """
    fixed = {"is_enabled": False}
    return do(verb(is_enabled=True), tasks, filters, fixed=fixed, yes=yes, as_json=as_json)
