"""The page `/metrics`: a node's counters and the state of the queue, in Prometheus' text form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from pgdispatch.ipc.tally import BUCKETS
from pgdispatch.version import VERSION


@dataclass(frozen=True)
class Health:
    """What the database knows of one node; ages in seconds."""

    is_held: bool
    heartbeat_age: float | None
    lease: float
    is_drained: bool
    wanted: int
    up: int


@dataclass(frozen=True)
class Count:
    """So many jobs of one state and type, at one kind of gate if they are parked."""

    state: str
    type: str
    gate: str | None
    jobs: int
    oldest: float


@dataclass(frozen=True)
class Alert:
    """A number of the whole cluster that may need somebody; the label is null if there is none."""

    name: str
    label: str | None
    value: float


ALERTS = {  # by the name that the database gives it: the metric's, what it is, its label
    "waiting": (
        "pgdispatch_waiting_jobs",
        "Waiting jobs of the whole cluster by kind of reason, as queue says it; the first 10,000 "
        "in their order are counted.",
        "kind",
    ),
    "needs_person": (
        "pgdispatch_stuck_jobs",
        "Those of the same that wait until somebody does something: no node takes them, their "
        "nodes are drained, a pause without an end, a limit or budget of 0.",
        None,
    ),
    "suspended_tasks": (
        "pgdispatch_suspended_tasks", "Tasks that failed too often in a row.", None,
    ),
    "overdue_schedules": (
        "pgdispatch_overdue_schedules",
        "Schedules whose next run was due more than a minute ago.",
        None,
    ),
    "pauses": ("pgdispatch_pauses", "What people have paused, by scope.", "scope"),
    "spent_budgets": (
        "pgdispatch_spent_budgets", "Sites that have nothing left of the day's budget.", None,
    ),
    "silent_nodes": (
        "pgdispatch_silent_nodes", "Nodes that were not heard of for a lease.", None,
    ),
    "horizon_seconds": (
        "pgdispatch_horizon_age_seconds",
        "Since when the oldest transaction holds a snapshot or writes: vacuum removes nothing of "
        "what has gone since.",
        None,
    ),
    "desired_backgrounders": (
        "pgdispatch_desired_backgrounders",
        "Backgrounders that it would take for what runs in the whole cluster and what waits and "
        "could run now; the first 10,000 of these are counted.",
        "type",
    ),
}  # fmt: skip


CONTRACT_STATES = ("fresh", "at risk", "will be late", "late", "broken")


@dataclass(frozen=True)
class Outbox:
    """So many notices that one target has not got yet; `oldest`: seconds since the first."""

    target: str
    notices: int
    oldest: float


@dataclass(frozen=True)
class Foresight:
    """A number about forecasts: age, error (by lead) or coverage."""

    name: str
    label: str | None
    value: float


@dataclass(frozen=True)
class Contract:
    """How one contract stands; `chance` of being late and `slack` seconds: None if not known."""

    name: str
    site: str
    state: str
    chance: float | None
    slack: float | None


@dataclass(frozen=True, eq=False)
class Figures(Collector):
    """All that the page shows. Without `health` and the rest: the database does not answer."""

    node: str
    tally: Mapping[str, Any]
    health: Health | None
    counts: list[Count] | None
    alerts: list[Alert] | None = None
    outbox: list[Outbox] | None = None
    foresight: list[Foresight] | None = None
    contracts: list[Contract] | None = None

    def text(self) -> bytes:
        """Return the page."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return generate_latest(registry)

    def describe(self) -> list[Metric]:
        """Name nothing in advance."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield every metric with its values."""
        info = GaugeMetricFamily(
            "pgdispatch_node_info",
            "The node and its version; always 1.",
            labels=["node", "version"],
        )
        info.add_metric([self.node, VERSION], 1)
        yield info
        yield GaugeMetricFamily(
            "pgdispatch_database_up",
            "Whether the database answered this request.",
            value=int(self.health is not None),
        )
        yield from counters(self.tally)
        yield from care(self.tally)
        yield from times(self.tally)
        if self.health is not None:
            yield from node_gauges(self.health)
        if self.counts is not None:
            yield from queue_gauges(self.counts)
        if self.alerts is not None:
            yield from alert_gauges(self.alerts)
        if self.outbox is not None:
            yield from outbox_gauges(self.outbox)
        if self.foresight is not None:
            yield from forecast_gauges(self.foresight)
        if self.contracts is not None:
            yield from contract_gauges(self.contracts)


