"""Compare what the database says a node runs with what its processes say, and decide.

Pure bookkeeping, so that it can be tested without either. Messages and commits cross on the way:
a difference counts only once it has lasted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

LASTING = 3.0
NOTICE = 1.0

Attempt = tuple[int, int]


@dataclass(frozen=True)
class Order:
    """One running job of the node in the database; `stop` says why it should stop, if it should."""

    job: int
    attempt: int
    stop: str | None
    is_kill: bool


@dataclass(frozen=True)
class Decision:
    """What to do: stop or kill attempts (with the reason), drop lost ones, give orphans back."""

    stop: Mapping[Attempt, str]
    kill: Mapping[Attempt, str]
    lost: frozenset[Attempt]
    orphans: frozenset[Attempt]


@dataclass
class OrderBook:
    """Remember since when the two sides differ. Times are of `time.monotonic()`, in seconds.

    That the database has what no process runs, and the other way round, are two differences: a
    node may be frozen in between, and the one must not be taken for the other.
    """

    _since: dict[tuple[Attempt, bool], float] = field(default_factory=dict)
    _asked: dict[Attempt, float] = field(default_factory=dict)

    def decide(self, orders: Iterable[Order], told: Iterable[Attempt], now: float) -> Decision:
        """Return what to do about `orders`, where `told` are the attempts that processes run.

        Nothing is killed that was not asked to stop before, however late that was noticed.
        `lost`: a process runs it, but the database has taken it away. `orphans`: the database
        thinks that this node runs it, but no process does.
        """
        listed = {(order.job, order.attempt): order for order in orders}
        running = set(told)
        differing = {(key, key in running) for key in running.symmetric_difference(listed)}
        self._since = {key: self._since.get(key, now) for key in differing}
        lasting = {key for key, side in differing if now - self._since[key, side] >= LASTING}
        wanted = {key: order for key, order in listed.items() if key in running and order.stop}
        self._asked = {key: self._asked.get(key, now) for key in wanted}
        overdue = {
            key
            for key, order in wanted.items()
            if order.is_kill and now - self._asked[key] >= NOTICE
        }
        return Decision(
            stop={key: str(order.stop) for key, order in wanted.items() if key not in overdue},
            kill={key: str(wanted[key].stop) for key in overdue},
            lost=frozenset(lasting & running),
            orphans=frozenset(lasting - running),
        )
