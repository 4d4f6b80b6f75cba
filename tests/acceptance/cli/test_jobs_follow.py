"""`pgdispatch jobs --follow`: what ends from now on, each once, for as long as somebody looks."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import psycopg
import pytest

from pgdispatch_cli import following, reading
from pgdispatch_cli.reading import Rows, now
from support.cli.command import COMMAND, END_SESSIONS, command_environment
from support.nodes.cluster import Cluster
from support.servers.embedded import Connect
from support.sessions.verbs import Verbs

pytestmark = pytest.mark.usefixtures("newest_only")

INSERT = "insert into pgdispatch.job (type, site, args) values ('system', %s, %s)"


def insert_many(dsn: str) -> None:
    """Insert jobs of two sites, each in a transaction of its own."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for number in range(20):
            does = "fail" if number % 5 == 0 else "nothing"
            connection.execute(INSERT, ["acme", f'{{"do": "{does}"}}'])
            connection.execute(INSERT, ["default", "{}"])


def told(line: str) -> int | None:
    """Return the job that a line tells of."""
    found = re.match(r"\d\d:\d\d:\d\d  job (\d+), (?:system|flow) of acme", line)
    return int(found[1]) if found else None


@pytest.fixture
def follower(cluster: Cluster) -> Iterator[subprocess.Popen[str]]:
    """Give the command, which follows one site, after what it lists first: one job that ended."""
    cluster.verbs.site("acme")
    before = cluster.job("nothing", site="acme")
    cluster.start(processes=2, types="system")
    cluster.ended(before)
    with subprocess.Popen(
        [str(COMMAND), "jobs", "--follow", "--site", "acme"],
        env=command_environment(cluster.dsn),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            next(line for line in process.stdout or () if line.split()[:1] == [str(before)])
            yield process
        finally:
            process.kill()


def test_what_ends_is_told_once_also_what_is_committed_late(
    cluster: Cluster, follower: subprocess.Popen[str]
) -> None:
    """Of the jobs that fit, whoever inserts and ends them, also after an outage; until SIGINT."""
    lines = follower.stdout
    assert lines is not None
    late = cluster.job("nothing", type="flow", site="acme")
    with psycopg.connect(cluster.dsn) as slow:
        slow.execute("select from pgdispatch.claim('hand:1', array['flow'])")
        slow.execute("select from pgdispatch.finish(%s, 1)", [late])
        rivals = [threading.Thread(target=insert_many, args=[cluster.dsn]) for _ in range(2)]
        for rival in rivals:
            rival.start()
        said = list(islice(lines, 40))
        assert len(cluster.verbs.values(END_SESSIONS)) == 1
        slow.commit()
        said += islice(lines, 1)
    for rival in rivals:
        rival.join()
    follower.send_signal(signal.SIGINT)
    rest, status = list(lines), follower.wait()

    ended = "select id from pgdispatch.job_history where site = 'acme' order by id offset 1"
    assert sorted(told(line) or 0 for line in said) == cluster.verbs.values(ended)
    assert told(said[-1]) == late
    assert sum(": error on n:" in line and "ValueError" in line for line in said) == 8
    assert (rest, status) == ([], 130)


@pytest.mark.parametrize("relation", ["background_task", "job_attempt"])
def test_however_many_end_between_two_looks_none_is_left_out(
    database: str, connect: Connect, monkeypatch: pytest.MonkeyPatch, relation: str
) -> None:
    """More than are read at once, also after a look that came to nothing."""
    monkeypatch.setattr(following, "AT_ONCE", 2)
    verbs, link = Verbs(connect(database)), connect(database)
    jobs = [verbs.job() for _ in range(8)]
    verbs.drain("n:1")
    ends = following.Ends(Rows(relation, filled="ended_at"), now(link))
    ends.begin(link)
    more = [verbs.job() for _ in range(7)]
    assert verbs.drain("n:1") == more
    with monkeypatch.context() as broken:
        broken.setattr(following, "read", broken_after(1))
        with pytest.raises(psycopg.OperationalError):
            ends.new(link)

    assert [row["job"] for row in ends.new(link)] == more
    assert ends.new(link) == []
    assert not set(jobs) & set(more)


def broken_after(reads: int) -> Callable[..., Any]:
    """Return a reading that fails after so many."""
    left = iter(range(reads))

    def read(*arguments: Any, **options: Any) -> Any:
        if next(left, None) is None:
            raise psycopg.OperationalError("the connection is lost")
        return reading.read(*arguments, **options)

    return read
