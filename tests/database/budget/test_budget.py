"""A site's daily seconds: charged when a run ends, checked when one would start."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from support.sessions.budgets import budget, spend, spent
from support.sessions.clock import NOON, Clock
from support.sessions.timetable import change
from support.sessions.verbs import Claimed, Verbs

MIDNIGHT = NOON + timedelta(hours=12)


@pytest.fixture
def acme(verbs: Verbs, clock: Clock) -> str:
    """Add a site with a budget of 100 seconds a day."""
    assert clock.now == NOON
    return verbs.site("acme", daily_seconds=100)


def test_job_starts_while_there_is_budget_and_not_after(
    verbs: Verbs, clock: Clock, acme: str
) -> None:
    """One second left is enough; the running one is never cut."""
    spend(verbs, clock, acme, 99)
    last, deferred = (verbs.job(site=acme) for _ in range(2))
    assert verbs.claim("n:1") == last
    clock.advance(5000)

    assert verbs.finish(last, claim=True) is None
    assert verbs.column(deferred, "gate") == "site/acme"
    assert spent(verbs, acme) == 5099


def test_running_jobs_do_not_count_before_they_end(verbs: Verbs, clock: Clock, acme: str) -> None:
    """Any number may start until then."""
    jobs = [verbs.job(site=acme) for _ in range(3)]
    started = []
    for number in (1, 2, 3):
        started.append(verbs.claim(f"n:{number}"))
        clock.advance(200)

    assert started == jobs
    assert spent(verbs, acme) == 0


def test_deferred_jobs_hold_nobody_back_and_run_after_the_refill(
    verbs: Verbs, clock: Clock, acme: str
) -> None:
    """In their old order, all of them, with no help from anybody who ends."""
    spend(verbs, clock, acme, 100)
    deferred = [verbs.job(site=acme, priority=priority) for priority in (3, 1, 2)]
    other = verbs.job(priority=100)
    assert [verbs.claim("n:1"), verbs.claim("n:2")] == [other, None]
    clock.set(MIDNIGHT - timedelta(seconds=1))
    assert verbs.claim("n:2") is None
    clock.set(MIDNIGHT)

    started = [verbs.claim(f"n:{number}") for number in (2, 3, 4)]

    assert started == [deferred[1], deferred[2], deferred[0]]
    assert verbs.sweep() == 0


def test_deferred_job_has_its_reason(verbs: Verbs, clock: Clock, acme: str) -> None:
    """With the time of the refill (semantics 5)."""
    spend(verbs, clock, acme, 100)
    verbs.register()
    verbs.job(site=acme)
    verbs.run("set timezone = 'UTC'")

    assert verbs.values("select reason from pgdispatch.queue") == [
        "site budget spent (refill 2026-03-03 00:00)"
    ]


def test_run_over_the_refill_is_charged_to_the_day_of_its_start(
    verbs: Verbs, clock: Clock, acme: str
) -> None:
    """The new day begins with a full budget, whenever it ends."""
    clock.set(MIDNIGHT - timedelta(seconds=10))
    job = verbs.job(site=acme)
    verbs.claim("n:1")
    clock.set(MIDNIGHT + timedelta(seconds=500))
    next_one = verbs.job(site=acme)

    assert verbs.finish(job, claim=True) == Claimed("run", next_one, 1)
    assert spent(verbs, acme) == 0


def test_each_attempt_is_charged_however_it_ends(verbs: Verbs, clock: Clock, acme: str) -> None:
    """Failed, retried, given back, lost, cancelled."""
    job = verbs.job(site=acme, max_attempts=2)
    seen = []
    for end in ("requeue", "lose", "fail", "cancel"):
        verbs.run("update pgdispatch.job set not_before = pgdispatch.now() "
                  "where state = 'delayed'")  # fmt: skip
        verbs.claim("n:1")
        clock.advance(10)
        match end:
            case "requeue":
                verbs.requeue(job)
            case "lose":
                verbs.run("select pgdispatch.declare_lost('n')")
            case "fail":
                verbs.fail(job)
            case _:
                verbs.cancel(job)
                verbs.fail(job)
        seen.append(spent(verbs, acme))

    assert seen == [10, 20, 30, 40]
    assert verbs.state(job) == "cancelled"


def test_budget_of_nothing_lets_nothing_start(verbs: Verbs, clock: Clock, acme: str) -> None:
    """Not even after a refill."""
    budget(verbs, acme, 0)
    verbs.job(site=acme)
    assert verbs.claim() is None
    clock.set(MIDNIGHT + timedelta(hours=1))
    assert verbs.claim() is None
    budget(verbs, acme, 1)

    assert verbs.claim() is not None


def test_run_now_passes_no_spent_budget(verbs: Verbs, clock: Clock, acme: str) -> None:
    """It changes the order, never eligibility."""
    spend(verbs, clock, acme, 100)
    verbs.run_now(verbs.task(site=acme))

    assert verbs.claim() is None


def test_over_budget_cancel_ends_the_rest_of_the_days_jobs(
    verbs: Verbs, clock: Clock, acme: str
) -> None:
    """All that would start now, saying why; those whose time comes later are left alone."""
    change(verbs, "site", "name", acme, over_budget="cancel", refill_at="06:30")
    spend(verbs, clock, acme, 100)
    jobs = [verbs.job(site=acme) for _ in range(200)]
    later = verbs.job(site=acme, not_before=NOON + timedelta(hours=20))
    other = verbs.job(priority=100)

    assert verbs.claim() == other
    ended = verbs.rows("select outcome, cancelled_by, cancel_reason from pgdispatch.job_history "
                       "where id = any(%s)", jobs)  # fmt: skip
    assert ended == [
        {
            "outcome": "cancelled",
            "cancelled_by": "pgdispatch",
            "cancel_reason": "site budget spent (refill 2026-03-03 06:30 UTC)",
        }
    ] * len(jobs)
    clock.advance(20 * 3600)
    assert verbs.claim("n:2") == later


def test_job_cancelled_for_the_budget_lets_others_in_at_its_datasource(
    verbs: Verbs, clock: Clock, acme: str
) -> None:
    """Nothing is left behind at its other gates."""
    change(verbs, "site", "name", acme, over_budget="cancel")
    jobs = [verbs.job(site=acme, datasource="sales") for _ in range(4)]
    assert [verbs.claim("n:1"), verbs.claim("n:2")] == [jobs[0], None]
    clock.advance(100)

    assert verbs.finish(jobs[0], claim=True) is None
    assert verbs.values("select id from pgdispatch.job") == []


def test_step_cancelled_for_the_budget_ends_its_run(verbs: Verbs, clock: Clock, acme: str) -> None:
    """As any cancellation does."""
    change(verbs, "site", "name", acme, over_budget="cancel")
    linked = verbs.add("linked_task", site=acme, title="a chain")
    for step in (1, 2):
        verbs.add("linked_task_step", "step", linked_task=linked, step=step,
                  task=verbs.task("flow", site=acme))  # fmt: skip
    verbs.run("select pgdispatch.run_now_linked_task(%s)", linked)
    assert verbs.claim("n:1") is not None
    clock.advance(100)
    verbs.finish(verbs.value("select id from pgdispatch.job"), claim=True)

    outcomes = verbs.values("select outcome from pgdispatch.job_history order by id")
    assert outcomes == ["succeeded", "cancelled"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("daily_seconds", -2), ("refill_at", "12:00:30"), ("refill_at", "24:00"),
        ("refill_at", None), ("time_zone", "Europe/Atlantis"), ("time_zone", None),
        ("over_budget", "explode"), ("over_budget", None),
    ],
)  # fmt: skip
def test_wrong_budget_is_refused(verbs: Verbs, column: str, value: object) -> None:
    """By a hint or a constraint."""
    with pytest.raises(psycopg.Error):
        verbs.site("acme", **{column: value})  # type: ignore[arg-type]  # wrong on purpose


def test_charges_are_summed_up_and_forgotten_without_a_change(
    verbs: Verbs, clock: Clock, acme: str
) -> None:
    """Spent is spent, before and after; three days later nothing is kept."""
    budget(verbs, acme, 10000)
    for seconds in (1, 2, 3, 60, 61):
        spend(verbs, clock, acme, seconds)
    before = spent(verbs, acme)
    verbs.run("select pgdispatch.forget()")
    count = "select count(*) from pgdispatch.charge"

    assert (before, spent(verbs, acme)) == (127, 127)
    assert verbs.value(count) < 5
    clock.advance(3 * 86400)
    verbs.run("select pgdispatch.forget()")
    assert verbs.value(count) == 0


@pytest.mark.parametrize("column", ["datasource", "schedule"])
def test_job_that_another_gate_holds_is_not_cancelled_for_the_budget(
    verbs: Verbs, clock: Clock, acme: str, column: str
) -> None:
    """It could not start anyway; once it could, but for the budget, it is."""
    change(verbs, "site", "name", acme, over_budget="cancel")
    verbs.schedule("nightly", "serial")
    running = verbs.job(**{column: "nightly"}, site=acme)
    assert verbs.claim("n:1") == running
    waiting = verbs.job(**{column: "nightly"}, site=acme)
    spend(verbs, clock, acme, 100)

    assert verbs.claim("n:2") is None
    assert verbs.state(waiting) == "waiting"
    assert verbs.finish(running, claim=True) is None
    assert verbs.state(waiting) == "cancelled"


@pytest.mark.parametrize("daily_seconds", [100, 5000])
def test_job_that_the_limit_of_its_site_holds_is_not_cancelled_for_the_budget(
    verbs: Verbs, clock: Clock, acme: str, daily_seconds: int
) -> None:
    """It waits for the limit, and for nothing else if there is more budget by then."""
    change(verbs, "site", "name", acme, over_budget="cancel", max_running_jobs=1)
    running = verbs.job(site=acme)
    assert verbs.claim("n:1") == running
    verbs.limit(acme, 2)
    spend(verbs, clock, acme, 100)
    verbs.limit(acme, 1)
    waiting = [verbs.job(site=acme) for _ in range(3)]

    assert verbs.claim("n:2") is None
    assert [verbs.state(job) for job in waiting] == ["waiting"] * 3
    budget(verbs, acme, daily_seconds)
    assert verbs.claim("n:2") is None
    assert [verbs.state(job) for job in waiting] == ["waiting"] * 3
    got = verbs.finish(running, claim=True)
    if daily_seconds == 100:
        assert got is None
        assert [verbs.state(job) for job in waiting] == ["cancelled"] * 3
    else:
        assert got == Claimed("run", waiting[0], 1)
    assert verbs.sweep() == 0


def test_job_whose_time_lies_ahead_again_is_not_cancelled_for_the_budget(
    verbs: Verbs, clock: Clock, acme: str
) -> None:
    """The clock went back after its time had come."""
    change(verbs, "site", "name", acme, over_budget="cancel")
    verbs.schedule("nightly", "serial")
    running = verbs.job(schedule="nightly")
    assert verbs.claim("n:1") == running
    early = verbs.job(site=acme, schedule="nightly", not_before=NOON + timedelta(minutes=5))
    clock.advance(300)
    assert verbs.claim("n:2") is None
    clock.set(NOON)
    spend(verbs, clock, acme, 100)
    clock.set(NOON + timedelta(minutes=2))
    verbs.finish(running)

    assert verbs.claim("n:1") is None
    assert verbs.state(early) == "waiting"
    clock.set(NOON + timedelta(minutes=5))
    assert verbs.claim("n:1") is None
    assert verbs.state(early) == "cancelled"
