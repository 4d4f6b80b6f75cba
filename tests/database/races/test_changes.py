"""Limits, schedules and settings that change while others claim and finish."""

from __future__ import annotations

import pytest

from support.nodes.processes import wait_until
from support.sessions.ring import Ring
from support.sessions.verbs import Claimed, Verbs

SALES = """
select pg_advisory_xact_lock(pgdispatch.lock_class('gate'), hashtext('datasource/default/sales'))
"""


@pytest.fixture
def verbs(ring: Ring) -> Verbs:
    """Act outside the race."""
    return ring.watch


@pytest.mark.parametrize("after", [None, 2])
def test_wider_limit_lets_in_the_job_that_is_just_being_parked(
    ring: Ring, verbs: Verbs, after: int | None
) -> None:
    """The change waits for nobody; the next claim does, and then sees what was parked."""
    verbs.site("acme", 1)
    _, second = (verbs.job(site="acme") for _ in range(2))
    verbs.claim("n:1")
    claiming, other = ring.session(begin=True), ring.session()
    assert claiming.verbs.claim("n:2") is None
    verbs.limit("acme", after)
    waiting = ring.start_waiting(other, lambda v: v.claim("n:3"))

    claiming.commit()

    assert waiting.result() == second


@pytest.mark.parametrize("after", [None, 2])
def test_wider_limit_beside_a_finish_lets_both_in(
    ring: Ring, verbs: Verbs, after: int | None
) -> None:
    """The room of the release and the room of the limit."""
    verbs.site("acme", 1)
    running, second, third = (verbs.job(site="acme") for _ in range(3))
    verbs.claim("n:1")
    assert verbs.claim("n:2") is None
    finishing, other = ring.session(begin=True), ring.session()
    finishing.verbs.finish(running)
    verbs.limit("acme", after)
    waiting = ring.start_waiting(other, lambda v: v.claim("n:3"))

    finishing.commit()

    assert [waiting.result(), verbs.claim("n:2")] == [second, third]


def test_changed_limit_holds_up_nobody_while_a_person_thinks(ring: Ring, verbs: Verbs) -> None:
    """With constraints that are checked at once, too: the change takes no gate."""
    verbs.site("acme", 2)
    job = verbs.job(site="acme")
    person = ring.session(begin=True)
    person.verbs.run("set constraints all immediate")
    person.verbs.limit("acme", 1)

    assert verbs.claim("n:1") == job


def test_new_limit_beside_a_claim_counts_the_job_that_started_without_it(
    ring: Ring, verbs: Verbs
) -> None:
    """It knew no gate when it started, and lets the next one in all the same when it ends."""
    verbs.site("acme")
    running, second = (verbs.job(site="acme") for _ in range(2))
    claiming = ring.session(begin=True)
    claiming.verbs.claim("n:1")
    verbs.limit("acme", 1)
    claiming.commit()

    assert verbs.claim("n:2") is None
    assert verbs.finish(running, claim=True) == Claimed("run", second, 1)


def test_schedule_made_serial_beside_a_claim_lets_the_serial_job_wait(
    ring: Ring, verbs: Verbs
) -> None:
    """The one that a claim started while it was parallel goes on; the others come after it."""
    verbs.schedule("nightly")
    started, waiting = (verbs.job(schedule="nightly") for _ in range(2))
    claiming = ring.session(begin=True)
    claiming.verbs.claim("n:1")
    verbs.execution("nightly", "serial")
    last = verbs.job(schedule="nightly", priority=100)
    claiming.commit()

    assert [verbs.claim("n:2"), verbs.claim("n:3")] == [None, None]
    assert verbs.finish(started, claim=True) == Claimed("run", waiting, 1)
    assert verbs.finish(waiting, claim=True) == Claimed("run", last, 1)


def test_change_of_tie_break_and_a_claim_that_waits_do_not_block_each_other(
    ring: Ring, verbs: Verbs
) -> None:
    """Whoever comes first: no deadlock, and the job has the new order."""
    verbs.schedule("hourly")
    verbs.task(datasource="sales", schedule="hourly")
    verbs.run("select pgdispatch.fire('hourly', now())")
    holder, claiming, changing = (ring.session() for _ in range(3))
    holder.begin()
    holder.verbs.run(SALES)
    claim = ring.start_waiting(claiming, lambda v: v.claim("n:1"))
    change = changing.start(
        lambda v: v.run("update pgdispatch.setting set value = 'created' where name = 'tie_break'")
    )
    wait_until(lambda: change.done() or ring.is_waiting(changing))

    holder.commit()

    assert claim.result() is not None
    change.result()
    assert verbs.value("select tie_first > 1e9 from pgdispatch.job")
