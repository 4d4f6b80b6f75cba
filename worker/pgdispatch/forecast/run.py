"""What one simulated run of the coming hours gives, and what it has to be told.

Instants are whole microseconds since 1970 (UTC), as the simulation counts them; spans are
microseconds, too, unless their name says seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class Fate:
    """How one attempt goes: how long it takes from its start, and how it ends.

    `ended_as` as in the table attempt (error, killed, timed out …), or succeeded or cancelled.
    `retry_after`: the pause before the next attempt, if there is one; None: as drawn by the rules.
    """

    micros: int
    ended_as: str = "succeeded"
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The job whose attempt is drawn; what a draw may depend on, and nothing else.

    `job` is None for one that does not exist yet; `scheduled_at` then tells occurrences apart; a
    step of a linked task has that of its run. `number` tells arrivals apart that no schedule makes
    (their place in the list given), and the runs that they start.
    """

    job: int | None
    task: int | None
    scheduled_at: int | None
    number: int | None
    type: str
    site: str
    timeout: int | None
    linked_task: int | None = None


class Draws(Protocol):
    """Where the simulation gets what it cannot know."""

    def attempt(self, subject: Subject, attempt: int, started_at: int, ran: int) -> Fate:
        """Say how an attempt goes that starts, or that has been running for `ran` already.

        `micros` of the answer counts from `started_at`, so it is at least `ran`.
        """
        ...


@dataclass(frozen=True, slots=True)
class Arrival:
    """A job that nobody has scheduled: a Run Now, or an insert by an application.

    What a task says need not be said again. A Run Now that would be refused does not come; with
    `linked_task` it starts that.
    """

    at: int
    type: str
    site: str
    task: int | None = None
    datasource: str | None = None
    schedule: str | None = None
    priority: int | None = None
    run_now: bool = False
    not_before: int | None = None
    linked_task: int | None = None


@dataclass(slots=True)
class SimulatedJob:
    """What became of one job. None: not within the horizon.

    `started_at` is its first start, `began_at` the start of its last attempt, or of the one that
    ran when the simulation began. Named as its Subject: `job` None is one that the simulation
    created.
    """

    job: int | None
    task: int | None
    scheduled_at: int | None
    type: str
    site: str
    datasource: str | None
    schedule: str | None
    linked_task: int | None
    created_at: int
    started_at: int | None = None
    began_at: int | None = None
    ended_at: int | None = None
    outcome: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """An occurrence that makes no job, and why: waiting, suspended, missed or closed.

    With `linked_task` it is one of that; `task` is its first step (0: it has none).
    """

    task: int
    scheduled_at: int
    reason: str
    linked_task: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One simulated run, from `made_at` to `until`."""

    made_at: int
    until: int
    jobs: list[SimulatedJob]
    skipped: list[Skipped]
