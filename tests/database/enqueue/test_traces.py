"""Which trace a job belongs to: kept as it was given, told by a claim, and never in the way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.servers.embedded import Connect
from support.sessions.clock import Clock
from support.sessions.verbs import Verbs

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
HEADER = f"00-{TRACE}-{SPAN}-01"
TRACES = "select * from pgdispatch.attempt_traces(%s, %s) order by job, attempt"


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "nonsense",
        f"01-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        HEADER.upper(),
        f"{HEADER}-more",
        f" {HEADER}",
        f"{HEADER}\n",
        f"00-{TRACE}-{SPAN}",
        "x" * 1_000_000,
    ],
)
def test_what_is_no_traceparent_counts_as_none(wrong: str, verbs: Verbs) -> None:
    """It may be of a stranger's request; the job is taken all the same."""
    job = verbs.job(traceparent=wrong)

    assert verbs.value("select traceparent from pgdispatch.job where id = %s", job) is None


def test_a_trace_goes_from_the_insert_to_the_claim_the_history_and_the_retry(
    verbs: Verbs,
) -> None:
    """And jobs without one have none."""
    job, other = verbs.job(traceparent=HEADER), verbs.job()

    told = verbs.rows("select * from pgdispatch.turn('n', null, array[1, 2])")
    verbs.run("select pgdispatch.finish(%s, 1)", job)
    verbs.run("select pgdispatch.fail(%s, 1, 'no')", other)
    again = [verbs.value("select pgdispatch.retry_job(%s)", one) for one in (job, other)]

    find = "select traceparent from pgdispatch.{} where id = any (%s) order by id"
    assert [row["traceparent"] for row in told] == [HEADER, None]
    for table, jobs in (("job_history", [job, other]), ("job", again)):
        assert verbs.values(find.format(table), jobs) == [HEADER, None]


def test_a_producer_gives_a_trace_by_insert_and_by_copy(database: str, connect: Connect) -> None:
    """With the rights that it has for all else of a job."""
    verbs = Verbs(connect(database))
    verbs.run("set role pgdispatch_producer")
    with verbs.connection.cursor().copy(
        "copy pgdispatch.new_job (type, traceparent) from stdin"
    ) as copy:
        copy.write_row(("system", HEADER))
    verbs.run("insert into pgdispatch.job (type, traceparent) values ('system', %s)", HEADER)
    verbs.run("reset role")

    assert verbs.values("select traceparent from pgdispatch.job") == [HEADER] * 2


def test_what_traces_say_of_attempts(verbs: Verbs, clock: Clock) -> None:
    """How long each could have started: from the insert, its due time, or the end of the former."""
    verbs.run("update pgdispatch.setting set value = '1' where name = 'retry_base_seconds'")
    job = verbs.job(max_attempts=2, not_before=clock.now + timedelta(seconds=30))
    ends = (
        (40, "select pgdispatch.fail(%s, 1, 'first')"),
        (7, "select pgdispatch.requeue(%s, 2)"),
        (5, "select pgdispatch.finish(%s, 3)"),
    )
    for seconds, end in ends:
        clock.advance(seconds)
        verbs.run("select * from pgdispatch.claim('n:1')")
        running = verbs.rows(TRACES, [job] * 3, [1, 2, 3])
        verbs.run(end, job)
    again = verbs.value("select pgdispatch.retry_job(%s)", job)
    verbs.run("select * from pgdispatch.claim('n:1')")
    verbs.run("select pgdispatch.cancel(%s, 'enough')", again)
    verbs.run("select pgdispatch.fail(%s, 1, 'stopped')", again)

    said = verbs.rows(TRACES, [job, job, job, again], [1, 2, 3, 1])

    assert [row["attempt"] for row in running] == [1, 2]
    waits = [row.pop("wait_seconds") for row in said]
    assert (waits[0], waits[2:]) == (10.0, [5.0, 0.0])
    assert 6.0 <= waits[1] < 7.0  # the retry was put off for up to a second
    assert [tuple(row.values()) for row in said] == [
        (job, 1, "error", "first", None),
        (job, 2, "given back", None, None),
        (job, 3, "succeeded", None, None),
        (again, 1, "cancelled", "stopped", job),
    ]
