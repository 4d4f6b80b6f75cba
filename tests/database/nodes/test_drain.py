"""A node that is drained within a time: who may, until when, and when that is over."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from support.sessions.clock import Clock
from support.sessions.verbs import Verbs

DRAIN = "select pgdispatch.drain('etl', %s)"
NODE = "select is_drained, drain_ends_at from pgdispatch.node"
ATTEMPTS = (
    "select is_drained, drain_ends_at, drain_left from pgdispatch.node_attempts('etl') order by job"
)
RESUME = "update pgdispatch.node set is_drained = false"


def drained(verbs: Verbs) -> tuple[bool, object]:
    """Return whether the node is drained, and by when it is to be empty."""
    row = verbs.row(NODE)
    return row["is_drained"], row["drain_ends_at"]


def test_drain_tells_how_many_run_and_the_supervisor_how_long_they_may(
    verbs: Verbs, clock: Clock
) -> None:
    """By the server's clock; nothing new is started, and its notes tell who and why."""
    verbs.register("etl", backgrounders=2)
    verbs.job(), verbs.job()
    verbs.claim("etl:1")
    ends_at = clock.now + timedelta(seconds=110)

    busy = verbs.value(
        "select pgdispatch.drain('etl', '110 s', p_reason => 'spot notice', p_by => 'alice')"
    )
    clock.advance(10)

    assert busy == 1
    assert verbs.claim("etl:2") is None
    assert verbs.rows(ATTEMPTS) == [
        {"is_drained": True, "drain_ends_at": ends_at, "drain_left": 100.0}
    ]
    status = verbs.row("select is_drained, drain_ends_at from pgdispatch.node_status")
    assert status == {"is_drained": True, "drain_ends_at": ends_at}
    noted = verbs.row("select * from pgdispatch.change where what = 'drain'")
    assert (noted["said_by"], noted["reason"], noted["name"]) == ("alice", "spot notice", "etl")
    assert noted["before"] == {"is_drained": False, "drain_ends_at": None}
    assert noted["after"]["is_drained"] is True
    assert noted["after"]["drain_ends_at"].startswith(ends_at.strftime("%Y-%m-%dT%H:%M:%S"))
    verbs.run(RESUME)
    last = verbs.row("select * from pgdispatch.change order by id desc limit 1")
    assert (last["what"], last["said_by"], last["reason"]) == ("resume", None, None)
    assert last["after"] == {"is_drained": False, "drain_ends_at": None}


def test_the_last_drain_counts_and_a_resume_ends_its_time(verbs: Verbs, clock: Clock) -> None:
    """A longer one, a shorter one, one without an end; each is noted as a drain."""
    verbs.register("etl")
    seen = []

    for within in ("1 min", "1 hour", "2 s", None, "1 min"):
        verbs.run(DRAIN, within)
        seen.append(drained(verbs))
    verbs.run(RESUME)

    assert seen == [
        (True, clock.now + timedelta(minutes=1)),
        (True, clock.now + timedelta(hours=1)),
        (True, clock.now + timedelta(seconds=2)),
        (True, None),
        (True, clock.now + timedelta(minutes=1)),
    ]
    assert drained(verbs) == (False, None)
    whats = verbs.values("select what from pgdispatch.change order by id")
    assert whats == [*["drain"] * 5, "resume"]


def test_a_drain_of_plain_sql_keeps_the_time_that_there_is(verbs: Verbs) -> None:
    """And has none of its own: the column without a drain says nothing."""
    verbs.register("etl")
    verbs.run("update pgdispatch.node set drain_ends_at = now() + interval '1 min'")
    alone = drained(verbs)
    verbs.run(DRAIN, "1 min")
    given = drained(verbs)

    verbs.run("update pgdispatch.node set is_drained = true")

    assert alone == (False, None)
    assert drained(verbs) == given


@pytest.mark.parametrize("within", ["-1 s", "31 days", "300000 years"])
def test_a_span_that_makes_no_sense_is_refused(verbs: Verbs, within: str) -> None:
    """And a node that there is not; nothing has changed."""
    verbs.register("etl")

    with pytest.raises(psycopg.Error, match="cannot drain within") as refused:
        verbs.run(DRAIN, within)
    with pytest.raises(psycopg.Error, match="node etk does not exist") as unknown:
        verbs.run("select pgdispatch.drain('etk', '1 min')")

    assert (refused.value.sqlstate, unknown.value.sqlstate) == ("JD001", "JD002")
    assert drained(verbs) == (False, None)


def test_a_drain_with_a_time_ends_when_its_supervisor_stops(verbs: Verbs) -> None:
    """The next machine of that name takes jobs; one without a time stays drained."""
    incarnation = verbs.register("etl")
    stop = "select pgdispatch.deregister_node('etl', %s)"

    verbs.run(DRAIN, "1 min")
    verbs.run(stop, incarnation)
    timed = drained(verbs)
    incarnation = verbs.register("etl")
    verbs.run(DRAIN, None)
    verbs.run(stop, incarnation)

    assert timed == (False, None)
    assert drained(verbs) == (True, None)
    assert verbs.values("select what from pgdispatch.change") == ["drain", "drain"]


def test_a_supervisor_that_starts_anew_before_the_time_is_over_stays_drained(
    verbs: Verbs, clock: Clock
) -> None:
    """It crashed, and the machine is about to go; after that time, it has gone or stayed."""
    verbs.register("etl")
    verbs.run(DRAIN, "30 s")
    clock.advance(20)
    second = verbs.register("etl")
    before = drained(verbs)[0]
    clock.advance(20)
    verbs.run("select pgdispatch.register_node('etl', %s)", second)
    same = drained(verbs)[0]

    verbs.run("update pgdispatch.node set heartbeat_at = null")
    verbs.register("etl")

    assert (before, same) == (True, True)
    assert drained(verbs) == (False, None)
