"""B9: what nodes cost that have nothing to do, and how many connections one insert wakes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from statistics import median

import psycopg
from psycopg.conninfo import conninfo_to_dict

from benchmarks.peers.peer import Peer
from benchmarks.report.figures import Figure, Samples
from benchmarks.rig.node import start, wait_until_up
from benchmarks.rig.server import Stage
from benchmarks.workloads.workload import Workload
from support.nodes.node import Node
from support.nodes.processes import family, processor_seconds

TRANSACTIONS = "select xact_commit + xact_rollback from pg_stat_database where datname = %s"
ASKED = """
select pid, query_start
from pg_stat_activity
where datname = %s and query ~ 'pgdispatch[.](claim|finish|fail|turn)[(]'
"""
CONNECTIONS = """
select count(*) from pg_stat_activity where datname = %s and backend_type = 'client backend'
"""
INSERT = "insert into pgdispatch.job (type) values ('system')"
WAKING = 0.4  # seconds in which an insert has woken all that it wakes


def run(stage: Stage, _: list[Peer]) -> None:
    """Measure one node with many backgrounders, then many nodes with one each."""
    many, nodes = stage.sizes.idle_slots, stage.sizes.idle_nodes
    with stage.database() as dsn, ExitStack() as stack:
        stage.say(f"one idle node with {many} backgrounders")
        node = _begin(stage, stack, dsn, 1, many)
        _measure(stage, dsn, node, f"{many} on a node")
        with stage.connect() as outside:
            database = str(conninfo_to_dict(dsn)["dbname"])
            stage.samples.add("B9 connections", _count(outside, database, CONNECTIONS))
        woken = [_woken(stage, dsn) for _ in range(stage.sizes.lone_inserts)]
        stage.samples.add("B9 woken", median(woken))
        stage.samples.add("B9 woken at most", max(woken))
    with stage.database() as dsn, ExitStack() as stack:
        stage.say(f"{nodes} idle nodes with one backgrounder each")
        _measure(stage, dsn, _begin(stage, stack, dsn, nodes, 1), f"{nodes} nodes")


def _begin(stage: Stage, stack: ExitStack, dsn: str, nodes: int, each: int) -> list[Node]:
    begun = []
    for number in range(nodes):
        begun.append(start(stage, dsn, each, name=f"idle-{number}"))
        stack.callback(begun[-1].stop)
    for node in begun:
        wait_until_up(stage, dsn, node, each)
    return begun


def _measure(stage: Stage, dsn: str, nodes: Sequence[Node], name: str) -> None:
    time.sleep(stage.sizes.idle_quiet)
    pids = set().union(*(family(node.process.pid) for node in nodes))
    with stage.connect() as outside:
        database = str(conninfo_to_dict(dsn)["dbname"])
        counts, begun = [_count(outside, database)], time.perf_counter()
        seconds = [processor_seconds(pids)]
        time.sleep(stage.sizes.idle_seconds)
        seconds.append(processor_seconds(pids))
        counts.append(_count(outside, database))
    span = (time.perf_counter() - begun) * len(nodes)
    stage.samples.add(f"B9 transactions, {name}", (counts[1] - counts[0]) / span)
    stage.samples.add(f"B9 processor, {name}", 100 * (seconds[1] - seconds[0]) / span)


def _count(outside: psycopg.Connection, database: str, query: str = TRANSACTIONS) -> int:
    row = outside.execute(query.encode(), [database]).fetchone()
    return int(row[0]) if row else 0


def _woken(stage: Stage, dsn: str) -> int:
    """Insert one job; return how many connections asked for one within a moment."""
    database = str(conninfo_to_dict(dsn)["dbname"])
    with stage.connect() as outside, stage.connect(dsn) as inside:
        before = dict(outside.execute(ASKED, [database]).fetchall())
        inside.execute(INSERT)
        time.sleep(WAKING)
        after = dict(outside.execute(ASKED, [database]).fetchall())
    return sum(before.get(name) != asked for name, asked in after.items())


def figures(samples: Samples) -> Iterable[Figure]:
    """Yield what each idle node costs, and how many are woken."""
    for kind, unit, goal in (("transactions", "a second and node", 5.0), ("processor", "%", 1.0)):
        for name in samples.values:
            if name.startswith(f"B9 {kind}"):
                what = name.removeprefix("B9 ")
                yield Figure("B9", what, samples.get(name), unit, goal, is_most=True)
    connections = samples.worst("B9 connections")
    yield Figure("B9", "connections, many on a node", connections, "", 3, is_most=True)
    yield Figure(
        "B9", "connections that one insert wakes", samples.get("B9 woken"), "", 1, is_most=True
    )
    remark = "a poll may fall into the same moment"
    yield Figure("B9", "the same, at most", samples.worst("B9 woken at most"), "", remark=remark)


IDLE = Workload("B9", "idle nodes", run, figures)
