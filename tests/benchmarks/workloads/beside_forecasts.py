"""B21: the pace of a node while its forecasts are made, one after the other."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from statistics import median

import psycopg

from benchmarks.peers.peer import Peer
from benchmarks.report.figures import Figure, Samples
from benchmarks.rig.node import ENDED, running_node
from benchmarks.rig.server import Stage
from benchmarks.workloads.workload import Workload

SLOTS = 4
WAITING = 20_000  # jobs that are there all the time: more than 50,000 are not forecast
LEAST = 0.97
BLOCK = 60.0  # seconds: with a forecast as often as they are made while somebody looks, or without
PLAN = (
    """
    insert into pgdispatch.schedule (name, recurrence)
    select 'ahead ' || g, 'every 1 hours from 00:00 to 23:59' from generate_series(1, 12) as g
    """,
    """
    insert into pgdispatch.task (type, title, schedule)
    select 'flow', 'task ' || g, 'ahead ' || (1 + g % 12) from generate_series(1, 84) as g
    """,
)
TOP_UP = """
insert into pgdispatch.job (type, priority)
select 'system', 1
from generate_series(1, %s - (select count(*) from pgdispatch.job where backgrounder is null))
"""
SET = "update pgdispatch.setting set value = %s where name = 'forecast_seconds'"
LOOK = "select pgdispatch.look_at_forecast()"
MADE = "select number, seconds from pgdispatch.forecast_state"


def run(stage: Stage, _: list[Peer]) -> None:
    """Drain by turns while somebody looks at the forecast, and while none is made."""
    with stage.database() as dsn, stage.connect(dsn) as connection:
        blocks = max(stage.sizes.tab_blocks, 2)
        stage.say("beside forecasts, as often as they are made while somebody looks")
        for statement in PLAN:
            connection.execute(statement.encode())
        connection.execute(TOP_UP, [WAITING])
        stage.settle(dsn)
        with running_node(stage, dsn, SLOTS) as node:
            time.sleep(5)
            for number in range(blocks):
                for is_made in (number % 2 == 0, number % 2 == 1):
                    _measure(stage, connection, is_made=is_made)
                node.check()


def _measure(
    stage: Stage, connection: psycopg.Connection[tuple[object, ...]], *, is_made: bool
) -> None:
    what = "with" if is_made else "without"
    connection.execute(SET, ["2" if is_made else "-1"])
    if is_made:
        connection.execute(LOOK)

    def one(statement: str) -> list[float]:
        row = connection.execute(statement.encode()).fetchone() or ()
        return [float(str(value or 0)) for value in row]

    (jobs,), (number, _), begun = one(ENDED), one(MADE), time.monotonic()
    while time.monotonic() - begun < BLOCK:
        connection.execute(TOP_UP, [WAITING])
        time.sleep(1)
    (over,), (last, seconds) = one(ENDED), one(MADE)
    add = stage.samples.extend
    add(f"B21 rate {what}", [(over - jobs) / (time.monotonic() - begun)])
    if is_made:
        add("B21 forecasts", [last - number])
        add("B21 seconds", [seconds])


def figures(samples: Samples) -> Iterable[Figure]:
    """Yield the rates, their ratio, and what forecasts took."""
    series = samples.series
    for what in ("without", "with"):
        rate = _middle(series.get(f"B21 rate {what}"))
        yield Figure("B21", f"drain {what} forecasts", rate, "jobs/s")
    both = zip(series.get("B21 rate with", []), series.get("B21 rate without", []), strict=True)
    ratios = [with_ / without for with_, without in both]
    spread = f"{min(ratios):.2f} to {max(ratios):.2f}" if ratios else ""
    yield Figure("B21", "with / without", _middle(ratios), "x", LEAST, remark=spread)
    made = _middle(series.get("B21 forecasts"))
    yield Figure("B21", "forecasts in a block of a minute", made, "")
    yield Figure("B21", "one forecast", _middle(series.get("B21 seconds")), "s of a processor")


def _middle(values: Sequence[float] | None) -> float | None:
    return median(values) if values else None


BESIDE_FORECASTS = Workload("B21", "beside forecasts", run, figures)
