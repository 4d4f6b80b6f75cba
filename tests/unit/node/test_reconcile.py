"""What a supervisor does when the database and its processes do not say the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pgdispatch.ipc.attempt import Attempt
from pgdispatch.node.reconcile import (
    DRAIN_KILL,
    DRAIN_STOP,
    LASTING,
    NOTICE,
    Decision,
    Order,
    Reconciler,
)

NOTHING = Decision(stop={}, kill={}, lost=frozenset(), orphans=frozenset())
MINE: Attempt = (7, 1)


def order(
    *, is_cancelled: bool = False, timeout: float | None = None, attempt: Attempt = MINE
) -> Order:
    """Return what the database says of an attempt, which has a grace of 10 s or of 1800 s."""
    return Order(*attempt, is_cancelled, timeout, 10.0, 1800.0)


def test_nothing_is_done_while_both_sides_agree() -> None:
    """However long."""
    reconciler = Reconciler()

    assert reconciler.decide([order()], [MINE], 0.0) == NOTHING
    assert reconciler.decide([order()], [MINE], 1000.0) == NOTHING


def test_a_job_that_should_stop_is_asked_at_once_with_the_reason() -> None:
    """Before its grace is over it is not killed."""
    reconciler = Reconciler()
    cancelled = [order(is_cancelled=True)]

    for now in (0.0, 9.9):
        decision = reconciler.decide(cancelled, [MINE], now)
        assert decision.stop == {MINE: "cancelled"}
        assert decision.kill == {}


def test_a_job_whose_grace_is_over_is_killed_for_the_same_reason() -> None:
    """It is not asked once more."""
    reconciler = Reconciler()
    reconciler.decide([order(is_cancelled=True)], [MINE], 0.0)

    decision = reconciler.decide([order(is_cancelled=True)], [MINE], 10.0)

    assert decision.kill == {MINE: "cancelled"}
    assert decision.stop == {}


def test_a_job_overruns_once_it_was_seen_to_run_for_longer_than_it_may() -> None:
    """Counted here, from the first look: the database's clock may jump."""
    reconciler = Reconciler()
    timed = [order(timeout=100.0)]
    reconciler.decide([], [MINE], 5.0)

    assert reconciler.decide(timed, [MINE], 105.0) == NOTHING
    assert reconciler.decide(timed, [MINE], 106.0).stop == {MINE: "timed out"}
    assert reconciler.decide(timed, [MINE], 1905.0).stop == {MINE: "timed out"}
    assert reconciler.decide(timed, [MINE], 1906.0).kill == {MINE: "timed out"}


def test_an_overrunning_job_that_is_cancelled_is_stopped_as_cancelled() -> None:
    """Whichever grace ends first ends it."""
    reconciler = Reconciler()
    both = [order(timeout=100.0, is_cancelled=True)]
    reconciler.decide([order(timeout=100.0)], [MINE], 0.0)
    reconciler.decide([order(timeout=100.0)], [MINE], 1895.0)

    assert reconciler.decide(both, [MINE], 1896.0).stop == {MINE: "cancelled"}
    assert reconciler.decide(both, [MINE], 1901.0).kill == {MINE: "timed out"}


def test_a_job_is_asked_first_even_if_its_grace_is_over_when_that_is_noticed() -> None:
    """The supervisor may have been cut off from the database for so long."""
    reconciler = Reconciler()
    timed = [order(timeout=100.0)]
    reconciler.decide(timed, [MINE], 0.0)

    first = reconciler.decide(timed, [MINE], 5000.0)
    soon = reconciler.decide(timed, [MINE], 5000.0 + NOTICE - 0.1)

    assert (first.stop, first.kill) == ({MINE: "timed out"}, {})
    assert (soon.stop, soon.kill) == ({MINE: "timed out"}, {})
    assert reconciler.decide(timed, [MINE], 5000.0 + NOTICE).kill == {MINE: "timed out"}


def test_a_job_that_no_process_runs_yet_is_not_asked_to_stop() -> None:
    """The message that it has begun is still on its way."""
    assert Reconciler().decide([order(is_cancelled=True)], [], 0.0) == NOTHING


def test_an_attempt_that_the_database_has_taken_away_is_lost_once_that_lasts() -> None:
    """Not before: the commit of its claim may not have been seen."""
    reconciler = Reconciler()

    assert reconciler.decide([], [MINE], 0.0) == NOTHING
    assert reconciler.decide([], [MINE], LASTING - 0.1) == NOTHING
    assert reconciler.decide([], [MINE], LASTING).lost == {MINE}


def test_an_attempt_that_no_process_runs_is_an_orphan_once_that_lasts() -> None:
    """Not before: it may just begin or end."""
    reconciler = Reconciler()

    assert reconciler.decide([order()], [], 0.0) == NOTHING
    assert reconciler.decide([order()], [], LASTING).orphans == {MINE}


