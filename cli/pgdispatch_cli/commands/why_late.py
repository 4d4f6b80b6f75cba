"""Why one job was late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import click
import psycopg
from psycopg.rows import dict_row

from pgdispatch.errors import NotFoundError
from pgdispatch_cli.options import database_option, example, json_option
from pgdispatch_cli.output import (
    Column,
    room,
    write_facts,
    write_folded,
    write_json,
    write_section,
)
from pgdispatch_cli.parameters import number
from pgdispatch_cli.reading import Rows, looking, read
from pgdispatch_cli.statements import WHY_LATE
from pgdispatch_cli.stderr import printable
from pgdispatch_cli.times import format_instant, format_span, zone_label

MOST = 5  # jobs in the way that are shown
BAR, WIDTH = "█", 30
COLUMNS = (
    Column("job", "job"),
    Column("title", "title", least=10),
    Column("behind", "behind it"),
    Column("how", "how", drop=2),
    Column("schedule", "schedule", drop=1, least=8),
    Column("site", "site", drop=3, least=6),
)


@click.command(epilog=example("pgdispatch why-late 42", "pgdispatch why-late 42 --json"))
@click.argument("job", type=number)
@json_option
@database_option
def command(job: int, as_json: bool) -> None:
    """Show why a job waited: seconds by reason, and by the jobs in its way.

    From when it was due (its scheduled time, or when it was added or could first start) until it
    started last, or now. The seconds sum up to the wait. Where several ran side by side, each of
    them counts with its part of the time. JSON has each span with each job in the way.
    """
    with looking() as connection:
        rows = read_waits(connection, job)
        if not rows and not is_known(connection, job):
            raise NotFoundError(
                f"job {job} does not exist", hint="see: pgdispatch queue, status and jobs"
            )
    if as_json:
        write_json(rows)
        return
    if not rows:
        write_folded(" did not wait", first=f"job {job}")
        return
    for_people(job, rows)


def read_waits(connection: psycopg.Connection, job: int) -> list[dict[str, Any]]:
    """Return why a job waited, span by span.

    Transaction: joins the caller's; reads only.
    """
    return psycopg.Cursor(connection, row_factory=dict_row).execute(WHY_LATE, [job]).fetchall()


def is_known(connection: psycopg.Connection, job: int) -> bool:
    """Tell whether there is such a job, waiting, running or ended.

    Transaction: joins the caller's; reads only.
    """
    return any(
        read(connection, Rows(table, {"id": job}), limit=1, only=["id"])
        for table in ("job", "job_history")
    )


def for_people(job: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write a bar for each reason, the jobs that were most in the way, and all in one sentence."""
    waited = sum(row["seconds"] for row in rows)
    span = timedelta(seconds=float(waited))
    write_folded(f" waited {format_span(span)}", first=f"job {job}")
    write_facts(
        [
            ("from", format_instant(min(row["from_at"] for row in rows))),
            ("until", format_instant(max(row["to_at"] for row in rows))),
            ("times in", zone_label()),
        ]
    )
    reasons = sums(rows, "kind")
    click.echo()
    for line in bars(reasons):
        click.echo(line)
    blockers = list(in_the_way(rows))
    if blockers:
        write_section("in its way", blockers, COLUMNS, most=MOST)
    told = ", ".join(f"{kind} {whole(seconds)}" for kind, seconds in reasons.items())
    click.echo()
    write_folded(f"{whole(waited)} s: {told}", first="of ")


def sums(rows: Sequence[Mapping[str, Any]], field: str) -> dict[str, Any]:
    """Return the seconds for each value of a field, most first."""
    found: dict[str, Any] = {}
    for row in rows:
        found[row[field]] = found.get(row[field], 0) + row["seconds"]
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def bars(reasons: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each reason: its name, a bar, how long it was."""
    longest = max(map(len, reasons))
    most = max(reasons.values())
    width = max(min(WIDTH, (room() or 80) - longest - 24), 1)
    all_of_it = sum(reasons.values())
    for kind, seconds in reasons.items():
        bar = BAR * max(round(width * float(seconds / most)), 1)
        span = format_span(timedelta(seconds=float(seconds)))
        share = round(100 * float(seconds / all_of_it))
        yield f"  {kind.ljust(longest)}  {bar.ljust(width)}  {span:>10} {share:>3} %"


def in_the_way(rows: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the jobs that were in the way, with how long the job waited behind each, most first."""
    jobs = {row["behind_job"]: row for row in rows if row["behind_job"] is not None}
    for job, seconds in sums(rows, "behind_job").items():
        if job in jobs:
            row = jobs[job]
            yield {
                "job": job,
                "title": printable(row["behind_title"] or ""),
                "behind": format_span(timedelta(seconds=float(seconds))),
                "how": "before it in the order" if row["is_before_in_order"] else "already running",
                "schedule": row["behind_schedule"],
                "site": row["behind_site"],
            }


def whole(seconds: Any) -> str:
    """Return seconds for a sentence: whole, or what is left of less than one."""
    return f"{seconds:.0f}" if seconds >= 1 else f"{float(seconds):.2g}"
