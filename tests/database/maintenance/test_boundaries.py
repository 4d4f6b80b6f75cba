"""Each comparison with a time, one step on either side: the least that a clock can tell apart.

The clock stands still and is moved by the test; what is inclusive is so on purpose, and forecasts,
views and verbs agree about it.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from support.sessions.budgets import refill, spent
from support.sessions.clock import NOON, Clock
from support.sessions.timetable import change, next_run, run_clock, set_to
from support.sessions.verbs import Verbs

STEP = 0.000001
LEASE = 15
BEFORE, AT, AFTER = -STEP, 0, STEP
MIDNIGHT = NOON + timedelta(hours=12)
ADD_RUN = """
insert into pgdispatch.linked_run (linked_task, scheduled_at, run_now, created_by, created_at)
values (1, %(at)s, false, 'tester', %(at)s)
"""
ADD_OCCURRENCE = "insert into pgdispatch.occurrence (task, scheduled_at) values (1, %(at)s)"
ADD_CHARGE = """
insert into pgdispatch.charge (site, started_at, seconds, is_sum)
values ('default', %(at)s, 1, true)
"""
KEPT = {
    "occurrence": (60, ADD_OCCURRENCE, "forget"),
    "linked_run": (60, ADD_RUN, "forget"),
    "charge": (3, ADD_CHARGE, "sum_charges"),
}


def is_refused(verbs: Verbs, query: str, *values: object) -> bool:
    """Tell whether a statement is refused; what it did is undone."""
    try:
        with verbs.connection.transaction(force_rollback=True):
            verbs.run(query, *values)
    except psycopg.Error:
        return True
    return False


@pytest.mark.parametrize(("step", "is_up"), [(BEFORE, True), (AT, False)], ids=["before", "at"])
def test_a_node_is_up_until_a_whole_lease_has_passed(
    verbs: Verbs, clock: Clock, step: float, is_up: bool
) -> None:
    """Its name, its row, its types, its idle backgrounders and its status agree."""
    verbs.register("etl", types=["flow"])
    verbs.run("update pgdispatch.node set is_idle = true")
    job = verbs.job("flow")

    clock.advance(LEASE + step)

    found = {
        "status": verbs.values("select distinct status from pgdispatch.status") != ["lost"],
        "its type": verbs.value("select reason from pgdispatch.why(%s)", job)
        == "next in line behind 0",
        "idle": verbs.value("select pgdispatch.notify_idle_nodes()"),
        "name": is_refused(
            verbs, "select pgdispatch.register_node('etl', %s, 1, null, 8)", uuid.uuid4()
        ),
        "row": is_refused(verbs, "delete from pgdispatch.node"),
    }
    assert found == dict.fromkeys(found, is_up)


class Watcher:
    """Looks for lost nodes, a day after the server's start."""

    def __init__(self, verbs: Verbs, clock: Clock) -> None:
        self.verbs, self.clock = verbs, clock
        clock.set(verbs.value("select pg_postmaster_start_time() + interval '1 day'"))
        self.look_after(0, 5, 5, 5, 5)

    def look_after(self, *pauses: float) -> int:
        """Look after each pause; return how many jobs were lost in all."""
        count = 0
        for pause in pauses:
            self.clock.advance(pause)
            count += self.verbs.value("select pgdispatch.declare_lost()")
        return count


@pytest.fixture
def watcher(verbs: Verbs, clock: Clock) -> Watcher:
    """Give somebody who has looked for longer than a lease."""
    return Watcher(verbs, clock)


@pytest.mark.parametrize(("step", "lost"), [(BEFORE, 0), (AT, 1)], ids=["before", "at"])
def test_a_silent_node_loses_its_jobs_after_a_whole_lease(
    verbs: Verbs, watcher: Watcher, step: float, lost: int
) -> None:
    """From its last sign of life on."""
    incarnation = verbs.register("etl")
    verbs.job()
    verbs.claim("etl:1")
    watcher.clock.advance(1)
    verbs.run("select pgdispatch.heartbeat('etl', %s)", incarnation)

    assert watcher.look_after(5, 5, 5 + step) == lost


@pytest.mark.parametrize(("step", "lost"), [(AT, 0), (AFTER, 1)], ids=["at", "after"])
def test_a_job_of_a_node_that_is_unknown_is_lost_after_a_lease(
    verbs: Verbs, watcher: Watcher, step: float, lost: int
) -> None:
    """Its node may be about to sign on."""
    verbs.job()
    verbs.claim("elsewhere:1")

    assert watcher.look_after(5, 5, 5 + step) == lost


