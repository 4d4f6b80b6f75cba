"""How a contract stands: by what has run, what is to run, and what a forecast says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pgdispatch.forecast.making import make_due
from pgdispatch.forecast.run import Run, SimulatedJob
from pgdispatch.forecast.sums.contracts import Judge, contract_input, note_contracts
from support.sessions.clock import NOON, Clock
from support.sessions.contracts import NIGHTLY, foretell, micros, note, promise, run, standing
from support.sessions.timetable import change, fail_often, linked_task, run_clock
from support.sessions.verbs import Verbs

DAY = datetime(2026, 3, 3, tzinfo=UTC)


def at(hour: int, minute: int = 0, day: int = 0) -> datetime:
    """Return a time of the day after the first noon, or of a later one."""
    return DAY + timedelta(days=day, hours=hour, minutes=minute)


@pytest.fixture
def task(verbs: Verbs, clock: Clock) -> int:
    """Add a task that refreshes a datasource each night at two."""
    assert clock
    verbs.schedule("nightly", **NIGHTLY)
    return verbs.task(title="Sales", schedule="nightly", datasource="sales")


@pytest.fixture
def contract(verbs: Verbs, task: int) -> int:
    """Promise its data by seven."""
    assert task
    return promise(verbs, datasource="sales")


def test_data_are_fresh_until_the_next_due_time_is_missed(
    verbs: Verbs, clock: Clock, contract: int, task: int
) -> None:
    """Scheduled: fresh, with what is to bring them. There: fresh, with the run. Missed: late."""
    before = standing(verbs, contract, "state", "due", "task", "reason", "chance", "slack")
    job = run(verbs, clock, at(2), at(3))
    there = standing(verbs, contract, "state", "due", "job", "began_at", "ended_at", "slack")
    run_clock(verbs)
    clock.set(at(2, day=1))
    run_clock(verbs)
    waiting = verbs.claim()
    clock.set(at(7, 30, day=1))

    late = standing(verbs, contract, "state", "due", "job", "slack")

    assert before == ("fresh", at(7), task, "scheduled for 2026-03-03 02:00", None, None)
    assert there == ("fresh", at(7), job, at(2), at(3), timedelta(hours=4))
    assert late == ("late", at(7, day=1), waiting, None)


@pytest.mark.parametrize(
    ("late", "state"), [(1, "fresh"), (2, "at risk"), (4, "at risk"), (5, "will be late")]
)
def test_chances_make_it_at_risk(verbs: Verbs, contract: int, late: int, state: str) -> None:
    """From a fifth on, and from a half on; what is expected and the slack are said."""
    foretell(verbs, contract, late, at=at(6, 30))

    found = standing(verbs, contract, "state", "chance", "expected_at", "slack")

    assert found == (state, late / 10, at(6, 30), timedelta(minutes=30))


def test_a_stale_forecast_says_nothing(verbs: Verbs, clock: Clock, contract: int) -> None:
    """After three periods the chance is unknown, not what it was."""
    foretell(verbs, contract, 9)
    clock.advance(180)

    assert standing(verbs, contract, "state", "chance", "expected_at") == ("fresh", None, None)


def test_a_run_that_began_before_the_cut_off_does_not_count(
    verbs: Verbs, clock: Clock, contract: int, task: int
) -> None:
    """However late it ended; nor one that failed, or is of another datasource."""
    clock.set(at(-1) + timedelta(minutes=59, seconds=59))
    job = verbs.run_now(task)
    verbs.claim()
    clock.set(at(1))
    verbs.finish(job)
    other = verbs.task(title="Other", datasource="costs")
    verbs.run_now(other)
    verbs.finish(verbs.claim())  # type: ignore[arg-type]
    failed = run(verbs, clock, at(2), at(3), "fail")

    state, reason = standing(verbs, contract, "state", "reason")

    assert state == "broken"
    assert reason == (
        f"job {failed} failed: boom; schedule nightly does not run before the data are due"
    )


def test_the_cut_off_is_by_the_clock_on_the_wall(verbs: Verbs, clock: Clock, task: int) -> None:
    """Seven hours before seven is midnight also on the days when clocks are set."""
    assert task
    clock.set(datetime(2026, 3, 28, 12, tzinfo=UTC))
    contract = promise(verbs, datasource="sales", time_zone="Europe/Berlin")

    spring = standing(verbs, contract, "due", "data_after")
    clock.set(datetime(2026, 10, 24, 12, tzinfo=UTC))
    change(verbs, "contract", "id", contract, time_zone="America/New_York", enabled=True)
    change(verbs, "contract", "id", contract, time_zone="Europe/Berlin")
    autumn = standing(verbs, contract, "due", "data_after")

    assert [u.astimezone(UTC) for u in spring] == [
        datetime(2026, 3, 29, 5, tzinfo=UTC), datetime(2026, 3, 28, 23, tzinfo=UTC),
    ]  # fmt: skip
    assert [u.astimezone(UTC) for u in autumn] == [
        datetime(2026, 10, 25, 6, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change_of", "reason"),
    [
        (("schedule", "name", "nightly", {"enabled": False}), "schedule nightly is disabled"),
        (
            ("schedule", "name", "nightly", {"recurrence": "daily at 08:00"}),
            "schedule nightly does not run before the data are due",
        ),
        (("schedule", "name", "nightly", {"recurrence": None}), "nightly has no recurrence"),
        (("task", "schedule", "nightly", {"enabled": False}), "task {task} is disabled"),
        (("task", "title", "Sales", {"schedule": None}), "task {task} has no schedule"),
        (("task", "title", "Sales", {"datasource": "x"}), "no task refreshes datasource sales"),
    ],
)
def test_nothing_scheduled_is_broken_at_once(
    verbs: Verbs, contract: int, task: int, change_of: tuple[str, str, str, Any], reason: str
) -> None:
    """Half a day ahead, whatever the forecast says, and it says why."""
    foretell(verbs, contract, 0)
    table, key, row, columns = change_of

    change(verbs, table, key, row, **columns)

    state, why = standing(verbs, contract, "state", "reason")
    assert state == "broken"
    assert reason.format(task=task) in why


def test_a_suspended_or_deleted_task_brings_nothing(
    verbs: Verbs, clock: Clock, contract: int, task: int
) -> None:
    """And another one on another schedule does: the earliest counts."""
    fail_often(verbs, task, 5)
    suspended = standing(verbs, contract, "state", "reason")
    verbs.schedule("early", recurrence="daily at 01:00")
    verbs.task(title="Sales too", schedule="early", datasource="sales")
    both = standing(verbs, contract, "state", "reason")
    verbs.run("delete from pgdispatch.task where schedule is not null")
    assert clock

    gone = standing(verbs, contract, "state", "reason")

    assert suspended[0] == "broken"
    assert f"task {task} is suspended after 5 failures" in suspended[1]
    assert both == ("fresh", "scheduled for 2026-03-03 01:00")
    assert gone == ("broken", "no task refreshes datasource sales")


def test_types_and_jobs_without_a_task(verbs: Verbs, clock: Clock, task: int) -> None:
    """Only jobs of the types named count; one that an application inserted counts as any."""
    assert task
    contract = promise(verbs, datasource="sales", types=["extract_creation"])
    other = run(verbs, clock, at(2), at(3))
    before = standing(verbs, contract)
    clock.set(at(4))
    job = verbs.job("extract_creation", datasource="sales")
    waiting = standing(verbs, contract, "state", "job")
    verbs.claim()
    verbs.finish(job)
    verbs.run("select pgdispatch.tend_notices()")

    after = standing(verbs, contract, "state", "job")

    assert other
    assert before == "broken"
    assert waiting == ("fresh", job)
    assert after == ("fresh", job)


def test_late_is_what_still_comes_and_broken_what_does_not(
    verbs: Verbs, clock: Clock, contract: int
) -> None:
    """A run of the next night is none for this morning; one of this morning is."""
    run(verbs, clock, at(2), at(3), "fail")
    clock.set(at(7, 1))
    nothing = standing(verbs, contract, "state", "due")
    change(verbs, "schedule", "name", "nightly", recurrence="daily at 08:00")

    coming = standing(verbs, contract, "state", "due", "reason")

    assert nothing == ("broken", at(7))
    assert coming == ("late", at(7), "scheduled for 2026-03-03 08:00")


def test_a_schedule_needs_all_its_tasks(verbs: Verbs, clock: Clock, task: int) -> None:
    """Those of the site that are enabled; the one that comes last decides."""
    second = verbs.task(title="Costs", schedule="nightly", datasource="costs")
    verbs.site("acme")
    verbs.task(title="of another site", schedule="nightly", site="acme")
    contract = promise(verbs, schedule="nightly")
    first = run(verbs, clock, at(2), at(3))
    half = standing(verbs, contract, "state", "task", "ended_at")
    last = verbs.claim()
    assert last is not None
    clock.set(at(4))
    verbs.finish(last)

    whole = standing(verbs, contract, "state", "job", "began_at", "ended_at")

    assert verbs.past(first)["task"] == task
    assert half == ("fresh", second, None)
    assert whole == ("fresh", last, at(2), at(4))


def test_a_linked_task_needs_all_steps_of_one_run(verbs: Verbs, clock: Clock) -> None:
    """Its begin is that of the first; while a step is under way it is coming."""
    assert clock
    verbs.schedule("nightly", **NIGHTLY)
    flows = [verbs.task("flow", title=f"step {n}") for n in (1, 2)]
    linked = linked_task(verbs, *flows, schedule="nightly")
    contract = promise(verbs, linked_task=linked)
    second_step = promise(verbs, name="its end", task=flows[1])
    before = standing(verbs, contract), standing(verbs, second_step)
    run(verbs, clock, at(2), at(3))
    between = standing(verbs, contract, "state", "ended_at"), standing(verbs, second_step)
    last = verbs.claim()
    assert last is not None
    clock.set(at(4))
    verbs.finish(last)

    after = standing(verbs, contract, "state", "began_at", "ended_at")

    assert before == ("fresh", "fresh")
    assert between == (("fresh", None), "fresh")
    assert after == ("fresh", at(2), at(4))


def test_age_counts_from_the_begin_of_a_run(verbs: Verbs, clock: Clock, task: int) -> None:
    """Its data are of then; too old and nothing to come in time is broken at once."""
    contract = promise(verbs, task=task, max_age="26 hours")
    run(verbs, clock, at(2), at(3))
    fresh = standing(verbs, contract, "state", "due", "reason")
    change(verbs, "schedule", "name", "nightly", recurrence="weekly on mon at 02:00")
    broken = standing(verbs, contract, "state", "due")
    clock.set(at(5, day=1))

    late = standing(verbs, contract, "state", "due")

    assert fresh == ("fresh", at(4, day=1), "scheduled for 2026-03-04 02:00")
    assert broken == ("broken", at(4, day=1))
    assert late == ("late", at(4, day=1))


def test_what_waits_says_why(verbs: Verbs, clock: Clock, contract: int, task: int) -> None:
    """The job that decides, and what keeps it from starting, as in the queue."""
    clock.set(at(2))
    run_clock(verbs)
    job = verbs.value("select id from pgdispatch.job where task = %s", task)
    verbs.run("select pgdispatch.pause('all', null, null, 'moving', 'alice')")

    found = standing(verbs, contract, "state", "job", "reason")

    assert found == ("fresh", job, "paused (everything, by alice: moving)")


def test_a_contract_is_judged_from_when_it_is_made(verbs: Verbs, contract: int) -> None:
    """What was due before is nobody's fault; a change of its terms begins anew; off is off."""
    assert NOON
    assert standing(verbs, contract, "due") == (at(7),)
    change(verbs, "contract", "id", contract, enabled=False)

    assert standing(verbs, contract, "state", "due") == ("disabled", None)


