"""A job that may be tried again waits a random while, in its old place, and holds no gate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from support.sessions.clock import NOON, Clock
from support.sessions.timetable import change, set_to
from support.sessions.verbs import Claimed, Verbs

IN_ODD_SETTINGS = True

ORDER = "precedence, priority, queued_at, type_rank, tie_first, tie_second, created_at"


def order(verbs: Verbs, job: int) -> dict[str, Any]:
    """Return the place of a job."""
    return verbs.row(f"select {ORDER} from pgdispatch.job where id = %s", job)


def failing(verbs: Verbs, times: int, **columns: Any) -> int:
    """Add a job and let so many attempts of it fail, each as soon as it may start."""
    job = verbs.job(**{"max_attempts": times + 1, **columns})
    for _ in range(times):
        verbs.run("update pgdispatch.job set not_before = pgdispatch.now() where id = %s "
                  "and state = 'delayed'", job)  # fmt: skip
        if verbs.claim("n:9") != job:
            raise ValueError(f"job {job} does not start")
        verbs.fail(job)
    return job


def delays(verbs: Verbs, clock: Clock, failures: int, count: int = 200) -> list[float]:
    """Return the waits of many jobs after their last of so many failures, in seconds."""
    verbs.run(
        "create function public.waits(p_failures int, p_count int) returns setof float8 "
        "language plpgsql as $$ declare v_job pgdispatch.job; begin "
        "insert into pgdispatch.job (type, max_attempts) values ('system', 99) "
        "returning * into v_job; v_job.failures := p_failures - 1; "
        "for i in 1..p_count loop "
        "perform pgdispatch.back_to_queue(v_job.id, 'error', v_job.failures, 'boom', null); "
        "return next (select extract(epoch from not_before - pgdispatch.now()) "
        "from pgdispatch.job where id = v_job.id); end loop; end $$"
    )
    assert clock.now == NOON
    return verbs.values("select * from public.waits(%s, %s)", failures, count)


def test_failed_job_is_tried_again_until_it_has_had_its_attempts(
    verbs: Verbs, clock: Clock
) -> None:
    """Then it fails; the history tells how often it did and what was last."""
    job = failing(verbs, 2)
    assert verbs.state(job) == "waiting"
    assert verbs.column(job, "last_error") == "boom"
    clock.advance(3600)
    assert verbs.ask("n:1") == Claimed("run", job, 3)
    verbs.fail(job)

    past = verbs.past(job)
    assert (past["outcome"], past["attempt"], past["failures"]) == ("failed", 3, 3)


def test_success_of_a_later_attempt_is_a_success(verbs: Verbs, clock: Clock) -> None:
    """The history tells of the failure before it."""
    job = failing(verbs, 1)
    clock.advance(60)
    verbs.claim()
    verbs.finish(job)

    past = verbs.past(job)
    assert (past["outcome"], past["failures"], past["last_error"]) == ("succeeded", 1, "boom")


def test_job_without_max_attempts_is_not_tried_again(verbs: Verbs) -> None:
    """One attempt is the default."""
    job = verbs.job()
    verbs.claim()
    verbs.fail(job)

    assert verbs.state(job) == "failed"


@pytest.mark.parametrize("columns", [{}, {"priority": 7}, {"datasource": "sales"}])
def test_retry_keeps_its_old_place(verbs: Verbs, clock: Clock, columns: dict[str, Any]) -> None:
    """It comes before what was added after it, as soon as its time has come."""
    job = verbs.job(max_attempts=2, **columns)
    place = order(verbs, job)
    verbs.claim()
    clock.advance(5)
    later = verbs.job(**columns)
    verbs.fail(job)
    assert order(verbs, job) == place
    clock.advance(31)

    assert verbs.drain() == [job, later]


def test_retry_of_a_scheduled_job_keeps_its_batch(verbs: Verbs, clock: Clock) -> None:
    """And a Run Now stays before all others."""
    verbs.schedule("hourly")
    verbs.task("alert", schedule="hourly", max_attempts=2)
    verbs.fire("hourly", NOON)
    by_hand = verbs.run_now(verbs.task(max_attempts=2))
    places = verbs.rows(f"select id, {ORDER} from pgdispatch.job order by id")
    for number in (1, 2):
        verbs.claim(f"n:{number}")
    for job in verbs.values("select id from pgdispatch.job"):
        verbs.fail(job)

    assert verbs.rows(f"select id, {ORDER} from pgdispatch.job order by id") == places
    clock.advance(31)
    assert verbs.claim() == by_hand


def test_retry_does_not_start_before_its_time(verbs: Verbs, clock: Clock) -> None:
    """However free everybody is; its reason says so."""
    job = failing(verbs, 1)
    verbs.run("update pgdispatch.job set not_before = %s", NOON + timedelta(seconds=20))
    clock.advance(19)
    assert verbs.claim() is None
    clock.advance(1)

    assert verbs.claim() == job


def test_retry_holds_no_gate_while_it_waits(verbs: Verbs, clock: Clock) -> None:
    """Datasource, serial schedule and site all let others in."""
    verbs.schedule("nightly", "serial")
    verbs.site("acme", 1)
    gates = {"site": "acme", "schedule": "nightly", "datasource": "sales"}
    job = failing(verbs, 1, **gates)
    verbs.run("update pgdispatch.job set not_before = %s", NOON + timedelta(seconds=20))
    other = verbs.job(**gates)

    assert verbs.claim("n:1") == other
    clock.advance(30)
    assert verbs.claim("n:2") is None
    assert verbs.finish(other, claim=True) == Claimed("run", job, 2)


def test_retry_lets_in_the_job_that_was_parked_for_it(verbs: Verbs, clock: Clock) -> None:
    """In the same call that reports the failure."""
    assert clock.now == NOON
    job = verbs.job(datasource="sales", max_attempts=2)
    parked = verbs.job(datasource="sales")
    assert [verbs.claim("n:1"), verbs.claim("n:2")] == [job, None]

    assert verbs.fail(job, claim=True) == Claimed("run", parked, 1)


def test_lost_node_spends_no_retry(verbs: Verbs) -> None:
    """It goes back at once, and has both attempts left."""
    job = verbs.job(max_attempts=2)
    verbs.claim("etl:1")
    verbs.run("select pgdispatch.declare_lost('etl')")
    assert verbs.claim("n:1") == job
    assert (verbs.column(job, "losses"), verbs.column(job, "failures")) == (1, 0)

    verbs.fail(job)

    assert verbs.state(job) == "waiting"


def test_losses_after_a_failure_keep_it_in_mind(verbs: Verbs, clock: Clock) -> None:
    """One of two attempts is spent, and max_losses counts for itself."""
    job = failing(verbs, 1)
    clock.advance(60)
    verbs.claim("etl:1")
    verbs.run("select pgdispatch.declare_lost('etl')")
    verbs.claim("etl:1")
    verbs.fail(job)

    past = verbs.past(job)
    assert (past["outcome"], past["failed_as"]) == ("failed", "error")
    assert (past["failures"], past["losses"], past["attempt"]) == (2, 1, 3)


@pytest.mark.parametrize("most", [1, 2, 5])
def test_max_losses_is_a_setting(verbs: Verbs, most: int) -> None:
    """That loss fails it as lost."""
    set_to(verbs, "max_losses", most)
    job = verbs.job(max_attempts=9)
    for _ in range(most):
        assert verbs.state(job) == "waiting"
        verbs.claim("etl:1")
        verbs.run("select pgdispatch.declare_lost('etl')")

    past = verbs.past(job)
    assert (past["failed_as"], past["losses"], past["failures"]) == ("lost", most, 0)


def test_timed_out_attempt_is_tried_again(verbs: Verbs, clock: Clock) -> None:
    """And its clock begins anew."""
    job = verbs.job(max_attempts=2, timeout=timedelta(seconds=100))
    verbs.claim("etl:1")
    clock.advance(101)
    verbs.fail(job, failed_as="timed out")
    clock.advance(60)
    verbs.claim("etl:1")

    assert verbs.values("select stop from pgdispatch.node_orders('etl')") == [None]


def test_cancel_of_a_retry_that_waits_ends_it_at_once(verbs: Verbs, clock: Clock) -> None:
    """Nothing is tried again."""
    job = failing(verbs, 1)
    assert verbs.cancel(job) == "cancelled"
    clock.advance(60)
    assert verbs.claim() is None
    assert verbs.past(job)["failures"] == 1


def test_failure_after_a_cancel_request_is_not_tried_again(verbs: Verbs) -> None:
    """It is a cancellation."""
    job = verbs.job(max_attempts=5)
    verbs.claim()
    verbs.cancel(job)
    verbs.fail(job)

    assert verbs.state(job) == "cancelled"


@pytest.mark.parametrize(
    ("job", "task", "type_", "expected"),
    [(None, None, 4, 4), (None, 3, 4, 3), (2, 3, 4, 2), (1, 3, 4, 1)],
)
def test_job_says_how_often_it_is_tried_before_its_task_and_type(
    verbs: Verbs, job: int | None, task: int | None, type_: int, expected: int
) -> None:
    """The nearest counts."""
    change(verbs, "job_type", "name", "full_extract", max_attempts=type_)
    made = verbs.job("full_extract", task=verbs.task(max_attempts=task), max_attempts=job)

    assert verbs.column(made, "max_attempts") == expected


@pytest.mark.parametrize("most", [0, -1, 101])
@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("job", {"type": "system"}),
        ("task", {"type": "flow", "title": "a task"}),
        ("job_type", {"name": "more"}),
    ],
)
def test_wrong_number_of_attempts_is_refused(
    verbs: Verbs, table: str, columns: dict[str, Any], most: int
) -> None:
    """By a hint or a constraint."""
    with pytest.raises(psycopg.Error):
        verbs.add(table, "max_attempts", max_attempts=most, **columns)


def test_task_whose_retry_waits_is_skipped_by_its_schedule(verbs: Verbs, clock: Clock) -> None:
    """A job of it still waits (semantics 6)."""
    verbs.schedule("hourly")
    task = verbs.task(schedule="hourly", max_attempts=2)
    assert verbs.fire("hourly", clock.now) == 1
    verbs.fail(verbs.claim() or 0)

    clock.set(clock.now + timedelta(hours=1))
    assert verbs.fire("hourly", clock.now) == 0
    with pytest.raises(psycopg.Error, match=f"task {task} already has job"):
        verbs.run_now(task)


@pytest.mark.parametrize(("failures", "most"), [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600),
                                                (60, 3600)])  # fmt: skip
def test_retry_waits_at_random_between_nothing_and_a_doubling_bound(
    verbs: Verbs, clock: Clock, failures: int, most: int
) -> None:
    """Full jitter: the whole range is used, and nothing beyond it."""
    waits = delays(verbs, clock, failures)

    assert min(waits) >= 0
    assert max(waits) <= most
    assert min(waits) < most * 0.1
    assert max(waits) > most * 0.9


def test_settings_say_how_long_a_retry_waits(verbs: Verbs, clock: Clock) -> None:
    """The base and the bound."""
    set_to(verbs, "retry_base_seconds", 1)
    set_to(verbs, "retry_max_seconds", 3)

    assert 2 < max(delays(verbs, clock, 9)) <= 3
