"""Linked tasks: semantics.md §6, without any SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from support.model.jobs import Task
from support.model.schedules import Schedule
from support.model.sites import Site


@dataclass(frozen=True, eq=False)
class Step:
    """One step of a linked task."""

    number: int
    task: Task
    stop_on_failure: bool


@dataclass(eq=False)
class LinkedTask:
    """Flows that run one after another. `runs`: (scheduled at, why it was skipped) of each."""

    id: int
    site: Site
    schedule: Schedule | None
    priority: int | None
    steps: list[Step]
    enabled: bool = True
    enabled_at: datetime = field(kw_only=True)
    runs: list[tuple[datetime | None, str | None]] = field(default_factory=list)

    def has_run_for(self, scheduled_at: datetime | None) -> bool:
        """Tell whether a scheduled time has been dealt with; by hand there is no time."""
        return scheduled_at is not None and scheduled_at in [
            at for at, why in self.runs if why != "missed"
        ]

    def note(self, scheduled_at: datetime | None, why: str | None) -> None:
        """Note a run, in place of one that was missed at that time."""
        missed = (scheduled_at, "missed")
        if scheduled_at is not None and missed in self.runs:
            self.runs[self.runs.index(missed)] = (scheduled_at, why)
        else:
            self.runs.append((scheduled_at, why))

    def next_step(self, after: int) -> Step | None:
        """Return the step that comes next; one that is disabled or suspended counts as failed."""
        for step in self.steps:
            if step.number > after:
                if step.task.enabled and not step.task.is_suspended:
                    return step
                if step.stop_on_failure:
                    break
        return None

    def goes_on(self, step: int, outcome: str) -> bool:
        """Tell whether a run goes on after a step that ended with an outcome."""
        stops = next(one.stop_on_failure for one in self.steps if one.number == step)
        return outcome == "succeeded" or (outcome == "failed" and not stops)


@dataclass(frozen=True, eq=False)
class LinkedRun:
    """One run of a linked task, by schedule or by hand (no time)."""

    linked_task: LinkedTask
    scheduled_at: datetime | None
