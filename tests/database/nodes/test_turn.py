"""A node's turn: what has ended and what starts, in one statement."""

from __future__ import annotations

import json
import uuid
from typing import Any

import psycopg
import pytest

from support.sessions.clock import Clock
from support.sessions.verbs import Verbs


def started(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Return who is to run which job."""
    return {row["backgrounder"]: row["id"] for row in rows if row["verdict"] == "run"}


def verdicts(rows: list[dict[str, Any]]) -> list[tuple[str, int | None]]:
    """Return what was said but of jobs that were started, and of which job."""
    return [(row["verdict"], row["id"]) for row in rows if row["verdict"] != "run"]


def test_turn_gives_the_best_job_to_the_first_of_those_that_are_free(verbs: Verbs) -> None:
    """And says all of it that a claim says."""
    lesser, best, last = (verbs.job(priority=priority) for priority in (20, 10, 30))

    rows = verbs.turn([3, 1, 2])

    assert started(rows) == {"n:3": best, "n:1": lesser, "n:2": last}
    assert verdicts(rows) == []
    told = next(row for row in rows if row["id"] == best)
    kept = verbs.row("select * from pgdispatch.job where id = %s", best)
    columns = (
        *("id", "attempt", "type", "site", "title", "datasource", "schedule", "task"),
        *("priority", "args", "created_by", "scheduled_at", "backgrounder"),
    )
    assert {name: told[name] for name in columns} == {name: kept[name] for name in columns}
    assert (kept["state"], kept["node"], kept["attempt"]) == ("running", "n", 1)


def test_turn_starts_nothing_for_nobody_and_no_more_than_there_is(verbs: Verbs) -> None:
    """A backgrounder without a job gets no row."""
    job = verbs.job()

    assert verbs.turn([]) == []
    assert started(verbs.turn([1, 2])) == {"n:1": job}
    assert verbs.turn([2]) == []


def test_turn_ends_each_attempt_as_it_is_said(verbs: Verbs, clock: Clock) -> None:
    """With its result, log, error, progress and note; what comes back starts again."""
    names = ("good", "bad", "late", "tried", "back", "lost", "asked")
    jobs = {
        name: verbs.job(title=name, max_attempts=2 if name == "tried" else 1, priority=number + 1)
        for number, name in enumerate(names)
    }
    rows = verbs.turn(range(1, len(names) + 1))
    assert list(started(rows).values()) == list(jobs.values())
    verbs.cancel(jobs["asked"])
    clock.advance(5)
    outcomes = ("succeeded", "error", "timed out", "killed", "given back", "lost", "given back")

    rows = verbs.turn(
        [],
        [(job, 1, outcome) for job, outcome in zip(jobs.values(), outcomes, strict=True)],
        errors=[None, "boom", "slow", "dead"],
        results=[json.dumps({"rows": 1})],
        logs=[f"log of {name}" for name in names],
        progress=[50, 60],
        notes=["half", "more"],
    )

    assert rows == []
    good, bad, late = (verbs.past(jobs[name]) for name in ("good", "bad", "late"))
    assert (good["outcome"], good["result"], good["log"]) == (
        "succeeded",
        {"rows": 1},
        "log of good",
    )
    assert (good["error"], good["progress"], good["progress_note"]) == (None, 100, "half")
    assert (bad["outcome"], bad["failed_as"], bad["error"]) == ("failed", "error", "boom")
    assert (bad["failures"], bad["progress"], bad["progress_note"]) == (1, 60, "more")
    assert (late["outcome"], late["failed_as"], late["error"]) == ("failed", "timed out", "slow")
    assert verbs.past(jobs["asked"])["outcome"] == "cancelled"
    tried, back, lost = (
        verbs.row("select * from pgdispatch.job where id = %s", jobs[name])
        for name in ("tried", "back", "lost")
    )
    assert (tried["failures"], tried["last_error"], tried["losses"]) == (1, "dead", 0)
    assert tried["not_before"] is not None
    assert (back["state"], back["failures"], back["losses"]) == ("ready", 0, 0)
    assert (lost["state"], lost["failures"], lost["losses"]) == ("ready", 0, 1)
    assert {row["backgrounder"] for row in (tried, back, lost)} == {None}
    assert started(verbs.turn([1, 2])) == {"n:1": jobs["back"], "n:2": jobs["lost"]}


def test_ending_that_is_refused_stops_no_other(verbs: Verbs) -> None:
    """Each refusal is told, and where the job is now."""
    first, second = verbs.job(), verbs.job()
    verbs.turn([1, 2])
    verbs.turn([], [(first, 1, "succeeded")])
    waiting = verbs.job()

    rows = verbs.turn(
        [1, 2],
        [(first, 1, "error"), (second, 2, "error"), (4711, 1, "error"), (waiting, 0, "lost")],
    )

    assert verdicts(rows) == [("stale", job) for job in (first, second, 4711, waiting)]
    reasons = [row["reason"] for row in rows if row["verdict"] == "stale"]
    assert reasons[0].startswith("it has succeeded at ")
    assert reasons[1:] == ["it runs as attempt 1 on n:2", "there is no such job", "it is waiting"]
    assert verbs.past(first)["outcome"] == "succeeded"
    assert started(rows) == {"n:1": waiting}


def test_room_that_a_turn_makes_is_used_in_the_same_turn(verbs: Verbs) -> None:
    """By as many as there is room for, however many jobs have left the gate."""
    verbs.site("red", 3)
    first = [verbs.job(site="red", datasource="a", priority=1)]
    first += [verbs.job(site="red", priority=2) for _ in range(2)]
    parked = [verbs.job(site="red", datasource="a", priority=3)]
    parked += [verbs.job(site="red", priority=4) for _ in range(4)]
    assert list(started(verbs.turn(range(1, 7))).values()) == first
    assert verbs.turn(range(4, 7)) == []

    rows = verbs.turn(range(1, 7), [(job, 1, "succeeded") for job in first])
    while verdicts(rows):
        rows += verbs.turn([n for n in range(1, 7) if f"n:{n}" not in started(rows)])
        rows = [row for row in rows if row["verdict"] == "run" or row is rows[-1]]

    assert sorted(started(rows).values()) == parked[:3]
    assert verbs.sweep() == 0


def test_turn_meets_jobs_with_gates_in_their_place(verbs: Verbs) -> None:
    """Of one datasource one starts, and the next is parked, whoever else is free."""
    a = verbs.job(priority=1)
    b = verbs.job(priority=2, datasource="sales")
    c = verbs.job(priority=3)
    d = verbs.job(priority=4, datasource="sales")
    e = verbs.job(priority=5)

    rows = verbs.turn([1, 2, 3, 4, 5])

    assert started(rows) == {"n:1": a, "n:2": b, "n:3": c, "n:4": e}
    assert verbs.column(d, "gate") == "datasource/default/sales"


def test_turn_is_bounded(verbs: Verbs) -> None:
    """It starts 64 jobs, parks so many, and says that there may be more."""
    verbs.run("insert into pgdispatch.job (type) select 'system' from generate_series(1, 100)")

    rows = verbs.turn(range(1, 101))

    assert len(started(rows)) == 64
    assert verdicts(rows) == [("again", None)]
    assert len(started(verbs.turn(range(65, 101)))) == 36

    verbs.site("red", 1)
    verbs.run(
        "insert into pgdispatch.job (type, site)"
        " select 'system', 'red' from generate_series(1, 3000)"
    )
    rows = verbs.turn([101, 102])
    assert len(started(rows)) == 1
    assert verdicts(rows) == [("again", None)]
    assert verbs.value("select count(*) from pgdispatch.job where state = 'parked'") < 1100


def test_turn_whose_answer_was_lost_gives_back_what_nobody_runs(verbs: Verbs) -> None:
    """No retry is spent, nor a loss counted; who does run something is left alone."""
    jobs = [verbs.job(datasource="sales", priority=1), *(verbs.job(priority=2) for _ in range(2))]
    verbs.turn([1, 2, 3])

    rows = verbs.turn([1, 2], [(jobs[1], 1, "succeeded")], is_unsure=True)

    assert started(rows) == {"n:1": jobs[0]}
    again = verbs.row("select * from pgdispatch.job where id = %s", jobs[0])
    assert (again["attempt"], again["losses"], again["failures"]) == (2, 0, 0)
    assert verbs.state(jobs[1]) == "succeeded"
    assert (verbs.state(jobs[2]), verbs.attempt(jobs[2])) == ("running", 1)


def test_turn_of_a_supervisor_that_has_lost_its_name_starts_nothing(verbs: Verbs) -> None:
    """JD007; but what its backgrounders have ended is as good as ever."""
    verbs.register()
    job = verbs.job()

    with pytest.raises(psycopg.Error, match="is not held by this supervisor") as caught:
        verbs.rows("select * from pgdispatch.turn('n', %s, array[1])", uuid.uuid4())

    assert caught.value.sqlstate == "JD007"
    assert verbs.state(job) == "waiting"


def test_turn_of_a_node_takes_its_types_only_and_none_when_drained(verbs: Verbs) -> None:
    """As a claim does."""
    verbs.register(types=["flow", "alert"])
    system, flow, alert = (verbs.job(name) for name in ("system", "flow", "alert"))

    assert started(verbs.turn([1, 2, 3], types=["alert", "system"])) == {"n:1": alert}
    verbs.run("update pgdispatch.node set backgrounders = 0 where name = 'n'")
    verbs.run("update pgdispatch.node set is_drained = true where name = 'n'")

    assert verbs.turn([1]) == []
    assert {verbs.state(system), verbs.state(flow)} == {"waiting"}


WRONG = {
    "no node": ("null, null, array[1]", "name of a node"),
    "a colon": ("'n:1', null, array[1]", "name of a node"),
    "a free one twice": ("'n', null, array[1, 1]", "numbers of backgrounders"),
    "number 0": ("'n', null, array[0]", "numbers of backgrounders"),
    "a null that is free": ("'n', null, array[1, null]", "numbers of backgrounders"),
    "a table of free ones": ("'n', null, '{{1},{2}}'", "numbers of backgrounders"),
    "nobody, not even none": ("'n', null, null", "numbers of backgrounders"),
    "a job twice": (
        "'n', null, '{}', null, array[1, 1], array[1, 2], array['error', 'error']",
        "do not fit",
    ),
    "too few attempts": ("'n', null, '{}', null, array[1], '{}', array['error']", "do not fit"),
    "too few outcomes": ("'n', null, '{}', null, array[1], array[1], '{}'", "do not fit"),
    "no job": (
        "'n', null, '{}', null, array[null]::bigint[], array[1], array['error']",
        "do not fit",
    ),
    "a table of jobs": ("'n', null, '{}', null, '{{1}}', '{{1}}', '{{error}}'", "do not fit"),
    "a table of outcomes": ("'n', null, '{}', null, '{1}', '{1}', '{{error}}'", "do not fit"),
    "other subscripts": (
        "'n', null, '{}', null, '[5:5]={1}', '[5:5]={1}', '[5:5]={error}'",
        "do not fit",
    ),
    "other subscripts of outcomes": (
        "'n', null, '{}', null, '{1}', '{1}', '[5:5]={error}'",
        "do not fit",
    ),
    "null jobs": ("'n', null, '{}', null, null, null, null", "do not fit"),
    "an outcome that is none": (
        "'n', null, '{}', null, array[1], array[1], array['cancelled']",
        "cannot end as 'cancelled'",
    ),
    "too many": (
        "'n', null, '{}', null, array(select generate_series(1, 1001)), '{}', '{}'",
        "1001 attempts are too many",
    ),
}


@pytest.mark.parametrize(("arguments", "said"), WRONG.values(), ids=WRONG)
def test_turn_that_makes_no_sense_is_refused_and_changes_nothing(
    verbs: Verbs, arguments: str, said: str
) -> None:
    """JD001, with what to do."""
    job = verbs.job()

    with pytest.raises(psycopg.Error, match=said) as caught:
        verbs.rows(f"select * from pgdispatch.turn({arguments})")

    assert caught.value.sqlstate == "JD001"
    assert caught.value.diag.message_hint
    assert verbs.state(job) == "waiting"
