"""Rivals record and deliver the same notices: each is there once, and nobody waits for it."""

from __future__ import annotations

from support.sessions.outbox import reach, tell, told
from support.sessions.ring import Ring
from support.sessions.timetable import fail_often


def test_two_supervisors_make_one_delivery(ring: Ring) -> None:
    """The second leaves alone what the first has in hand."""
    reach(ring.watch, "ops")
    ring.watch.run("select pgdispatch.test_notice('ops')")
    first, second = ring.session(begin=True), ring.session()
    made = first.verbs.value("select pgdispatch.tend_notices()")

    seen = second.verbs.value("select pgdispatch.tend_notices()")
    first.commit()

    assert (made, seen) == (1, 0)
    assert ring.watch.value("select count(*) from pgdispatch.job where type = 'notice'") == 1


def test_two_failures_at_once_are_told_and_suspend_once(ring: Ring) -> None:
    """Neither waits for the other, and each is told; the fifth or the sixth suspends the task."""
    tell(ring.watch, "failure", after=5)
    tell(ring.watch, "suspension")
    task = ring.watch.task()
    fail_often(ring.watch, task, 4)
    jobs = [ring.watch.add("job", task=task) for _ in range(2)]
    ring.watch.turn([1, 2])
    first, second = ring.session(begin=True), ring.session()
    first.verbs.fail(jobs[0])

    second.verbs.fail(jobs[1])
    assert told(ring.watch, "what", "job") == [("failure", jobs[1])]
    first.commit()

    assert sorted(told(ring.watch, "what", "job")) == [
        ("failure", jobs[0]), ("failure", jobs[1]), ("suspension", jobs[0]),
    ]  # fmt: skip


def test_what_is_rolled_back_is_not_told(ring: Ring) -> None:
    """The notice is part of the transaction that ends the job."""
    tell(ring.watch, "failure")
    job = ring.watch.job()
    ring.watch.claim("n:1")
    first = ring.session(begin=True)
    first.verbs.fail(job)
    first.rollback()
    assert told(ring.watch) == []

    ring.watch.fail(job)

    assert told(ring.watch, "job") == [(job,)]
