"""What the scenarios of a fail-over share: a pair under Patroni, and nodes that work on it."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psycopg

from chaos.testbed import Work
from pgdispatch.embedded import Binaries
from pgdispatch.embedded.account import server_account
from pgdispatch.schema.installer import install
from support.invariants import trail
from support.nodes.cluster import open_cluster
from support.nodes.processes import wait_until
from support.servers.debian import MissingProgramError, find_or_fetch
from support.servers.patroni import Member, Patroni, open_patroni
from support.sessions.producing import set_up

LEASE = 10  # shorter than a fail-over takes
STEP_TIMEOUT = 120.0


@dataclass(kw_only=True)
class Pair(Work):
    """Two servers, and work on whichever is the primary."""

    patroni: Patroni

    def start_nodes(self) -> None:
        """Start two nodes of three, by the connection string that names both servers."""
        for name in ("a", "b"):
            self.start(name)
        for name in ("a:3", "b:3"):
            self.cluster.up(name)

    def fail_over(self) -> Member:
        """Kill the primary and its Patroni; return it once the other has taken over."""
        old, new = self.patroni.fail_over()
        self.cluster.connect()
        self.say(f"{old.name} killed, {new.name} has taken over, {self.left()} jobs left")
        return old

    def bring_back(self, old: Member) -> None:
        """Let the former primary come back as the standby, rewound, and get in step."""
        self.patroni.start(old)
        wait_until(self.patroni.is_whole, within=STEP_TIMEOUT, every=0.2)
        self.say(f"{old.name} follows again")

    def drain(self, within: float) -> None:
        """Wait until every job has ended."""
        wait_until(lambda: self.left() == 0, within=within, every=0.2)


@contextmanager
def open_pair(
    binaries: Binaries, seed: int, *, is_synchronous: bool, say: Callable[[str], None]
) -> Iterator[Pair]:
    """Give a pair with the schema; everything is killed at the end."""
    if importlib.util.find_spec("patroni") is None:
        sys.exit("error: no Patroni here; run: uv run --group chaos python tests/chaos …")
    account = server_account()
    with tempfile.TemporaryDirectory(prefix="pgdispatch-pair-", dir="/tmp") as made:
        folder = Path(made)
        folder.chmod(0o755)
        for name in ("programs", "servers", "jobs"):
            (folder / name).mkdir()
        account.own(folder / "servers")
        try:
            etcd = find_or_fetch("etcd", package="etcd-server", folder=folder / "programs")
        except MissingProgramError as error:
            sys.exit(f"error: {error}")
        with open_patroni(
            etcd, binaries, folder / "servers", is_synchronous=is_synchronous
        ) as patroni:
            say("both servers are up")
            install(patroni.dsn())
            with psycopg.connect(patroni.dsn(), autocommit=True) as connection:
                trail.lay(connection)
                set_up(connection)
            with open_cluster(patroni.dsn(), folder / "jobs") as cluster:
                cluster.set(lease_seconds=LEASE)
                random = Random(seed)  # noqa: S311  # likewise
                yield Pair(patroni=patroni, cluster=cluster, random=random, say=say)
