"""How many backgrounders a node needs, by hour and weekday, and what helps as much."""

from __future__ import annotations

import re
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import psycopg

from pgdispatch.errors import InvalidInputError
from pgdispatch.forecast.draws.past import forecast_history, read_past
from pgdispatch.forecast.plan import Plan
from pgdispatch.forecast.questions.capacity import (
    Goal,
    Hours,
    Move,
    Size,
    Weeks,
    clock_of,
    least_by_hour,
    moves,
    sizes,
)
from pgdispatch.forecast.questions.capacity_plot import WEEKDAYS, plot
from pgdispatch.forecast.snapshot import forecast_input, read_plan
from pgdispatch.forecast.statements import READ_ONLY
from pgdispatch_cli.connecting import target
from pgdispatch_cli.connection import connect
from pgdispatch_cli.options import database_option, example, json_option
from pgdispatch_cli.output import Column, write_folded, write_object, write_table
from pgdispatch_cli.stderr import write_remark, write_warning
from pgdispatch_cli.times import format_minutes, parse_span, shown_zone, zone_label

WEEK_HOURS = 168.0
GOAL = re.compile(r"p(\d{1,2})\s+(.+)", re.ASCII | re.IGNORECASE)
STEPS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)
SIZES = (
    Column("backgrounders", "backgrounders"),
    Column("median", "half start within"),
    Column("p95", "95 % within"),
    Column("late", "late", unit=" %"),
)
MOVES = (
    Column("schedule", "schedule", least=10),
    Column("hours", "moved by"),
    Column("median", "half start within"),
    Column("p95", "95 % within"),
    Column("late", "late", unit=" %"),
)


@dataclass(frozen=True)
class Advice:
    """What came out for one node, which has so many backgrounders `now`."""

    node: str
    goal: Goal
    now: int
    sizes: list[Size]
    hours: Hours
    moves: list[Move]


def goal_of(text: str) -> Goal:
    """Return a goal given in words: `p95 10min`."""
    match = GOAL.fullmatch(text.strip())
    if match is None or not int(match[1]):
        raise click.BadParameter(f"{text!r} is no goal; use 'p95 10min': 95 % start within that")
    return Goal(int(match[1]) / 100, parse_span(match[2]).total_seconds())


@click.command(
    epilog=example(
        "pgdispatch capacity --goal 'p95 10min'",
        "pgdispatch capacity --node etl-1 --plot week.svg --cron > etl-1.cron",
    )
)
@click.option("--node", metavar="NODE", help="Change this one (default: the largest).")
@click.option(
    "--goal",
    type=goal_of,
    default="p95 10min",
    show_default=True,
    metavar="TEXT",
    help="So many per cent start at most so late.",
)
@click.option(
    "--most", type=click.IntRange(1, 128), default=24, show_default=True, help="Not more than that."
)
@click.option(
    "--draws", type=click.IntRange(1, 20), default=3, show_default=True, help="Weeks, each time."
)
@click.option("--plot", "picture", type=click.Path(dir_okay=False), help="Draw the plan (SVG).")
@click.option("--cron", is_flag=True, help="Print the plan as lines for cron instead.")
@json_option
@database_option
def command(
    *,
    node: str | None,
    goal: Goal,
    most: int,
    draws: int,
    picture: str | None,
    cron: bool,
    as_json: bool,
) -> None:
    """Show how many backgrounders a node needs for a goal, by hour and weekday.

    The coming week is simulated by the rules of dispatch, with what people started last week,
    again and again; it takes a minute or two. What waits for a site's limit or budget, a serial
    schedule or its datasource no number helps; that share is told. Nothing is changed.
    """
    if cron and as_json:
        raise click.UsageError("--cron prints lines for cron: leave --json out")
    with connect(target().dsn, checked=True, autocommit=True) as connection:
        weeks = read_weeks(connection, node, draws)
    advice = advise(weeks, goal, most, is_plan_only=cron)
    hours = advice.hours
    if picture:
        title = f"backgrounders of {weeks.node} by hour, times in {zone_label()}"
        Path(picture).write_text(plot(hours.backgrounders, title), encoding="utf-8")
        write_remark(f"drawn: {picture}")
    if as_json:
        write_object(as_object(advice))
    elif cron:
        click.echo("".join(f"{line}\n" for line in cron_lines(weeks.node, hours)), nl=False)
    else:
        write_advice(advice)
    if all(task.runs == 0 for task in weeks.plan.tasks.values()):
        write_warning("no task has run lately, so how long jobs take is a guess")