def test_a_job_that_a_former_supervisor_started_is_lost_though_its_node_is_up(
    verbs: Verbs, watcher: Watcher
) -> None:
    """The one that has the name now does not run it."""
    first, second = verbs.register("etl"), uuid.uuid4()
    jobs = [verbs.job(), verbs.job()]
    verbs.claim("etl:1")
    verbs.run("update pgdispatch.node set incarnation = %s", second)
    verbs.claim("etl:2")
    owners = [verbs.column(job, "incarnation") for job in jobs]
    lost = 0
    for _ in range(4):
        lost += watcher.look_after(5)
        verbs.run("select pgdispatch.heartbeat('etl', %s)", second)

    assert owners == [first, second]
    assert lost == 1
    assert [verbs.state(job) for job in jobs] == ["waiting", "running"]


@pytest.mark.parametrize(
    ("pauses", "lost"),
    [
        ((7.5, 7.5 - STEP), 0),
        ((7.5, 7.5), 1),
        ((7.5 + STEP, 7.5), 0),
    ],
    ids=["less than a lease", "a lease", "a pause"],
)
def test_nobody_is_lost_before_it_was_watched_for_a_lease_without_a_pause(
    verbs: Verbs, watcher: Watcher, pauses: tuple[float, ...], lost: int
) -> None:
    """A pause is half a lease without a look."""
    verbs.job()
    verbs.claim("elsewhere:1")
    watcher.look_after(60)  # the watch begins anew
    verbs.run("update pgdispatch.job set started_at = '-infinity'")

    assert watcher.look_after(*pauses) == lost


@pytest.mark.parametrize(("step", "is_back"), [(AT, False), (AFTER, True)], ids=["at", "after"])
def test_a_clock_that_shows_more_than_a_minute_less_was_set_back(
    verbs: Verbs, watcher: Watcher, step: float, is_back: bool
) -> None:
    """What was put off by the former time is not any more."""
    verbs.schedule("hourly")
    later = watcher.clock.now + timedelta(days=1)
    change(verbs, "schedule", "name", "hourly", put_off_until=later)

    watcher.look_after(-60 - step)

    left = verbs.value("select put_off_until from pgdispatch.schedule")
    assert (left is None) is is_back


@pytest.mark.parametrize(("step", "usual"), [(BEFORE, 10), (AT, None)], ids=["before", "at"])
def test_a_run_counts_for_the_usual_time_until_its_hours_are_over(
    verbs: Verbs, clock: Clock, step: float, usual: float | None
) -> None:
    """180 hours, from its end on."""
    task = verbs.task()
    job = verbs.run_now(task)
    verbs.claim()
    clock.advance(10)
    verbs.finish(job)

    clock.advance(180 * 3600 + step)

    assert verbs.value("select pgdispatch.usual_seconds(%s)", task) == usual


@pytest.mark.parametrize(("step", "usual"), [(BEFORE, None), (AT, 10)], ids=["before", "at"])
def test_a_run_counts_if_it_began_after_the_task_was_republished(
    verbs: Verbs, clock: Clock, step: float, usual: float | None
) -> None:
    """What an older publication took says nothing."""
    task = verbs.task(datasource="sales")
    job = verbs.run_now(task)
    clock.advance(step)
    verbs.claim()
    clock.set(NOON)
    verbs.run("select pgdispatch.republish('default', 'sales')")
    clock.advance(10 + step)
    verbs.finish(job)

    assert verbs.value("select pgdispatch.usual_seconds(%s)", task) == usual


def test_runs_that_failed_do_not_count_for_the_usual_time(verbs: Verbs, clock: Clock) -> None:
    """They may have ended at once, or never."""
    task = verbs.task()
    job = verbs.run_now(task)
    verbs.claim()
    clock.advance(10)
    verbs.fail(job)

    assert verbs.value("select pgdispatch.usual_seconds(%s)", task) is None


@pytest.mark.parametrize(
    ("step", "queued_after"), [(AT, 0), (AFTER, 120 - STEP)], ids=["at", "after"]
)
def test_a_run_is_late_when_it_is_created_more_than_a_window_later(
    verbs: Verbs, clock: Clock, step: float, queued_after: float
) -> None:
    """It compares by the end of the window in which it was created, then."""
    verbs.schedule("hourly")
    verbs.task(schedule="hourly")
    clock.advance(60 + step)

    verbs.fire("hourly", NOON)

    assert verbs.value("select queued_at from pgdispatch.job") == NOON + timedelta(
        seconds=queued_after
    )


@pytest.mark.parametrize(("step", "is_ahead"), [(AT, False), (AFTER, True)], ids=["at", "after"])
def test_a_time_of_now_does_not_lie_ahead(
    verbs: Verbs, clock: Clock, step: float, is_ahead: bool
) -> None:
    """It may be fired without saying that it is early."""
    verbs.schedule("hourly")
    at = clock.now + timedelta(seconds=step)

    assert is_refused(verbs, "select pgdispatch.fire('hourly', %s)", at) is is_ahead


