"""Compare what the database says a node runs with what its processes say, and decide.

Pure bookkeeping, so that it can be tested without either. Messages and commits cross on the way:
a difference counts only once it has lasted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pgdispatch.ipc.attempt import Attempt

LASTING = 3.0
NOTICE = 1.0
DRAIN_STOP = 5.0  # what runs on a node that drains is asked to stop so long before the end of that
DRAIN_KILL = 2.0  # and killed so long before it: how it ended is told by then


@dataclass(frozen=True)
class Order:
    """One running job of the node in the database.

    `timeout`: for how long it may run, None for ever; `cancel_grace` and `overrun_grace`: how long
    after it was asked to stop it is killed. `is_drained`: the node is; at `drain_ends_at`, in
    `drain_left`, nothing is to run there any more, None: what runs goes on. Spans are in seconds.
    """

    job: int
    attempt: int
    is_cancelled: bool
    timeout: float | None
    cancel_grace: float
    overrun_grace: float
    is_drained: bool = False
    drain_ends_at: datetime | None = None
    drain_left: float | None = None


@dataclass(frozen=True)
class Decision:
    """What to do: stop or kill attempts (with the reason), drop lost ones, give orphans back.

    `is_drained`: let those that run know that the node is. `is_urgent`: look again soon.
    """

    stop: Mapping[Attempt, str]
    kill: Mapping[Attempt, str]
    lost: frozenset[Attempt]
    orphans: frozenset[Attempt]
    is_drained: bool = False
    is_urgent: bool = False


@dataclass
class Reconciler:
    """Remember since when the two sides differ. Times are of `time.monotonic()`, in seconds.

    That the database has what no process runs, and the other way round, are two differences: a
    node may be frozen in between, and the one must not be taken for the other.
    How long an attempt has run is counted from when it was seen first, and what is left of a drain
    from when that was: the database's clock may jump, and its times tell nothing then.
    """

    _since: dict[tuple[Attempt, bool], float] = field(default_factory=dict)
    _begun: dict[Attempt, float] = field(default_factory=dict)
    _asked: dict[tuple[Attempt, str], float] = field(default_factory=dict)
    _drain: tuple[datetime, float] | None = None  # the one that was seen, and when it ends

    def decide(self, orders: Iterable[Order], told: Iterable[Attempt], now: float) -> Decision:
        """Return what to do about `orders`, where `told` are the attempts that processes run.

        Nothing is killed that was not asked to stop before, however late that was noticed.
        `lost`: a process runs it, but the database has taken it away. `orphans`: the database
        thinks that this node runs it, but no process does.
        """
        listed = {(order.job, order.attempt): order for order in orders}
        running = set(told)
        self._note_drain(next(iter(listed.values()), None), now)
        differing = {(key, key in running) for key in running.symmetric_difference(listed)}
        self._since = {key: self._since.get(key, now) for key in differing}
        lasting = {key for key, side in differing if now - self._since[key, side] >= LASTING}
        self._begun = {key: self._begun.get(key, now) for key in running}
        wanted = {
            (key, reason): is_over
            for key in running & listed.keys()
            for reason, is_over in self._reasons(listed[key], now)
        }
        self._asked = {ask: self._asked.get(ask, now) for ask in wanted}
        kill = {
            key: reason
            for (key, reason), is_over in reversed(wanted.items())
            if is_over and now - self._asked[key, reason] >= NOTICE
        }
        return Decision(
            stop={key: reason for key, reason in reversed(wanted) if key not in kill},
            kill=kill,
            lost=frozenset(lasting & running),
            orphans=frozenset(lasting - running),
            is_drained=any(order.is_drained for order in listed.values()),
            is_urgent=self._drain is not None and self._drain[1] - now < 2 * DRAIN_STOP,
        )

    def _note_drain(self, order: Order | None, now: float) -> None:
        if order is None or order.drain_ends_at is None or order.drain_left is None:
            self._drain = None
        elif self._drain is None or self._drain[0] != order.drain_ends_at:
            self._drain = order.drain_ends_at, now + order.drain_left

    def _reasons(self, order: Order, now: float) -> Iterator[tuple[str, bool]]:
        """Yield why an attempt should stop, weightier first, and whether its grace is over."""
        key = order.job, order.attempt
        if order.is_cancelled:
            asked = self._asked.get((key, "cancelled"), now)
            yield "cancelled", now - asked >= order.cancel_grace
        ran = now - self._begun[key]
        if order.timeout is not None and ran > order.timeout:
            yield "timed out", ran > order.timeout + order.overrun_grace
        if self._drain is not None and self._drain[1] - now <= DRAIN_STOP:
            yield "draining", self._drain[1] - now <= DRAIN_KILL
