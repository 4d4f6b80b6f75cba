"""What jobs log while they run: kept under its attempt, and read as one log, each line once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from support.sessions.clock import Clock
from support.sessions.verbs import Verbs

AT = "2031-01-02T03:04:05.006Z"
APPEND = "select pgdispatch.append_log(%s::bigint[], %s::integer[], %s::bigint[], %s::bigint[], %s)"
LINES = "select attempt, line, text from pgdispatch.log_lines(%s)"


def lines(first: int, last: int) -> str:
    """Return lines as a node sends them, with their numbers for text."""
    return "\n".join(f"{AT} line {number}" for number in range(first, last + 1))


def append(verbs: Verbs, job: int, attempt: int, first: int, last: int) -> None:
    """Append lines of one attempt."""
    verbs.run(APPEND, [job], [attempt], [first], [last], [lines(first, last)])


def read(verbs: Verbs, job: int, *more: Any) -> list[tuple[int, int]]:
    """Return the attempts and numbers of the lines of a job, whose texts are right."""
    marks = "".join(", %s" for _ in more)
    rows = verbs.rows(
        f"select attempt, line, text from pgdispatch.log_lines(%s{marks})", job, *more
    )
    assert [row["text"] for row in rows] == [f"line {row['line']}" for row in rows]
    return [(row["attempt"], row["line"]) for row in rows]


def run(verbs: Verbs) -> int:
    """Return a job that runs as its first attempt."""
    job = verbs.job()
    verbs.claim()
    return job


def test_a_log_is_read_while_the_job_runs_with_the_time_of_each_line(verbs: Verbs) -> None:
    """By the clock of the node, whatever the time zone and date style of who reads."""
    job = run(verbs)
    verbs.run("set timezone = 'Asia/Kathmandu'; set datestyle = 'SQL, DMY'")

    append(verbs, job, 1, 1, 2)

    at = "select extract(epoch from logged_at)::text from pgdispatch.log_lines(%s)"
    assert read(verbs, job) == [(1, 1), (1, 2)]
    assert verbs.values(at, job) == [f"{datetime.fromisoformat(AT).timestamp():.6f}"] * 2


def test_lines_that_went_both_ways_or_were_sent_twice_are_read_once(verbs: Verbs) -> None:
    """As at the seam to what goes with the end, and after an answer that was lost."""
    job = run(verbs)
    append(verbs, job, 1, 1, 50)
    append(verbs, job, 1, 1, 50)
    append(verbs, job, 1, 41, 80)
    end = f"[60 lines before these, see log_lines]\n{lines(61, 100)}"

    verbs.run("select pgdispatch.finish(%s, 1, p_log => %s)", job, end)

    assert read(verbs, job) == [(1, number) for number in range(1, 101)]
    assert read(verbs, job, None, 0, 0, 3) == [(1, 98), (1, 99), (1, 100)]


def test_a_log_is_followed_from_line_to_line_over_attempts(verbs: Verbs) -> None:
    """What comes late, when its attempt was taken back, is kept under that."""
    job = run(verbs)
    append(verbs, job, 1, 1, 3)
    first = read(verbs, job)
    verbs.run("select pgdispatch.requeue(%s, 1)", job)
    verbs.claim()
    append(verbs, job, 1, 4, 4)
    append(verbs, job, 2, 1, 2)

    later = read(verbs, job, None, 1, 3)

    assert first == [(1, 1), (1, 2), (1, 3)]
    assert later == [(1, 4), (2, 1), (2, 2)]
    assert read(verbs, job, 1) == [(1, number) for number in (1, 2, 3, 4)]


def test_what_was_left_out_is_a_number_that_is_missing(verbs: Verbs) -> None:
    """The first and the last lines are there."""
    job = run(verbs)
    append(verbs, job, 1, 1, 2)
    verbs.finish(job)
    append(verbs, job, 1, 900, 901)  # after the end: it was on its way

    assert read(verbs, job) == [(1, 1), (1, 2), (1, 900), (1, 901)]


def test_lines_of_no_job_or_of_an_attempt_that_never_was_are_left_out(verbs: Verbs) -> None:
    """The others of the same call are kept."""
    job = run(verbs)

    verbs.run(APPEND, [job, job + 1, job], [2, 1, 1], [1, 1, 1], [1, 1, 1], ["x", "x", "y"])

    assert [row["text"] for row in verbs.rows(LINES, job)] == ["y"]
    assert verbs.value("select count(*) from pgdispatch.job_log") == 1


@pytest.mark.parametrize(("first", "last"), [(0, 1), (2, 1), (None, 1)])
def test_lines_without_right_numbers_are_refused(
    verbs: Verbs, first: int | None, last: int
) -> None:
    """Nothing of the call is kept."""
    job = run(verbs)

    with pytest.raises(psycopg.errors.IntegrityError):
        verbs.run(APPEND, [job, job], [1, 1], [1, first], [1, last], ["x", "x"])

    assert verbs.value("select count(*) from pgdispatch.job_log") == 0


@pytest.mark.parametrize(
    "log",
    [
        "plain\nlines",
        "2031-02-30T03:04:05.006Z of no day\n0000-00-00T99:99:99.999Z of no time",
        "[12 lines before these, see log_lines] but not quite",
        "[99999999999999999999 lines before these, see log_lines]\nx",
    ],
)
def test_what_other_workers_log_is_read_as_it_is(verbs: Verbs, log: str) -> None:
    """They write neither times nor how many lines there were before."""
    job = run(verbs)

    verbs.run("select pgdispatch.finish(%s, 1, p_log => %s)", job, log)

    said = [row["text"] for row in verbs.rows(LINES, job)]
    assert said == [line.removeprefix("2031-02-30T03:04:05.006Z ") for line in log.split("\n")]


def test_logs_go_by_month_and_are_dropped_with_it(verbs: Verbs, clock: Clock) -> None:
    """What was written before there was a partition moves into it."""
    clock.set(datetime(2031, 1, 15, tzinfo=UTC))
    job = run(verbs)
    append(verbs, job, 1, 1, 1)
    where = "select tableoid::regclass::text from pgdispatch.job_log"
    before = verbs.value(where)
    verbs.run("select pgdispatch.roll_history()")
    after = verbs.value(where)

    clock.set(datetime(2032, 12, 15, tzinfo=UTC))
    verbs.run("select pgdispatch.roll_history()")

    assert before == "pgdispatch.job_log_default"
    assert after == "pgdispatch.job_log_2031_01"
    assert read(verbs, job) == []
