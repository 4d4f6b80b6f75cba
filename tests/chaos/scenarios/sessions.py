"""Sessions are terminated at random, and there are no connections left for anybody."""

from __future__ import annotations

import time

import psycopg

from chaos.scenario import Scenario
from chaos.testbed import Stage, pause
from support.sessions.producing import producing

TERMINATE = """
select count(pg_terminate_backend(pid))
from (
    select pid
    from pg_stat_activity
    where pid <> pg_backend_pid()
        and backend_type = 'client backend'
        and (application_name like 'pgdispatch %%' or random() < 0.3)
    order by random()
    limit 1
) as chosen
"""
TERMINATE_NODES = """
select count(pg_terminate_backend(pid))
from pg_stat_activity
where application_name like 'pgdispatch %%'
"""
MAX_CONNECTIONS = 40


def act(stage: Stage) -> str:
    """Terminate sessions one by one; then all at once while strangers hold every connection."""
    kills, floods = stage.size(40, 500), stage.size(1, 5)
    for name in ("a", "b"):
        stage.start(name)
    stage.cluster.up("a:3")
    stage.cluster.up("b:3")
    ended = taken = 0
    with producing(stage.producer(), stage.size(300, 8000), pace=stage.size(60, 80)):
        while ended < kills:
            pause(stage.random, 0.05)
            ended += _terminate(stage)
        stage.say(f"{ended} sessions terminated, {stage.left()} jobs left")
        for number in range(floods):
            held = _take_all(stage)
            taken += len(held)
            time.sleep(stage.random.uniform(1, stage.size(2, 8)))
            for one in held:
                one.close()
            stage.say(f"flood {number + 1}: {len(held)} connections taken, {stage.left()} left")
            pause(stage.random, 0.5)
    stage.drain(stage.size(60, 300))
    return f"{ended} sessions terminated, {floods} times out of connections ({taken} taken)"


def _terminate(stage: Stage) -> int:
    """Terminate one session of anybody's, ours excepted."""
    return int(stage.cluster.verbs.value(TERMINATE))


def _take_all(stage: Stage) -> list[psycopg.Connection[object]]:
    """Take connections until there are none left, while those of the nodes are terminated."""
    held: list[psycopg.Connection[object]] = []
    refusals = 0
    while refusals < 20:
        try:
            held.append(psycopg.connect(stage.cluster.dsn, application_name="stranger"))
        except psycopg.OperationalError:
            refusals += 1
            stage.cluster.verbs.value(TERMINATE_NODES)
            time.sleep(0.02)
    return held


SCENARIO = Scenario(
    name="sessions",
    promise="sessions are terminated, connections run out; workers wait and go on",
    act=act,
    was_only_away=True,
    settings={"max_connections": str(MAX_CONNECTIONS)},
)
