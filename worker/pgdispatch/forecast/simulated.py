"""A job while it is simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgdispatch.forecast.plan import Key
from pgdispatch.forecast.run import Fate, SimulatedJob, Subject

if TYPE_CHECKING:
    from pgdispatch.forecast.queueing import Group


NOT_YET = Fate(0)


class Waiting:
    """A job of the simulation, waiting or running: what of it changes, and what is told of it."""

    __slots__ = (
        "attempt",
        "failures",
        "fate",
        "group",
        "is_cancelled",
        "key",
        "losses",
        "max_attempts",
        "node",
        "not_before",
        "run_now",
        "started_at",
        "step",
        "subject",
        "told",
    )

    def __init__(
        self, told: SimulatedJob, subject: Subject, group: Group, key: Key, max_attempts: int
    ) -> None:
        self.told = told
        self.subject = subject
        self.group = group
        self.key = key
        self.max_attempts = max_attempts
        self.attempt = self.failures = self.losses = 0
        self.is_cancelled = self.run_now = False
        self.not_before: int | None = None
        self.node: str | None = None
        self.started_at = 0
        self.step = 0
        self.fate = NOT_YET
