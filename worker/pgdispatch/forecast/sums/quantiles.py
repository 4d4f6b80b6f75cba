"""What many simulated runs say together: of each job, of each run of a schedule.

One run at a time is looked at and let go; kept are instants alone. What does not happen within the
horizon counts as later than all that does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import inf

from pgdispatch.forecast.plan import Plan, QueuedJob
from pgdispatch.forecast.run import Run, SimulatedJob
from pgdispatch.forecast.sums.calibration import Interval

Key = tuple[int | None, int | None, int | None]  # job; or None, task and scheduled time
Group = tuple[str, int, str]  # schedule, scheduled time, site
EDGES = (0.1, 0.5, 0.9)
HOLDS = {
    "waiting": "its task will still wait then",
    "suspended": "its task is suspended",
    "missed": "it is missed",
}


@dataclass(slots=True)
class Item:
    """A job, or an occurrence, over all runs. `due`: when it could start at best."""

    told: SimulatedJob
    state: str
    due: int
    starts: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Part:
    """What a site has of a run of a schedule, over all simulated runs."""

    jobs: int = 0
    starts: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    late: int = 0
    last: Counter[Key] = field(default_factory=Counter)
    is_begun: bool = False


@dataclass(frozen=True, slots=True)
class JobForecast:
    """What is said of one job or occurrence, before intervals are widened."""

    told: SimulatedJob
    state: str
    due: int
    starts: Interval
    ends: Interval
    skipped_chance: float
    late_chance: float | None
    beyond: str | None


@dataclass(frozen=True, slots=True)
class ScheduleForecast:
    """What is said of a run of a schedule; `site` None: of all its jobs."""

    schedule: str
    scheduled_at: int
    site: str | None
    jobs: int
    starts: Interval
    ends: Interval
    late_chance: float | None
    last: Key
    last_chance: float


class Quantiles:
    """Gathers simulated runs of one plan, up to its horizon, beyond which runs may go."""

    def __init__(self, plan: Plan, *, until: int, late: int) -> None:
        self.until = until
        self.runs = 0
        self._late = late
        self._queued = {job.id: job for job in plan.jobs}
        self._items: dict[Key, Item] = {}
        self._skips: Counter[Key] = Counter()
        self._reasons: dict[Key, str] = {}
        self._parts: dict[Group, Part] = {}
        self._wholes: dict[tuple[str, int], Part] = {}

    def add(self, run: Run) -> None:
        """Add one run."""
        self.runs += 1
        groups: dict[Group, list[tuple[Key, Item, float, float]]] = {}
        until = self.until
        for told in run.jobs:
            if told.created_at > until:
                continue
            key = _key(told)
            if key is None:
                continue
            item = self._items.get(key) or self._make(key, told)
            start = _within(told.started_at, until)
            end = _within(told.ended_at, until)
            item.starts.append(start)
            item.ends.append(end)
            if told.schedule is not None and told.scheduled_at is not None:
                group = (told.schedule, told.scheduled_at, told.site)
                groups.setdefault(group, []).append((key, item, start, end))
        for skipped in run.skipped:
            if skipped.linked_task is None and skipped.scheduled_at <= until:
                key = (None, skipped.task, skipped.scheduled_at)
                self._skips[key] += 1
                self._reasons[key] = skipped.reason
        self._add_groups(groups)

    def jobs(self) -> Iterator[JobForecast]:
        """Yield what is said of each job and each occurrence that may make one."""
        for key, item in self._items.items():
            skips = self._skips[key]
            unseen = [inf] * (self.runs - skips - len(item.starts))
            starts = sorted(item.starts + unseen)
            ends = sorted(item.ends + unseen)
            is_running = item.state == "running"
            interval: Interval = (None, None, None) if is_running else between(starts)
            chance = skips / self.runs
            beyond = None
            if not is_running and interval[1] is None:
                beyond = "not within the horizon"
                if chance >= 0.5:
                    beyond = HOLDS.get(self._reasons[key], beyond)
            yield JobForecast(
                told=item.told,
                state=item.state,
                due=item.due,
                starts=interval,
                ends=between(ends),
                skipped_chance=chance,
                late_chance=None if is_running else self._late_chance(item, starts),
                beyond=beyond,
            )

    def schedules(self) -> Iterator[ScheduleForecast]:
        """Yield what is said of each run of a schedule: of all of it, and of each site's part."""
        for (name, at), whole in self._wholes.items():
            yield self._schedule(name, at, None, whole)
        for (name, at, site), part in self._parts.items():
            yield self._schedule(name, at, site, part)

    def task_of(self, job: int) -> int | None:
        """Return the task of a job that was there when the forecast was made."""
        queued = self._queued.get(job)
        return None if queued is None else queued.task

    def _make(self, key: Key, told: SimulatedJob) -> Item:
        queued = self._queued.get(told.job) if told.job is not None else None
        state = "coming"
        due = told.scheduled_at if told.scheduled_at is not None else told.created_at
        if queued is not None:
            state = "running" if queued.is_running else "waiting"
            due = _due(queued)
        item = self._items[key] = Item(told, state, due)
        return item

    def _add_groups(self, groups: dict[Group, list[tuple[Key, Item, float, float]]]) -> None:
        wholes: dict[tuple[str, int], list[tuple[Key, Item, float, float]]] = {}
        for (name, at, site), rows in groups.items():
            self._add_rows(self._parts.setdefault((name, at, site), Part()), rows)
            wholes.setdefault((name, at), []).extend(rows)
        for whole, rows in wholes.items():
            self._add_rows(self._wholes.setdefault(whole, Part()), rows)

    def _add_rows(self, part: Part, rows: Sequence[tuple[Key, Item, float, float]]) -> None:
        part.jobs = max(part.jobs, len(rows))
        part.starts.append(min(start for _, _, start, _ in rows))
        last = max(rows, key=lambda row: row[3])
        part.ends.append(last[3])
        part.last[last[0]] += 1
        part.is_begun = part.is_begun or any(item.state == "running" for _, item, _, _ in rows)
        part.late += any(start > item.due + self._late for _, item, start, _ in rows)

    def _schedule(self, name: str, at: int, site: str | None, part: Part) -> ScheduleForecast:
        unseen = [inf] * (self.runs - len(part.ends))
        ((last, count),) = part.last.most_common(1)
        return ScheduleForecast(
            schedule=name,
            scheduled_at=at,
            site=site,
            jobs=part.jobs,
            starts=(None, None, None) if part.is_begun else between(sorted(part.starts + unseen)),
            ends=between(sorted(part.ends + unseen)),
            late_chance=part.late / len(part.ends) if at + self._late <= self.until else None,
            last=last,
            last_chance=count / self.runs,
        )

    def _late_chance(self, item: Item, starts: Sequence[float]) -> float | None:
        limit = item.due + self._late
        if not starts or limit > self.until:
            return None
        return sum(start > limit for start in starts) / len(starts)


def between(ordered: Sequence[float]) -> Interval:
    """Return the 10, 50 and 90 % points; None where that is after the horizon, or of nothing."""
    if not ordered:
        return None, None, None
    low, middle, high = (_point(ordered, edge) for edge in EDGES)
    return low, middle, high


def _point(ordered: Sequence[float], edge: float) -> int | None:
    place = edge * (len(ordered) - 1)
    lower = int(place)
    one = ordered[lower]
    other = ordered[min(lower + 1, len(ordered) - 1)]
    part = place - lower
    if part == 0 or one == other:
        return None if one == inf else int(one)
    return None if other == inf else int(one + part * (other - one))


def _key(told: SimulatedJob) -> Key | None:
    if told.job is not None:
        return told.job, None, None
    if told.task is not None and told.scheduled_at is not None:
        return None, told.task, told.scheduled_at
    return None


def _within(instant: int | None, until: int) -> float:
    return inf if instant is None or instant > until else instant


def _due(job: QueuedJob) -> int:
    """Return when a job could have started at best, as background_task has it."""
    if job.scheduled_at is not None:
        return job.scheduled_at
    if job.failures == 0 and job.not_before is not None:
        return max(job.created_at, job.not_before)
    return job.created_at
