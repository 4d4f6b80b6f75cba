"""What has ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import click
import psycopg

from pgdispatch.outcome import FOR_GOOD, WENT_BACK
from pgdispatch_cli.filtering import KINDS, Wording, explain_nothing
from pgdispatch_cli.following import follow
from pgdispatch_cli.options import database_option, example, limit_option, listing_options
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.parameters import ago, number
from pgdispatch_cli.reading import Rows, looking, read

COLUMNS = (
    Column("job", "job"),
    Column("type", "type", drop=6, least=8),
    Column("site", "site", drop=7, least=6),
    Column("title", "title", drop=3, least=10),
    Column("outcome", "outcome"),
    Column("failed_as", "as", drop=8),
    Column("priority", "prio", drop=10),
    Column("attempt", "attempt", drop=12),
    Column("backgrounder", "backgrounder", drop=5, least=12, keeps=":"),
    Column("due_at", "due", drop=15),
    Column("first_started_at", "started", drop=14),
    Column("delayed_for", "late", drop=13),
    Column("waited_for", "waited", drop=11),
    Column("ran_for", "ran", drop=4),
    Column("ended_at", "ended"),
    Column("error", "error", drop=1, least=16),
)
ATTEMPTS = (
    Column("job", "job"),
    Column("attempt", "attempt", drop=5),
    Column("type", "type", drop=6, least=8),
    Column("site", "site", drop=7, least=6),
    Column("title", "title", drop=3, least=10),
    Column("ended_as", "ended as"),
    Column("backgrounder", "backgrounder", drop=4, least=12, keeps=":"),
    Column("started_at", "started", drop=9),
    Column("ran_for", "ran", drop=8),
    Column("ended_at", "ended"),
    Column("error", "error", drop=1, least=16),
)
WORDINGS = {
    None: Wording("no job{} has ended", "have", "has"),
    "succeeded": Wording("no job{} has succeeded", "have", "has"),
    "failed": Wording("no job{} has failed", "have", "has"),
    "cancelled": Wording("no job{} was cancelled", "were", "was"),
}
FAILED_AS = (*FOR_GOOD, *WENT_BACK)
SORTS = {
    "ended": None,
    "started": "first_started_at",
    "late": "delayed_for",
    "waited": "waited_for",
    "ran": "ran_for",
}
SORTS_OF_ATTEMPTS = {"ended": None, "started": "started_at", "ran": "ran_for"}
OF_ATTEMPTS = {  # what an outcome is there
    "succeeded": "ended_as = 'succeeded'",
    "cancelled": "ended_as = 'cancelled'",
    "failed": "is_end and ended_as not in ('succeeded', 'cancelled')",
}


@click.command(
    epilog=example(
        "pgdispatch jobs --outcome failed --since 02:00",
        "pgdispatch jobs --backgrounder etl-1:3",
        "pgdispatch jobs --since 1d --sort late --limit 10",
    )
)
@click.option("--backgrounder", metavar="NODE:NUMBER", help="All attempts that this one ran.")
@click.option("--node", help="All attempts that this node ran.")
@click.option("--site", help="Only jobs of this site.")
@click.option("--type", metavar="TYPE", help="Only jobs of this type.")
@click.option("--schedule", help="Only jobs of this schedule.")
@click.option("--task", type=number, metavar="TASK", help="Only runs of this task.")
@click.option("--title", metavar="TEXT", help="Only jobs with this text in their title.")
@click.option(
    "--outcome",
    type=click.Choice(["succeeded", "failed", "cancelled"]),
    help="Only jobs that ended so.",
)
@click.option(
    "--failed-as",
    type=click.Choice(FAILED_AS),
    help="All attempts that ended so; with --outcome failed only jobs that did.",
)
@click.option(
    "--kind",
    metavar="TEXT",
    help="Only failures of this kind: what their error has before its colon, such as ValueError.",
)
@click.option("--since", type=ago, metavar="TIME", help="6h, 02:00, 2030-01-31T22:00.")
@click.option("--until", type=ago, metavar="TIME", help="What ended before that time.")
@click.option("--sort", type=click.Choice(list(SORTS)), default="ended", help="The largest first.")
@click.option("--follow", "follow_on", is_flag=True, help="Go on with what ends from now on.")
@limit_option
@listing_options
@database_option
def command(*, sort: str, follow_on: bool, limit: int, as_json: bool, **filters: Any) -> None:
    """Show what has ended, newest first.

    With --backgrounder, --node or --failed-as: each attempt, those that did not end their job, too.
    due: when it was to start; started: when its first attempt did, late: how long after that it
    was due, waited: since it was added; ran: how long its last attempt took. The log of a job is
    in 'pgdispatch logs JOB'. --follow looks each second, also for what was committed up to a minute
    after it had ended.
    """
    given = {name: value for name, value in filters.items() if value is not None}
    is_by_attempt = is_of_attempts(given)
    asked = attempts_asked(given) if is_by_attempt else jobs_asked(given)
    sorts = SORTS_OF_ATTEMPTS if is_by_attempt else SORTS
    columns = ATTEMPTS if is_by_attempt else COLUMNS
    if sort not in sorts:
        raise click.UsageError(f"attempts cannot be sorted by {sort}, jobs can; see --outcome")
    latest = sorts[sort]
    empty = ""
    with looking() as connection:
        rows = read(connection, asked, latest=latest, limit=limit, but={"log"})
        if not rows:
            empty = nothing(connection, given)
        for row in rows if not as_json else ():
            row["error"] = headline(row["error"])
        if not as_json or not follow_on:
            shown = [replace(one, drop=0) if one.field == latest else one for one in columns]
            write_listing(rows, shown, as_json=as_json, empty=empty)
        if follow_on:
            follow(connection, asked, as_json=as_json)


def is_of_attempts(given: dict[str, Any]) -> bool:
    """Return whether attempts are asked for, not jobs. Raises `click.UsageError` for neither."""
    outcome, failed_as = given.get("outcome"), given.get("failed_as")
    if outcome and failed_as and (outcome != "failed" or failed_as not in FOR_GOOD):
        raise click.UsageError(
            f"no job is {outcome} as {failed_as}; without --outcome it is looked for in attempts"
        )
    return "backgrounder" in given or "node" in given or bool(failed_as and not outcome)


def jobs_asked(given: dict[str, Any]) -> Rows:
    """Return the ended jobs that fit."""
    equal: dict[str, Any] = {
        name: given[name]
        for name in ("outcome", "failed_as", "site", "type", "schedule", "task")
        if name in given
    }
    return Rows("background_task", equal, where=bounds(given))


def attempts_asked(given: dict[str, Any]) -> Rows:
    """Return the ended attempts that fit."""
    equal: dict[str, Any] = {
        name: given[name]
        for name in ("backgrounder", "node", "site", "type", "schedule", "task")
        if name in given
    }
    if "failed_as" in given:
        equal["ended_as"] = given["failed_as"]
    where = bounds(given)
    if "outcome" in given:
        where[f"({OF_ATTEMPTS[given['outcome']]}) = %s"] = True
    return Rows("job_attempt", equal, filled="ended_at", where=where)


def bounds(given: dict[str, Any]) -> dict[Any, datetime | str | bool]:
    """Return the conditions that are no equality, with their values."""
    texts = {
        "since": "ended_at >= %s",
        "until": "ended_at < %s",
        "kind": "split_part(error, ':', 1) = %s",
        "title": "strpos(lower(title), lower(%s)) > 0",
    }
    return {text: given[name] for name, text in texts.items() if name in given}


def nothing(connection: psycopg.Connection, given: dict[str, Any]) -> str:
    """Return why nothing fits. Raises `NotFoundError` for a name that nobody has."""
    named = {name: value for name, value in given.items() if name in KINDS}
    ended = Rows("job_history")
    outcome = given.get("outcome")
    explained = explain_nothing(
        connection, ended.of({"outcome": outcome}), named, WORDINGS[outcome], known_in=ended
    )
    if given.keys() <= {*KINDS, "outcome"}:
        return explained
    return f"no {'attempt' if is_of_attempts(given) else 'job'} that has ended fits"


def headline(error: str | None) -> str | None:
    """Return the line of an error that says most: the last of a Python traceback, else the first.

    At most 100 characters; `show` has the whole text.
    """
    lines = [line.strip() for line in (error or "").splitlines() if line.strip()]
    if not lines:
        return None
    line = lines[-1] if lines[0].startswith("Traceback") else lines[0]
    return line if len(line) <= 100 else line[:99] + "…"
