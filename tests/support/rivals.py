"""Many sessions that drain one queue at the same time, and somebody who watches them."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import psycopg

from support.verbs import Claimed, Verbs

EMPTY = "select not exists (select from pgdispatch.job)"
OVERFULL = """
select 'datasource/' || site || '/' || datasource as gate, count(*)
from pgdispatch.job where state = 'running' and datasource is not null
group by 1 having count(*) > 1
union all
select 'schedule/' || schedule, count(*)
from pgdispatch.job where state = 'running' and is_serial
group by 1 having count(*) > 1
union all
select 'site/' || name, count(*)
from pgdispatch.job join pgdispatch.site on name = site
where state = 'running' and max_running_jobs is not null
group by name, max_running_jobs having count(*) > max_running_jobs
"""


@dataclass
class Watch:
    """What the watcher saw in its looks, and how many jobs the sweep had to wake meanwhile."""

    looks: int = 0
    most_running: int = 0
    swept: int = 0
    overfull: list[dict[str, Any]] = field(default_factory=list)


def drain(dsn: str, rivals: int, *, types: dict[int, list[str]] | None = None) -> Watch:
    """Let `rivals` sessions run everything to its end; return what was seen meanwhile."""
    watch, over = Watch(), Event()
    with ThreadPoolExecutor(rivals + 1) as pool:
        watcher = pool.submit(_watch, dsn, watch, over)
        workers = [
            pool.submit(_work, dsn, f"n:{number}", (types or {}).get(number))
            for number in range(1, rivals + 1)
        ]
        try:
            for worker in workers:
                worker.result()
        finally:
            over.set()
        watcher.result()
    return watch


def together(acts: list[Callable[[], None]]) -> list[BaseException]:
    """Do all acts at once, each in a thread; return what they raised."""
    with ThreadPoolExecutor(len(acts)) as pool:
        done = [pool.submit(act) for act in acts]
        return [error for one in done if (error := one.exception())]


def _work(dsn: str, backgrounder: str, types: list[str] | None) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        verbs = Verbs(connection)
        got: Claimed | None = None
        while True:
            if got is None:
                if verbs.value(EMPTY):
                    return
                time.sleep(0.001)
                got = verbs.ask(backgrounder, types)
            elif got.verdict == "again":
                got = verbs.ask(backgrounder, types)
            else:
                got = verbs.finish(got.id, claim=True, types=types)


def _watch(dsn: str, watch: Watch, over: Event) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        verbs = Verbs(connection)
        while not over.wait(0.005):
            watch.looks += 1
            if watch.looks % 10 == 0:
                watch.swept += verbs.sweep()
            watch.overfull += verbs.rows(OVERFULL)
            running = verbs.value("select count(*) from pgdispatch.job where state = 'running'")
            watch.most_running = max(watch.most_running, running)
