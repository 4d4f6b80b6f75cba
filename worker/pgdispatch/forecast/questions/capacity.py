"""How many backgrounders a node needs for a goal, by hour and weekday, and what helps as much.

A week is simulated again and again: the coming times of all schedules, and the unscheduled jobs of
the same weekdays of last week. Several draws of the run times count together, or the plan would fit
one week's luck.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from functools import cached_property

from pgdispatch.forecast.draws.arrivals import arrivals_of
from pgdispatch.forecast.draws.durations import Durations
from pgdispatch.forecast.draws.past import Past
from pgdispatch.forecast.plan import Edit, Plan
from pgdispatch.forecast.rules.dispatching import simulate
from pgdispatch.forecast.run import MICROS, Arrival, Run, SimulatedJob

DAY = 86400 * MICROS
HOUR = 3600 * MICROS
HOURS = 24 * 7  # of a week, from Monday's first
MOST_ROUNDS = 60
MANY_LATE = 0.3  # of an hour's starts: then two more at once
MOVES = 5
SHIFTS = (-1, 1)  # hours

Clock = Callable[[int], int]  # the hour of the week that an instant is in
Key = tuple[int, int | None, int | None, int | None]  # draw, task, scheduled time, arrival


@dataclass(frozen=True)
class Goal:
    """So large a share of the starts is at most so many seconds late."""

    share: float
    seconds: float

    def is_met(self, delays: Sequence[float]) -> bool:
        """Whether delays, ascending, meet it; where nothing starts nothing is late."""
        return not delays or self.late(delays) <= 1.0 - self.share + 1e-9

    def late(self, delays: Sequence[float]) -> float:
        """Return the share of delays, ascending, that are above it."""
        return 1.0 - bisect_left(delays, self.seconds + 1e-6) / len(delays) if delays else 0.0


@dataclass(frozen=True)
class Size:
    """What a number of backgrounders comes to, in seconds and as the share that is late."""

    backgrounders: int
    median: float
    p95: float
    late: float


@dataclass(frozen=True)
class Move:
    """What it comes to if a schedule's times are moved by so many hours."""

    schedule: str
    hours: int
    median: float
    p95: float
    late: float


@dataclass(frozen=True)
class Hours:
    """A number for each hour of the week.

    `held`: the share of all starts that are late with any number: gates hold them. `weeks`: how
    many were simulated.
    """

    backgrounders: tuple[int, ...]
    held: float
    weeks: int

    @property
    def sum(self) -> int:
        """Backgrounder-hours a week."""
        return sum(self.backgrounders)


