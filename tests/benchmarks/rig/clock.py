"""Insert jobs by a clock that waits for nobody, or as fast as they are run."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count

from benchmarks.rig.server import Stage

CLIENTS = 8  # each waits for its own commits
CROWD = 200  # jobs that wait or run at most while the capacity is measured
CONNECTING = 1.0  # seconds until the first instant
LOOK = 0.002  # seconds between two looks at how many have begun
SEED = 13


@dataclass
class Inserter:
    """Inserts jobs with numbers of their own, over several connections.

    `commits` says when each commit had returned; `late`, by how many seconds each insert was sent
    after its time.
    """

    stage: Stage
    dsn: str
    statement: bytes
    commits: dict[int, float] = field(default_factory=dict)
    late: list[float] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def by_clock(self, rate: float, seconds: float) -> set[int]:
        """Insert so many a second on average, at random instants; return their numbers."""
        return self._run(instants(time.time() + CONNECTING, rate, seconds))

    def in_a_crowd(self, seconds: float, begun: Callable[[], int]) -> set[int]:
        """Insert whenever fewer than `CROWD` are there that have not begun; return their numbers.

        `begun` tells how many have begun so far.
        """
        end = time.time() + seconds
        before = len(self.commits)

        def rooms() -> Iterator[float]:
            room = 0
            for given in count(before):
                while room <= 0 and time.time() < end:
                    room = CROWD - (given - begun())
                    if room <= 0:
                        time.sleep(LOOK)
                room -= 1
                if time.time() >= end:
                    return
                yield 0.0

        return self._run(rooms())

    def _run(self, times: Iterator[float]) -> set[int]:
        before = set(self.commits)
        with ThreadPoolExecutor(CLIENTS) as pool:
            for client in [pool.submit(self._insert, times) for _ in range(CLIENTS)]:
                client.result()
        return set(self.commits) - before

    def _insert(self, times: Iterator[float]) -> None:
        with self.stage.connect(self.dsn, prepare_threshold=0) as connection:
            while True:
                with self._lock:
                    due = next(times, None)
                    number = next(self._numbers)
                if due is None:
                    return
                time.sleep(max(due - time.time(), 0.0))
                if due:
                    self.late.append(time.time() - due)
                connection.execute(self.statement, {"n": number})
                self.commits[number] = time.time()


def instants(begin: float, rate: float, seconds: float) -> Iterator[float]:
    """Yield the instants of a Poisson process of that rate, the same each time but for `begin`."""
    chance = random.Random(SEED)  # noqa: S311  # no secret
    due = begin + chance.expovariate(rate)
    while due < begin + seconds:
        yield due
        due += chance.expovariate(rate)
