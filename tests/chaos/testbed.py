"""What each scenario gets: a server of its own, nodes, producers, and the checker at the end."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from pgdispatch.embedded import Binaries, EmbeddedServer
from pgdispatch.schema.installer import install
from support.invariants import trail
from support.invariants.check import check
from support.invariants.ledger import Ledger
from support.invariants.violation import Violation
from support.nodes.cluster import Cluster, open_cluster
from support.nodes.node import Node
from support.nodes.processes import wait_until
from support.servers.embedded import SETTINGS
from support.sessions.producing import Producer, set_up

APP = "support.invariants.evidence_app"
LEASE = 8
LEFT = "select count(*) from pgdispatch.job"
RUNNING = f"{LEFT} where state = 'running'"


@dataclass(kw_only=True)
class Work:
    """Nodes at work in one database, and what producers know. `say` prints a line of progress."""

    cluster: Cluster
    random: Random
    say: Callable[[str], None]
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def evidence(self) -> Path:
        """The file that handlers write."""
        return self.cluster.folder / "evidence"

    def start(self, name: str, *, processes: int = 3, **options: Any) -> Node:
        """Start a node whose handlers write evidence."""
        return self.cluster.start(name, app=APP, processes=processes, **options)

    def producer(self, *, longest: float = 0.02) -> Producer:
        """Return a producer of its own random choices."""
        seed = Random(self.random.random())  # noqa: S311  # reproducible, not secret
        return Producer(self.cluster.dsn, self.ledger, seed, longest=longest)

    def left(self) -> int:
        """Return how many jobs have not ended; connects anew if need be."""
        try:
            return int(self.cluster.verbs.value(LEFT))
        except psycopg.OperationalError:
            self.cluster.connect()
            return int(self.cluster.verbs.value(LEFT))


@dataclass(kw_only=True)
class Stage(Work):
    """One server with the schema, and work on it.

    `found`: what a scenario saw for itself that must not be.
    """

    server: EmbeddedServer
    is_long: bool
    found: list[Violation] = field(default_factory=list)

    def size(self, short: int, long: int) -> int:
        """Return how much of something there is to be, in a short run or a long one."""
        return long if self.is_long else short

    def job(self, **columns: Any) -> int:
        """Insert one job, commit it, and return its id."""
        made = self.cluster.verbs.job(**columns)
        self.ledger.commit([made])
        return made

    def drain(self, within: float) -> None:
        """Wait until every job has ended; what has not is for the checker to explain."""
        deadline = time.monotonic() + within
        while (left := self.left()) and time.monotonic() < deadline:
            self.say(f"{left} jobs left")
            with suppress(TimeoutError):
                wait_until(lambda: self.left() == 0, within=5, every=0.1)
        if left:
            self.found.append(Violation("stuck", f"{left} jobs have not ended"))

    def miss(self, what: str) -> None:
        """Note that a fault did not have the effect that the scenario is about."""
        self.found.append(Violation("stuck", what))

    def settle(self) -> None:
        """Have all nodes take no more jobs, and wait until those that run have ended."""
        self.cluster.verbs.run("update pgdispatch.node set is_drained = true")
        wait_until(lambda: self.cluster.verbs.value(RUNNING) == 0, within=60, every=0.1)

    def check(self, *, was_only_away: bool, is_over: bool = True) -> list[Violation]:
        """Ask the checker, over a connection of its own."""
        with psycopg.connect(self.cluster.dsn, autocommit=True) as connection:
            problems = check(
                connection,
                self.ledger,
                evidence=self.evidence,
                was_only_away=was_only_away,
                is_over=is_over,
            )
        return [*self.found, *problems]


@contextmanager
def open_stage(
    binaries: Binaries,
    seed: int,
    *,
    is_long: bool,
    say: Callable[[str], None],
    settings: Mapping[str, str] | None = None,
    data_folder: Path | None = None,
) -> Iterator[Stage]:
    """Start a server that loses nothing that was committed, and lay a trail."""
    chosen = {**SETTINGS, "synchronous_commit": "on", **(settings or {})}
    server = EmbeddedServer(data_folder, binaries=binaries, settings=chosen)
    with server, tempfile.TemporaryDirectory(prefix="pgdispatch-chaos-") as folder:
        install(server.dsn())
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            trail.lay(connection)
            set_up(connection)
        with open_cluster(server.dsn(), Path(folder)) as cluster:
            cluster.set(lease_seconds=LEASE)
            random = Random(seed)  # noqa: S311  # likewise
            yield Stage(server=server, cluster=cluster, random=random, is_long=is_long, say=say)


def pause(random: Random, mean: float) -> None:
    """Wait for a random time: faults come when nobody expects them."""
    time.sleep(min(random.expovariate(1 / mean), 4 * mean))
