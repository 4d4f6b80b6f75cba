"""What Tableau Server's administrators know by other names: background_jobs, _schedules, _tasks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from support.sessions.clock import NOON, Clock
from support.sessions.verbs import Verbs

FAILED = """
set search_path = pgdispatch;
select title, job_name, notes, completed_at - started_at as ran_for
from background_jobs
where finish_code = 1
    and progress = 100
    and job_name in ('Refresh Extracts', 'Increment Extracts')
    and completed_at at time zone 'UTC' > pgdispatch.now() - interval '1 day'
order by completed_at desc
"""
JOINED = """
select t.type, s.name as schedule, i.name as site, count(*) as runs
from pgdispatch.background_jobs as b
join pgdispatch._tasks as t on t.id = b.correlation_id and t.site_id = b.site_id
join pgdispatch._schedules as s on s.id = t.schedule_id
join pgdispatch._sites as i on i.id = b.site_id
group by t.type, s.name, i.name
"""
MASKS = """
select schedule_type, day_of_week_mask, day_of_month_mask, start_at_minute, minute_interval,
    end_at_minute
from pgdispatch._schedules
"""


def row(verbs: Verbs, job: int) -> dict[str, Any]:
    """Return a job as background_jobs shows it."""
    return verbs.row("select * from pgdispatch.background_jobs where id = %s", job)


def test_progress_and_finish_code_follow_a_job(verbs: Verbs, clock: Clock) -> None:
    """-1, then what its handler says, then 100; the times are UTC, whatever the session's zone."""
    verbs.run("set timezone = 'Asia/Tokyo'")
    job = verbs.job("full_extract", datasource="sales", title="Sales", max_attempts=3)
    waiting = row(verbs, job)
    clock.advance(5)
    verbs.claim("etl:2")
    verbs.run("select pgdispatch.progress(%s, 1, 41.7, 'half way')", job)
    running = row(verbs, job)
    clock.advance(5)
    verbs.finish(job)
    ended = row(verbs, job)

    started = (NOON + timedelta(seconds=5)).replace(tzinfo=None)
    assert [seen["progress"] for seen in (waiting, running, ended)] == [-1, 41, 100]
    assert [seen["finish_code"] for seen in (waiting, running, ended)] == [None, None, 0]
    assert [seen["attempts_remaining"] for seen in (waiting, running, ended)] == [3, 2, 2]
    assert (waiting["created_at"], waiting["started_at"]) == (NOON.replace(tzinfo=None), None)
    assert (running["started_at"], running["updated_at"]) == (started, started)
    assert ended["completed_at"] == started + timedelta(seconds=5)
    assert (running["processed_on_worker"], running["backgrounder_id"]) == ("etl", "etl:2")
    assert (running["notes"], ended["subtitle"], ended["title"]) == (
        "half way", "Datasource", "Sales",
    )  # fmt: skip


def test_finish_code_tells_failed_from_cancelled(verbs: Verbs) -> None:
    """With the reason in the notes."""
    failed, cancelled = verbs.job(), verbs.job()
    verbs.claim("n:1")
    verbs.fail(failed)
    verbs.cancel(cancelled, "not needed")

    assert (row(verbs, failed)["finish_code"], row(verbs, failed)["notes"]) == (1, "boom")
    assert (row(verbs, cancelled)["finish_code"], row(verbs, cancelled)["notes"]) == (
        2, "not needed",
    )  # fmt: skip


def test_luid_of_a_job_never_changes(verbs: Verbs) -> None:
    """And no other job has it."""
    job, other = verbs.job(), verbs.job()
    before = row(verbs, job)["luid"]
    verbs.claim()
    verbs.finish(job)

    assert before == row(verbs, job)["luid"] != row(verbs, other)["luid"]


