"""Cancel jobs, waiting or running."""

from __future__ import annotations

import click
from sqlalchemy import BigInteger, Text, func, literal, select

from pgdispatch_cli.many import QUEUED, Verb, do, filter_options
from pgdispatch_cli.options import by_option, database_option, example, json_option
from pgdispatch_cli.parameters import number

OUTCOMES = {
    "cancelled": "job {} cancelled",
    "requested": "job {} is running and has been asked to stop",
}


@click.command(
    epilog=example(
        "pgdispatch cancel 42 43 --reason 'wrong month'",
        "pgdispatch cancel --site acme --type full_extract --waiting",
    )
)
@click.argument("jobs", metavar="[JOB]...", type=number, nargs=-1)
@click.option("--reason", help="Why, for the history.")
@filter_options(
    click.option("--task", type=number, metavar="TASK", help="All of this task."),
    click.option("--node", help="All that run on this node."),
    click.option("--waiting/--running", "is_waiting", default=None, help="All that do so."),
)
@by_option
@json_option
@database_option
def command(
    *,
    jobs: tuple[int, ...],
    reason: str | None,
    by: str,
    is_waiting: bool | None,
    yes: bool,
    as_json: bool,
    **filters: str | int | None,
) -> int:
    """Cancel jobs: those named, or all that fit the options.

    A waiting job ends at once. A running one is asked to stop, and killed after a grace (setting
    cancel_grace_seconds). One that is refused does not keep the others from being cancelled. Those
    that fit options are shown first, and cancelled with --yes.
    """
    state = None if is_waiting is None else "waiting" if is_waiting else "running"
    verb = Verb(
        QUEUED,
        lambda job: select(
            func.pgdispatch.cancel(
                literal(job, BigInteger), literal(reason, Text), literal(by, Text)
            )
        ),
        lambda job, outcome: OUTCOMES[outcome].format(job),
        lambda job, outcome: {"job": job, "outcome": outcome},
        "would be cancelled",
    )
    return do(verb, jobs, {**filters, "state": state}, yes=yes, as_json=as_json)
