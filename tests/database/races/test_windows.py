"""Closed windows beside each other, beside two clocks, and beside people who edit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.sessions.clock import NOON, Clock
from support.sessions.ring import Ring
from support.sessions.timetable import tick
from support.sessions.verbs import Verbs


@pytest.fixture
def verbs(ring: Ring) -> Verbs:
    """Act outside the race."""
    return ring.watch


@pytest.fixture
def clock(verbs: Verbs) -> Clock:
    """Close the node `n` and the type `flow` daily from one to three; the node is up."""
    stopped = Clock(verbs.connection)
    verbs.register()
    for scope, target in (("node", "n"), ("type", "flow")):
        verbs.run(
            "insert into pgdispatch.closed_window (name, scope, target, recurrence, lasts)"
            " values (%s, %s, %s, 'daily at 13:00', '2 hours')",
            scope,
            scope,
            target,
        )
    return stopped


def test_two_clocks_at_an_edge_open_and_close_once(ring: Ring, verbs: Verbs, clock: Clock) -> None:
    """The second does nothing while the first is at it, and nothing is left for it."""
    for hours, closed in ((1, True), (3, False), (25, True)):
        clock.set(NOON + timedelta(hours=hours))
        first = ring.session(begin=True)
        tick(first.verbs)
        tick(verbs)
        first.commit()
        tick(verbs)

        until = verbs.value("select closed_until from pgdispatch.node")
        assert (until is not None) is closed
    rows = verbs.values("select opens_at from pgdispatch.closed_window")
    assert rows == [NOON + timedelta(hours=25)] * 2


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_clock_waits_for_nobody_who_holds_a_node_or_a_window(
    ring: Ring, verbs: Verbs, clock: Clock, end: str
) -> None:
    """It passes them by, and sees to them as soon as they are free."""
    clock.set(NOON + timedelta(hours=1))
    person = ring.session(begin=True)
    person.verbs.run("update pgdispatch.node set is_drained = true")
    person.verbs.run("update pgdispatch.closed_window set reason = 'x'")

    tick(verbs)

    assert verbs.value("select closed_until from pgdispatch.node") is None
    assert verbs.value("select wait from pgdispatch.tick()") == 0
    getattr(person, end)()
    tick(verbs)
    assert verbs.value("select closed_until from pgdispatch.node") == NOON + timedelta(hours=3)


def test_claim_at_the_edge_sees_a_window_that_was_taken_away_just_before(
    ring: Ring, verbs: Verbs, clock: Clock
) -> None:
    """It is open until the commit, and from then on no more."""
    verbs.run("update pgdispatch.closed_window set enabled = false where scope = 'node'")
    job = verbs.job(type="flow")
    clock.set(NOON + timedelta(hours=1))
    person = ring.session(begin=True)
    person.verbs.run("delete from pgdispatch.closed_window")
    assert verbs.claim("n:1") is None

    person.commit()

    assert verbs.claim("n:1") == job
