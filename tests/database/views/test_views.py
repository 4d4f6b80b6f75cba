"""The views answer each question of semantics 9 in one short query."""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.sessions.clock import NOON, Clock
from support.sessions.verbs import Verbs

IN_ODD_SETTINGS = True


def reason(verbs: Verbs, job: int) -> str:
    """Return why a job waits."""
    return str(verbs.value("select reason from pgdispatch.queue where job = %s", job))


def decided(verbs: Verbs) -> list[str]:
    """Return what decided the place of each waiting job."""
    return verbs.values("select decided_by from pgdispatch.queue order by position")


def test_queue_shows_positions_in_the_order_of_dispatch(verbs: Verbs) -> None:
    """From 1, without holes, whatever the jobs wait for."""
    late = verbs.job(priority=2, not_before=NOON + timedelta(days=9999))
    low, high = verbs.job(priority=90), verbs.job(priority=1)

    rows = verbs.rows("select position, job from pgdispatch.queue")

    assert [(row["position"], row["job"]) for row in rows] == [(1, high), (2, late), (3, low)]


def test_reason_counts_those_who_could_start_before_it(verbs: Verbs) -> None:
    """A job that has to wait for something else is not in its way."""
    verbs.register()
    first = verbs.job()
    verbs.job(not_before=NOON + timedelta(days=9999))
    second = verbs.job()

    assert reason(verbs, first) == "next in line behind 0"
    assert reason(verbs, second) == "next in line behind 1"


def test_reason_names_the_job_that_keeps_the_datasource_busy(verbs: Verbs) -> None:
    """Semantics 5, before and after a claim has parked it."""
    verbs.register()
    running, waiting = (verbs.job(datasource="sales") for _ in range(2))
    verbs.claim("n:1")
    before = reason(verbs, waiting)
    verbs.claim("n:2")

    assert before == reason(verbs, waiting) == f"datasource busy (job {running})"


def test_reason_names_the_job_that_keeps_the_serial_schedule_busy(verbs: Verbs) -> None:
    """Semantics 5."""
    verbs.register()
    verbs.schedule("nightly", "serial")
    running, waiting = (verbs.job(schedule="nightly") for _ in range(2))
    verbs.claim("n:1")

    assert reason(verbs, waiting) == f"serial schedule busy (job {running})"


@pytest.mark.usefixtures("clock")
def test_reason_tells_the_site_limit(verbs: Verbs) -> None:
    """Semantics 5: also after the limit was lowered below what runs."""
    verbs.register()
    verbs.site("acme", 2)
    jobs = [verbs.job(site="acme") for _ in range(3)]
    verbs.claim("n:1")
    verbs.claim("n:2")

    assert reason(verbs, jobs[2]) == "site limit (2 of 2 running)"
    verbs.limit("acme", 1)
    assert reason(verbs, jobs[2]) == "site limit (2 of 1 running)"


def test_reason_tells_the_time_before_which_it_does_not_start(verbs: Verbs, clock: Clock) -> None:
    """The time of day if that is today, else the date too; in the zone of the session."""
    verbs.run("set timezone = 'UTC'")
    verbs.register()
    soon = verbs.job(not_before=clock.now + timedelta(hours=12, microseconds=-1))
    later = verbs.job(not_before=clock.now + timedelta(hours=12))

    assert reason(verbs, soon) == "not before 23:59"
    assert reason(verbs, later) == "not before 2026-03-03 00:00"
    verbs.run("set timezone = 'America/New_York'")
    assert reason(verbs, later) == "not before 19:00"
    assert verbs.value("select reason from pgdispatch.why(%s)", later) == "not before 19:00"


def test_reason_tells_that_no_live_node_takes_the_type(verbs: Verbs, clock: Clock) -> None:
    """A node that is silent, has no backgrounders or takes other types does not count."""
    job = verbs.job("flow")
    assert reason(verbs, job) == "no node takes flows"
    verbs.register("a", types=["alert"])
    verbs.register("b", backgrounders=0)
    assert reason(verbs, job) == "no node takes flows"

    verbs.register("c", types=["flow"])

    assert reason(verbs, job) == "next in line behind 0"
    clock.advance(16)
    assert reason(verbs, job) == "no node takes flows"