def read_weeks(connection: psycopg.Connection[Any], node: str | None, draws: int) -> Weeks:
    """Read the coming week, and last week, in one transaction that is over before the first run."""
    with connection.transaction():
        connection.execute(READ_ONLY)
        plan = read_plan(forecast_input(connection, WEEK_HOURS))
        past = read_past(forecast_history(connection, 24.0))
    return Weeks(plan, past, chosen(plan, node), draws=draws, said=say)


def chosen(plan: Plan, node: str | None) -> str:
    """Return the node that is changed: the one named, or the largest."""
    names = {one.name for one in plan.nodes}
    if node is not None and node not in names:
        raise InvalidInputError(
            f"node {node!r} does not exist or is not up",
            hint=f"there are: {', '.join(sorted(names)[:10])}"
            if names
            else "see: pgdispatch status",
        )
    if not names:
        raise InvalidInputError("no node is up", hint="start one: pgdispatch worker")
    return node or max(plan.nodes, key=lambda one: (one.types is None, one.backgrounders)).name


def say(text: str) -> None:
    """Tell a person at a terminal how far it is, in place."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{text}", nl=False, err=True)


def clear() -> None:
    """Take that away again."""
    say("")


def advise(weeks: Weeks, goal: Goal, most: int, *, is_plan_only: bool) -> Advice:
    """Simulate, telling how far it is."""
    now = next(one.backgrounders for one in weeks.plan.nodes if one.name == weeks.node)
    numbers = sorted({*(step for step in STEPS if step <= most), now} - {0})
    found = [] if is_plan_only else sizes(weeks, goal, numbers)
    helping = [] if is_plan_only else moves(weeks, goal)
    hours = least_by_hour(weeks, goal, most, clock_of(ZoneInfo(shown_zone())))
    clear()
    return Advice(weeks.node, goal, now, found, hours, helping)


def write_advice(advice: Advice) -> None:
    """Write sizes all week long, the plan by hour, and the moves of schedules."""
    goal, hours = advice.goal, advice.hours
    click.echo(f"node {advice.node}, the coming week, with so many backgrounders all the time\n")
    write_table([row_of(one, advice.now) for one in advice.sizes], SIZES)
    click.echo(f"\nthe least by hour for which {said(goal)}, times in {zone_label()}\n")
    click.echo("     " + "".join(f"{hour:3}" for hour in range(24)))
    for day, weekday in enumerate(WEEKDAYS):
        numbers = hours.backgrounders[24 * day : 24 * day + 24]
        click.echo(f"{weekday}  " + "".join(f"{number:3}" for number in numbers))
    click.echo("")
    most = max(hours.backgrounders)
    write_folded(
        f"{hours.sum:,} backgrounder-hours a week; {most} all the time are {168 * most:,}", first=""
    )
    write_folded(
        f"{100 * hours.held:.0f} % of the starts are late with any number: they wait for a limit, "
        "a budget, a serial schedule or a datasource",
        first="",
    )
    if advice.moves:
        click.echo("\nor move a schedule, with as many backgrounders as now\n")
        write_table([move_row(one) for one in advice.moves], MOVES)


def said(goal: Goal) -> str:
    """Return a goal in words."""
    return f"{100 * goal.share:.0f} % start within {format_minutes(goal.seconds)}"


def row_of(size: Size, now: int) -> dict[str, Any]:
    """Return a size in words."""
    return {
        "backgrounders": f"{size.backgrounders}{', now' if size.backgrounders == now else ''}",
        "median": format_minutes(size.median),
        "p95": format_minutes(size.p95),
        "late": round(100 * size.late),
    }


def move_row(move: Move) -> dict[str, Any]:
    """Return a move in words."""
    return {
        "schedule": move.schedule,
        "hours": f"{move.hours:+d} h",
        "median": format_minutes(move.median),
        "p95": format_minutes(move.p95),
        "late": round(100 * move.late),
    }


def cron_lines(node: str, hours: Hours) -> list[str]:
    """Return a line for cron for each hour at which the number changes."""
    numbers = hours.backgrounders
    return [
        f"0 {hour % 24} * * {(hour // 24 + 1) % 7} "
        f"pgdispatch node change {node} --backgrounders {number} --reason capacity"
        for hour, number in enumerate(numbers)
        if number != numbers[hour - 1]
    ]


def as_object(advice: Advice) -> dict[str, Any]:
    """Return all of it for programs: spans in seconds, shares from 0 to 1."""
    hours = advice.hours
    return {
        **asdict(advice),
        "hours": {"time_zone": shown_zone(), "sum": hours.sum, **asdict(hours)},
    }
