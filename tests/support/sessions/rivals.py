"""Many sessions that drain one queue at the same time, and somebody who watches them."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from threading import Event
from typing import Any

import psycopg

from support.sessions.verbs import Claimed, Verbs

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
where state = 'running' and running_limit is not null
group by name, running_limit having count(*) > running_limit
"""


TURN = """
update public.test_clock
set at = at + case
    when exists (select from pgdispatch.job where state = 'running') then interval '1 s'
    else interval '1 hour'
end
"""


@dataclass
class Watch:
    """What the watcher saw in its looks, and how many jobs the sweep had to wake meanwhile."""

    looks: int = 0
    most_running: int = 0
    swept: int = 0
    overfull: list[dict[str, Any]] = field(default_factory=list)


def drain(
    dsn: str,
    rivals: int,
    *,
    types: dict[int, list[str]] | None = None,
    fails: Callable[[Claimed], bool] = lambda _: False,
    turns_clock: bool = False,
    by_turns_of: int | None = None,
) -> Watch:
    """Let `rivals` sessions run everything to its end; return what was seen meanwhile.

    Each is a backgrounder of the node n; or a node with `by_turns_of` backgrounders, which takes
    turns. Attempts of which `fails` is true fail. With `turns_clock` a stopped clock is moved on
    by a second at a time, and by an hour at a time while nothing runs.
    """
    watch, over = Watch(), Event()
    with ThreadPoolExecutor(rivals + 2) as pool:
        watcher = pool.submit(_watch, dsn, watch, over)
        turner = pool.submit(_turn, dsn, over) if turns_clock else None
        workers = [
            pool.submit(_work, dsn, f"n:{number}", (types or {}).get(number), fails)
            if by_turns_of is None
            else pool.submit(_take_turns, dsn, f"n{number}", by_turns_of, fails)
            for number in range(1, rivals + 1)
        ]
        try:
            for worker in workers:
                worker.result()
        finally:
            over.set()
        watcher.result()
        if turner:
            turner.result()
    return watch


def together(acts: list[Callable[[], None]]) -> list[BaseException]:
    """Do all acts at once, each in a thread; return what they raised."""
    with ThreadPoolExecutor(len(acts)) as pool:
        done = [pool.submit(act) for act in acts]
        return [error for one in done if (error := one.exception())]


def _work(
    dsn: str, backgrounder: str, types: list[str] | None, fails: Callable[[Claimed], bool]
) -> None:
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
            elif fails(got):
                got = verbs.fail(got.id, claim=True, types=types)
            else:
                got = verbs.finish(got.id, claim=True, types=types)


def _take_turns(dsn: str, node: str, size: int, fails: Callable[[Claimed], bool]) -> None:
    """Be a node: some of its jobs, at random, end before the next turn."""
    random = Random(node)  # noqa: S311  # no secret
    with psycopg.connect(dsn, autocommit=True) as connection:
        verbs = Verbs(connection)
        running: dict[int, Claimed] = {}
        while running or not verbs.value(EMPTY):
            over = [number for number in running if random.random() < 0.7]
            ended = {number: running.pop(number) for number in over}
            said = [
                (got.id, got.attempt, "error" if fails(got) else "succeeded")
                for got in ended.values()
            ]
            free = [number for number in range(1, size + 1) if number not in running]
            rows = verbs.turn(free, said, node=node)
            for row in rows:
                if row["verdict"] == "run":
                    number = int(row["backgrounder"].removeprefix(f"{node}:"))
                    running[number] = Claimed("run", row["id"], row["attempt"])
                elif row["verdict"] == "held":  # by the watcher, for a moment
                    number = next(n for n, got in ended.items() if got.id == row["id"])
                    running[number] = ended[number]
                elif row["verdict"] == "stale":
                    raise ValueError(f"an ending was refused: {row}")
            if not rows:
                time.sleep(0.001)


def _turn(dsn: str, over: Event) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        while not over.wait(0.004):
            connection.execute(TURN)


def _watch(dsn: str, watch: Watch, over: Event) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        verbs = Verbs(connection)
        while not over.wait(0.005):
            watch.looks += 1
            verbs.tend()
            if watch.looks % 10 == 0:
                watch.swept += verbs.sweep()
            watch.overfull += verbs.rows(OVERFULL)
            running = verbs.value("select count(*) from pgdispatch.job where state = 'running'")
            watch.most_running = max(watch.most_running, running)
