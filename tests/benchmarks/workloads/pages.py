"""B15: what each page of the console costs the server, whoever looks, where very many jobs are."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import psycopg
from psycopg import sql

from benchmarks.peers.peer import Peer
from benchmarks.report.figures import Figure, Samples
from benchmarks.rig.people import person
from benchmarks.rig.server import Stage
from benchmarks.workloads.crowd import fill
from benchmarks.workloads.workload import Workload
from pgdispatch.web.console.pages.queue import place_in_query
from support.web.console import Console, open_console

PEOPLE = {"all sites": None, "a big site": ["s1"], "a small site": ["s200"]}
ORDER = "precedence{d}, priority{d}, queued_at{d}, type_rank{d}, tie_first{d}, tie_second{d}, id{d}"
AT = """
select id, pgdispatch.place_key(j) as key
from pgdispatch.job as j
where backgrounder is null and ({site}::text is null or site = {site})
order by {order}
offset {place}
limit 1
"""
PARKED = "select id from pgdispatch.job where state = 'parked' and gate like {gate} limit 1"
RUNNING = "select id from pgdispatch.job where state = 'running' order by id limit 1"
ENDED = "select id from pgdispatch.job_history order by ended_at desc offset 800 limit 1"
BACKENDS = """
select pid
from pg_stat_activity
where application_name = 'pgdispatch web' and usename = %s
"""
TIMES = 5
MOST = 50.0  # ms


def run(stage: Stage, _: list[Peer]) -> None:
    """Ask for every page as people of all sites, of one that has much, of one that has little."""
    jobs = stage.sizes.looked_at
    stage.say(f"the pages of the console at {jobs:,} waiting and {jobs:,} ended jobs")
    with stage.database() as dsn:
        with stage.connect(dsn) as connection:
            fill(connection, jobs, jobs)
        stage.settle(dsn)
        for who, sites in PEOPLE.items():
            _ask_as(stage, dsn, who, sites)


def _ask_as(stage: Stage, dsn: str, who: str, sites: list[str] | None) -> None:
    with stage.connect(dsn) as connection, person(connection, sites) as name:
        paths = list(_paths(connection, stage.sizes.looked_at, sites[0] if sites else None))
        with (
            open_console(
                f"{dsn} user={name}", stage.folder, "--auth", "none", "--read-only"
            ) as web,
            httpx.Client(base_url=web.address, timeout=60, follow_redirects=True) as browser,
        ):
            browser.get(web.entrance)
            (backend,) = (row[0] for row in connection.execute(BACKENDS, [name]))
            for what, path in paths:
                server, wall = _cost(web, browser, backend, path)
                stage.samples.add(f"B15 {what}, {who}", server)
                stage.samples.add(f"B15 wall {what}, {who}", wall)


def _cost(web: Console, browser: httpx.Client, backend: int, path: str) -> tuple[float, float]:
    """Return the milliseconds of the server's processor, and those until the page is there."""
    server, wall = [], []
    for number in range(TIMES):
        own = f"{path}{'&' if '?' in path else '?'}number={number}"  # or they share a snapshot
        ran, begun = _ran(backend), time.perf_counter()
        answer = browser.get(own)
        wall.append(1000 * (time.perf_counter() - begun))
        server.append(_ran(backend) - ran)
        if answer.status_code != 200:
            raise LookupError(f"{path}: {answer.status_code}, {web.log[-300:]}")
    return median(server), median(wall)


def _ran(backend: int) -> float:
    """Return how many milliseconds a process has had a processor."""
    return int(Path(f"/proc/{backend}/schedstat").read_text().split()[0]) / 1e6


def _paths(
    connection: psycopg.Connection[Any], jobs: int, site: str | None
) -> Iterator[tuple[str, str]]:
    """Yield each page with what is looked at, and its path."""

    def at(place: int, of: str | None = None, d: str = "") -> tuple[int, dict[str, Any]]:
        query = sql.SQL(AT).format(
            site=sql.Literal(of), order=sql.SQL(ORDER.format(d=d)), place=sql.Literal(place)
        )
        job, key = connection.execute(query).fetchone() or (0, {})
        return job, key

    def one(query: str, **values: object) -> int:
        literals = {name: sql.Literal(value) for name, value in values.items()}
        row = connection.execute(sql.SQL(query).format(**literals)).fetchone()
        return int(row[0]) if row else 0

    deep = place_in_query(at(9 * jobs // 10)[1])
    yield "Now", "/"
    yield "Queue", "/queue"
    yield "Queue, deep", f"/queue?after={deep}"
    yield "Queue, before a deep place", f"/queue?before={deep}"
    yield "Queue, a filter that fits nothing", "/queue?by=nobody"
    yield "Queue, a reason that is nowhere, deep", f"/queue?why=held&after={deep}"
    yield "Job at the back", f"/job/{at(0, site, ' desc')[0]}"
    if site is None:
        yield "Job behind a busy datasource", f"/job/{one(PARKED, gate='datasource/%')}"
        yield "Job that runs", f"/job/{one(RUNNING)}"
        yield "Job that has ended late", f"/job/{one(ENDED)}"
        yield "Timeline, 1 h", "/timeline"
        yield "Timeline, 24 h", "/timeline?hours=24"
        yield "Node", "/node/n1"
        yield "Nodes", "/nodes"
        yield "Health, once a minute", "/health"
    yield "History", "/history"
    yield "History, failed", "/history?outcome=failed"
    yield "History, a filter that fits nothing", "/history?schedule=none"
    yield "History, a backgrounder's cancelled", "/history?backgrounder=n1:7&outcome=cancelled"
    yield "Gates", "/gates"
    yield "Schedules", "/schedules"
    yield "Schedule", "/schedule/schedule 1"
    yield "Tasks", "/tasks"
    yield "Tasks, deep", "/tasks?after=20000"
    yield "Sites", "/sites"
    yield "Site", f"/site/{site or 's1'}"
    yield "Linked tasks", "/linked"


def figures(samples: Samples) -> Iterable[Figure]:
    """Yield what each page costs the server."""
    for name in samples.values:
        if name.startswith("B15 ") and not name.startswith("B15 wall "):
            what = name.removeprefix("B15 ")
            yield Figure("B15", what, samples.get(name), "ms", MOST, is_most=True)


PAGES = Workload("B15", "the console's pages at depth", run, figures)