def test_queue_says_what_decided_a_place(verbs: Verbs, clock: Clock) -> None:
    """Against the job behind it: what puts it before that."""
    verbs.schedule("hourly")
    for type_ in ("alert", "full_extract"):
        verbs.task(type_, schedule="hourly")
    clock.advance(1)
    verbs.task("full_extract", schedule="hourly")
    fast = verbs.task("full_extract", schedule="hourly")
    verbs.run_now(fast)
    job = verbs.claim()
    clock.advance(1)
    verbs.finish(job or 0)
    verbs.run("update pgdispatch.schedule set priority = 40")
    verbs.run("update pgdispatch.task set priority = 40 where type <> 'alert'")
    verbs.job(priority=39)
    verbs.run_now(verbs.task("full_extract"))
    verbs.fire("hourly", NOON)
    for _ in range(2):
        verbs.job(priority=40)
        clock.advance(1)

    assert decided(verbs) == [
        "run now", "priority", "job type", "run time", "created", "scheduled time", "queue order",
        None,
    ]  # fmt: skip


def test_scheduled_time_decides_where_a_job_was_made_in_time(verbs: Verbs, clock: Clock) -> None:
    """One that was made up for late has its place by the time at which it was added."""
    for name in ("first", "missed", "second", "missed, too"):
        verbs.schedule(name)
        verbs.task(schedule=name)
    clock.advance(1)
    verbs.fire("first", NOON)
    verbs.fire("missed", NOON - timedelta(days=1))
    clock.advance(90)
    verbs.fire("second", NOON + timedelta(seconds=90))
    clock.advance(100)
    verbs.job()
    verbs.fire("missed, too", NOON - timedelta(days=1))

    shown = verbs.rows("select schedule, decided_by from pgdispatch.queue order by position")

    assert [tuple(row.values()) for row in shown] == [
        ("first", "scheduled time"),
        ("missed", "scheduled time"),
        ("second", "scheduled time"),
        (None, "queue order"),
        ("missed, too", None),
    ]
    assert decided(verbs) == verbs.values(
        "select (pgdispatch.why(job)).decided_by from pgdispatch.queue order by position"
    )


def test_jobs_that_differ_in_nothing_are_decided_by_their_id(verbs: Verbs, clock: Clock) -> None:
    """The order is total."""
    assert clock.now
    verbs.job()
    verbs.job()

    assert decided(verbs) == ["job id", None]


def test_place_of_the_only_job_is_decided_by_nothing(verbs: Verbs) -> None:
    """There is nobody to compare it with."""
    verbs.job(priority=7)

    assert decided(verbs) == [None]


def test_running_shows_what_runs_where_for_how_long_against_its_usual_time(
    verbs: Verbs, clock: Clock
) -> None:
    """With the progress that its handler has reported."""
    task = verbs.task(title="Sales")
    for _ in range(2):
        verbs.run_now(task)
        job = verbs.claim("etl:1")
        clock.advance(10)
        if _ == 0:
            verbs.finish(job or 0)
    verbs.run("select pgdispatch.progress(%s, 1, 40, 'half way')", job)

    row = verbs.row("select * from pgdispatch.running")

    assert (row["job"], row["backgrounder"], row["title"]) == (job, "etl:1", "Sales")
    assert (row["runs_for"], row["usually_for"]) == (timedelta(seconds=10),) * 2
    assert (row["progress"], row["progress_note"]) == (40, "half way")


