"""Finish, fail and progress: only the running attempt counts, and its end lets the next one in."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from support.sessions.clock import Clock
from support.sessions.verbs import Claimed, Verbs

IN_ODD_SETTINGS = True

ENDINGS = {
    "finish": "select * from pgdispatch.finish({job}, {attempt})",
    "fail": "select * from pgdispatch.fail({job}, {attempt}, 'boom')",
    "requeue": "select pgdispatch.requeue({job}, {attempt})",
    "progress": "select pgdispatch.progress({job}, {attempt}, 50)",
}
STALE: dict[str, Callable[[Verbs], int]] = {}


def stale(make: Callable[[Verbs], int]) -> Callable[[Verbs], int]:
    """List a way in which attempt 1 of a job is not the running one."""
    STALE[make.__name__] = make
    return make


@stale
def waiting(verbs: Verbs) -> int:
    """Return a job that nobody has claimed."""
    return verbs.job()


@stale
def ended(verbs: Verbs) -> int:
    """Return a job whose first attempt has ended."""
    job = verbs.job()
    verbs.claim()
    verbs.finish(job)
    return job


@stale
def requeued(verbs: Verbs) -> int:
    """Return a job that runs as its second attempt."""
    job = verbs.job()
    verbs.claim()
    verbs.requeue(job)
    verbs.claim("n:2")
    return job


@stale
def unknown(verbs: Verbs) -> int:  # noqa: ARG001  # as the others
    """Return a job that never was."""
    return 4711


@pytest.mark.parametrize("make", STALE.values(), ids=STALE.keys())
@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS.keys())
def test_stale_attempt_is_refused_and_changes_nothing(
    verbs: Verbs, ending: str, make: Callable[[Verbs], int]
) -> None:
    """SQLSTATE JD003, naming job and attempt, and where the job is now."""
    job = make(verbs)
    contents = "select (select array_agg(j) from {0}.job as j)::text, " \
        "(select array_agg(h) from {0}.job_history as h)::text"  # fmt: skip
    before = verbs.row(contents.format("pgdispatch"))

    with pytest.raises(psycopg.Error) as refused:
        verbs.rows(ending.format(job=job, attempt=1))

    assert refused.value.sqlstate == "JD003"
    assert refused.value.diag.message_primary == f"job {job} is not running as attempt 1"
    assert refused.value.diag.message_detail
    assert refused.value.diag.message_hint
    assert verbs.row(contents.format("pgdispatch")) == before


def test_finish_moves_the_job_to_the_history_with_all_that_explains_it(
    verbs: Verbs, clock: Clock
) -> None:
    """Who, what, when, where, and what came of it."""
    job = verbs.job("flow", title="Sales", priority=3, created_by="ada")
    created_at = clock.now
    clock.advance(5)
    verbs.claim("etl-1:3")
    clock.advance(7)

    verbs.run("select pgdispatch.finish(%s, 1, '{\"rows\": 3}', 'all well')", job)

    past = verbs.past(job)
    assert verbs.value("select count(*) from pgdispatch.job") == 0
    assert (past["type"], past["title"], past["priority"]) == ("flow", "Sales", 3)
    assert (past["created_by"], past["backgrounder"], past["attempt"]) == ("ada", "etl-1:3", 1)
    assert past["created_at"] == created_at
    assert (past["started_at"] - created_at).total_seconds() == 5
    assert past["ended_at"] == clock.now
    assert (past["outcome"], past["failed_as"], past["error"]) == ("succeeded", None, None)
    assert (past["result"], past["log"]) == ({"rows": 3}, "all well")


@pytest.mark.parametrize("failed_as", ["error", "killed", "timed out"])
def test_fail_records_how_and_why(verbs: Verbs, failed_as: str) -> None:
    """The label says whether the handler, its process or the clock ended it."""
    job = verbs.job()
    verbs.claim()

    verbs.fail(job, failed_as=failed_as)

    past = verbs.past(job)
    assert (past["outcome"], past["failed_as"], past["error"]) == ("failed", failed_as, "boom")


@pytest.mark.parametrize("failed_as", [None, "", "lost", "cancelled"])
def test_fail_refuses_another_label(verbs: Verbs, failed_as: str | None) -> None:
    """And the attempt runs on."""
    job = verbs.job()
    verbs.claim()

    with pytest.raises(psycopg.Error) as refused:
        verbs.run("select * from pgdispatch.fail(%s, 1, 'boom', %s)", job, failed_as)

    assert refused.value.sqlstate == "JD001"
    assert verbs.state(job) == "running"


def test_overlong_error_and_log_keep_what_matters(verbs: Verbs) -> None:
    """The beginning of the error, the end of the log."""
    job = verbs.job()
    verbs.claim()

    verbs.run("select * from pgdispatch.fail(%s, 1, repeat('e', 100000), 'error', "
              "repeat('x', 100000) || 'end')", job)  # fmt: skip

    past = verbs.past(job)
    assert len(past["error"]) == 8000
    assert len(past["log"]) == 65536
    assert past["log"].endswith("end")


@pytest.mark.parametrize("ending", ["finish", "fail"])
def test_end_with_a_claim_returns_the_next_job(verbs: Verbs, ending: str) -> None:
    """In the same round trip, for the same backgrounder."""
    first, second = verbs.job(), verbs.job()
    verbs.claim("n:7")

    got = getattr(verbs, ending)(first, claim=True)

    assert got == Claimed("run", second, 1)
    assert verbs.column(second, "backgrounder") == "n:7"


@pytest.mark.parametrize("ending", ["finish", "fail"])
def test_end_without_a_claim_returns_no_row(verbs: Verbs, ending: str) -> None:
    """A backgrounder that drains takes nothing more."""
    first, second = verbs.job(), verbs.job()
    verbs.claim()

    assert getattr(verbs, ending)(first) is None
    assert verbs.state(second) == "waiting"


@pytest.mark.parametrize("ending", ["finish", "fail", "requeue"])
def test_end_lets_in_one_job_at_each_gate(verbs: Verbs, ending: str) -> None:
    """Datasource, serial schedule and site: one waits at each, and each gets in."""
    verbs.site("acme", 2)
    verbs.schedule("nightly", "serial")
    holder = verbs.job(site="acme", schedule="nightly", datasource="sales", priority=50)
    verbs.claim("n:1")
    at_data = verbs.job(site="acme", datasource="sales", priority=1)
    at_schedule = verbs.job(schedule="nightly", priority=2)
    verbs.job(site="acme", priority=3)
    at_site = verbs.job(site="acme", priority=4)
    for number in range(2, 4):
        verbs.claim(f"n:{number}")
    parked = set(verbs.values("select id from pgdispatch.job where state = 'parked'"))

    getattr(verbs, ending)(holder)

    assert parked == {at_data, at_schedule, at_site}
    ready = set(verbs.values("select id from pgdispatch.job where state = 'ready'"))
    assert ready >= {at_data, at_schedule, at_site}


def test_job_parked_at_one_gate_leaves_the_room_at_the_other_to_the_next(verbs: Verbs) -> None:
    """The baton: room that a woken job cannot use goes to who waits behind it."""
    verbs.schedule("nightly", "serial")
    first = verbs.job(datasource="sales", priority=1)
    second = verbs.job(schedule="nightly", priority=1)
    assert [verbs.claim("n:1"), verbs.claim("n:2")] == [first, second]
    both = verbs.job(datasource="sales", schedule="nightly", priority=2)
    data_only = verbs.job(datasource="sales", priority=3)
    assert verbs.claim("n:3") is None

    got = verbs.finish(first, claim=True)

    assert got == Claimed("run", data_only, 1)
    assert verbs.column(both, "gate") == "schedule/nightly"


def test_progress_is_kept_within_bounds(verbs: Verbs) -> None:
    """From 0 to 100 per cent, with a short note."""
    job = verbs.job()
    verbs.claim()

    verbs.run("select pgdispatch.progress(%s, 1, 140, repeat('n', 900))", job)

    assert verbs.column(job, "progress") == 100
    assert len(verbs.column(job, "progress_note")) == 500


def test_requeued_job_goes_back_to_its_old_place(verbs: Verbs, clock: Clock) -> None:
    """It spends no retry, and forgets its run."""
    job, other = verbs.job(), verbs.job()
    verbs.claim()
    clock.advance(60)
    verbs.run("select pgdispatch.progress(%s, 1, 40)", job)

    verbs.requeue(job)

    kept = verbs.row("select * from pgdispatch.job where id = %s", job)
    assert (kept["backgrounder"], kept["started_at"], kept["progress"]) == (None, None, None)
    assert (kept["attempt"], kept["losses"]) == (1, 0)
    assert verbs.ask("n:1") == Claimed("run", job, 2)
    assert verbs.claim("n:2") == other


@pytest.mark.parametrize(
    ("before", "last", "kept"),
    [
        (None, "", (None, None)),
        (None, ", p_progress => 40, p_note => 'rows'", (100, "rows")),
        (40, "", (100, "half")),
        (40, ", p_progress => 60", (100, None)),
    ],
)
def test_success_after_progress_is_all_of_it(
    verbs: Verbs, before: int | None, last: str, kept: tuple[float | None, str | None]
) -> None:
    """The last word of it is kept; a job that reported nothing has no progress."""
    job = verbs.job()
    verbs.claim()
    if before is not None:
        verbs.run("select pgdispatch.progress(%s, 1, %s, 'half')", job, before)

    verbs.run(f"select from pgdispatch.finish(%s, 1{last})", job)

    past = verbs.past(job)
    assert (past["progress"], past["progress_note"]) == kept


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_a_failure_keeps_the_last_progress(verbs: Verbs, is_cancelled: bool) -> None:
    """Which goes with the end, and is kept within bounds."""
    early, late = verbs.job(), verbs.job()
    for number, job in enumerate((early, late)):
        verbs.claim(f"n:{number}")
        verbs.run("select pgdispatch.progress(%s, 1, 40, 'half')", job)
        if is_cancelled:
            verbs.cancel(job)

    verbs.fail(early)
    verbs.run("select from pgdispatch.fail(%s, 1, 'boom', p_progress => 170, p_note => 'x')", late)

    assert [(verbs.past(job)["progress"], verbs.past(job)["progress_note"])
            for job in (early, late)] == [(40, "half"), (100, "x")]  # fmt: skip


def test_progress_of_many_leaves_out_what_is_over(verbs: Verbs) -> None:
    """No error: the supervisor may not know yet."""
    running, over, waiting = verbs.job(), verbs.job(), verbs.job()
    verbs.claim("n:1")
    verbs.claim("n:2")
    verbs.finish(over)

    verbs.run(
        "select pgdispatch.note_progress(%s::bigint[], %s::integer[], %s::real[], %s::text[])",
        [over, running, waiting, running, 4711], [1, 1, 0, 2, 1],
        [10.0, 20.0, 30.0, 40.0, 50.0], ["a", "b", "c", "d", "e"],
    )  # fmt: skip

    found = verbs.rows("select id, progress, progress_note as note from pgdispatch.job order by id")
    assert found == [
        {"id": running, "progress": 20, "note": "b"},
        {"id": waiting, "progress": None, "note": None},
    ]
    assert verbs.past(over)["progress"] is None


@pytest.mark.parametrize("how", STALE)
def test_an_attempt_that_is_over_is_not_held(verbs: Verbs, how: str) -> None:
    """And that is no error either."""
    job = STALE[how](verbs)

    assert verbs.rows("select * from pgdispatch.hold_attempt(%s, 1)", job) == []


def test_ends_of_attempts_are_told_as_the_database_decided(verbs: Verbs) -> None:
    """Of a job that is tried again, until it is; of one that has gone on, only what it is."""
    task = verbs.task("system", title="nightly")
    verbs.run("update pgdispatch.setting set value = '1' where name = 'suspend_after_failures'")
    failed, retried = verbs.run_now(task), verbs.job(max_attempts=2, title="again")
    back = verbs.job(site=verbs.site("acme"))
    for number, job in enumerate((failed, retried, back)):
        verbs.claim(f"n:{number}")
        if job != back:
            verbs.fail(job)
    verbs.requeue(back)
    verbs.claim("n:9")

    rows = verbs.rows(
        "select * from pgdispatch.attempt_ends(%s::bigint[], %s::integer[]) order by job",
        [failed, retried, back, 4711], [1, 1, 1, 1],
    )  # fmt: skip

    told = [[row[name] for name in ("job", "title", "outcome", "error", "is_suspended")]
            for row in rows]  # fmt: skip
    assert told == [
        [failed, "nightly", "failed", "boom", True],
        [retried, "again", None, "boom", False],
        [back, None, None, None, False],
    ]
    assert [row["site"] for row in rows] == ["default", "default", "acme"]
    assert rows[1]["again_at"] == verbs.column(retried, "not_before")