def test_overflow_and_serial_collection_are_told(verbs: Verbs) -> None:
    """Overflow while it is parked at its site; the schedule's number if that was serial."""
    verbs.site("acme", 1)
    verbs.schedule("nightly", "serial")
    verbs.job(site="acme")
    job = verbs.job(site="acme", schedule="nightly")
    verbs.claim("n:1")
    verbs.claim("n:2")

    seen = row(verbs, job)

    assert seen["overflow"] is True
    assert seen["serial_collection_id"] == verbs.value("select id from pgdispatch.schedule")
    assert seen["site_id"] == verbs.value("select id from pgdispatch.site where name = 'acme'")


@pytest.mark.parametrize(
    ("type_", "job_type", "job_name"),
    [
        ("incremental_extract", "increment_extracts", "Increment Extracts"),
        ("subscription", "single_subscription_notify", "Subscription Notifications"),
        ("flow", "run_flow", "Run Flow"),
        ("reindex_all", "reindex_all", "Reindex All"),
    ],
)
def test_types_have_the_names_that_queries_ask_for(
    verbs: Verbs, type_: str, job_type: str, job_name: str
) -> None:
    """Types of one's own keep theirs."""
    verbs.run("insert into pgdispatch.job_type (name) values ('reindex_all')")
    seen = row(verbs, verbs.job(type_))

    assert (seen["job_type"], seen["job_name"]) == (job_type, job_name)


def test_a_query_for_failed_extracts_runs_as_it_is(verbs: Verbs, clock: Clock) -> None:
    """With nothing but the search path set."""
    for title in ("Sales", "Stock"):
        verbs.job("full_extract", title=title)
    job = verbs.claim() or 0
    clock.advance(9)
    verbs.fail(job)
    setting, query = FAILED.strip().split(";", 1)
    verbs.run(setting)

    found = verbs.row(query)

    assert tuple(found.values()) == ("Sales", "Refresh Extracts", "boom", timedelta(seconds=9))


def test_jobs_join_their_tasks_schedules_and_sites(verbs: Verbs, clock: Clock) -> None:
    """By the numbers that such queries use."""
    verbs.site("acme")
    verbs.schedule("nightly")
    verbs.task("full_extract", schedule="nightly", site="acme")
    verbs.fire("nightly", clock.now)
    verbs.drain()

    assert verbs.rows(JOINED) == [
        {"type": "RefreshExtractTask", "schedule": "nightly", "site": "acme", "runs": 1}
    ]


def test_tasks_tell_their_state(verbs: Verbs) -> None:
    """Active, suspended, disabled."""
    verbs.run("update pgdispatch.setting set value = '1' where name = 'suspend_after_failures'")
    verbs.task()
    suspended = verbs.task()
    verbs.task(enabled=False)
    verbs.run_now(suspended)
    verbs.fail(verbs.claim() or 0)

    rows = verbs.rows("select state, active, consecutive_failure_count, run_count "
                      "from pgdispatch._tasks order by id")  # fmt: skip

    assert [tuple(row.values()) for row in rows] == [
        (0, True, 0, 0),
        (1, False, 1, 1),
        (2, False, 0, 0),
    ]


@pytest.mark.parametrize(
    ("recurrence", "expected"),
    [
        ("every 30 minutes from 06:00 to 22:00", (0, None, None, 360, 30, 1320)),
        ("daily at 02:30", (1, None, None, 150, None, None)),
        ("weekly on sun, wed at 08:00", (2, 9, None, 480, None, None)),
        ("monthly on 1, 3 at 03:00", (3, None, 5, 180, None, None)),
        ("monthly on last at 03:00", (3, None, None, 180, None, None)),
        ("monthly on second tuesday at 03:00", (3, None, None, 180, None, None)),
        ("cron 0 2 * * 1-5", (None, None, None, None, None, None)),
        (None, (None, None, None, None, None, None)),
    ],
)
def test_schedules_say_their_recurrence_in_masks(
    verbs: Verbs, recurrence: str | None, expected: tuple[int | None, ...]
) -> None:
    """As far as masks can: null for what they cannot."""
    verbs.schedule("s", recurrence=recurrence)

    assert tuple(verbs.row(MASKS).values()) == expected