def test_status_shows_every_background_process_by_node(verbs: Verbs, clock: Clock) -> None:
    """Busy, idle, starting, lost, stopped."""
    verbs.register("a")
    for number in (1, 2):
        verbs.run("select pgdispatch.start_backgrounder(%s, 1)", f"a:{number}")
    verbs.register("b")
    verbs.job(title="Sales")
    verbs.claim("a:2")
    look = "select node, backgrounder, status, title from pgdispatch.status"
    before = [tuple(row.values()) for row in verbs.rows(look)]
    clock.advance(16)
    verbs.register("b")
    verbs.run("update pgdispatch.node set heartbeat_at = null where name = 'b'")

    after = [row["status"] for row in verbs.rows(look)]

    assert before == [
        ("a", "a:1", "idle", None), ("a", "a:2", "busy", "Sales"), ("b", None, "starting", None),
    ]  # fmt: skip
    assert after == ["lost", "lost", "stopped"]


def test_background_task_filters_the_history_by_backgrounder(verbs: Verbs, clock: Clock) -> None:
    """Newest first, with how long each waited and ran."""
    jobs = [verbs.job() for _ in range(3)]
    for job, backgrounder in zip(jobs, ("a:1", "b:1", "a:1"), strict=True):
        clock.advance(2)
        verbs.claim(backgrounder)
        clock.advance(3)
        verbs.finish(job)

    rows = verbs.rows(
        "select job, waited_for, ran_for from pgdispatch.background_task where backgrounder = 'a:1'"
    )

    assert [row["job"] for row in rows] == [jobs[2], jobs[0]]
    assert [row["waited_for"].seconds for row in rows] == [12, 2]
    assert {row["ran_for"] for row in rows} == {timedelta(seconds=3)}


def test_waited_is_until_the_first_start_or_the_end_without_one(verbs: Verbs, clock: Clock) -> None:
    """An attempt that was given back is a start; what follows it is no waiting of that kind."""
    given_back, cancelled, both = (verbs.job() for _ in range(3))
    clock.advance(2)
    assert verbs.claim() == given_back
    clock.advance(5)
    verbs.requeue(given_back)
    verbs.drain("n:2")
    clock.advance(1)
    again = verbs.job(priority=1)
    clock.advance(4)
    assert verbs.claim() == again
    verbs.requeue(again)
    clock.advance(3)
    verbs.cancel(again)
    waits = verbs.job()
    clock.advance(6)
    verbs.cancel(waits)

    rows = verbs.rows("select * from pgdispatch.background_task order by job")

    seconds = {row["job"]: row["waited_for"].total_seconds() for row in rows}
    assert seconds == {given_back: 2, cancelled: 7, both: 7, again: 4, waits: 6}


def test_delay_tells_how_late_a_scheduled_job_started(verbs: Verbs, clock: Clock) -> None:
    """Waiting, running and ended ones; no job without a schedule."""
    verbs.schedule("hourly")
    for _ in range(3):
        verbs.task(schedule="hourly")
    verbs.job(priority=100)
    verbs.fire("hourly", clock.now)
    clock.advance(7)
    jobs = [verbs.claim("n:1"), verbs.claim("n:2")]
    verbs.finish(jobs[0] or 0)
    clock.advance(3)

    rows = verbs.rows("select delayed_for from pgdispatch.delay order by job")

    assert [row["delayed_for"].seconds for row in rows] == [7, 7, 10]


def test_site_usage_shows_each_site_against_its_limit(verbs: Verbs) -> None:
    """With how many are in overflow."""
    verbs.site("acme", 1)
    for _ in range(3):
        verbs.job(site="acme")
    verbs.claim("n:1")
    verbs.claim("n:2")

    rows = verbs.rows("select site, max_running_jobs, running, waiting, overflow "
                      "from pgdispatch.site_usage")  # fmt: skip

    acme, default = (tuple(row.values()) for row in rows)
    assert (acme, default) == (("acme", 1, 1, 2, 2), ("default", None, 0, 0, 0))


@pytest.mark.parametrize("ending", ["waiting", "running", "succeeded"])
def test_own_job_follows_a_job_to_its_end(verbs: Verbs, ending: str) -> None:
    """In words that a producer knows."""
    job = verbs.job()
    if ending != "waiting":
        verbs.claim()
    if ending == "succeeded":
        verbs.finish(job)

    row = verbs.row("select job, state from pgdispatch.own_job")

    assert row == {"job": job, "state": ending}
