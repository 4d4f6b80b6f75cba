"""Let suspended tasks run again."""

from __future__ import annotations

import click
from sqlalchemy import BigInteger, func, literal, select

from pgdispatch_cli.many import TASKS, Verb, do, filter_options
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.parameters import number

VERB = Verb(
    TASKS,
    lambda task: select(func.pgdispatch.resume(literal(task, BigInteger))),
    lambda task, was_suspended: (
        f"task {task} "
        + ("resumed" if was_suspended else "was not suspended; its failures count anew")
    ),
    lambda task, was_suspended: {"task": task, "was_suspended": was_suspended},
    "would be resumed",
)


@click.command(
    epilog=example("pgdispatch task resume 7", "pgdispatch task resume --site acme --yes")
)
@click.argument("tasks", metavar="[TASK]...", type=number, nargs=-1)
@filter_options()
@reason_option
@json_option
@database_option
def command(tasks: tuple[int, ...], yes: bool, as_json: bool, **filters: str | None) -> int:
    """Let suspended tasks run again; their failures so far do not count any more.

    Those that fit options are shown first, and resumed with --yes.
    """
    return do(VERB, tasks, filters, fixed={"is_suspended": True}, yes=yes, as_json=as_json)
