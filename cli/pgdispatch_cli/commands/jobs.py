"""What has ended."""

from __future__ import annotations

import click

from pgdispatch_cli.filtering import Wording, explain_nothing
from pgdispatch_cli.options import database_option, example, limit_option, listing_options
from pgdispatch_cli.output import Column, write_listing
from pgdispatch_cli.parameters import number
from pgdispatch_cli.reading import Rows, looking, read

COLUMNS = (
    Column("job", "job"),
    Column("type", "type", drop=6, least=8),
    Column("site", "site", drop=7, least=6),
    Column("title", "title", drop=3, least=10),
    Column("outcome", "outcome"),
    Column("priority", "prio", drop=8),
    Column("backgrounder", "backgrounder", drop=5, least=12, keeps=":"),
    Column("waited_for", "waited", drop=9),
    Column("ran_for", "ran", drop=4),
    Column("ended_at", "ended"),
    Column("error", "error", drop=1, least=16),
)
WORDINGS = {
    None: Wording("no job{} has ended", "have", "has"),
    "succeeded": Wording("no job{} has succeeded", "have", "has"),
    "failed": Wording("no job{} has failed", "have", "has"),
    "cancelled": Wording("no job{} was cancelled", "were", "was"),
}


@click.command(
    epilog=example(
        "pgdispatch jobs --outcome failed --limit 10", "pgdispatch jobs --backgrounder etl-1:3"
    )
)
@click.option("--backgrounder", metavar="NODE:NUMBER", help="Only jobs that this one ran.")
@click.option("--site", help="Only jobs of this site.")
@click.option("--type", metavar="TYPE", help="Only jobs of this type.")
@click.option(
    "--outcome",
    type=click.Choice(["succeeded", "failed", "cancelled"]),
    help="Only jobs that ended so.",
)
@click.option("--task", type=number, metavar="TASK", help="Only runs of this task.")
@limit_option
@listing_options
@database_option
def command(*, outcome: str | None, limit: int, as_json: bool, **filters: str | int | None) -> None:
    """Show what has ended, newest first.

    The log of a job is in 'pgdispatch show JOB'.
    """
    ended = Rows("job_history")
    of = ended.of({"outcome": outcome})
    asked = Rows("background_task", of.equal).of(filters)
    empty = ""
    with looking() as connection:
        rows = read(connection, asked, limit=limit, but={"log"})
        if not rows:
            empty = explain_nothing(connection, of, filters, WORDINGS[outcome], known_in=ended)
    if not as_json:
        rows = [{**row, "error": headline(row["error"])} for row in rows]
    write_listing(rows, COLUMNS, as_json=as_json, empty=empty)


def headline(error: str | None) -> str | None:
    """Return the line of an error that says most: the last of a Python traceback, else the first.

    At most 100 characters; `show` has the whole text.
    """
    lines = [line.strip() for line in (error or "").splitlines() if line.strip()]
    if not lines:
        return None
    line = lines[-1] if lines[0].startswith("Traceback") else lines[0]
    return line if len(line) <= 100 else line[:99] + "…"
