"""A fortnight played against real SQL in moved time, to be looked at from any hour of it."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from simulation.fortnight.setting import DATASOURCES, NODES, SITES, TYPES, Truth
from simulation.timed_session import Refused, Session

CLAIM = "select verdict, id, attempt from pgdispatch.claim(%s)"
FINISH = "select verdict, id, attempt from pgdispatch.finish(%s, %s, null, null, true)"
FAIL = "select verdict, id, attempt from pgdispatch.fail(%s, %s, 'no luck', 'error', null, true)"
DRAWN_BY = "select task, coalesce(scheduled_at::text, id::text) from pgdispatch.job where id = %s"
DELAYED = "select min(not_before) from pgdispatch.job where state = 'delayed'"
RUN_NOW = "select pgdispatch.run_now(%s, 'people')"
INSERT = """
insert into pgdispatch.job (type, site, title, datasource, priority)
values (%s, %s, 'by hand', %s, 50)
returning id
"""
BURSTS = (2, 14)  # jobs that people start, an hour


class World:
    """Backgrounders, the clock and people, from one event to the next."""

    def __init__(self, session: Session, truth: Truth) -> None:
        self.session = session
        self.starts = 0
        self._truth = truth
        self._people = Random(truth.seed + 1)  # noqa: S311  # reproducible, not secret
        self._idle = [f"{name}:{n + 1}" for name, many, _ in NODES for n in range(many)]
        self._events: list[tuple[datetime, int, Callable[..., None], tuple[Any, ...]]] = []
        self._count = 0
        self._at(session.now, self._tick)
        self._at(session.now, self._hour)
        self._at(session.now, self._midnight)

    def play(self, until: datetime) -> None:
        """Let all happen up to an instant."""
        while self._events[0][0] <= until:
            at, _, happening, values = heapq.heappop(self._events)
            self.session.at(max(at, self.session.now))
            happening(*values)
            self._ask()
        self.session.at(until)

    def _at(self, when: datetime, happening: Callable[..., None], *values: Any) -> None:
        self._count += 1
        heapq.heappush(self._events, (when, self._count, happening, values))

    def _tick(self) -> None:
        while True:
            ((jobs, wait),) = self.session.rows("select * from pgdispatch.tick()")
            if jobs is None:
                break
        self._at(self.session.now + timedelta(seconds=wait + 0.001), self._tick)

    def _midnight(self) -> None:
        """Do what supervisors do now and then; the budgets are refilled."""
        self.session.rows("select pgdispatch.roll_history()")
        now = self.session.now
        self._at(now.replace(hour=0, minute=0, second=1) + timedelta(days=1), self._midnight)

    def _hour(self) -> None:
        """Plan what people start in the next hour, a few at a time."""
        now, left = self.session.now, self._people.randint(*BURSTS)
        while left > 0:
            burst = min(left, self._people.choice([1, 1, 2, 4]))
            at = now + timedelta(seconds=self._people.uniform(0, 3600))
            self._at(at, self._by_hand, burst)
            left -= burst
        self._at(now + timedelta(hours=1), self._hour)

    def _by_hand(self, many: int) -> None:
        for _ in range(many):
            if self._people.random() < 0.6:
                task = self._people.choice(list(self._truth.natures))
                said = self.session.call(RUN_NOW, task)
                assert isinstance(said, Refused | list)  # one that runs already is refused
                continue
            type_ = self._people.choice(list(TYPES))
            data = f"data {self._people.randrange(DATASOURCES)}" if "extract" in type_ else None
            self.session.rows(INSERT, type_, self._people.choice(SITES)["name"], data)

    def _ask(self) -> None:
        """Let each idle backgrounder claim until its node gets nothing."""
        for node in {name.partition(":")[0]: None for name in self._idle}:
            for name in [name for name in self._idle if name.startswith(f"{node}:")]:
                if not self._take(name, self._claimed(name)):
                    break

    def _claimed(self, name: str) -> Iterator[tuple[Any, ...]]:
        while True:
            rows = self.session.rows(CLAIM, name)
            if not rows:
                return
            yield rows[0]

    def _take(self, name: str, answers: Iterator[tuple[Any, ...]]) -> bool:
        for verdict, job, attempt in answers:
            if verdict == "again":
                continue
            self._idle.remove(name)
            self.starts += 1
            ((task, occurrence),) = self.session.rows(DRAWN_BY, job)
            seconds, fails = self._truth.attempt(task, occurrence, attempt, self.session.now)
            end = self.session.now + timedelta(seconds=seconds)
            self._at(end, self._end, name, job, attempt, FAIL if fails else FINISH)
            return True
        return False

    def _end(self, name: str, job: int, attempt: int, how: str) -> None:
        self._idle.append(name)
        rows = self.session.rows(how, job, attempt)
        if not rows or not self._take(name, iter(rows)):
            self._take(name, self._claimed(name))
        if how == FAIL:
            until = self.session.value(DELAYED)
            if until is not None:
                self._at(max(until, self.session.now), lambda: None)