@pytest.mark.parametrize(("step", "jobs"), [(BEFORE, 0), (AT, 1)], ids=["before", "at"])
def test_a_schedule_is_due_at_its_time(verbs: Verbs, clock: Clock, step: float, jobs: int) -> None:
    """Not a moment before."""
    verbs.schedule("hourly", recurrence="every 1 hour from 00:00 to 23:59")
    verbs.task(schedule="hourly")

    clock.set(next_run(verbs, "hourly") + timedelta(seconds=step))

    assert run_clock(verbs) == jobs


@pytest.mark.parametrize("step", [BEFORE, AT], ids=["before", "at"])
@pytest.mark.parametrize(("policy", "made"), [("skip", (1, 0)), ("all", (2, 1))])
def test_a_time_is_missed_when_it_is_past_for_as_long_as_the_setting_says(
    verbs: Verbs, clock: Clock, policy: str, made: tuple[int, int], step: float
) -> None:
    """Until then it is only late; of the missed ones the newest is made up for, or none."""
    set_to(verbs, "missed_after_seconds", 300)
    hourly = "every 1 hour from 00:00 to 23:59"
    verbs.schedule("hourly", recurrence=hourly, missed_runs=policy, max_missed_runs=1)
    verbs.task(schedule="hourly")

    clock.set(next_run(verbs, "hourly") + timedelta(seconds=3600 + 300 + step))

    assert run_clock(verbs) == made[step == AT]


@pytest.mark.parametrize(("step", "is_due"), [(BEFORE, False), (AT, True)], ids=["before", "at"])
def test_a_delayed_job_is_due_at_its_time(
    verbs: Verbs, clock: Clock, step: float, is_due: bool
) -> None:
    """Whoever claims then gets it."""
    job = verbs.job(not_before=clock.now + timedelta(seconds=60))
    clock.advance(60 + step)

    assert verbs.claim() == (job if is_due else None)


@pytest.mark.parametrize(
    ("step", "state"), [(AT, "ready"), (AFTER, "delayed")], ids=["at", "after"]
)
def test_a_job_for_now_is_not_delayed(verbs: Verbs, clock: Clock, step: float, state: str) -> None:
    """It is ready from the first."""
    job = verbs.job(not_before=clock.now + timedelta(seconds=step))

    assert verbs.column(job, "state") == state


@pytest.mark.parametrize(("step", "is_new"), [(BEFORE, False), (AT, True)], ids=["before", "at"])
def test_the_budget_of_a_day_begins_at_its_refill(
    verbs: Verbs, clock: Clock, step: float, is_new: bool
) -> None:
    """What began a moment before counts for the day that ends."""
    verbs.site("acme", daily_seconds=100)
    clock.set(MIDNIGHT + timedelta(seconds=step))
    verbs.run(
        "insert into pgdispatch.charge (site, started_at, seconds) values ('acme', %s, 7)",
        clock.now,
    )

    refilled = refill(verbs, "acme")
    clock.set(MIDNIGHT)

    assert refilled == MIDNIGHT + timedelta(days=is_new)
    assert spent(verbs, "acme") == (7 if is_new else 0)


@pytest.mark.parametrize("seconds", [99.5, 100])
def test_a_budget_is_spent_to_its_last_second(verbs: Verbs, clock: Clock, seconds: float) -> None:
    """Nothing is left to start with then."""
    verbs.site("acme", daily_seconds=100)
    verbs.run(
        "insert into pgdispatch.charge (site, started_at, seconds) values ('acme', %s, %s)",
        clock.now,
        seconds,
    )

    job = verbs.job(site="acme")

    assert verbs.claim() == (job if seconds < 100 else None)


@pytest.mark.parametrize(("step", "left"), [(AT, 1), (AFTER, 0)], ids=["at", "after"])
@pytest.mark.parametrize("table", KEPT)
def test_what_is_kept_for_days_is_forgotten_after_the_last(
    verbs: Verbs, clock: Clock, table: str, step: float, left: int
) -> None:
    """Days of 24 hours."""
    days, statement, forget = KEPT[table]
    verbs.connection.execute(statement.encode(), {"at": NOON})
    clock.set(NOON + timedelta(days=days, seconds=step))

    verbs.run(f"select pgdispatch.{forget}()")

    assert verbs.value(f"select count(*) from pgdispatch.{table}") == left


@pytest.mark.parametrize(("step", "is_left"), [(AT, True), (AFTER, False)], ids=["at", "after"])
def test_a_month_of_the_history_is_kept_for_days_after_its_last(
    verbs: Verbs, clock: Clock, step: float, is_left: bool
) -> None:
    """By UTC."""
    clock.set(datetime(2031, 1, 15, tzinfo=UTC))
    verbs.run("select pgdispatch.roll_history()")
    set_to(verbs, "history_keep_days", 400)
    clock.set(datetime(2031, 2, 1, tzinfo=UTC) + timedelta(days=400, seconds=step))

    verbs.run("select pgdispatch.roll_history()")

    found = verbs.value("select to_regclass('pgdispatch.job_history_2031_01')")
    assert (found is not None) is is_left
