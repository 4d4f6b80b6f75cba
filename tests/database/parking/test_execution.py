"""Serial is what a schedule is: a change holds at once for its jobs that wait (semantics 5.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.sessions.clock import Clock
from support.sessions.verbs import Claimed, Verbs

MANY = """
insert into pgdispatch.job (type, schedule, priority)
select 'system', 'nightly', 1 + mod(i, 100) from generate_series(1, 1300) as i
"""
READY = "select count(*) from pgdispatch.job where state = 'ready'"


def claims(verbs: Verbs, *numbers: int) -> list[int | None]:
    """Let some backgrounders claim, one after the other."""
    return [verbs.claim(f"n:{number}") for number in numbers]


def test_schedule_made_serial_starts_none_before_all_that_run_have_ended(verbs: Verbs) -> None:
    """What was created before runs one at a time, too; what runs goes on."""
    verbs.schedule("nightly")
    jobs = [verbs.job(schedule="nightly") for _ in range(5)]
    assert claims(verbs, 1, 2, 3) == jobs[:3]

    verbs.execution("nightly", "serial")

    assert verbs.claim("n:4") is None
    assert [verbs.finish(job, claim=True) for job in jobs[:2]] == [None, None]
    assert verbs.finish(jobs[2], claim=True) == Claimed("run", jobs[3], 1)
    assert verbs.claim("n:1") is None
    assert verbs.finish(jobs[3], claim=True) == Claimed("run", jobs[4], 1)


def test_schedule_made_serial_holds_for_delayed_and_retried_jobs(
    verbs: Verbs, clock: Clock
) -> None:
    """Wherever in the queue they are at the change."""
    verbs.schedule("nightly")
    retried = verbs.job(schedule="nightly", max_attempts=2)
    delayed = verbs.job(schedule="nightly", not_before=clock.now + timedelta(hours=2))
    assert verbs.claim("n:1") == retried
    verbs.fail(retried)

    verbs.execution("nightly", "serial")

    clock.advance(3 * 3600)
    assert claims(verbs, 1, 2) == [retried, None]
    assert verbs.column(delayed, "gate") == "schedule/nightly"


def test_schedule_made_parallel_lets_in_at_once_who_is_parked(verbs: Verbs) -> None:
    """While the one that was serial goes on."""
    verbs.schedule("nightly", "serial")
    jobs = [verbs.job(schedule="nightly") for _ in range(4)]
    assert claims(verbs, 1, 2) == [jobs[0], None]

    verbs.execution("nightly", "parallel")

    assert claims(verbs, 2, 3, 4, 5) == [*jobs[1:], None]
    assert verbs.sweep() == 0


def test_schedule_made_serial_anew_starts_none_beside_those_of_both_kinds(verbs: Verbs) -> None:
    """One that was started as serial, one as parallel."""
    verbs.schedule("nightly", "serial")
    serial, parallel, last = (verbs.job(schedule="nightly") for _ in range(3))
    assert verbs.claim("n:1") == serial
    verbs.execution("nightly", "parallel")
    assert verbs.claim("n:2") == parallel

    verbs.execution("nightly", "serial")

    assert verbs.claim("n:3") is None
    assert verbs.finish(serial, claim=True) is None
    assert verbs.finish(parallel, claim=True) == Claimed("run", last, 1)


def test_serial_schedule_that_is_gone_leaves_no_job_behind(verbs: Verbs) -> None:
    """Its jobs that wait have no schedule that is serial."""
    verbs.schedule("nightly", "serial")
    jobs = [verbs.job(schedule="nightly") for _ in range(3)]
    assert claims(verbs, 1, 2) == [jobs[0], None]

    verbs.run("delete from pgdispatch.schedule")

    assert claims(verbs, 2, 3) == jobs[1:]
    assert verbs.sweep() == 0


def test_many_jobs_of_a_schedule_made_parallel_start_in_their_order(verbs: Verbs) -> None:
    """No call wakes more than some hundred, and none of a lesser place starts before them."""
    verbs.schedule("nightly", "serial")
    verbs.job(schedule="nightly")
    verbs.run(MANY)
    assert claims(verbs, 1, 2) != [None, None]
    lesser = verbs.job(priority=100)
    expected = verbs.values("select job from pgdispatch.queue")

    verbs.execution("nightly", "parallel")

    assert verbs.value(READY) <= 501
    started = [verbs.claim(f"n:{number}") for number in range(3, 3 + len(expected))]
    assert started == expected
    assert started[-1] == lesser
    assert verbs.values("select gate from pgdispatch.gate_notice") == []


@pytest.mark.usefixtures("clock")
def test_job_that_is_serial_no_longer_shows_another_reason(verbs: Verbs) -> None:
    """And says in the history what it was when it started."""
    verbs.register()
    verbs.schedule("nightly")
    running, waiting = (verbs.job(schedule="nightly") for _ in range(2))
    assert verbs.claim("n:1") == running
    reason = "select reason from pgdispatch.queue"
    verbs.execution("nightly", "serial")
    seen = verbs.values(reason)
    verbs.execution("nightly", "parallel")

    assert [*seen, *verbs.values(reason)] == [
        f"serial schedule busy (job {running})", "next in line behind 0",
    ]  # fmt: skip
    verbs.execution("nightly", "serial")
    verbs.finish(running, claim=True)
    verbs.finish(waiting)
    assert [verbs.past(job)["is_serial"] for job in (running, waiting)] == [False, True]


def test_job_of_a_schedule_that_becomes_serial_while_it_waits_elsewhere_has_both_gates(
    verbs: Verbs,
) -> None:
    """It is parked at its datasource at the change."""
    verbs.schedule("nightly")
    data, other = verbs.job(datasource="sales"), verbs.job(schedule="nightly")
    both = verbs.job(datasource="sales", schedule="nightly")
    assert claims(verbs, 1, 2, 3) == [data, other, None]
    verbs.execution("nightly", "serial")

    assert verbs.finish(data, claim=True) is None
    assert verbs.column(both, "gate") == "schedule/nightly"
    assert verbs.finish(other, claim=True) == Claimed("run", both, 1)
