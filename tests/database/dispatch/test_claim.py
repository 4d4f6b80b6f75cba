"""Claim: the next job that may start, in the order of semantics 4, past whatever has to wait."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from support.sessions.clock import Clock
from support.sessions.verbs import Claimed, Verbs

IN_ODD_SETTINGS = True


def test_claim_of_an_empty_queue_returns_no_row(verbs: Verbs) -> None:
    """Not a row of nulls."""
    assert verbs.ask("n:1") is None


def test_claim_hands_out_the_first_attempt_with_everything_a_handler_needs(
    verbs: Verbs, clock: Clock
) -> None:
    """The row says it all; nothing has to be looked up."""
    job = verbs.job("flow", title="Sales", datasource="sales", priority=3, created_by="ada")

    got = verbs.row("select * from pgdispatch.claim('etl-1:3')")

    assert (got["verdict"], got["id"], got["attempt"]) == ("run", job, 1)
    assert (got["type"], got["site"], got["title"]) == ("flow", "default", "Sales")
    assert (got["datasource"], got["priority"], got["created_by"]) == ("sales", 3, "ada")
    assert (got["args"], got["task"], got["scheduled_at"]) == ({}, None, None)
    assert verbs.column(job, "backgrounder") == "etl-1:3"
    assert verbs.column(job, "started_at") == clock.now


def test_claim_takes_the_lowest_priority_number_first(verbs: Verbs) -> None:
    """However long another has waited."""
    low, high, middle = (verbs.job(priority=priority) for priority in (90, 1, 50))

    assert verbs.drain() == [high, middle, low]


def test_claim_takes_inserted_jobs_by_time_whatever_their_type(verbs: Verbs) -> None:
    """Inserted jobs are not reordered by type."""
    extract, alert = verbs.job("full_extract"), verbs.job("alert")

    assert verbs.drain() == [extract, alert]


def test_claim_takes_one_batch_by_type_then_run_time_then_age(verbs: Verbs, clock: Clock) -> None:
    """Criteria 4 to 7; a task without history comes after those with one."""
    verbs.schedule("hourly")
    tasks = []
    for type_, seconds in (("full_extract", 9), ("full_extract", 2), ("alert", None)):
        tasks.append(verbs.task(type_, schedule="hourly"))
        if seconds:
            verbs.run_now(tasks[-1])
            job = verbs.claim()
            clock.advance(seconds)
            verbs.finish(job or 0)
    slow, fast, alert = tasks
    never_ran = verbs.task("full_extract", schedule="hourly")
    never_ran_later = verbs.task("full_extract", schedule="hourly")
    verbs.fire("hourly", clock.now)

    ran = verbs.drain()

    by_job = {row["id"]: row["task"] for row in verbs.rows("select * from pgdispatch.job_history")}
    expected = [alert, fast, slow, never_ran, never_ran_later]
    assert [by_job[job] for job in ran] == expected


def test_claim_skips_a_job_whose_datasource_is_busy(verbs: Verbs) -> None:
    """And takes the next one that may start; the same name on another site is another one."""
    verbs.site("acme")
    first = verbs.job(datasource="sales", priority=1)
    busy = verbs.job(datasource="sales", priority=2)
    elsewhere = verbs.job(datasource="sales", site="acme", priority=3)
    free = verbs.job(priority=4)

    assert [verbs.claim(f"n:{n}") for n in range(1, 5)] == [first, elsewhere, free, None]
    assert verbs.finish(first, claim=True) == Claimed("run", busy, 1)


def test_claim_skips_a_job_whose_serial_schedule_is_busy(verbs: Verbs) -> None:
    """One at a time across all nodes."""
    verbs.schedule("nightly", "serial")
    first, second = (verbs.job(schedule="nightly") for _ in range(2))

    assert [verbs.claim("a:1"), verbs.claim("b:1")] == [first, None]
    assert verbs.finish(first, claim=True) == Claimed("run", second, 1)


def test_serial_job_waits_for_parallel_jobs_of_its_schedule(verbs: Verbs) -> None:
    """No other job of the schedule runs, whenever that one was created."""
    verbs.schedule("nightly")
    parallel = [verbs.job(schedule="nightly") for _ in range(2)]
    assert [verbs.claim("n:1"), verbs.claim("n:2")] == parallel
    verbs.execution("nightly", "serial")
    serial = verbs.job(schedule="nightly")

    assert verbs.claim("n:3") is None
    assert verbs.finish(parallel[0], claim=True) is None
    assert verbs.finish(parallel[1], claim=True) == Claimed("run", serial, 1)


def test_claim_passes_by_a_job_whose_time_has_not_come(verbs: Verbs, clock: Clock) -> None:
    """And starts it at its time, in its place by priority and age."""
    early = verbs.job(not_before=clock.now + timedelta(seconds=30))
    first, second = verbs.job(), verbs.job()

    assert verbs.claim("n:1") == first
    clock.advance(30)
    assert [verbs.claim("n:2"), verbs.claim("n:3")] == [early, second]


def test_claim_takes_only_the_types_asked_for(verbs: Verbs) -> None:
    """A node may be limited to job types."""
    verbs.job("flow")
    extract = verbs.job("full_extract")

    assert verbs.claim(types=["full_extract", "alert"]) == extract
    assert verbs.claim("n:2", types=["full_extract"]) is None


def test_job_of_a_type_nobody_takes_holds_back_no_other_at_its_gate(verbs: Verbs) -> None:
    """Semantics 5.6: what is not eligible for the asker never holds back the jobs behind it."""
    verbs.register("few", types=["alert"])
    running = verbs.job(datasource="sales", priority=1)
    assert verbs.claim("n:1") == running
    verbs.job("flow", datasource="sales", priority=2)
    alert = verbs.job("alert", datasource="sales", priority=3)
    assert verbs.claim("n:2") is None
    verbs.finish(running)

    assert verbs.claim("few:1", types=["alert"]) == alert


def test_node_limited_to_types_that_comes_later_gets_the_jobs_parked_before(verbs: Verbs) -> None:
    """It takes the one behind a job that it does not take."""
    running = verbs.job(datasource="sales", priority=1)
    assert verbs.claim("n:1") == running
    verbs.job("flow", datasource="sales", priority=2)
    alert = verbs.job("alert", datasource="sales", priority=3)
    assert verbs.claim("n:2") is None
    verbs.finish(running)

    verbs.register("few", types=["alert"])

    assert verbs.claim("few:1", types=["alert"]) == alert


def test_claim_says_whether_other_jobs_are_ready(verbs: Verbs) -> None:
    """So that one insert wakes one idle backgrounder, and many wake many."""
    verbs.job(priority=1)
    verbs.job(priority=2)

    more = [
        verbs.value("select more from pgdispatch.claim(%s)", backgrounder)
        for backgrounder in ("n:1", "n:2")
    ]

    assert more == [True, False]


def test_backgrounder_runs_one_job_at_a_time(verbs: Verbs) -> None:
    """The database refuses the second."""
    verbs.job()
    verbs.job()
    verbs.claim("n:1")

    with pytest.raises(psycopg.Error, match="backgrounder n:1 already runs job") as refused:
        verbs.claim("n:1")

    assert refused.value.sqlstate == "JD004"


@pytest.mark.parametrize("name", [None, "", "n", "n:", ":1", "n:x", "n:1:2", "n:99999"])
def test_claim_refuses_a_nameless_backgrounder(verbs: Verbs, name: str | None) -> None:
    """The id is node:number."""
    with pytest.raises(psycopg.Error) as refused:
        verbs.value("select verdict from pgdispatch.claim(%s)", name)

    assert refused.value.sqlstate == "JD001"


def test_claim_refuses_a_snapshot_that_is_not_the_newest(verbs: Verbs) -> None:
    """In a repeatable read transaction it would not see what rivals have done."""
    verbs.run("begin isolation level repeatable read")

    with pytest.raises(psycopg.Error) as refused:
        verbs.claim()

    assert refused.value.sqlstate == "JD008"
    assert refused.value.diag.message_hint


@pytest.mark.parametrize("tie_break", ["created", "history"])
def test_setting_tie_break_reorders_waiting_jobs_at_once(
    verbs: Verbs, clock: Clock, tie_break: str
) -> None:
    """Jobs that run at that moment too: they may come back."""
    verbs.schedule("hourly")
    old, young = (verbs.task(schedule="hourly") for _ in range(2))
    verbs.run("update pgdispatch.task set created_at = created_at - '1 day'::interval, "
              "enabled_at = created_at - '1 day'::interval where id = %s", old)  # fmt: skip
    verbs.run_now(young)
    job = verbs.claim()
    clock.advance(5)
    verbs.finish(job or 0)
    verbs.fire("hourly", clock.now)
    first = verbs.claim("n:1")
    verbs.run("update pgdispatch.setting set value = %s where name = 'tie_break'", tie_break)
    verbs.requeue(first or 0)

    ran = [verbs.past(job)["task"] for job in verbs.drain()]

    assert ran == ([old, young] if tie_break == "created" else [young, old])


def test_job_parked_elsewhere_leaves_nobody_behind_at_its_other_full_gate(
    verbs: Verbs, clock: Clock
) -> None:
    """It used up a wake there, so whoever occupies that gate has to know of it."""
    verbs.site("s")
    later = verbs.job(site="s", not_before=clock.now + timedelta(seconds=60))
    data = verbs.job(site="s", datasource="d")
    assert verbs.claim("n:1") == data
    with_data = verbs.job(site="s", datasource="d", priority=1)
    assert verbs.claim("n:2") is None
    clock.advance(60)
    assert verbs.claim("n:2") == later
    verbs.limit("s", 1)
    without = verbs.job(site="s")
    assert verbs.claim("n:3") is None
    verbs.finish(data)
    assert verbs.claim("n:1") is None
    verbs.finish(later)

    assert verbs.claim("n:1") == with_data
    assert verbs.column(without, "gate") == "site/s"
