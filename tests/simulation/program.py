"""A week of an installation in fast-forward; each job is explained by the rules, or it fails."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random

import psycopg

from pgdispatch.embedded import EmbeddedServer
from pgdispatch.schema.installer import install
from simulation.actors.administrators import Administrators
from simulation.actors.building import build
from simulation.actors.people import People
from simulation.actors.supervisors import Supervision
from simulation.audit import Audit
from simulation.double.rules import Rules
from simulation.engine import Engine
from simulation.hindsight import Hindsight
from simulation.oracle.program import judge_many
from simulation.summary import print_summary
from simulation.timed_session import Session
from simulation.violation import Violation
from simulation.week import Week
from support.servers.embedded import SETTINGS, installed_versions

MONDAY = datetime(2030, 3, 25, tzinfo=UTC)  # on its Sunday Europe changes to summer time
ACT_SECONDS = 240.0
TROUBLE_SECONDS = 5400.0
TASK_SECONDS = 30.0  # a day, of a site with a budget, for each task there is


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 1: a rule was broken."""
    options = _options(arguments)
    with _database(options) as dsn:
        if options.oracle:
            return judge_many(dsn, options.oracle, seed=options.seed, tasks=min(options.tasks, 500))
        return simulate(
            dsn,
            days=options.days,
            tasks=options.tasks,
            seed=options.seed,
            pace=options.pace,
            look_every=options.look_every,
            quiet=options.quiet,
        )


def simulate(
    dsn: str,
    *,
    days: float,
    tasks: int,
    seed: int,
    pace: float = 1.0,
    look_every: float = 0.0,
    quiet: bool = False,
) -> int:
    """Simulate in a fresh database that has the schema; return the exit status.

    Replaces pgdispatch.now() there. `pace`: how busy people are, and how often nodes have trouble.
    `look_every`: so many seconds, on average, lie between two looks at the queue, whose reasons
    have to be those that why_late gives afterwards; 0: none.
    """
    begun, random = time.monotonic(), Random(seed)  # noqa: S311  # reproducible, not secret
    end = MONDAY + timedelta(days=days)
    with psycopg.connect(dsn, autocommit=True, options="-c timezone=UTC") as connection:
        session, rules = Session(connection, MONDAY), Rules()
        session.rows("select pgdispatch.roll_history()")
        until = end + timedelta(days=40)
        budget = round(TASK_SECONDS * tasks * min(days, 1.0))
        made = build(session, random, rules, tasks=tasks, budget=budget, until=until)
        week = Week(Engine(session, made.sites, rules), made, random, end=end)
        hindsight = Hindsight(week, look_every) if look_every else None
        problems = _run(week, begun, pace=pace, budget=budget, hindsight=hindsight, quiet=quiet)
        version = connection.info.server_version // 10000
        heading = f"{days:g} days, {tasks} tasks, seed {seed}, PostgreSQL {version}"
        print_summary(week, problems, heading=heading, seconds=time.monotonic() - begun)
    return int(problems.total() > 0)


def _run(
    week: Week,
    begun: float,
    *,
    pace: float,
    budget: int,
    hindsight: Hindsight | None,
    quiet: bool,
) -> Counter[str]:
    audit, problems = Audit(week), Counter[str]()
    people, administrators = People(week), Administrators(week, budget=budget)

    def act() -> None:
        (people if week.random.random() < 0.6 else administrators).act()
        week.after(week.random.expovariate(pace / ACT_SECONDS), act)

    def look() -> None:
        for problem in audit.of_day():
            raise Violation(*problem)
        week.after(6 * 3600, look)

    try:
        Supervision(week, trouble=pace / TROUBLE_SECONDS)
        week.after(60, act)
        week.after(6 * 3600 + 1, look)
        week.after(6 * 3600, _report, week, begun, quiet)
        if hindsight:
            hindsight.begin()
        week.run()
        week.engine.session.at(week.end)
        found = [Violation(*problem) for problem in audit.of_week()]
        if hindsight:
            found += [Violation("other rule", text) for text in hindsight.differences()]
            print("why_late:", dict(hindsight.count))
    except Violation as violation:
        found = [violation]
    except psycopg.Error as error:
        found = [Violation("other rule", f"at {week.now}: {error}")]
    for each in found[:20]:
        print("\n".join(each.lines()), file=sys.stderr)
    problems.update(each.kind for each in found)
    return problems


def _report(week: Week, begun: float, quiet: bool) -> None:
    week.after(6 * 3600, _report, week, begun, quiet)
    if not quiet:
        jobs, seconds = len(week.engine.queue.jobs), time.monotonic() - begun
        waiting, running = len(week.engine.queue.waiting), len(week.engine.queue.running)
        print(
            f"{week.now:%a %H:%M}  {jobs:6} jobs, {waiting:5} wait, {running:3} run  "
            f"{seconds:5.0f} s, {jobs / seconds:4.0f} jobs/s",
            flush=True,
        )


@contextmanager
def _database(options: argparse.Namespace) -> Iterator[str]:
    """Give the DSN of a database with the schema: the one named, or of a server of our own."""
    if options.database:
        install(options.database)
        yield options.database
        return
    binaries = installed_versions().get(options.pg)
    if binaries is None:
        sys.exit(f"error: this machine has no PostgreSQL {options.pg}")
    with EmbeddedServer(binaries=binaries, settings=SETTINGS) as server:
        install(server.dsn())
        yield server.dsn()


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python tests/simulation", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="draws another installation and week")
    parser.add_argument("--days", type=float, default=7.0, help="simulated days (default: 7)")
    parser.add_argument("--tasks", type=int, default=3000, help="tasks (default: 3000)")
    parser.add_argument("--pace", type=float, default=1.0, help="how busy people are (default: 1)")
    parser.add_argument(
        "--pg",
        type=int,
        default=max(installed_versions(), default=None),
        help="PostgreSQL version to start",
    )
    parser.add_argument(
        "--database", help="an empty database to use instead of a server of its own"
    )
    parser.add_argument(
        "--look-every",
        type=float,
        default=0.0,
        help="seconds between two looks at the queue, which why_late has to explain",
    )
    parser.add_argument("--quick", action="store_true", help="6 busy hours with 300 tasks")
    parser.add_argument(
        "--oracle",
        type=int,
        metavar="WORLDS",
        help="compare the forecast's simulation with so many worlds of ten hours instead",
    )
    parser.add_argument("--quiet", action="store_true", help="print the summary only")
    options = parser.parse_args(arguments)
    if options.quick:
        options.days, options.tasks, options.pace = 0.25, 300, 4.0
    return options
