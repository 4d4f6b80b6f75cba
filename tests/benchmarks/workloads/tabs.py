"""B17: the pace of a node while people have pages of the console open."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from statistics import median

import psycopg
from psycopg import sql

from benchmarks.peers.peer import Peer
from benchmarks.report.figures import Figure, Samples
from benchmarks.rig.node import ENDED, running_node
from benchmarks.rig.people import person
from benchmarks.rig.server import Stage
from benchmarks.rig.tabs import Tabs
from benchmarks.workloads.crowd import fill
from benchmarks.workloads.workload import Workload
from support.nodes.processes import family, processor_seconds
from support.web.console import Console, open_console

LOGIN = "looks_for_others"
WHOLE = ("/", "/queue", "/gates", "/history", "/timeline", "/sites", "/queue?why=next")
OF_ALL = (*WHOLE, "/schedules", "/tasks", "/", "/queue", "/timeline?hours=24", "/")
OF_SOME = ("/", "/queue", "/history", "/gates", "/sites", "/tasks", "/")
SLOTS = 4
WARM = 15.0  # seconds, in which each page has looked again
MOST_A_SECOND = 3000  # jobs, more than four backgrounders end
JOBS = """
insert into pgdispatch.job (type, priority) select 'system', 1 from generate_series(1, %s)
"""
BACKENDS = "select pid from pg_stat_activity where application_name = 'pgdispatch web'"
LEAST = 0.98


def run(stage: Stage, _: list[Peer]) -> None:
    """Drain by turns with twenty pages that look, and with pages that nobody sees."""
    with stage.database() as dsn, stage.connect(dsn) as connection:
        stage.say(f"beside {len(OF_ALL) + len(OF_SOME)} open pages of the console")
        fill(connection, stage.sizes.beside_tabs, stage.sizes.beside_tabs)
        sizes = stage.sizes
        seconds = WARM + 2 * sizes.tab_blocks * (sizes.tab_seconds + 1)
        connection.execute(JOBS, [round(seconds * MOST_A_SECOND)])
        stage.settle(dsn)
        with running_node(stage, dsn, SLOTS) as node, _tabs(stage, dsn, connection) as (web, tabs):
            time.sleep(WARM)
            for number in range(sizes.tab_blocks):
                for is_shown in (number % 2 == 0, number % 2 == 1):
                    _measure(stage, connection, web, tabs, is_shown=is_shown)
                node.check()


@contextmanager
def _tabs(
    stage: Stage, dsn: str, connection: psycopg.Connection[tuple[object, ...]]
) -> Iterator[tuple[Console, Tabs]]:
    """Give a console that trusts a proxy, and the pages of people of all sites and of one."""
    login = sql.Identifier(LOGIN)
    with ExitStack() as stack:
        people = [stack.enter_context(person(connection, s)) for s in (None, ["s1"], ["s200"])]
        connection.execute(sql.SQL("create role {} login noinherit").format(login))
        stack.callback(connection.execute, sql.SQL("drop role {}").format(login))
        for name in people:
            connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(name), login))
        proxy = ("--auth", "proxy", "--user-header", "X-User", "--trust-from", "127.0.0.1")
        web = stack.enter_context(open_console(f"{dsn} user={LOGIN}", stage.folder, *proxy))
        pages = [(people[0], path) for path in OF_ALL]
        pages += [(people[1 + number % 2], path) for number, path in enumerate(OF_SOME)]
        tabs = Tabs(web.address, pages)
        with tabs.opened():
            yield web, tabs


def _measure(
    stage: Stage,
    connection: psycopg.Connection[tuple[object, ...]],
    web: Console,
    tabs: Tabs,
    *,
    is_shown: bool,
) -> None:
    what = "looking" if is_shown else "hidden"
    (tabs.show if is_shown else tabs.hide)()
    time.sleep(1)

    def spent() -> float:
        backends = [int(str(row[0])) for row in connection.execute(BACKENDS)]
        return processor_seconds([*family(web.process.pid), *backends])

    def ended() -> int:
        row = connection.execute(ENDED).fetchone()
        return int(str(row[0])) if row else 0

    jobs, seconds, looks, begun = ended(), spent(), len(tabs.looks), time.monotonic()
    time.sleep(stage.sizes.tab_seconds)
    over = ended()
    passed = time.monotonic() - begun
    add = stage.samples.extend
    add(f"B17 rate {what}", [(over - jobs) / passed])
    add(f"B17 share {what}", [100 * (spent() - seconds) / passed])
    add(f"B17 looks {what}", [(len(tabs.looks) - looks) / passed])


def figures(samples: Samples) -> Iterable[Figure]:
    """Yield the rates, their ratio, and what the pages took."""
    series = samples.series
    for what in ("hidden", "looking"):
        rate = _middle(series.get(f"B17 rate {what}"))
        yield Figure("B17", f"drain beside pages {what}", rate, "jobs/s")
    both = zip(series.get("B17 rate looking", []), series.get("B17 rate hidden", []), strict=True)
    ratios = [looking / hidden for looking, hidden in both]
    spread = f"{min(ratios):.2f} to {max(ratios):.2f}" if ratios else ""
    yield Figure("B17", "looking / hidden", _middle(ratios), "x", LEAST, remark=spread)
    share, looks = (_middle(series.get(f"B17 {what} looking")) for what in ("share", "looks"))
    yield Figure("B17", "console and its sessions", share, "% of a processor")
    yield Figure("B17", "looks of all pages", looks, "a second")


def _middle(values: Sequence[float] | None) -> float | None:
    return median(values) if values else None


TABS = Workload("B17", "beside open pages of the console", run, figures)
