"""What a supervisor does when the database and its processes do not say the same."""

from __future__ import annotations

from pgdispatch.ipc.attempt import Attempt
from pgdispatch.node.reconcile import LASTING, NOTICE, Decision, Order, Reconciler

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
