"""Something is paused, or paused no longer, while others claim and finish."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from random import Random
from threading import Event

import psycopg
import pytest

from support.sessions.pauses import block, let_go, pause_in, stop_at
from support.sessions.ring import Ring
from support.sessions.rivals import drain
from support.sessions.verbs import Claimed, Verbs

PAUSE = "select pgdispatch.pause('site', 'acme')"
END = "select pgdispatch.end_pause('site', 'acme')"
SCOPES = [
    ("all", None, "true"),
    *(("site", name, f"site = '{name}'") for name in ("red", "blue")),
    *(("type", name, f"type = '{name}'") for name in ("flow", "alert")),
    *(("schedule", name, f"schedule = '{name}'") for name in ("serial", "parallel")),
]
STARTED = """
select count(*) from pgdispatch.job_history where {} and asked_at > %s and started_at < %s
"""
FILL = """
insert into pgdispatch.job (type, site, datasource, schedule, priority, max_attempts)
select
    case when random() < 0.5 then 'flow' else 'alert' end,
    case when random() < 0.5 then 'red' else 'blue' end,
    case when random() < 0.5 then 'data ' || floor(random() * 20) end,
    case when random() < 0.3 then 'serial' when random() < 0.5 then 'parallel' end,
    1 + floor(random() * 100),
    2
from generate_series(1, 300)
"""


@pytest.fixture
def verbs(ring: Ring) -> Verbs:
    """Act outside the race."""
    ring.watch.run("update pgdispatch.setting set value = 1 where name = 'gate_wait_seconds'")
    ring.watch.site("acme")
    return ring.watch


@pytest.mark.parametrize("act", [PAUSE, END])
def test_pause_and_its_end_in_an_open_transaction_hold_up_nobody(
    ring: Ring, verbs: Verbs, act: str
) -> None:
    """And change nothing before the commit."""
    if act == END:
        verbs.run(PAUSE)
    job, other = verbs.job(site="acme", priority=1), verbs.job()
    person = ring.session(begin=True)
    person.verbs.run(act)
    started = [verbs.claim("n:1"), verbs.claim("n:2")]
    late = verbs.job(site="acme")

    person.commit()

    assert started == ([job, other] if act == PAUSE else [other, None])
    assert verbs.claim("n:3") == (None if act == PAUSE else job)
    assert verbs.claim("n:4") == (None if act == PAUSE else late)


def test_claim_that_saw_a_pause_parks_nothing_once_that_has_ended(ring: Ring, verbs: Verbs) -> None:
    """It was about to; nobody would wake the job any more."""
    verbs.run(PAUSE)
    verbs.claim("n:1")
    job = verbs.job(site="acme")
    pause_in(verbs, "is_still_paused", "p_gate text", "boolean")
    claiming, guard = ring.session(), block(ring)
    stop_at(claiming, "is_still_paused")
    asking = ring.start_waiting(claiming, lambda v: v.ask("n:2"))
    verbs.run(END)
    assert verbs.ask("n:3") == Claimed("again", None, None)  # type: ignore[arg-type]  # no job

    let_go(guard)

    assert asking.result() == Claimed("again", None, None)  # type: ignore[arg-type]  # likewise
    assert verbs.column(job, "state") == "ready"
    assert verbs.claim("n:2") == job


def test_end_of_a_pause_wakes_the_job_that_a_claim_is_just_parking(
    ring: Ring, verbs: Verbs
) -> None:
    """That claim hangs: others are not held up by it, and it is looked at again afterwards."""
    verbs.run(PAUSE)
    verbs.claim("n:1")
    job, other = verbs.job(site="acme", priority=1), verbs.job()
    claiming = ring.session(begin=True)
    assert claiming.verbs.claim("n:2") == other
    verbs.run(END)
    another = verbs.job()
    assert verbs.claim("n:3") == another
    assert verbs.sweep() == 0

    claiming.commit()

    assert verbs.claim("n:4") == job
    assert verbs.claim("n:5") is None
    assert verbs.values("select gate from pgdispatch.gate_notice") == []
    assert verbs.values("select gate from pgdispatch.deferral") == []
    assert verbs.sweep() == 0


@pytest.mark.parametrize(
    "by_turns_of", [pytest.param(None, marks=pytest.mark.newest_only), 4], ids=["claims", "turns"]
)
def test_rivals_end_every_job_while_somebody_pauses_and_resumes(
    verbs: Verbs, database: str, by_turns_of: int | None
) -> None:
    """Of what is paused nobody starts any who asks after that; nothing is left to the sweep."""
    for site, limit in (("red", 2), ("blue", 3)):
        verbs.site(site, limit)
    verbs.schedule("serial", "serial")
    verbs.schedule("parallel")
    verbs.run("update pgdispatch.setting set value = 1 where name = 'retry_base_seconds'")
    verbs.run("select setseed(0.1)")
    verbs.run(FILL)
    with _pausing(database) as spells:
        rivals = 6 if by_turns_of is None else 4
        seen = drain(
            database, rivals, by_turns_of=by_turns_of,
            fails=lambda got: got.id % 50 == 0 and got.attempt == 1,
        )  # fmt: skip

    assert verbs.value("select count(*) from pgdispatch.job_history") == 300
    assert len(spells) > 5
    assert seen.overfull == []
    assert verbs.rows("select job, gate from pgdispatch.swept_job") == []
    for condition, since, until in spells:
        assert verbs.value(STARTED.format(condition), since, until) == 0, condition


@contextmanager
def _pausing(dsn: str) -> Iterator[list[tuple[str, datetime, datetime]]]:
    """Pause and resume at random meanwhile; give what was paused from when until when."""
    spells: list[tuple[str, datetime, datetime]] = []
    over = Event()
    with ThreadPoolExecutor(1) as pool:
        person = pool.submit(_pause_at_random, dsn, spells, over)
        try:
            yield spells
        finally:
            over.set()
            person.result()


def _pause_at_random(dsn: str, spells: list[tuple[str, datetime, datetime]], over: Event) -> None:
    random = Random(1)  # noqa: S311  # no secret
    with psycopg.connect(dsn, autocommit=True) as connection:
        verbs = Verbs(connection)
        while not over.is_set():
            scope, name, condition = random.choice(SCOPES)
            verbs.run("select pgdispatch.pause(%s, %s)", scope, name)
            since = verbs.value("select pgdispatch.now()")
            over.wait(random.random() * 0.1)
            until = verbs.value("select pgdispatch.now()")
            verbs.run("select pgdispatch.end_pause(%s, %s)", scope, name)
            spells.append((condition, since, until))
            over.wait(random.random() * 0.2)
