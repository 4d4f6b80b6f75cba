"""What would be, if something were changed: nothing is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import click

from pgdispatch.errors import InvalidInputError
from pgdispatch.forecast.questions.changes import Change, read
from pgdispatch.forecast.questions.comparison import AS_IT_IS, Line
from pgdispatch.forecast.questions.what_if import Answer, Question, what_if
from pgdispatch.forecast.run import MICROS
from pgdispatch_cli.commands.status import count_of
from pgdispatch_cli.connecting import target
from pgdispatch_cli.connection import connect
from pgdispatch_cli.expecting import clock
from pgdispatch_cli.in_order import InOrder, typed
from pgdispatch_cli.options import database_option, example, listing_options
from pgdispatch_cli.output import Column, write_folded, write_object, write_table
from pgdispatch_cli.stderr import printable, write_warning
from pgdispatch_cli.times import format_brief, format_minutes

MOST_CASES = 12
WORTH_A_LINE = 120.0  # seconds that a schedule's end moves by
WORTH_A_CHANCE = 0.1  # of not being over within the horizon
SAME = "the same"
COLUMNS = (
    Column("schedule", "schedule", least=10, wraps=True),
    Column("due", "due"),
    Column("case", "case", least=20, wraps=True),
    Column("end", "last end"),
    Column("between", "10 to 90 %", drop=1),
    Column("change", "change"),
    Column("delay", "mean delay", drop=2),
)
OPTIONS = {
    "backgrounders": ("NODE=N", "So many backgrounders: 6, +1 or -1."),
    "with-node": ("NODE=N", "One more node, for all types."),
    "without-node": ("NODE", "That node is lost."),
    "limit": ("SITE=N", "So many jobs at once; none: no limit."),
    "budget": ("SITE=SPAN", "So much run time a day: 8h, +3600, none."),
    "execution": ("SCHEDULE=HOW", "parallel or serial."),
    "move": ("SCHEDULE=SPAN", "Its times later, +1h, or earlier, -30min."),
    "schedule-priority": ("SCHEDULE=P", "Its tasks and waiting jobs at priority P."),
    "priority": ("JOB=P", "That job at priority P."),
}


def changing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for each kind of change, each to be given any number of times."""
    for name in reversed(list(OPTIONS)):
        metavar, text = OPTIONS[name]
        command = click.option(f"--{name}", multiple=True, metavar=metavar, help=text)(command)
    return command


@click.command(
    cls=InOrder,
    epilog=example(
        "pgdispatch what-if --backgrounders etl-1=+1",
        "pgdispatch what-if --move nightly=+1h --case lost --without-node etl-2",
    ),
)
@changing_options
@click.option(
    "--case", multiple=True, metavar="NAME", help="What follows is another case, of this name."
)
@click.option(
    "--hours", type=click.FloatRange(1, 168), default=12, show_default=True, help="Look so far."
)
@click.option(
    "--runs", type=click.IntRange(1, 1000), default=40, show_default=True, help="So many, at most."
)
@click.option("--schedule", metavar="NAME", help="Show this schedule only.")
@listing_options
@database_option
@click.pass_context
def command(
    context: click.Context,
    /,
    *,
    hours: float,
    runs: int,
    schedule: str | None,
    as_json: bool,
    **_: tuple[str, ...],
) -> None:
    """Show when each schedule's next run would end if something were changed; nothing is.

    The coming hours are simulated by the rules of dispatch, for each case with the same random
    numbers. Several changes are one case; --case begins another. The commands that would do it
    are printed, and not done.
    """
    names = {*OPTIONS, "case"}
    given = [(name, value) for name, value in typed(context) if name.replace("_", "-") in names]
    cases = cases_of(given)
    if not cases:
        raise click.UsageError("what is to be changed? For example: --backgrounders etl-1=+1")
    with connect(target().dsn, checked=True, autocommit=True) as connection:
        answer = what_if(connection, Question(cases, hours=hours, runs=runs), progress(runs))
    lines = shown(answer, schedule)
    if as_json:
        write_object(as_object(answer, lines))
    else:
        write_answer(answer, lines, is_one=schedule is not None)
    for remark in answer.remarks:
        write_warning(remark)


def cases_of(given: Sequence[tuple[str, str]]) -> dict[str, list[Change]]:
    """Return the changes of each case, in order.

    `--case NAME` begins one, so what comes before the first is a case, too, and has its changes
    for a name.
    """
    cases: list[tuple[str, list[Change]]] = []
    for option, value in given:
        if option == "case":
            cases.append((value, []))
            continue
        if not cases:
            cases.append(("", []))
        cases[-1][1].append(read(option.replace("_", "-"), value))
    for name, changes in cases:
        if not changes:
            raise click.UsageError(f"--case {name!r} has no change after it")
    named = [(name or ", ".join(map(str, changes)), changes) for name, changes in cases]
    twice = {name for name, _ in named if [other for other, _ in named].count(name) > 1}
    if twice or AS_IT_IS in dict(named):
        raise click.UsageError(f"two cases have the name {min(twice, default=AS_IT_IS)!r}")
    if len(named) > MOST_CASES:
        raise click.UsageError(f"{MOST_CASES} cases at most")
    return dict(named)