def counters(tally: Mapping[str, Any]) -> Iterator[Metric]:
    """Yield how many jobs the node has started and ended since it started."""
    started = CounterMetricFamily(
        "pgdispatch_jobs_started", "Attempts that this node has started.", labels=["type"]
    )
    for name, count in tally["started"].items():
        started.add_metric([name], count)
    yield started
    finished = CounterMetricFamily(
        "pgdispatch_jobs_finished",
        "Jobs whose last attempt ended on this node, whatever its outcome. Not those cancelled "
        "while they waited, nor those failed as lost: pgdispatch_lost_jobs_total has these.",
        labels=["type", "outcome", "failed_as"],
    )
    for *labels, count in tally["finished"]:
        finished.add_metric(labels, count)
    yield finished
    parks = CounterMetricFamily(
        "pgdispatch_gate_parks",
        "Kinds of gates at which the jobs had been parked that ended on this node: each kind "
        "once a job, when it ends.",
        labels=["gate"],
    )
    for gate, count in tally["parks"].items():
        parks.add_metric([gate], count)
    yield parks


def care(tally: Mapping[str, Any]) -> Iterator[Metric]:
    """Yield what the node has put right, which is nothing on a healthy system."""
    yield CounterMetricFamily(
        "pgdispatch_swept_jobs",
        "Jobs that this node's sweep found left behind at a gate; 0 on a healthy system.",
        value=tally["swept"],
    )
    yield CounterMetricFamily(
        "pgdispatch_lost_jobs",
        "Jobs of lost nodes that this node took back to the queue, or failed as lost.",
        value=tally["lost"],
    )


def times(tally: Mapping[str, Any]) -> Iterator[Metric]:
    """Yield how long the jobs have waited and run that have ended on this node."""
    yield histogram(
        "pgdispatch_job_wait_seconds",
        "How late jobs began that have ended here: from when each was scheduled, else added or "
        "due, to the start of its first attempt.",
        tally["waits"],
    )
    yield histogram(
        "pgdispatch_job_run_seconds",
        "How long the last attempt ran, of the jobs that have ended on this node.",
        tally["runs"],
    )


def histogram(name: str, documentation: str, spreads: Mapping[str, Any]) -> Metric:
    """Return a histogram by job type; `spreads` are as in `Tally.as_message`."""
    family = HistogramMetricFamily(name, documentation, labels=["type"])
    bounds = [*(str(float(bound)) for bound in BUCKETS), "+Inf"]
    for label, (counts, total) in spreads.items():
        family.add_metric([label], list(zip(bounds, accumulate(counts), strict=True)), total)
    return family


def node_gauges(health: Health) -> Iterator[Metric]:
    """Yield the state of this node."""
    yield GaugeMetricFamily(
        "pgdispatch_backgrounders", "Backgrounders of this node that are up.", value=health.up
    )
    yield GaugeMetricFamily(
        "pgdispatch_backgrounders_wanted",
        "Backgrounders that this node shall run.",
        value=health.wanted,
    )
    yield GaugeMetricFamily(
        "pgdispatch_node_drained",
        "Whether this node takes no new jobs.",
        value=int(health.is_drained),
    )
    if health.heartbeat_age is not None:
        yield GaugeMetricFamily(
            "pgdispatch_heartbeat_age_seconds",
            "Since this node's last heart-beat.",
            value=health.heartbeat_age,
        )


def queue_gauges(counts: list[Count]) -> Iterator[Metric]:
    """Yield the state of the queue, which is the same on every node, and what runs here."""
    waiting, running, parked = Counter[tuple[str, ...]](), Counter[str](), Counter[str]()
    for count in counts:
        if count.state == "running":
            running[count.type] += count.jobs
            continue
        waiting[count.state, count.type] += count.jobs
        if count.gate is not None:
            parked[count.gate] += count.jobs
    yield _gauge(
        "pgdispatch_queue_jobs",
        "Waiting jobs of the whole cluster, by state (ready, parked, delayed) and type.",
        ("state", "type"),
        waiting,
    )
    yield _gauge(
        "pgdispatch_parked_jobs",
        "Jobs of the whole cluster that wait at a gate, by its kind.",
        ("gate",),
        {(gate,): jobs for gate, jobs in parked.items()},
    )
    yield from ages(counts)
    yield _gauge(
        "pgdispatch_running_jobs",
        "Jobs that run on this node.",
        ("type",),
        {(name,): jobs for name, jobs in running.items()},
    )


