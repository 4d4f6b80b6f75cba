"""What forecast_input says, as a simulation reads it: frozen, so that a what-if replaces parts.

Instants are microseconds since 1970, spans microseconds, as in run.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from pgdispatch.forecast.run import Subject

Key = tuple[int, int, int, int, float, float, int]  # the seven columns of the order


class Kind(NamedTuple):
    """What decides which gates a job has, and which nodes take it."""

    type: str
    site: str
    datasource: str | None
    schedule: str | None


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the installation that dispatch goes by."""

    batch: int
    history: int
    is_shorter_first: bool
    max_losses: int
    grace: int
    suspend_after: int
    retry_base: int
    retry_max: int


@dataclass(frozen=True, slots=True)
class JobType:
    """A job type; timeout None: none."""

    name: str
    rank: int
    timeout: int | None
    max_attempts: int
    priority_from: str
    default_priority: int
    run_now_first: bool


@dataclass(frozen=True, slots=True)
class Site:
    """A site. `spent`: since `refilled_at`; `refills`: the coming ones. Limits None: none."""

    name: str
    running_limit: int | None = None
    seconds_limit: int | None = None
    over_budget: str = "defer"
    run_now_enabled: bool = True
    spent: int = 0
    refilled_at: int = 0
    refills: tuple[int, ...] = ()
    timeouts: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Node:
    """A node that is alive. types None: all. `closings`: from when to when windows close it."""

    name: str
    backgrounders: int
    types: frozenset[str] | None = None
    is_drained: bool = False
    drain_ends_at: int | None = None
    closings: tuple[tuple[int, int], ...] = ()

    def at(self, now: int) -> Node:
        """Return what it is at an instant: closed is as drained."""
        if any(begin <= now < end for begin, end in self.closings):
            return replace(self, is_drained=True)
        return self


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause, from an instant up to another (None: nobody knows)."""

    scope: str
    name: str
    begins: int
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Firing:
    """What a schedule is to be fired for at an instant, for the tasks after the ones given.

    after None: all have had it.
    """

    at: int
    runs: tuple[int, ...]
    missed: tuple[int, ...] = ()
    after_task: int | None = 0
    after_linked_task: int | None = 0


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule, with its coming times. `closed`: those that windows swallow, not yet recorded."""

    name: str
    id: int
    priority: int = 50
    is_serial: bool = False
    is_custom: bool = False
    runs: tuple[int, ...] = ()
    closed: tuple[int, ...] = ()
    firing: Firing | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A task. `since`: when it was created or last enabled, as the order has it, in seconds.

    `runs` and `micros`: the successful runs that make its historical run time, and their sum;
    `leaving`: those of them that become too old, as (end, run time), by their end.
    """

    id: int
    site: str
    type: str
    schedule: str | None
    priority: int | None
    datasource: str | None
    timeout: int | None
    max_attempts: int | None
    enabled: bool
    enabled_at: int
    history_since: int | None
    since: float
    is_suspended: bool = False
    failures: int = 0
    runs: int = 0
    micros: int = 0
    leaving: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a linked task."""

    step: int
    task: int
    stop_on_failure: bool


@dataclass(frozen=True, slots=True)
class LinkedTask:
    """A linked task and its steps, in order."""

    id: int
    site: str
    schedule: str | None
    priority: int | None
    enabled: bool
    enabled_at: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """A job that waits or runs. `node` None although it runs: nobody holds it any more.

    `scheduled_at` of a step is that of its run, as it names it; `key` is its place in the order.
    """

    id: int
    type: str
    site: str
    datasource: str | None
    schedule: str | None
    task: int | None
    linked_task: int | None
    step: int | None
    scheduled_at: int | None
    run_now: bool
    created_at: int
    key: Key
    not_before: int | None
    timeout: int | None
    max_attempts: int
    attempt: int
    failures: int
    losses: int
    is_cancelled: bool
    is_running: bool
    started_at: int | None
    node: str | None
    first_started_at: int | None


@dataclass(frozen=True, slots=True)
class Edit:
    """A change that is known to come: of a site, node, schedule, task or linked task.

    `values`: fields of the class of that name here, which replace what they were; of a name that is
    new, all that have no default. None: it goes. As in the database, an edit of a task lifts its
    suspension, and a schedule that is disabled is one whose `runs` are none.
    """

    at: int
    what: str
    name: str | int
    values: Mapping[str, object] | None


@dataclass(frozen=True)
class Plan:
    """All that decides what starts when, but how long jobs run and what people do.

    `jobs` are in the order of dispatch. `served`: the times, due or coming, that a task has had
    already, and whether as missed only; `linked_served` likewise.
    """

    made_at: int
    until: int
    settings: Settings
    types: Mapping[str, JobType]
    sites: Mapping[str, Site]
    nodes: tuple[Node, ...]
    pauses: tuple[Pause, ...]
    schedules: tuple[Schedule, ...]
    tasks: Mapping[int, Task]
    linked_tasks: tuple[LinkedTask, ...]
    jobs: tuple[QueuedJob, ...]
    served: Mapping[tuple[int, int], bool] = field(default_factory=dict)
    linked_served: Mapping[tuple[int, int], bool] = field(default_factory=dict)
    edits: tuple[Edit, ...] = ()

    @cached_property
    def known(self) -> tuple[tuple[QueuedJob, Kind, Subject], ...]:
        """The jobs with what is the same of them in each run."""
        return tuple(
            (
                job,
                Kind(job.type, job.site, job.datasource, job.schedule),
                Subject(
                    job.id, job.task, job.scheduled_at, None, job.type, job.site, job.timeout,
                    job.linked_task,
                ),
            )
            for job in self.jobs
        )  # fmt: skip

    @cached_property
    def tasks_of(self) -> Mapping[str, tuple[Task, ...]]:
        """The enabled tasks of each schedule, by their numbers."""
        found: dict[str, list[Task]] = {}
        for task in sorted(self.tasks.values(), key=lambda task: task.id):
            if task.enabled and task.schedule is not None:
                found.setdefault(task.schedule, []).append(task)
        return {name: tuple(tasks) for name, tasks in found.items()}
