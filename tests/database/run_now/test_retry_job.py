"""A job that has ended runs again as a new one, which says of which it is a retry."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from support.sessions.clock import NOON, Clock
from support.sessions.timetable import linked_task, run_linked
from support.sessions.verbs import Verbs

IN_ODD_SETTINGS = True

SAME = ("task", "type", "site", "title", "datasource", "schedule", "priority", "args", "timeout",
        "max_attempts", "is_serial", "linked_run")  # fmt: skip


def ended(verbs: Verbs, job: int, outcome: str = "error") -> int:
    """Let a job be the next that starts, and end so; return it."""
    assert verbs.claim("n:9") == job
    if outcome == "cancelled":
        verbs.cancel(job)
    verbs.turn([], [(job, verbs.attempt(job), "error" if outcome == "cancelled" else outcome)])
    return job


def retry(verbs: Verbs, job: int) -> int:
    """Retry a job and return the new one."""
    return int(verbs.value("select pgdispatch.retry_job(%s, 'anna')", job))


def refusal(verbs: Verbs, job: int) -> tuple[Any, str]:
    """Return how a retry is refused, which changes nothing."""
    before = verbs.rows("select * from pgdispatch.job order by id")
    with pytest.raises(psycopg.Error) as refused:
        retry(verbs, job)
    assert verbs.rows("select * from pgdispatch.job order by id") == before
    return refused.value.sqlstate, str(refused.value.diag.message_primary)


@pytest.mark.parametrize("outcome", ["error", "timed out", "succeeded", "cancelled"])
def test_retry_has_what_the_job_had_and_both_name_each_other(verbs: Verbs, outcome: str) -> None:
    """Also what its task has got another of since, or has none of."""
    verbs.site("acme", 3)
    verbs.schedule("nightly", "serial")
    task = verbs.task(site="acme", schedule="nightly", datasource="sales", args='{"a": 1}')
    job = verbs.job("full_extract", task=task, args='{"b": 2}', priority=7, site="acme",
                    timeout=timedelta(minutes=5), max_attempts=1)  # fmt: skip
    ended(verbs, job, outcome)
    verbs.run("update pgdispatch.task set args = '{\"c\": 3}', datasource = 'other', priority = 9, "
              "timeout = '1 hour'")  # fmt: skip

    again = retry(verbs, job)

    past = verbs.past(job)
    row = verbs.row("select * from pgdispatch.job where id = %s", again)
    assert {name: row[name] for name in SAME} == {
        **{name: past[name] for name in SAME},
        "is_serial": True,
    }
    assert (row["created_by"], row["attempt"], row["failures"]) == ("anna", 0, 0)
    ended(verbs, again, "succeeded")
    named = "select retry_of, retried_as from pgdispatch.background_task where job = %s"
    assert verbs.row(named, job) == {"retry_of": None, "retried_as": again}
    assert verbs.row(named, again) == {"retry_of": job, "retried_as": None}


def test_retry_is_queued_as_one_that_is_inserted_now(verbs: Verbs, clock: Clock) -> None:
    """Neither in the batch of the former, nor first as a Run Now was; by its priority."""
    verbs.schedule("hourly", priority=60)
    scheduled, by_hand = (verbs.task(schedule="hourly", title=t) for t in ("scheduled", "by hand"))
    verbs.run("update pgdispatch.task set enabled = false where id = %s", by_hand)
    verbs.fire("hourly", NOON)
    jobs = [ended(verbs, verbs.value("select id from pgdispatch.job"))]
    verbs.run("update pgdispatch.task set enabled = true where id = %s", by_hand)
    jobs.append(ended(verbs, verbs.run_now(by_hand)))
    assert verbs.values("select task from pgdispatch.job_history order by id") == [
        scheduled,
        by_hand,
    ]
    clock.advance(5)
    ahead = verbs.job("system", priority=60)
    again = [retry(verbs, job) for job in jobs]
    behind = verbs.job("system", priority=60)
    urgent = verbs.job("system", priority=59)

    assert verbs.drain() == [urgent, ahead, *again, behind]
    assert verbs.past(again[1])["priority"] == 60
    assert not verbs.past(again[1])["run_now"]


def test_a_job_without_a_limit_of_time_is_retried_without_one(verbs: Verbs) -> None:
    """Null in an insert would be the default of its type."""
    job = ended(verbs, verbs.job("system"))
    verbs.run("update pgdispatch.job_type set timeout = '1 hour' where name = 'system'")

    again = retry(verbs, job)

    assert verbs.past(job)["timeout"] is None
    assert verbs.column(again, "timeout") is None


def test_what_cannot_be_retried_is_refused_with_the_reason(verbs: Verbs) -> None:
    """Unknown, not ended, retried already, its task busy, disabled or deleted."""
    waits, runs = verbs.job(priority=2), verbs.job(priority=1)
    verbs.claim("n:8")
    assert refusal(verbs, 4711) == ("JD002", "job 4711 does not exist")
    assert refusal(verbs, waits) == ("JD004", f"job {waits} cannot be retried: it is waiting")
    assert refusal(verbs, runs) == ("JD004", f"job {runs} cannot be retried: it is running")
    ended(verbs, waits)
    again = retry(verbs, waits)
    assert refusal(verbs, waits) == ("JD005", f"job {waits} was retried as job {again}")
    verbs.cancel(again)
    assert refusal(verbs, waits)[0] == "JD005"
    task = verbs.task()
    job = ended(verbs, verbs.run_now(task))
    second = verbs.run_now(task)
    assert refusal(verbs, job) == ("JD005", f"task {task} already has job {second}")
    verbs.cancel(second)
    verbs.run("update pgdispatch.task set enabled = false")
    assert refusal(verbs, job) == ("JD004", f"job {job} cannot be retried: task {task} is disabled")
    verbs.run("delete from pgdispatch.task")
    assert refusal(verbs, job)[1] == f"job {job} cannot be retried: task {task} was deleted"


def test_a_suspended_task_and_a_site_without_run_now_can_be_retried(verbs: Verbs) -> None:
    """It takes its turn as any insert does; a success lifts the suspension."""
    verbs.site("acme", run_now_enabled=False)
    verbs.run("update pgdispatch.setting set value = '1' where name = 'suspend_after_failures'")
    task = verbs.task(site="acme")
    job = ended(verbs, verbs.job("full_extract", task=task, site="acme"))
    assert verbs.value("select pgdispatch.is_suspended(%s)", task)

    ended(verbs, retry(verbs, job), "succeeded")

    assert not verbs.value("select pgdispatch.is_suspended(%s)", task)


def test_find_ended_says_what_is_to_be_retried(verbs: Verbs, clock: Clock) -> None:
    """Of one task the last run, unless it has run, waits, or was retried since."""
    tasks = {name: verbs.task(title=name) for name in ("twice", "well", "busy", "off", "once")}
    jobs: dict[str, int] = {}
    for name, task in (("first", tasks["twice"]), *tasks.items(), ("good", tasks["well"])):
        clock.advance(60)
        number = tasks.get(name, task)
        jobs[name] = ended(verbs, verbs.run_now(number), "succeeded" if name == "good" else "error")
    jobs["alone"] = ended(verbs, verbs.job(title="alone"))
    waits = verbs.run_now(tasks["busy"])
    verbs.run("update pgdispatch.task set enabled = false where title = 'off'")
    again = retry(verbs, jobs["once"])
    verbs.cancel(again)

    rows = verbs.rows("select * from pgdispatch.find_ended('failed', p_since => %s)", NOON)

    assert [(row["job"], row["refused"]) for row in rows] == [
        (jobs["alone"], None),
        (jobs["twice"], None),
        (jobs["once"], f"was retried as job {again}"),
        (jobs["off"], f"task {tasks['off']} is disabled"),
        (jobs["busy"], f"task {tasks['busy']} has job {waits}"),
        (jobs["well"], f"task {tasks['well']} ran again as job {jobs['good']}"),
        (jobs["first"], f"task {tasks['twice']} ran again as job {jobs['twice']}"),
    ]
    assert {(row["found"], row["to_retry"]) for row in rows} == {(7, 2)}
    late = verbs.values("select job from pgdispatch.find_ended(p_since => %s)", clock.now)
    assert jobs["first"] not in late
    assert verbs.values("select job from pgdispatch.find_ended(p_error => 'BOOM')") == []


@pytest.mark.parametrize("is_running", [False, True])
def test_a_run_that_was_cancelled_has_made_up_for_nothing(
    verbs: Verbs, clock: Clock, is_running: bool
) -> None:
    """What failed before it is to be retried; where both are asked for, the later one is."""
    task = verbs.task()
    failed = ended(verbs, verbs.run_now(task))
    clock.advance(60)
    cancelled = verbs.run_now(task)
    if is_running:
        ended(verbs, cancelled, "cancelled")
    else:
        verbs.cancel(cancelled)
    find = "select job, refused from pgdispatch.find_ended(%s)"

    assert verbs.rows(find, "failed") == [{"job": failed, "refused": None}]
    assert verbs.rows(find, None) == [
        {"job": cancelled, "refused": None},
        {"job": failed, "refused": f"task {task} has ended as job {cancelled} since"},
    ]
    ended(verbs, again := retry(verbs, failed), "succeeded")
    assert {row["refused"] for row in verbs.rows(find, None)} == {
        f"was retried as job {again}",
        f"task {task} ran again as job {again}",
        None,  # the retry itself
    }


def test_a_retry_goes_by_the_names_that_its_task_has_now(verbs: Verbs) -> None:
    """After renames, and without the schedule when that was deleted."""
    verbs.site("acme")
    verbs.schedule("nightly")
    verbs.run("insert into pgdispatch.job_type (name) values ('load')")
    task = verbs.task("load", site="acme", schedule="nightly")
    job = ended(verbs, verbs.run_now(task))
    for kind, name in (("site", "acme"), ("job type", "load"), ("schedule", "nightly")):
        verbs.run("select pgdispatch.rename(%s, %s, 'other')", kind, name)

    first = ended(verbs, retry(verbs, job))
    verbs.run("select pgdispatch.delete('schedule', 'other')")
    second = retry(verbs, first)

    names = "select site, type, schedule, task from pgdispatch."
    now = {"site": "other", "type": "other", "schedule": "other", "task": task}
    assert verbs.row(f"{names}job_history where id = %s", first) == now
    assert verbs.row(f"{names}job where id = %s", second) == {**now, "schedule": None}
    assert verbs.values("select site from pgdispatch.retry") == ["other"] * 2
    assert verbs.values("select site from pgdispatch.change where what = 'retry'") == ["other"] * 2


def test_without_a_task_what_has_lost_its_names_is_refused(verbs: Verbs) -> None:
    """The first of them that is no more is named; the look says the same."""
    verbs.site("acme")
    verbs.schedule("nightly")
    verbs.run("insert into pgdispatch.job_type (name) values ('load')")
    job = ended(verbs, verbs.job("load", site="acme", schedule="nightly"))
    for kind, name in (("schedule", "nightly"), ("job type", "load"), ("site", "acme")):
        verbs.run("select pgdispatch.delete(%s, %s)", kind, name)

        told = f"there is no {kind} {name} any more"
        assert refusal(verbs, job) == ("JD004", f"job {job} cannot be retried: {told}")
        assert verbs.values("select refused from pgdispatch.find_ended()") == [told]


def test_a_step_is_run_alone_and_the_look_says_whose_it_was(verbs: Verbs) -> None:
    """No step after it comes, whatever becomes of it."""
    linked = linked_task(verbs, *(verbs.task("flow") for _ in range(2)))
    job = ended(verbs, run_linked(verbs, linked))

    rows = verbs.rows("select linked_task, step, refused from pgdispatch.find_ended()")
    ended(verbs, again := retry(verbs, job), "succeeded")

    assert rows == [{"linked_task": linked, "step": 1, "refused": None}]
    assert verbs.past(again)["linked_run"] is None
    assert verbs.values("select id from pgdispatch.job") == []
