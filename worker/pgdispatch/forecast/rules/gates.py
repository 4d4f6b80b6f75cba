"""The gates of a simulation, the groups that pass them together, and the jobs of a group."""

from __future__ import annotations

from pgdispatch.forecast.plan import Key, Kind, Site
from pgdispatch.forecast.run import Fate, SimulatedJob, Subject

Entry = tuple[Key, int, "Group"]


class Gate:
    """A datasource, a schedule or a pause: how many run there, and who is parked."""

    __slots__ = ("is_gate", "parked", "running")

    def __init__(self, *, is_gate: bool = True) -> None:
        self.is_gate = is_gate  # a schedule is one while it is serial
        self.running = 0
        self.parked: dict[int, list[Entry]] = {}

    def is_full(self) -> bool:
        """Tell whether no job may start here now."""
        return self.is_gate and self.running > 0


class SiteGate:
    """A site: how many run there, what is spent of the budget of the day, and who is parked."""

    __slots__ = ("budget", "is_cancelling", "limit", "parked", "running", "since", "site", "spent")

    def __init__(self, site: Site) -> None:
        self.running = 0
        self.parked: dict[int, list[Entry]] = {}
        self.spent, self.since = site.spent, site.refilled_at
        self.change(site)

    def change(self, site: Site) -> None:
        """Take over the limits of a site."""
        self.site = site
        self.limit = site.running_limit
        self.budget = site.seconds_limit
        self.is_cancelling = site.over_budget == "cancel"

    def is_full(self) -> bool:
        """Tell whether no job may start here now, nor be cancelled."""
        if self.limit is not None and self.running >= self.limit:
            return True
        return not self.is_cancelling and self.is_spent()

    def is_spent(self) -> bool:
        """Tell whether nothing is left of the budget."""
        return self.budget is not None and self.spent >= self.budget

    def charge(self, started_at: int, micros: int) -> None:
        """Charge an attempt that has ended to the day of its start."""
        if self.budget is not None and started_at >= self.since:
            self.spent += micros

    def refill(self, now: int) -> None:
        """Begin another day."""
        self.spent, self.since = 0, now


class Group:
    """Jobs with the same gates; `jobs` is a heap. `at`: the gate at which it is parked."""

    __slots__ = ("at", "data", "jobs", "kind", "lane", "number", "schedule", "site")

    def __init__(
        self, kind: Kind, number: int, data: Gate | None, schedule: Gate | None, site: SiteGate
    ) -> None:
        self.kind = kind
        self.number = number
        self.data, self.schedule, self.site = data, schedule, site
        self.jobs: list[tuple[Key, Waiting]] = []
        self.lane = 0
        self.at: Gate | SiteGate | None = None


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