@dataclass(frozen=True)
class Weeks:
    """The week that is simulated, how often, and whose backgrounders are changed."""

    plan: Plan
    past: Past
    node: str
    draws: int = 3
    said: Callable[[str], None] = lambda _: None

    @cached_property
    def durations(self) -> Durations:
        """What the past says of how long jobs run, worked out once for all weeks."""
        return Durations(self.past, self.plan.made_at)

    def run(self, plan: Plan, number: int) -> Run:
        """Simulate one week."""
        return simulate(plan, self.durations.run(number), week_arrivals(self.past, plan, number))

    def jobs(self, plan: Plan) -> Iterator[tuple[Key, SimulatedJob]]:
        """Return what became of all jobs, in all draws, each with what tells it apart."""
        for number in range(self.draws):
            for job in self.run(plan, number).jobs:
                yield (number, job.task, job.scheduled_at, job.number), job

    def delays(self, plan: Plan) -> list[float]:
        """Return the delays of all jobs that count, ascending."""
        delays = (delay_of(job, self.plan.until) for _, job in self.jobs(plan))
        return sorted(delay for delay in delays if delay is not None)

    def sized(self, backgrounders: int) -> Plan:
        """Return the plan with so many on the node."""
        nodes = tuple(
            replace(node, backgrounders=backgrounders) if node.name == self.node else node
            for node in self.plan.nodes
        )
        return replace(self.plan, nodes=nodes)

    def by_hour(self, backgrounders: Sequence[int], clock: Clock) -> Plan:
        """Return the plan with so many on the node in each hour of the week."""
        plan = self.sized(backgrounders[clock(self.plan.made_at)])
        first = self.plan.made_at - self.plan.made_at % (HOUR // 4)  # zones differ by quarters
        edits = []
        for at in range(first, self.plan.until, HOUR // 4):
            now, before = backgrounders[clock(at)], backgrounders[clock(at - HOUR // 4)]
            if at > self.plan.made_at and now != before:
                edits.append(Edit(at, "node", self.node, {"backgrounders": now}))
        return replace(plan, edits=tuple(edits))

    def moved(self, schedule: str, hours: int) -> Plan:
        """Return the plan with a schedule's times moved."""
        schedules = tuple(
            replace(one, runs=tuple(
                at + hours * HOUR for at in one.runs
                if self.plan.made_at < at + hours * HOUR <= self.plan.until
            ))
            if one.name == schedule else one
            for one in self.plan.schedules
        )  # fmt: skip
        return replace(self.plan, schedules=schedules)


def week_arrivals(past: Past, plan: Plan, number: int) -> list[Arrival]:
    """Return the unscheduled jobs of a week: each day has those of its weekday last week."""
    found: list[Arrival] = []
    days = len(past.days)
    for ahead in range(-(-(plan.until - plan.made_at) // DAY) if days else 0):
        begins = plan.made_at + ahead * DAY
        back = (6 - ahead) % 7 % days  # the newest day comes first
        found += arrivals_of(past, begins, min(begins + DAY, plan.until), number * days + back)
    return found


def clock_of(zone: tzinfo) -> Clock:
    """Return what tells the hour of the week in a time zone; 0 is Monday's first."""

    def hour(instant: int) -> int:
        local = datetime.fromtimestamp(instant // MICROS, UTC).astimezone(zone)
        return 24 * local.weekday() + local.hour

    return hour


def delay_of(job: SimulatedJob, until: int) -> float | None:
    """Return how late a job starts, in seconds; None: it does not count.

    One that never starts is as late as can be told. What was waiting already does not count.
    """
    if job.job is not None or job.outcome == "cancelled":
        return None
    return ((until if job.started_at is None else job.started_at) - due_of(job)) / MICROS


def due_of(job: SimulatedJob) -> int:
    """Return when a job is due: at its scheduled time, or when it comes."""
    return job.created_at if job.scheduled_at is None else job.scheduled_at


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return a quantile of what is ascending; 0 of nothing."""
    return ordered[round(share * (len(ordered) - 1))] if ordered else 0.0


def sizes(weeks: Weeks, goal: Goal, numbers: Iterable[int]) -> list[Size]:
    """Return what each number of backgrounders on the node comes to, all week long."""
    found = []
    for number in numbers:
        weeks.said(f"{number} backgrounders")
        delays = weeks.delays(weeks.sized(number))
        found.append(Size(number, quantile(delays, 0.5), quantile(delays, 0.95), goal.late(delays)))
    return found


def least_by_hour(weeks: Weeks, goal: Goal, most: int, clock: Clock) -> Hours:
    """Return the least number by hour of the week with which each hour's starts meet the goal.

    Greedy: from one everywhere, those hours get more in which too many of what is due then start
    late, until none are left, or have `most`. What is late with `most` all week long waits for a
    gate, so no number helps it: it does not count.
    """
    whole = weeks.sized(most)
    delays = {key: delay_of(job, weeks.plan.until) for key, job in weeks.jobs(whole)}
    held = {key for key, delay in delays.items() if delay is not None and delay > goal.seconds}
    numbers = [1] * HOURS
    rounds = 1
    while rounds < MOST_ROUNDS:
        rounds += 1
        late = late_hours(weeks, goal, numbers, clock, held)
        weeks.said(f"round {rounds}: {len(late)} hours are late, {sum(numbers)} hours in all")
        rising = {hour: share for hour, share in late.items() if numbers[hour] < most}
        if not rising:
            break
        for hour, share in rising.items():
            numbers[hour] = min(numbers[hour] + (2 if share > MANY_LATE else 1), most)
    counted = sum(delay is not None for delay in delays.values())
    return Hours(tuple(numbers), len(held) / max(counted, 1), rounds * weeks.draws)


def late_hours(
    weeks: Weeks, goal: Goal, numbers: Sequence[int], clock: Clock, held: Collection[Key]
) -> Mapping[int, float]:
    """Return the share that is late of what is due in each hour that does not meet the goal."""
    found: dict[int, list[float]] = defaultdict(list)
    for key, job in weeks.jobs(weeks.by_hour(numbers, clock)):
        delay = delay_of(job, weeks.plan.until)
        if delay is not None and key not in held:
            found[clock(due_of(job))].append(delay)
    by_hour = {hour: sorted(delays) for hour, delays in found.items()}
    return {hour: goal.late(delays) for hour, delays in by_hour.items() if not goal.is_met(delays)}


def moves(weeks: Weeks, goal: Goal) -> list[Move]:
    """Return what it comes to if schedules are moved by an hour, the best first.

    Of those that keep others waiting for longest: by the run time that they bring into hours in
    which jobs are late.
    """
    found = []
    for schedule in _in_the_way(weeks, goal):
        for hours in SHIFTS:
            weeks.said(f"{schedule} {hours:+d} h")
            delays = weeks.delays(weeks.moved(schedule, hours))
            found.append(
                Move(
                    schedule,
                    hours,
                    quantile(delays, 0.5),
                    quantile(delays, 0.95),
                    goal.late(delays),
                )
            )
    return sorted(found, key=lambda move: (move.late, move.p95))


def _in_the_way(weeks: Weeks, goal: Goal) -> list[str]:
    jobs = weeks.run(weeks.plan, 0).jobs
    late = [
        (due_of(job), job.started_at or weeks.plan.until)
        for job in jobs
        if (delay_of(job, weeks.plan.until) or 0.0) > goal.seconds
    ]
    waits = sorted(late)
    ran: dict[str, float] = defaultdict(float)
    for job in jobs:
        if job.schedule and job.scheduled_at and job.started_at and job.ended_at:
            upto = bisect_left(waits, (job.ended_at, 0))
            if any(end > job.started_at for _, end in waits[max(0, upto - 500) : upto]):
                ran[job.schedule] += job.ended_at - job.started_at
    return sorted(ran, key=lambda name: -ran[name])[:MOVES]
