"""The primary of a pair under Patroni is killed under load, with synchronous replication."""

from __future__ import annotations

import time
from collections.abc import Callable

import psycopg

from chaos.scenario import Outcome
from chaos.scenarios.patroni_pair import open_pair
from chaos.testbed import pause
from pgdispatch.embedded import Binaries
from support.invariants.check import check
from support.sessions.producing import producing

NAME = "failover"
KILLS = 3
JOBS = 3000
LATER = 300  # seconds for what is left at the end
PATIENCE = 60.0  # a claim whose answer got lost hides its job until its backgrounder is back
PROMISE = (
    "kill -9 of the primary and its Patroni; no job that was committed is lost, none runs twice"
)


def play(binaries: Binaries, *, seed: int, say: Callable[[str], None]) -> Outcome:
    """Kill the primary three times while jobs are inserted and run; check what is left."""
    begun = time.monotonic()
    say(PROMISE)
    with open_pair(binaries, seed, is_synchronous=True, say=say) as pair:
        pair.start_nodes()
        producer = pair.producer(longest=0.1)
        with producing(producer, JOBS, pace=20):
            for _ in range(KILLS):
                pause(pair.random, 5)
                pair.bring_back(pair.fail_over())
        pair.drain(LATER)
        with psycopg.connect(pair.cluster.dsn, autocommit=True) as connection:
            found = check(
                connection,
                pair.ledger,
                evidence=pair.evidence,
                was_only_away=True,
                patience=PATIENCE,
            )
        for one in found[:20]:
            say(f"VIOLATION {one}")
    failed, unsure = len(producer.failures), len(pair.ledger.unsure)
    faults = f"{KILLS} primaries killed, {failed} commits failed, {unsure} jobs unsure"
    return Outcome(NAME, faults, len(pair.ledger.committed), found, time.monotonic() - begun)
