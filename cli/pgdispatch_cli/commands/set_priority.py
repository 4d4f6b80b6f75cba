"""Give waiting jobs another priority."""

from __future__ import annotations

import click
from sqlalchemy import BigInteger, Integer, func, literal, select

from pgdispatch_cli.many import QUEUED, Verb, do, filter_options
from pgdispatch_cli.options import database_option, example, json_option, reason_option
from pgdispatch_cli.parameters import number, priority


@click.command(
    epilog=example(
        "pgdispatch set-priority 42 10", "pgdispatch set-priority 10 --site acme --schedule nightly"
    )
)
@click.argument("jobs", metavar="[JOB]...", type=number, nargs=-1)
@click.argument("priority", type=priority)
@filter_options(click.option("--task", type=number, metavar="TASK", help="All of this task."))
@reason_option
@json_option
@database_option
def command(
    jobs: tuple[int, ...], priority: int, yes: bool, as_json: bool, **filters: str | int | None
) -> int:
    """Give waiting JOBs another PRIORITY, 1 (highest) to 100; they move at once.

    Those that fit options and have another are shown first, and moved with --yes.
    """
    verb = Verb(
        QUEUED,
        lambda job: select(
            func.pgdispatch.set_priority(literal(job, BigInteger), literal(priority, Integer))
        ),
        lambda job, _: f"job {job} has priority {priority}",
        lambda job, _: {"job": job, "priority": priority},
        f"would get priority {priority}",
    )
    fixed = {"state": "waiting", "priority_not": priority}
    return do(verb, jobs, filters, fixed=fixed, yes=yes, as_json=as_json)
