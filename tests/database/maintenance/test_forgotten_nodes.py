"""Nodes that stopped and that nobody has configured are forgotten; containers come and go."""

from __future__ import annotations

import uuid

import pytest

from support.sessions.clock import Clock
from support.sessions.verbs import Verbs

DAY = 24 * 3600
STOP = "select pgdispatch.deregister_node(%s, %s)"
NAMES = "select name from pgdispatch.node order by name"
TAKE = "select pgdispatch.register_node('box', %s, 3, array['flow'], 8)"


@pytest.fixture(autouse=True)
def now(clock: Clock) -> Clock:
    """Hold the time."""
    return clock


def watch(verbs: Verbs, clock: Clock) -> None:
    """Let a supervisor look for long enough to be sure that who is silent is gone."""
    for _ in range(4):
        clock.advance(5)
        verbs.run("select pgdispatch.declare_lost()")


def stop(verbs: Verbs) -> None:
    """Start the node and stop it; it runs what its command line says."""
    incarnation = uuid.uuid4()
    verbs.run(TAKE, incarnation)
    verbs.run(STOP, "box", incarnation)


def left(verbs: Verbs) -> list[str]:
    """Return the nodes that are left when all has been forgotten that may be."""
    verbs.run("select pgdispatch.forget()")
    return verbs.values(NAMES)


def test_a_node_that_stopped_is_forgotten_after_the_set_time(verbs: Verbs, clock: Clock) -> None:
    """Not at that time, but when it is past."""
    verbs.run("update pgdispatch.setting set value = 3 where name = 'node_keep_hours'")
    stop(verbs)
    clock.advance(3 * 3600 - 20)
    watch(verbs, clock)
    assert left(verbs) == ["box"]

    clock.advance(0.001)

    assert left(verbs) == []


def test_a_node_that_fell_silent_is_forgotten_with_its_processes(
    verbs: Verbs, clock: Clock
) -> None:
    """After a week, as it may have crashed; its jobs went back long ago, the history stays."""
    verbs.run(TAKE, uuid.uuid4())
    verbs.run("select pgdispatch.start_backgrounder('box:1', 1)")
    verbs.run("select pgdispatch.start_application_server('box', 1, 1, 'here:1')")
    job = verbs.job(type="flow")
    claimed = verbs.claim("box:1")
    assert claimed is not None
    verbs.run("select pgdispatch.finish(%s, 1)", job)
    clock.advance(7 * DAY - 20)
    watch(verbs, clock)
    assert left(verbs) == ["box"]

    clock.advance(0.001)

    assert left(verbs) == []
    for table in ("backgrounder", "application_server"):
        assert verbs.values(f"select id from pgdispatch.{table}") == []
    assert verbs.values("select node from pgdispatch.job_history") == ["box"]


def test_nobody_is_forgotten_before_the_database_has_been_up_for_a_lease(
    verbs: Verbs, clock: Clock
) -> None:
    """Nodes that waited for it for days are about to speak."""
    verbs.run(TAKE, uuid.uuid4())
    watch(verbs, clock)

    clock.advance(8 * DAY)

    assert left(verbs) == ["box"]
    watch(verbs, clock)
    assert left(verbs) == []


@pytest.mark.parametrize(
    "change",
    [
        "backgrounders = 4",
        "application_servers = 2",
        "only_types = '{flow}'",
        "except_types = '{flow}'",
        "is_drained = true",
    ],
)
def test_a_node_that_somebody_has_configured_is_kept(
    verbs: Verbs, clock: Clock, change: str
) -> None:
    """However long it has been away."""
    stop(verbs)
    verbs.run(f"update pgdispatch.node set {change}")

    clock.advance(100 * DAY)
    watch(verbs, clock)

    assert left(verbs) == ["box"]


def test_a_node_that_went_while_it_drained_is_forgotten(verbs: Verbs, clock: Clock) -> None:
    """It was given a time for that, and is not the one to be resumed."""
    verbs.run(TAKE, uuid.uuid4())
    verbs.run("select pgdispatch.drain('box', '1 min')")
    clock.advance(7 * DAY - 20)
    watch(verbs, clock)
    assert left(verbs) == ["box"]

    clock.advance(0.001)

    assert left(verbs) == []


def test_a_node_is_kept_that_was_added_by_hand_until_it_has_run(verbs: Verbs, clock: Clock) -> None:
    """One with something set stays after that, too."""
    verbs.run("insert into pgdispatch.node (name) values ('new')")
    verbs.run("insert into pgdispatch.node (name, only_types) values ('box', '{flow}')")
    stop(verbs)

    clock.advance(100 * DAY)
    watch(verbs, clock)

    assert left(verbs) == ["box", "new"]


def test_what_a_supervisor_says_of_itself_and_what_was_taken_back_configure_nothing(
    verbs: Verbs, clock: Clock
) -> None:
    """A drain that is over leaves nothing behind."""
    stop(verbs)
    verbs.run("update pgdispatch.node set is_drained = true")
    verbs.run("update pgdispatch.node set is_drained = false")
    stop(verbs)

    clock.advance(DAY)
    watch(verbs, clock)

    assert left(verbs) == []


def test_a_node_that_is_up_or_has_come_back_is_kept(verbs: Verbs, clock: Clock) -> None:
    """Its former stop is forgotten instead."""
    stop(verbs)
    clock.advance(8 * DAY)
    watch(verbs, clock)
    verbs.run(TAKE, uuid.uuid4())

    clock.advance(10)

    assert left(verbs) == ["box"]
    assert verbs.values("select stopped_at from pgdispatch.node") == [None]