def progress(runs: int) -> Callable[[int], None]:
    """Return what tells a person at a terminal how far it is."""

    def say(done: int) -> None:
        if sys.stderr.isatty():
            end = "\r" if done < runs else "\r\x1b[K"
            click.echo(f"\x1b[Ksimulated {done} of {runs} runs{end}", nl=False, err=True)

    return say


def shown(answer: Answer, schedule: str | None) -> list[Line]:
    """Return the lines that a person wants: of one schedule, or of those that a case changes.

    Of the latter, how it is and the cases that change it.
    """
    if schedule is not None:
        lines = [line for line in answer.lines if line.schedule == schedule]
        if not lines:
            raise InvalidInputError(
                f"schedule {schedule!r} has no run in that time",
                hint="see: pgdispatch schedule list",
            )
        return lines
    changed = [line for line in answer.lines if change_of(line, answer) not in ("", SAME)]
    schedules = {line.schedule for line in changed}
    as_it_is = [line for line in answer.lines if line.case == AS_IT_IS]
    return [line for line in as_it_is if line.schedule in schedules] + changed


def change_of(line: Line, answer: Answer) -> str:
    """Say how much later than as it is the last job ends."""
    if line.case == AS_IT_IS:
        return ""
    if line.later is not None:
        if abs(line.later) < WORTH_A_LINE:
            return SAME
        return f"{format_minutes(abs(line.later))} {'later' if line.later > 0 else 'earlier'}"
    as_it_is = next(
        (one for one in answer.lines if (one.case, one.schedule) == (AS_IT_IS, line.schedule)),
        None,
    )
    more = line.unfinished - (as_it_is.unfinished if as_it_is else 0.0)
    return SAME if abs(more) < WORTH_A_CHANCE else "later" if more > 0 else "earlier"


def write_answer(answer: Answer, lines: Sequence[Line], *, is_one: bool) -> None:
    """Write what each case does, by schedule, and the commands that would do it."""
    click.echo(
        f"from {format_brief(instant_of(answer.made_at))} to "
        f"{format_brief(instant_of(answer.until))}, {count_of(answer.runs, 'run')} of each case\n"
    )
    rows: list[dict[str, Any]] = []
    due = {line.schedule: line.scheduled_at for line in reversed(answer.lines)}
    ordered = sorted(lines, key=lambda line: (due[line.schedule], line.schedule))
    for _, group in groupby(ordered, key=lambda line: line.schedule):
        for number, line in enumerate(group):
            rows.append(row_of(line, answer, is_first=number == 0))
    if rows:
        write_table(rows, COLUMNS)
    others = {line.schedule for line in answer.lines} - {line.schedule for line in lines}
    if others and not is_one:
        write_folded(", ".join(sorted(others)), first="\nno different: ")
    for case, commands in answer.commands.items():
        click.echo(f"\nto do it ({printable(case)}):")
        for text in commands:
            click.echo(f"  {printable(text)}")


def row_of(line: Line, answer: Answer, *, is_first: bool) -> dict[str, Any]:
    """Return a line in words."""

    def at(instant: int | None) -> str:
        found = instant_of(answer.until if instant is None else instant)
        return clock(found, instant_of(answer.made_at))

    ends = line.ends
    late = f"{'after ' if ends.late is None else ''}{at(ends.late)}"
    return {
        "schedule": line.schedule if is_first else "",
        "due": at(line.scheduled_at) if is_first else "",
        "case": line.case,
        "end": f"{'after ' if ends.middle is None else ''}{at(ends.middle)}",
        "between": "" if ends.early is None else f"{at(ends.early)} to {late}",
        "change": change_of(line, answer),
        "delay": format_minutes(line.mean_delay or 0),
    }


def instant_of(instant: int) -> datetime:
    """Return an instant of the simulation."""
    return datetime.fromtimestamp(instant // MICROS, UTC)


def as_object(answer: Answer, lines: Sequence[Line]) -> dict[str, Any]:
    """Return an answer for programs: instants in ISO 8601, spans in seconds."""

    def iso(instant: int | None) -> str | None:
        return (
            None if instant is None else datetime.fromtimestamp(instant / MICROS, UTC).isoformat()
        )

    return {
        "made_at": iso(answer.made_at),
        "until": iso(answer.until),
        "runs": answer.runs,
        "lines": [
            {
                "case": line.case,
                "schedule": line.schedule,
                "scheduled_at": iso(line.scheduled_at),
                "ends_early_at": iso(line.ends.early),
                "ends_at": iso(line.ends.middle),
                "ends_late_at": iso(line.ends.late),
                "mean_delay": line.mean_delay,
                "later": line.later,
                "unfinished": line.unfinished,
            }
            for line in lines
        ],
        "commands": answer.commands,
    }
