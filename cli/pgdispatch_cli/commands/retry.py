"""Run jobs that have ended again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click
from sqlalchemy import BigInteger, Text, func, literal, select

from pgdispatch.outcome import FOR_GOOD
from pgdispatch_cli.many import ENDED, Verb, do, filter_options
from pgdispatch_cli.options import by_option, database_option, example, json_option, reason_option
from pgdispatch_cli.output import Row
from pgdispatch_cli.parameters import ago, number

SHOWN = 5  # linked tasks


@click.command(
    epilog=example("pgdispatch retry 42 43", "pgdispatch retry --failed --since 6h --site acme")
)
@click.argument("jobs", metavar="[JOB]...", type=number, nargs=-1)
@click.option("--failed", is_flag=True, help="All that failed.")
@filter_options(
    click.option("--since", type=ago, metavar="TIME", help="6h, 02:00, 2030-01-31T22:00."),
    click.option("--until", type=ago, metavar="TIME", help="The end of that time."),
    click.option("--task", type=number, metavar="TASK", help="All of this task."),
    click.option("--failed-as", type=click.Choice(FOR_GOOD), help="All that failed so."),
    click.option("--error", metavar="TEXT", help="All with this text in their error."),
)
@by_option
@reason_option
@json_option
@database_option
def command(
    *,
    jobs: tuple[int, ...],
    failed: bool,
    by: str,
    yes: bool,
    as_json: bool,
    **filters: str | int | datetime | None,
) -> int:
    """Run jobs that have ended again: those named, or all that fit the options.

    Each is a new job with the same task, arguments, datasource and priority, queued as one that is
    added now. Refused while its task has a job waiting or running, and where it was retried
    already. Those that fit options are shown first, and retried with --yes: of each task its last
    run alone, if it has not run again since; a cancelled run is none. Deliveries of notices are
    passed over, unless --type says notice. A step of a linked task runs alone, without those after
    it: linked-task run-now runs all.
    """
    verb = Verb(
        ENDED,
        lambda job: select(func.pgdispatch.retry_job(literal(job, BigInteger), literal(by, Text))),
        lambda job, again: f"job {again} queued, a retry of job {job}",
        lambda job, again: {"job": again, "retry_of": job},
        "would be retried",
        steps_alone,
    )
    outcome = "failed" if failed else None
    return do(verb, jobs, {"outcome": outcome, **filters}, yes=yes, as_json=as_json)


def steps_alone(meant: Sequence[Row]) -> tuple[str, str] | None:
    """Return what to warn of, with a hint, where some were steps of linked tasks."""
    found = [row for row in meant if row["step"] is not None]
    if not found:
        return None
    which = f"job {found[0]['job']} is a step of a linked task: it"
    if len(found) > 1:
        which = f"{len(found)} are steps of linked tasks: each"
    tasks = sorted({row["linked_task"] for row in found if row["linked_task"] is not None})
    numbers = " or ".join(map(str, tasks[:SHOWN])) or "LINKED-TASK"
    hint = f"for all its steps: pgdispatch linked-task run-now {numbers}"
    return f"{which} alone is retried, none after it", hint