def test_a_difference_that_went_away_starts_anew() -> None:
    """What was seen in between counts."""
    reconciler = Reconciler()
    reconciler.decide([order()], [], 0.0)
    reconciler.decide([order()], [MINE], 1.0)

    assert reconciler.decide([order()], [], LASTING + 1) == NOTHING


def test_another_attempt_at_the_same_job_is_another_difference() -> None:
    """The old one is lost, the new one not yet an orphan."""
    reconciler = Reconciler()
    reconciler.decide([], [MINE], 0.0)

    decision = reconciler.decide([order(attempt=(7, 2))], [MINE], LASTING)

    assert decision.lost == {MINE}
    assert decision.orphans == frozenset()


def test_a_job_listed_too_early_and_taken_away_much_later_are_two_differences() -> None:
    """A node that was frozen in between gives its process the time to say what it has."""
    reconciler = Reconciler()
    reconciler.decide([order()], [], 0.0)

    decision = reconciler.decide([], [MINE], 1000.0)

    assert decision == NOTHING
    assert reconciler.decide([], [MINE], 1000.0 + LASTING).lost == {MINE}


NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def drained(left: float | None = None, *, ends_at: datetime = NOON) -> Order:
    """Return what the database says of an attempt on a node that is drained."""
    if left is None:
        return replace(order(), is_drained=True)
    return replace(order(), is_drained=True, drain_ends_at=ends_at, drain_left=left)


def test_on_a_drained_node_what_runs_is_told_so_and_goes_on() -> None:
    """Without an end for as long as it likes; resumed, it is told that, too."""
    reconciler = Reconciler()

    for now in (0.0, 10_000.0):
        assert reconciler.decide([drained()], [MINE], now) == replace(NOTHING, is_drained=True)
    assert reconciler.decide([order()], [MINE], 10_001.0) == NOTHING


def test_what_runs_at_the_end_of_a_drain_is_asked_to_stop_then_killed() -> None:
    """So that the node is empty by then."""
    reconciler = Reconciler()

    early = reconciler.decide([drained(110.0)], [MINE], 0.0)
    soon = reconciler.decide([drained(110.0 - 104.9)], [MINE], 104.9)
    asked = reconciler.decide([drained(DRAIN_STOP)], [MINE], 110.0 - DRAIN_STOP)
    killed = reconciler.decide([drained(DRAIN_KILL)], [MINE], 110.0 - DRAIN_KILL)

    assert (early.stop, early.kill, early.is_urgent) == ({}, {}, False)
    assert (soon.stop, soon.is_urgent) == ({}, True)
    assert (asked.stop, asked.kill) == ({MINE: "draining"}, {})
    assert (killed.stop, killed.kill) == ({}, {MINE: "draining"})


def test_a_drain_that_is_over_when_it_is_seen_asks_first() -> None:
    """The supervisor had been away, or there was no time at all."""
    reconciler = Reconciler()

    assert reconciler.decide([drained(-60.0)], [MINE], 0.0).stop == {MINE: "draining"}
    assert reconciler.decide([drained(-60.5)], [MINE], NOTICE / 2).kill == {}
    assert reconciler.decide([drained(-61.0)], [MINE], NOTICE).kill == {MINE: "draining"}


def test_the_time_of_a_drain_is_measured_here() -> None:
    """The database's clock goes ahead by an hour, then back by two."""
    reconciler = Reconciler()
    reconciler.decide([drained(110.0)], [MINE], 0.0)

    ahead = reconciler.decide([drained(109.0 - 3600)], [MINE], 1.0)
    back = reconciler.decide([drained(DRAIN_STOP + 3600)], [MINE], 110.0 - DRAIN_STOP)

    assert ahead.stop == {}
    assert back.stop == {MINE: "draining"}


def test_the_last_word_on_a_drain_counts() -> None:
    """A shorter one, a longer one, none: each from when it is seen."""
    reconciler = Reconciler()
    shorter, longer = NOON - timedelta(seconds=100), NOON + timedelta(hours=1)

    reconciler.decide([drained(110.0)], [MINE], 0.0)
    short = reconciler.decide([drained(4.0, ends_at=shorter)], [MINE], 6.0)
    long = reconciler.decide([drained(3600.0, ends_at=longer)], [MINE], 6.5)
    none = reconciler.decide([drained()], [MINE], 3605.0)

    assert short.stop == {MINE: "draining"}
    assert (long.stop, long.kill) == ({}, {})
    assert (none.stop, none.kill, none.is_drained) == ({}, {}, True)


def test_a_job_that_is_cancelled_while_its_node_drains_is_stopped_as_cancelled() -> None:
    """And killed when the first of the two graces is over."""
    reconciler = Reconciler()
    both = replace(drained(DRAIN_STOP), is_cancelled=True)

    assert reconciler.decide([both], [MINE], 0.0).stop == {MINE: "cancelled"}
    killed = reconciler.decide([both], [MINE], DRAIN_STOP - DRAIN_KILL)

    assert killed.kill == {MINE: "draining"}
