"""What a job has logged, also while it runs."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from functools import partial

import click
from sqlalchemy import Connection

from pgdispatch.errors import NotFoundError
from pgdispatch_cli.commands.show import find
from pgdispatch_cli.job_facts import Facts
from pgdispatch_cli.job_log import Lines, as_kept, read_lines
from pgdispatch_cli.options import database_option, example, json_option
from pgdispatch_cli.outlasting import EVERY, Outage, outlast
from pgdispatch_cli.parameters import number
from pgdispatch_cli.stderr import printable, write_remark
from pgdispatch_cli.times import format_day, format_fraction, zone_label
from pgdispatch_cli.transaction import database

LATE = 3  # looks at what may still be on its way when a job has ended


@click.command(
    epilog=example(
        "pgdispatch logs 42",
        "pgdispatch logs 42 --follow",
        "pgdispatch logs 42 --attempt 1 --last 20",
    )
)
@click.argument("job", type=number)
@click.option("--follow", "-f", is_flag=True, help="Go on until the job has ended.")
@click.option(
    "--attempt",
    type=click.IntRange(min=1),
    metavar="N",
    help="Of this attempt only (default: of all).",
)
@click.option(
    "--last",
    type=click.IntRange(min=1, max=1_000_000),
    metavar="N",
    help="Only the last lines, so many (default: all that were kept).",
)
@json_option
@database_option
def command(job: int, follow: bool, attempt: int | None, last: int | None, as_json: bool) -> None:
    """Show what a job has logged, also while it runs.

    What a job logs in its first seconds can be seen when it has run for some, or has ended. Lines
    that were not kept are told by their number. With --json each line is an object of its own.
    --follow outlasts an outage of the database.
    """
    shown = Shown(job, attempt, last, as_json=as_json)
    if follow:
        outlast(partial(_show, shown, follow=True))
    else:
        _show(shown, Outage())
    if shown.is_empty and not as_json:
        write_remark(f"job {job} has logged nothing that was kept")


class Shown:
    """What was shown of a job's log.

    `at`: the attempt and the number of the last line; `last`: so many are to be shown of those
    that are there at first.
    """

    def __init__(self, job: int, attempt: int | None, last: int | None, *, as_json: bool) -> None:
        """Begin with nothing."""
        self.job = job
        self.attempt = attempt
        self.last = last
        self.as_json = as_json
        self.at = (0, 0)
        self.day = ""

    @property
    def is_empty(self) -> bool:
        """Whether no line was shown."""
        return self.at == (0, 0)

    def is_gap(self, lines: Lines) -> bool:
        """Tell whether lines are missing before or between these."""
        attempt, before = self.at
        for line in lines:
            begin = before if line["attempt"] == attempt else 0
            if line["line"] != begin + 1 and not self._is_begun_later(begin):
                return True
            attempt, before = line["attempt"], line["line"]
        return False

    def write(self, lines: Lines) -> None:
        """Write lines that come after the last one."""
        for line in lines:
            if self.as_json:
                click.echo(json.dumps({**line, "logged_at": _instant(line)}))
            else:
                self._write_line(line)
            self.at = (line["attempt"], line["line"])
        self.last = None

    def _is_begun_later(self, before: int) -> bool:
        return self.last is not None and before == 0

    def _write_line(self, line: Facts) -> None:
        attempt, before = self.at
        if line["attempt"] != attempt:
            click.echo(f"attempt {line['attempt']}, times in {zone_label()}")
            before, self.day = 0, ""
        at = line["logged_at"]
        day = self.day if at is None else format_day(at)
        if day != self.day:
            click.echo(day)
            self.day = day
        left_out = line["line"] - before - 1
        if left_out > 0 and not self._is_begun_later(before):
            click.echo(f"… {left_out:,} lines left out")
        stamp = " " * 12 if at is None else format_fraction(at)
        click.echo(f"{stamp} {printable(line['text'].expandtabs(4))}".rstrip())


def _instant(line: Facts) -> str | None:
    return None if line["logged_at"] is None else (as_kept([line]) or "")[:24]


def _show(shown: Shown, outage: Outage, *, follow: bool = False) -> None:
    """Show what there is and, to follow, what comes.

    Transaction: one for each look.
    """
    with database() as connection:
        for lines in _looks(connection, shown, outage, follow=follow):
            shown.write(lines)


def _looks(
    connection: Connection, shown: Shown, outage: Outage, *, follow: bool
) -> Iterator[Lines]:
    """Yield what there is and, to follow, what comes, until the job has ended."""
    late = LATE
    while True:
        found = find(connection, shown.job)
        _refuse_unknown(found, shown)
        lines = read_lines(
            connection, shown.job, attempt=shown.attempt, after=shown.at, last=shown.last
        )
        connection.commit()
        outage.look_done()
        is_over = _is_over(found, shown.attempt)
        if follow and is_over and late and shown.is_gap(lines):
            late -= 1  # what was logged at the end is perhaps on its way
        else:
            yield lines
            if is_over or not follow:
                return
        time.sleep(EVERY)


def _is_over(found: Facts, attempt: int | None) -> bool:
    if found["state"] not in ("waiting", "running"):
        return True
    is_running = found["state"] == "running" and found["attempt"] == attempt
    return attempt is not None and not is_running


def _refuse_unknown(found: Facts, shown: Shown) -> None:
    attempt, known = shown.attempt, found["attempt"]
    if attempt is not None and attempt > known:
        raise NotFoundError(
            f"job {shown.job} has had no attempt {attempt}",
            detail=f"it has had {known}",
            hint=f"see all of them: pgdispatch logs {shown.job}",
        )
