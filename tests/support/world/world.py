"""One database and its model side by side: every act is done to both.

Here: the queue and the backgrounders. `creation` adds tasks and starts them, `edits` changes what
an administrator may change, `checks` compares what came of it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from support.model.creation import create_job
from support.model.jobs import Job
from support.model.model import Model
from support.model.nodes import Node
from support.model.schedules import Schedule
from support.model.sites import Site
from support.sessions.clock import NOON, Clock
from support.sessions.verbs import Claimed, Verbs
from support.world.foretelling import foretell

LIMITS: dict[str, int | None] = {"default": None, "red": 1, "blue": 2}
SCHEDULES = {
    "parallel": (50, False, False),
    "serial": (50, True, False),
    "urgent": (10, False, False),
    "custom": (30, False, True),
}
NODES = {"n": 3, "m": 2}
SETTINGS = {
    "tie_break": "history",
    "max_losses": "2",
    "suspend_after_failures": "2",
    "site_max_running_jobs": "-1",
    "site_daily_seconds": "-1",
}
RESET = [
    "set time zone 'UTC'",
    "select setseed(0)",  # retries are drawn at random: alike each time a story is told again
    """
    truncate pgdispatch.job, pgdispatch.job_history, pgdispatch.occurrence, pgdispatch.suspension,
        pgdispatch.linked_run, pgdispatch.linked_task_step, pgdispatch.linked_task,
        pgdispatch.task, pgdispatch.swept_job, pgdispatch.charge, pgdispatch.deferral,
        pgdispatch.due, pgdispatch.site_timeout, pgdispatch.schedule, pgdispatch.pause,
        pgdispatch.notice_rule, pgdispatch.contract, pgdispatch.contract_state
        restart identity
    """,
    "delete from pgdispatch.site where name <> 'default'",
    """
    update pgdispatch.site set max_running_jobs = null, daily_seconds = null, refill_at = '00:00',
        time_zone = 'UTC', over_budget = 'defer', run_now_enabled = true
    """,
    "update pgdispatch.node set only_types = null, except_types = null, is_drained = false",
]
AGAIN = Claimed("again", None, None)  # type: ignore[arg-type]  # no job with it


class Disagreement(Exception):  # noqa: N818  # it is what the test is for
    """SQL did something else than the model."""


class World:
    """Does each act to the database and to the model, and compares what came of it."""

    def __init__(
        self, verbs: Verbs, clock: Clock, *, limited: bool = False, foretold: bool = False
    ) -> None:
        self.verbs = verbs
        self.is_foretold = foretold
        self.clock = clock
        clock.set(NOON)
        for name, value in SETTINGS.items():
            verbs.run("update pgdispatch.setting set value = %s where name = %s", value, name)
        for statement in RESET:
            verbs.run(statement)
        for site, limit in LIMITS.items():
            if site != "default":
                verbs.site(site, limit)
        for name, (priority, is_serial, is_custom) in SCHEDULES.items():
            execution = "serial" if is_serial else "parallel"
            verbs.schedule(name, execution, priority=priority, is_custom=is_custom)
        self.model = Model(
            now=NOON,
            sites={name: Site(name, limit, running_limit=limit) for name, limit in LIMITS.items()},
            schedules={
                name: Schedule(name, place, *about)
                for place, (name, about) in enumerate(SCHEDULES.items())
            },
            nodes={name: Node(name, count) for name, count in NODES.items()},
            suspend_after=int(SETTINGS["suspend_after_failures"]),
        )
        if limited:
            self.model.nodes["few"] = Node("few", 4, served=frozenset({"flow"}))

    def free(self) -> list[str]:
        """Return the backgrounders that run nothing."""
        busy = {job.backgrounder for job in self.model.running()}
        return [
            f"{node}:{number + 1}"
            for node, count in NODES.items()
            for number in range(count)
            if f"{node}:{number + 1}" not in busy
        ]

    def advance(self, seconds: float) -> None:
        """Move the time on."""
        if seconds:
            self.clock.advance(seconds)
            self.model.now = self.clock.now

    def insert(
        self,
        *,
        site: str,
        schedule: str | None,
        delay: int | None,
        timeout: int | None,
        **columns: Any,
    ) -> None:
        """Insert a job directly."""
        model = self.model
        times: dict[str, Any] = {
            "not_before": None if delay is None else model.now + timedelta(seconds=delay),
            "timeout": None if timeout is None else timedelta(seconds=timeout),
        }
        made = self.verbs.job(site=site, schedule=schedule, **columns, **times)
        named = model.schedules.get(schedule or "")
        job = create_job(model, site=model.sites[site], schedule=named, **columns, **times)
        compare("inserted", made, job.id)

    def claim(self, backgrounder: str, types: Collection[str] | None) -> None:
        """Let a backgrounder claim; SQL has to choose what the model chooses.

        Whatever generation the jobs are in, of which the model knows nothing.
        """
        self.verbs.tend()
        foretold = foretell(self.verbs, backgrounder, types) if self.is_foretold else None
        chosen = self.verbs.claim(backgrounder, None if types is None else sorted(types))
        self._started("claimed", chosen, backgrounder, types)
        if self.is_foretold:
            compare("claimed as foretold", chosen, foretold)

    def end(
        self, job: Job, *, succeeded: bool, claim: bool, types: Collection[str] | None = None
    ) -> None:
        """Finish or fail a running job, and claim the next one with it.

        No two jobs end at the same instant: what comes after a failure is told by the time.
        """
        self.advance(1)
        backgrounder, asked = str(job.backgrounder), None if types is None else sorted(types)
        act = self.verbs.finish if succeeded else self.verbs.fail
        got = act(job.id, claim, types=asked)
        self.model.end(job, succeeded=succeeded)
        if job.id in self.model.jobs:
            self._read_retry(job)
        if not claim:
            compare("returned without a claim", got, None)
            return
        while got == AGAIN:
            got = self.verbs.ask(backgrounder, asked)
        self._started("claimed at an end", got.id if got else None, backgrounder, types)

    def give_back(self, job: Job, *, is_loss: bool) -> None:
        """Take a running job back, because its node was lost or not."""
        self.advance(1)
        self.verbs.requeue(job.id, is_loss)
        self.model.requeue(job, is_loss=is_loss)

    def lose(self, node: str) -> None:
        """Lose a node with all that runs there."""
        self.advance(1)
        lost = [job for job in self.model.running() if str(job.backgrounder).startswith(f"{node}:")]
        compare("lost", self.verbs.value("select pgdispatch.declare_lost(%s)", node), len(lost))
        for job in lost:
            self.model.requeue(job, is_loss=True)

    def cancel(self, job: Job) -> None:
        """Cancel a job that waits or runs."""
        verdict = self.verbs.cancel(job.id)
        compare("cancel", verdict, "requested" if job.started_at else "cancelled")
        job.is_cancelled = True
        if not job.started_at:
            self.model.archive(job, "cancelled")

    def set_priority(self, job: Job, priority: int) -> None:
        """Give a waiting job another priority."""
        self.verbs.set_priority(job.id, priority)
        job.priority = priority

    def _started(
        self, what: str, chosen: int | None, backgrounder: str, types: Collection[str] | None
    ) -> None:
        expected = self.model.choose(backgrounder.partition(":")[0], types)
        compare(what, chosen, expected and expected.id)
        if expected:
            self.model.start(expected, backgrounder)

    def _read_retry(self, job: Job) -> None:
        """Take over when a retry may start, which is drawn at random, if it is within bounds."""
        found = self.verbs.values(
            "select not_before from pgdispatch.job where id = %s and state <> 'running'", job.id
        )
        if not found:
            raise Disagreement(f"job {job.id} should be tried again later")
        job.not_before = found[0]
        longest = self.model.longest_delay(job)
        if not self.model.now <= found[0] <= self.model.now + longest:
            raise Disagreement(f"job {job.id} waits until {found[0]}, {longest} at most")


def compare(what: str, by_sql: object, by_model: object) -> None:
    """Raise Disagreement unless both are the same."""
    if by_sql != by_model:
        raise Disagreement(f"{what}: SQL {by_sql}, model {by_model}")
