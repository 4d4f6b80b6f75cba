"""What happens in an installation, done by real SQL in moved time, and put down as it happens.

Where the rules leave something to chance, it does what the simulation says that it does: see
pgdispatch.forecast.rules.dispatching. Each node acts by turns, as a supervisor does.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pgdispatch.forecast.plan import Edit, Pause
from pgdispatch.forecast.run import Arrival, Fate
from simulation.timed_session import Session

EDIT, REFILL, FIRE, DUE, ARRIVE, END = range(6)
TURN = """
select verdict, id, attempt, backgrounder
from pgdispatch.turn(
    %s, null, %s::int[], null, %s::bigint[], %s::int[], %s::text[], null, %s::jsonb[]
)
"""
ABOUT = """
select
    j.id, j.task, coalesce(j.scheduled_at, r.scheduled_at), r.linked_task, j.linked_run,
    pgdispatch.micros_of(j.timeout)
from pgdispatch.job as j
left join pgdispatch.linked_run as r on r.id = j.linked_run
where j.id = any (%s)
"""
TICK = "select jobs, wait from pgdispatch.tick()"
NOT_BEFORE = "select not_before from pgdispatch.job where id = %s"
NEXT = """
select s.name, s.next_run_at
from pgdispatch.schedule as s
join pgdispatch.task as t on t.schedule = s.name and t.enabled
where s.enabled
group by s.name, s.next_run_at
order by s.next_run_at, count(*) desc
limit 1
"""
NODE = """
select n
from (select pgdispatch.now() as at) as t
cross join jsonb_array_elements(
    pgdispatch.forecast_nodes(t.at, t.at + interval '12 hours')
) as n
where n ->> 'name' = %s
"""
REFILLS = "select min(pgdispatch.refill_at(s)) from pgdispatch.site as s where seconds_limit > 0"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Name = tuple[object, ...]


def micros(at: datetime) -> int:
    """Return an instant as the forecast counts."""
    return (at - EPOCH) // timedelta(microseconds=1)


def instant(at: int) -> datetime:
    """Return an instant that the forecast has counted."""
    return EPOCH + timedelta(microseconds=at)


@dataclass(frozen=True)
class Start:
    """An attempt began."""

    at: int
    name: Name
    attempt: int


@dataclass(eq=False)
class Running:
    """An attempt that runs; `fate` as it is going to be."""

    job: int
    attempt: int
    name: Name
    number: int
    began_at: int
    limit: int | None
    order: int
    fate: Fate


@dataclass(eq=False)
class Machine:
    """A node: how many backgrounders it shall have, and which are idle."""

    name: str
    size: int
    running: dict[int, Running] = field(default_factory=dict)

    def idle(self) -> list[int]:
        """Return the numbers of the backgrounders that are idle."""
        free = self.size - len(self.running)
        numbers = (n for n in range(1, 100) if n not in self.running)
        return [number for number, _ in zip(numbers, range(free), strict=False)]


class Truth:
    """The installation in the database, from one instant to the next."""

    def __init__(
        self,
        session: Session,
        machines: Iterable[Machine],
        draw: Callable[[Name, int], Fate],
        grace: int,
    ) -> None:
        self.session = session
        self.machines = {m.name: m for m in sorted(machines, key=lambda m: m.name)}
        self.draw, self.grace = draw, grace
        self.starts: list[Start] = []
        self.fates: dict[tuple[Name, int], Fate] = {}
        self.arrivals: list[Arrival] = []
        self.edits: list[Edit] = []
        self.pauses: list[Pause] = []
        self.outages: list[tuple[int, int]] = []
        self._events: list[tuple[int, int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._arrival_of: dict[int, int] = {}  # by job
        self._arrival_of_run: dict[int, int] = {}  # by linked run
        self._number = 0
        self.at(self.now, FIRE, self._tick)
        self.at(self.now, REFILL, self._refill)

    @property
    def now(self) -> int:
        """The time."""
        return micros(self.session.now)

    def at(self, when: int, kind: int, happening: Callable[..., None], *values: Any) -> None:
        """Let something happen at an instant."""
        self._number += 1
        heapq.heappush(self._events, (when, kind, self._number, happening, values))

    def play(self, until: int) -> None:
        """Let all happen up to an instant."""
        events = self._events
        while events and events[0][0] <= until:
            now = events[0][0]
            self.session.at(instant(now))
            is_anything = False
            while events and events[0][0] == now and events[0][1] < END:
                *_, happening, values = heapq.heappop(events)
                happening(*values)
                is_anything = True
            if is_anything:
                self._ask()
            while events and events[0][0] == now and events[0][1] == END:
                *_, happening, values = heapq.heappop(events)
                happening(*values)
        self.session.at(instant(until))

    def rest(self, until: int) -> None:
        """Let the database be away from now on: what would happen meanwhile happens after."""
        self.outages.append((self.now, until))
        self._events.sort(key=_in_turn)
        self._events = [
            (max(at, until), kind, number, happening, values)
            for number, (at, kind, _, happening, values) in enumerate(self._events)
        ]
        self._number = len(self._events)
        heapq.heapify(self._events)
        self.session.at(instant(until))

    def arrive(self, arrival: Arrival, query: str, *values: Any) -> None:
        """Insert what arrives, if the database does not refuse it."""
        said = self.session.call(query, *values)
        if not isinstance(said, list):
            return
        ((job,),) = said
        number = len(self.arrivals)
        self.arrivals.append(arrival)
        self._arrival_of[job] = number
        run = self.session.value("select linked_run from pgdispatch.job where id = %s", job)
        if run is not None:
            self._arrival_of_run[run] = number
        if arrival.not_before is not None and arrival.not_before > self.now:
            self.at(arrival.not_before, DUE, lambda: None)

    def fire_early(self) -> None:
        """Fire the schedule that is due next before its time, as a person does."""
        ((name, at),) = self.session.rows(NEXT)
        self.session.rows("select pgdispatch.fire(%s, %s, true)", name, at)
        self._ask()

    def edit(self, what: str, name: str | int, values: dict[str, Any]) -> None:
        """Put down a change that has been made."""
        self.edits.append(Edit(self.now, what, name, values))

    def lose(self, machine: Machine) -> None:
        """Let a node be lost: its jobs are taken back at once."""
        self._beat(machine, "-infinity")
        self.edit("node", machine.name, {"backgrounders": 0})
        machine.size = 0
        for running in sorted(machine.running.values(), key=lambda one: one.order):
            began, at = running.began_at, self.now + 1
            if began + running.fate.micros > at:
                running.fate = Fate(at - began, "lost")
                self.at(at, END, self._end, machine, running, running.fate)

    def resize(self, machine: Machine, size: int) -> None:
        """Give a node another number of backgrounders."""
        self._beat(machine, "infinity")
        query = "update pgdispatch.node set backgrounders = %s where name = %s"
        self.session.rows(query, size, machine.name)
        machine.size = size
        self.edit_node(machine.name)

    def edit_node(self, name: str) -> None:
        """Put down what a node is now."""
        for (told,) in self.session.rows(NODE, name):
            taken = None if told["types"] is None else frozenset(told["types"])
            values = {
                "backgrounders": told["backgrounders"],
                "is_drained": told["is_drained"],
                "types": taken,
                "closings": tuple((begin, end) for begin, end in told["closings"]),
            }
            self.edit("node", name, values)

    def _beat(self, machine: Machine, at: str) -> None:
        query = "update pgdispatch.node set heartbeat_at = %s where name = %s"
        self.session.rows(query, at, machine.name)

    def served_at(self, scheduled_at: int) -> int:
        """Return when a scheduled time was served, late if the database was away."""
        for begin, end in self.outages:
            if begin < scheduled_at < end:
                return end
        return scheduled_at

    def name(
        self, job: int, task: int | None, scheduled_at: datetime | None, linked: Any, run: Any
    ) -> Name:
        """Return what tells a job apart from others: its task, its time, and who started it."""
        number = self._arrival_of.get(job, self._arrival_of_run.get(run))
        at = None if scheduled_at is None else micros(scheduled_at)
        return (task, at, linked, number)

    def _tick(self) -> None:
        for _ in range(1000):
            ((jobs, wait),) = self.session.rows(TICK)
            if jobs is None:
                break
        self.at(self.now + round(wait * 1_000_000), FIRE, self._tick)

    def _refill(self) -> None:
        ((refill,),) = self.session.rows(REFILLS)
        if refill is not None:
            self.at(micros(refill), REFILL, self._refill)

    def _ask(self, first: Machine | None = None) -> None:
        for machine in self.machines.values():
            if machine is not first and machine.idle():
                self._turn(machine, [])

    def _turn(self, machine: Machine, ended: Sequence[tuple[Running, Fate]]) -> None:
        """Let a node have its turn, and more of them until there is nothing for it."""
        for number in range(1000):
            these = ended if number == 0 else ()
            idle = machine.idle()
            if not idle and not these:
                return
            said = self.session.rows(
                TURN,
                machine.name,
                idle,
                [running.job for running, _ in these],
                [running.attempt for running, _ in these],
                [fate.ended_as for _, fate in these],
                [None if f.retry_after is None else str(f.retry_after / 1e6) for _, f in these],
            )
            self._start(machine, [row for row in said if row[0] == "run"])
            others = {row[0] for row in said} - {"run"}
            assert others <= {"again", "contended"}, said
            if not others:
                return

    def _start(self, machine: Machine, rows: Sequence[tuple[Any, ...]]) -> None:
        """Put down what has begun, in the order in which the backgrounders stand in the turn."""
        if not rows:
            return
        about = {row[0]: row for row in self.session.rows(ABOUT, [row[1] for row in rows])}
        started = [(int(row[3].partition(":")[2]), row[1], row[2]) for row in rows]
        for number, job, attempt in sorted(started):
            *named, timeout = about[job]
            name, limit = self.name(*named), None if timeout is None else timeout + self.grace
            fate = self.draw(name, attempt)
            if limit is not None and fate.micros > limit:
                fate = Fate(limit, "timed out")
            order = len(self.starts)
            running = Running(job, attempt, name, number, self.now, limit, order, fate)
            machine.running[number] = running
            self.starts.append(Start(self.now, name, attempt))
            self.fates[name, attempt] = fate
            self.at(self.now + fate.micros, END, self._end, machine, running, fate)

    def _end(self, machine: Machine, running: Running, fate: Fate) -> None:
        """End an attempt, if it has not ended otherwise; what became of it is put down."""
        if machine.running.get(running.number) is not running or running.fate is not fate:
            return
        del machine.running[running.number]
        ran = self.now - running.began_at
        is_over = running.limit is not None and ran > running.limit  # while the database was away
        fate = Fate(ran, "timed out" if is_over else fate.ended_as, fate.retry_after)
        self._turn(machine, [(running, fate)])
        for (not_before,) in self.session.rows(NOT_BEFORE, running.job):
            if not_before is not None and micros(not_before) >= self.now:
                fate = Fate(fate.micros, fate.ended_as, micros(not_before) - self.now)
                self.at(micros(not_before), DUE, lambda: None)
        self.fates[running.name, running.attempt] = fate
        self._ask(machine)


def _in_turn(event: tuple[int, int, int, Any, tuple[Any, ...]]) -> tuple[int, int, int]:
    """Sort what is put off by when it was to happen; ends by when they began."""
    at, kind, number, _, values = event
    if kind != END:
        return (kind, at, number)
    running: Running = values[1]
    return (kind, running.order, 0)
