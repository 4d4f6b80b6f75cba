"""A million waiting jobs, and 200 producers who insert in bursts while nodes work."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg

from chaos.scenario import Scenario
from chaos.testbed import Stage
from support.sessions.producing import Producer

AT_ONCE = 10_000
FILL = """
insert into pgdispatch.job (type, site, datasource, priority)
select
    (array['system', 'flow', 'alert', 'subscription'])[1 + n %% 4],
    (array['default', 'north', 'south'])[1 + n %% 3],
    case when n %% 3 = 0 then 'source ' || n %% 1000 end,
    (array[10, 50, 90])[1 + n %% 3]
from generate_series(1, %s) as n
returning id
"""
ENDED = "select count(*) from pgdispatch.job_history"


def act(stage: Stage) -> str:
    """Fill the queue, let all producers insert at once, again and again, and look at the rate."""
    waiting = stage.size(5_000, 1_000_000)
    producers, bursts = stage.size(40, 200), stage.size(2, 10)
    with psycopg.connect(stage.cluster.dsn) as connection:
        while len(stage.ledger.committed) < waiting:
            rows = connection.execute(FILL, [min(AT_ONCE, waiting)]).fetchall()
            connection.commit()
            stage.ledger.commit(row[0] for row in rows)
    stage.say(f"{stage.left():,} jobs wait")
    for name in ("a", "b"):
        stage.start(name)
    stage.cluster.up("a:3")
    stage.cluster.up("b:3")
    ended, begun = _ended(stage), time.monotonic()
    everybody = [stage.producer() for _ in range(producers)]
    with ThreadPoolExecutor(producers) as pool:
        for number in range(bursts):
            list(pool.map(_burst, everybody))
            stage.say(f"burst {number + 1} of {producers} producers: {stage.left():,} jobs wait")
    time.sleep(stage.size(1, 60))
    rate = (_ended(stage) - ended) / (time.monotonic() - begun)
    stage.say(f"{rate:.0f} jobs/s meanwhile")
    for producer in everybody:
        producer.close()
    stage.settle()
    if rate == 0:
        stage.miss("no job has ended under load")
    return f"{waiting:,} waiting jobs, {bursts} bursts of {producers} producers, {rate:.0f} jobs/s"


def _burst(producer: Producer) -> None:
    producer.insert(20)


def _ended(stage: Stage) -> int:
    return int(stage.cluster.verbs.value(ENDED))


SCENARIO = Scenario(
    name="load",
    promise="many wait, and many insert at once; all of it is there afterwards",
    act=act,
    was_only_away=True,
    settings={"max_connections": "300"},
    is_over=False,
)