def ages(counts: list[Count]) -> Iterator[Metric]:
    """Yield how long the oldest waiting job of each type could have started."""
    oldest: dict[str, float] = {}
    ready: dict[str, float] = {}
    for count in counts:
        if count.state in ("ready", "parked"):
            oldest[count.type] = max(oldest.get(count.type, 0.0), count.oldest)
        if count.state == "ready":
            ready[count.type] = count.oldest
    yield _gauge(
        "pgdispatch_oldest_waiting_seconds",
        "How long the job that has waited longest could have started, in the whole cluster.",
        ("type",),
        {(name,): age for name, age in oldest.items()},
    )
    yield _gauge(
        "pgdispatch_oldest_ready_seconds",
        "Likewise of those that no gate keeps, as far as a claim has looked.",
        ("type",),
        {(name,): age for name, age in ready.items()},
    )


def alert_gauges(alerts: list[Alert]) -> Iterator[Metric]:
    """Yield what may need somebody, which is the same on every node."""
    for name, (metric, documentation, label) in ALERTS.items():
        of_name = [alert for alert in alerts if alert.name == name]
        yield _gauge(
            metric,
            documentation,
            () if label is None else (label,),
            {() if label is None else (alert.label or "",): alert.value for alert in of_name},
        )


def outbox_gauges(outbox: list[Outbox]) -> Iterator[Metric]:
    """Yield what waits for the targets of notices, which is the same on every node."""
    yield _gauge(
        "pgdispatch_notices_waiting",
        "Notices that their target has not got yet.",
        ("target",),
        {(waiting.target,): waiting.notices for waiting in outbox},
    )
    yield _gauge(
        "pgdispatch_oldest_notice_seconds",
        "Since the oldest notice was recorded that its target has not got yet.",
        ("target",),
        {(waiting.target,): waiting.oldest for waiting in outbox},
    )


def forecast_gauges(foresight: list[Foresight]) -> Iterator[Metric]:
    """Yield how old the forecast is and how good the last ones were, the same on every node."""
    for name, metric, documentation, labels in (
        ("age", "pgdispatch_forecast_age_seconds", "Since the last forecast was made.", ()),
        (
            "error",
            "pgdispatch_forecast_error_seconds",
            "By how much starts of the last seven days differed from what was said: half of them "
            "by less; by how far ahead it was said.",
            ("lead",),
        ),
        (
            "coverage",
            "pgdispatch_forecast_coverage_ratio",
            "Share of them that were within the interval that was said; about 0.8 is right.",
            (),
        ),
    ):
        yield _gauge(
            metric,
            documentation,
            labels,
            {
                (one.label or "",) if labels else (): one.value
                for one in foresight
                if one.name == name
            },
        )


def contract_gauges(contracts: list[Contract]) -> Iterator[Metric]:
    """Yield how contracts stand, which is the same on every node."""
    labels = ("site", "contract")
    yield _gauge(
        "pgdispatch_contract_late_chance",
        "Chance that data are not there when they are due, by the last forecast; none: not known.",
        labels,
        {(one.site, one.name): one.chance for one in contracts if one.chance is not None},
    )
    yield _gauge(
        "pgdispatch_contract_slack_seconds",
        "How long before they are due data were there, or are expected; negative: after it.",
        labels,
        {(one.site, one.name): one.slack for one in contracts if one.slack is not None},
    )
    yield _gauge(
        "pgdispatch_contract_state",
        "1 for the state that a contract is in: fresh, at risk, will be late, late or broken.",
        (*labels, "state"),
        {
            (one.site, one.name, state): int(state == one.state)
            for one in contracts
            for state in CONTRACT_STATES
        },
    )


def _gauge(
    name: str,
    documentation: str,
    labels: tuple[str, ...],
    values: Mapping[tuple[str, ...], float],
) -> Metric:
    family = GaugeMetricFamily(name, documentation, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family
