"""Everybody does everything at once, at few gates: no deadlock, no second run, nothing left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random

import psycopg

from support.sessions.clock import NOON
from support.sessions.ring import Ring
from support.sessions.rivals import OVERFULL, together
from support.sessions.verbs import Claimed, Verbs

THREADS = 8
ACTS = 150
SITES = ("red", "blue", "default")
OWN_ERRORS = ("JD001", "JD002", "JD003", "JD004", "JD005", "JD006", "JD007")


class Actor:
    """One backgrounder that is an application, an operator and a supervisor as well."""

    def __init__(self, dsn: str, number: int) -> None:
        self.verbs = Verbs(psycopg.connect(dsn, autocommit=True))
        self.name = f"n:{number}"
        self.random = Random(number)  # noqa: S311  # no secret
        self.acts: list[Callable[[], object]] = [
            *[self.work] * 12,
            *[self.insert] * 3,
            self.steer,
            self.create,
            self.administer,
        ]

    def run(self) -> None:
        """Do many acts; our own refusals are part of it, anything else is not."""
        with self.verbs.connection:
            for _ in range(ACTS):
                try:
                    self.random.choice(self.acts)()
                except psycopg.Error as error:
                    if error.sqlstate not in OWN_ERRORS:
                        raise

    def work(self) -> None:
        """Claim, or end what runs here in one way or another."""
        running = self.verbs.values(
            "select id from pgdispatch.job where backgrounder = %s", self.name
        )
        if not running:
            self.verbs.claim(self.name)
            return
        got: Claimed | None = None
        match self.random.randrange(4):
            case 0:
                self.verbs.requeue(running[0])
            case 1:
                got = self.verbs.fail(running[0], claim=True)
            case _:
                got = self.verbs.finish(running[0], claim=self.random.random() < 0.8)
        if got is not None and got.verdict == "again":
            self.verbs.claim(self.name)

    def insert(self) -> None:
        """Insert a few jobs with up to three gates."""
        for _ in range(self.random.randrange(1, 6)):
            self.verbs.job(
                self.random.choice(["flow", "alert", "full_extract"]),
                site=self.random.choice(SITES),
                datasource=self.random.choice([None, "a", "b"]),
                schedule=self.random.choice([None, "one", "two"]),
                priority=self.random.randrange(1, 101),
            )

    def steer(self) -> None:
        """Cancel or move any job."""
        for job in self.verbs.values("select id from pgdispatch.job order by random() limit 3"):
            if self.random.random() < 0.3:
                self.verbs.cancel(job)
            else:
                self.verbs.set_priority(job, self.random.randrange(1, 101))

    def create(self) -> None:
        """Start tasks, by hand or by schedule."""
        if self.random.random() < 0.5:
            self.verbs.run_now(self.random.randrange(1, 5))
        else:
            at = NOON + timedelta(minutes=self.random.randrange(200))
            self.verbs.fire(self.random.choice(["one", "two"]), at)

    def administer(self) -> None:
        """Change limits and schedules, publish anew, look for the lost, reorder."""
        match self.random.randrange(5):
            case 0:
                self.verbs.limit(self.random.choice(SITES), self.random.choice([None, 1, 2, 5]))
            case 1:
                self.verbs.execution(
                    self.random.choice(["one", "two"]), self.random.choice(["serial", "parallel"])
                )
            case 2:
                self.verbs.run("select pgdispatch.republish('red', 'a')")
            case 3:
                self.verbs.run("select pgdispatch.declare_lost('n')")
            case _:
                tie_break = self.random.choice(["history", "created"])
                self.verbs.run(
                    "update pgdispatch.setting set value = %s where name = 'tie_break'", tie_break
                )


def test_everything_at_once_ends_without_deadlock_and_leaves_nothing(ring: Ring) -> None:
    """No error but our own, no gate over-full, nothing for the sweep, nothing that stays."""
    verbs = ring.watch
    verbs.site("red", 1)
    verbs.site("blue", 2)
    for name in ("one", "two"):
        verbs.schedule(name, "serial")
    for site in ("red", "blue"):
        for schedule in ("one", "two"):
            verbs.task(site=site, schedule=schedule, datasource="a")

    errors = together([Actor(ring.dsn, number).run for number in range(1, THREADS + 1)])

    assert errors == []
    assert ring.deadlocks() == 0
    assert [row for row in verbs.rows(OVERFULL) if not row["gate"].startswith("site/")] == []
    verbs.run("select pgdispatch.declare_lost('n')")
    verbs.drain()
    assert verbs.values("select state from pgdispatch.job") == []
    assert verbs.sweep() == 0
    assert verbs.value("select count(*) from pgdispatch.swept_job") == 0
