"""Play the demo: fill the queue, let two nodes work, interfere in the middle, check at the end."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import psycopg
from psycopg.rows import DictRow, dict_row
from rich.console import Console

from pgdispatch.database import session_settings
from pgdispatch.demo import demo_sql, scenario
from pgdispatch.demo.environment import Stage, nodes, stage
from pgdispatch.demo.report import WIDE, Verdict, judge, print_report
from pgdispatch.demo.view import View
from pgdispatch.errors import PgdispatchError
from pgdispatch.web.console.beside import beside

LOOK_EVERY = 0.1
LONGEST = 180.0
MIDDLE = 0.6  # share of all jobs after which people and applications interfere


@dataclass(frozen=True)
class DemoOptions:
    """What `pgdispatch demo` was told. `keep`: leave the files; `plain`: lines, no live view."""

    keep: bool = False
    plain: bool = False


@dataclass
class Play:
    """One run of the demo on its stage."""

    place: Stage
    connection: psycopg.Connection[DictRow]
    view: View
    by_hand: dict[str, int]
    expected: int = 0
    told: set[int] = field(default_factory=set)
    committed: list[datetime] = field(default_factory=list)
    did: set[str] = field(default_factory=set)

    def act(self) -> None:
        """Play both waves to their end."""
        twice = len(scenario.TASKS) + len(scenario.STEPS)
        once = len(scenario.FIRST_LOAD) + len(scenario.QUARTERS) + len(scenario.JOBS)
        self.expected = 2 * twice + once + len(scenario.LATE_JOBS) + len(scenario.ON_DEMAND)
        self.fire("first load", *scenario.SCHEDULES)
        self.note_commit()
        self.view.say("first wave: every task once; its run times become the history")
        with nodes(self.place):
            self.watch(self._is_quiet)
            with session_settings.connect(self.place.source_dsn) as source:
                source.execute(demo_sql.MOVE_CLOCK)
            with self.connection.transaction():
                self.fire(*scenario.SCHEDULES)
                scenario.insert_jobs(self.connection, scenario.JOBS)
            self.note_commit()
            self.view.say("second wave: all schedules fire, and an application inserts ten jobs")
            self.watch(lambda: "interfered" in self.did and self._is_quiet())
            self.fire("watch")
            self.view.say("third wave: the suspended alert gets no job")

    def fire(self, *schedules: str) -> None:
        """Create the jobs of some schedules for this moment."""
        for name in schedules:
            self.connection.execute(demo_sql.FIRE, [name])

    def note_commit(self) -> None:
        """Note that everything created so far is committed, for the check at the end."""
        self.committed.append(self._rows(demo_sql.NOW)[0]["now"])

    def watch(self, is_done: Callable[[], bool]) -> None:
        """Show what happens, and interfere when it is time, until `is_done`."""
        deadline = time.monotonic() + LONGEST
        while not is_done():
            self.look()
            if time.monotonic() > deadline:
                raise PgdispatchError(
                    f"the demo has not ended after {LONGEST:g} s",
                    detail=f"see the logs in {self.place.folder}",
                    hint="run it with --keep and look at the queue",
                )
            time.sleep(LOOK_EVERY)
        self.look()

    def look(self) -> None:
        """Look at the database once and show it."""
        for row in self._rows(demo_sql.ENDED, list(self.told)):
            self.view.say(f"job {row['job']} {row['title']}: {row['outcome']}: {row['error']}")
            self.told.add(row["job"])
        running = self._rows(demo_sql.RUNNING)
        ended = self._counts()["ended"]
        self.view.show(ended, self.expected, running, self._rows(demo_sql.WAITING, 12))
        for row in running:
            if row["title"] == scenario.VICTIM and row["progress"]:
                self._kill(row)
        if ended >= self.expected * MIDDLE:
            self._interfere()

    def _kill(self, row: DictRow) -> None:
        if "killed" not in self.did:
            self.did.add("killed")
            os.kill(row["pid"], signal.SIGKILL)
            self.view.say(f"kill -9 of {row['backgrounder']} while it runs job {row['job']}")

    def _interfere(self) -> None:
        if "interfered" in self.did:
            return
        self.did.add("interfered")
        for title, task in self.by_hand.items():
            job = self._rows(demo_sql.RUN_NOW, task)[0]["run_now"]
            self.view.say(f"Run Now of {title!r}: job {job}")
        scenario.insert_jobs(self.connection, scenario.LATE_JOBS)
        self.note_commit()

    def _is_quiet(self) -> bool:
        return bool(self._counts()["in_queue"] == 0)

    def _counts(self) -> DictRow:
        return self._rows(demo_sql.COUNTS)[0]

    def _rows(self, statement: str, *values: object) -> list[DictRow]:
        return self.connection.execute(statement, values).fetchall()


def run(options: DemoOptions) -> int:
    """Run the demo; return 0 if every job ran as it must and in order, else 1."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE)
    began = time.monotonic()
    view = View(console, is_plain=options.plain or not console.is_terminal)
    with (
        stage(is_kept=options.keep, say=view.say) as place,
        (place.folder / "console.log").open("wb") as log,
        beside(place.dsn, log) as where,
    ):
        view.say(where)
        verdict = _play(place, view)
        print_report(console, verdict)
        if options.keep:
            console.print(f"look inside: {place.psql_command}", soft_wrap=True)
        if console.is_terminal and sys.stdin.isatty():
            _wait_for_people(console)
    console.print(f"took {time.monotonic() - began:.0f} s")
    return 0 if verdict.is_good else 1


def _wait_for_people(console: Console) -> None:
    """Leave the console up for a look at what has happened, until somebody says so."""
    with suppress(EOFError, KeyboardInterrupt):
        console.input("the console stays up for a look; Enter ends the demo ")


def _play(place: Stage, view: View) -> Verdict:
    with session_settings.connect(place.dsn, autocommit=True, row_factory=dict_row) as connection:
        with session_settings.connect(place.dsn) as plain:
            by_hand = scenario.set_up(plain)
        play = Play(place, connection, view, by_hand)
        with view:
            play.act()
        return judge(connection, place.mail.messages, play.committed)
