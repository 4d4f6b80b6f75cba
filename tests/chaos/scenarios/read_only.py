"""Transactions are read-only by default for a while, as an administrator can set it."""

from __future__ import annotations

import time

import psycopg

from chaos.scenario import Scenario
from chaos.testbed import Stage, pause
from support.sessions.producing import producing


def act(stage: Stage) -> str:
    """Make read-only the default, again and again: nodes write, others cannot insert."""
    times = stage.size(2, 10)
    for name in ("a", "b"):
        stage.start(name)
    stage.cluster.up("a:3")
    stage.cluster.up("b:3")
    producer = stage.producer(longest=0.2)
    with (
        psycopg.connect(stage.cluster.dsn, autocommit=True) as connection,
        producing(producer, stage.size(150, 3000), pace=stage.size(40, 40)),
    ):
        for number in range(times):
            pause(stage.random, 0.7)
            _set(connection, "on")
            time.sleep(stage.random.uniform(1, stage.size(2, 8)))
            _set(connection, "off")
            stage.say(f"read-only {number + 1} times, {stage.left()} jobs left")
    stage.drain(stage.size(60, 300))
    return f"{times} times read-only, {len(producer.failures)} inserts refused"


def _set(connection: psycopg.Connection[object], value: str) -> None:
    connection.execute(f"alter system set default_transaction_read_only = {value}")
    connection.execute("select pg_reload_conf()")


SCENARIO = Scenario(
    name="read-only",
    promise="transactions are read-only by default; nodes go on, and nothing is lost",
    act=act,
    was_only_away=True,
)