def test_the_forecast_names_who_decides(verbs: Verbs, contract: int, task: int) -> None:
    """It has seen what waits in line; a row of a contract that is gone is left out."""
    row = {
        "contract": contract, "due": micros(at(7)), "runs": 10, "late": 3, "decided": 8,
        "task": task, "scheduled": micros(at(2)), "beyond": micros(at(12)),
    }  # fmt: skip
    note(verbs, [row, {**row, "contract": 999}], NOON)

    found = standing(verbs, contract, "chance", "task", "reason", "expected_at", "beyond")

    assert found == (0.3, task, "scheduled for 2026-03-03 02:00", None, at(12))


def test_what_is_said_to_the_simulation_comes_back(
    verbs: Verbs, clock: Clock, contract: int, task: int
) -> None:
    """Due times of the hours ahead, with what has no data yet; what is there is not asked for."""
    clock.set(at(1))
    age = promise(verbs, name="age", datasource="sales", max_age="26 hours")
    whole = promise(verbs, name="whole", schedule="nightly", types=["full_extract"])
    told = contract_input(verbs.connection, 12)
    judge = Judge(told, until=micros(at(13)))
    job = SimulatedJob(
        job=None, task=task, scheduled_at=micros(at(2)), type="full_extract", site="default",
        datasource="sales", schedule="nightly", linked_task=None, created_at=micros(at(2)),
        began_at=micros(at(2)), ended_at=micros(at(8)), outcome="succeeded",
    )  # fmt: skip
    judge.add(Run(micros(at(1)), micros(at(13)), [job], []))
    count = note_contracts(verbs.connection, judge, micros(at(1)), good_for=180)
    found = [standing(verbs, c, "state", "chance", "expected_at") for c in (contract, whole, age)]
    run(verbs, clock, at(2), at(3))

    later = contract_input(verbs.connection, 5)

    assert [c["id"] for c in told] == [contract, whole]
    assert [d["due"] for d in told[0]["dues"]] == [micros(at(7))]
    assert count == 2
    assert found[:2] == [("will be late", 1.0, at(8))] * 2
    assert found[2] == ("fresh", None, None)
    assert later == []


def test_a_forecast_judges_contracts(verbs: Verbs, clock: Clock, contract: int, task: int) -> None:
    """Made by a node as always: what no backgrounder is up for will be late in all runs."""
    clock.set(at(1))
    verbs.register(backgrounders=1)
    in_time = make_due(verbs.connection, "n")
    fresh = standing(verbs, contract, "state", "chance", "task")
    verbs.run("update pgdispatch.node set except_types = '{full_extract}'")
    clock.advance(61)
    verbs.run("select from pgdispatch.heartbeat('n', (select incarnation from pgdispatch.node))")
    make_due(verbs.connection, "n")

    late = standing(verbs, contract, "state", "chance", "task", "expected_at", "beyond")

    assert in_time is not None
    assert (fresh[0], fresh[1] < 0.2, fresh[2]) == ("fresh", True, task)
    assert late == ("will be late", 1.0, task, None, clock.now + timedelta(hours=12))
