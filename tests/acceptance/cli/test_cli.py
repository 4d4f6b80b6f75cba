"""The command shows what is there and does what it is told, on a real database."""

from __future__ import annotations

from datetime import datetime

import psycopg
import pytest

from support.cli.command import run_command
from support.servers.embedded import Connect

pytestmark = pytest.mark.usefixtures("newest_only")

CLAIM = "select id, attempt from pgdispatch.claim('etl-1:1')"
NODE = """
update pgdispatch.setting set value = '9999' where name = 'lease_seconds';  -- no test takes so long
select pgdispatch.register_node('etl-1', '00000000-0000-0000-0000-000000000001', 2)
"""


def claim(connection: psycopg.Connection) -> tuple[int, int]:
    """Start the next job on a node that is up; return its number and attempt."""
    connection.execute(NODE)
    connection.execute("select pgdispatch.start_backgrounder('etl-1:1', 4711)")
    row = connection.execute(CLAIM).fetchone()
    if row is None:
        raise LookupError("nothing to claim")
    return row[0], row[1]


def test_enqueue_adds_a_job_with_everything_it_is_given(database: str, connect: Connect) -> None:
    """Each option reaches its column; --as says who."""
    done = run_command(
        database,
        *("enqueue", "full_extract", "--title", "Sales", "--datasource", "sales"),
        *("--priority", "7", "--args", '{"table": "sales"}', "--timeout", "1h30m"),
        *("--not-before", "2100-01-01T00:00", "--as", "anna"),
    )

    assert (done.status, done.out, done.err) == (0, "job 1 queued\n", "")
    row = connect(database).execute(
        "select type, title, datasource, priority, args, timeout::text, not_before::date::text,"
        " created_by from pgdispatch.job"
    )
    assert row.fetchone() == (
        *("full_extract", "Sales", "sales", 7, {"table": "sales"}),
        *("01:30:00", "2100-01-01", "anna"),
    )


def test_queue_shows_the_order_of_dispatch_and_why_each_job_waits(
    database: str, connect: Connect
) -> None:
    """Better priority first, with position, what decided and the reason."""
    connection = connect(database)
    connection.execute(NODE)
    connection.execute(
        "insert into pgdispatch.job (type, title, priority)"
        " values ('system', 'later', 60), ('system', 'sooner', 5)"
    )

    done = run_command(database, "queue")

    lines = done.out.splitlines()
    assert lines[0].startswith("#  job  type    site     title   prio  decided by  waits because")
    assert lines[1].startswith("1    2  system  default  sooner     5  priority    next in line")
    assert lines[2].startswith("2    1  system  default  later     60              next in line")
    assert done.err == ""


def test_queue_as_json_keeps_positions_under_a_filter(database: str, connect: Connect) -> None:
    """A filter hides jobs, but does not renumber the others."""
    connect(database).execute(
        "insert into pgdispatch.job (type, priority) values ('system', 1), ('alert', 2)"
    )

    rows = run_command(database, "queue", "--json", "--type", "alert").rows()

    assert [(row["position"], row["job"]) for row in rows] == [(2, 2)]
    assert rows[0]["reason"].startswith("no node takes alert")
    assert datetime.fromisoformat(rows[0]["created_at"]).utcoffset() is not None
    assert isinstance(rows[0]["waits_for"], float)


def test_queue_says_when_there_is_more_than_it_shows(database: str, connect: Connect) -> None:
    """--limit cuts the listing, not silently."""
    connect(database).execute(
        "insert into pgdispatch.job (type) select 'system' from generate_series(1, 3)"
    )

    done = run_command(database, "queue", "--limit", "2")

    assert len(done.out.splitlines()) == 3
    assert done.err.splitlines()[-1] == "the first 2 of more; see others with --limit"


def test_listings_never_cut_a_text_nor_colour_it_when_piped(
    database: str, connect: Connect
) -> None:
    """One job is one line, whatever its length; control characters are spelled out."""
    title = "x" * 300 + "\x1b[31m\n[red]"
    connect(database).execute(
        "insert into pgdispatch.job (type, title) values ('system', %s)", [title]
    )

    lines = run_command(database, "queue").out.splitlines()

    assert len(lines) == 2
    assert "x" * 300 + r"\x1b[31m\n[red]" in lines[1]


def test_status_shows_each_process_under_a_summary(database: str, connect: Connect) -> None:
    """Busy and idle backgrounders, and what waits and runs in a line."""
    connection = connect(database)
    connection.execute("insert into pgdispatch.job (type) values ('system'), ('system')")
    claim(connection)
    connection.execute("select pgdispatch.start_backgrounder('etl-1:2', 4712)")

    shown = run_command(database, "status")
    rows = run_command(database, "status", "--json").rows()

    assert shown.out.startswith("1 waiting, 1 running; 1 node; 1 of 2 backgrounders busy\n")
    assert [(row["backgrounder"], row["status"], row["pid"], row["job"]) for row in rows] == [
        ("etl-1:1", "busy", 4711, 1),
        ("etl-1:2", "idle", 4712, None),
    ]


def test_a_job_belongs_to_the_trace_of_the_program_that_enqueues_it(database: str) -> None:
    """As programs are told of theirs; a trace that is named counts before that."""
    own, named = (f"00-{digit * 32}-{digit * 16}-01" for digit in "ab")

    run_command(database, "enqueue", "system", TRACEPARENT=own)
    run_command(database, "enqueue", "system", "--traceparent", named, TRACEPARENT=own)

    shown = [run_command(database, "show", job).out for job in ("1", "2")]
    assert f"\n  trace          {own}\n" in shown[0]
    assert f"\n  trace          {named}\n" in shown[1]


def test_a_job_is_enqueued_once_with_a_key(database: str) -> None:
    """A second time it is refused, or does as it is told, and says which job there is."""
    enqueue = ("enqueue", "system", "--key", "order-17")
    run_command(database, *enqueue)
    refused = run_command(database, *enqueue)
    left_out = run_command(database, *enqueue, "--on-conflict", "nothing")
    replaced = run_command(
        database, *enqueue, "--on-conflict", "replace", "--priority", "7", "--json"
    )
    shown = run_command(database, "show", "1").out

    assert (refused.status, refused.err.splitlines()[0]) == (
        1, "error: key 'order-17' is taken at site default"
    )  # fmt: skip
    assert (left_out.status, left_out.out) == (0, "job 1 has that key, none was added\n")
    assert replaced.rows() == [{"job": 1, "is_new": False}]
    assert "\n  key            order-17 (until started)\n" in shown
    assert "\n  priority       7\n" in shown


def test_show_follows_a_job_from_waiting_to_its_end(database: str, connect: Connect) -> None:
    """Position and reason, then where it runs and how far, then its end with error and log."""
    connection = connect(database)
    connection.execute("insert into pgdispatch.job (type, title) values ('system', 'Tidy up')")
    waiting = run_command(database, "show", "1")
    job, attempt = claim(connection)
    connection.execute("select pgdispatch.progress(%s, %s, 40, 'half')", [job, attempt])
    running = run_command(database, "show", "1")
    connection.execute(
        "select pgdispatch.fail(%s, %s, 'disk full', 'error', E'line 1\\nline 2')", [job, attempt]
    )

    ended = run_command(database, "show", "1")

    assert waiting.out.startswith("job 1: Tidy up\n  state          waiting\n  position       1\n")
    assert "waits because  no node takes system" in waiting.out
    assert (
        "state         running\n  backgrounder  etl-1:1\n  progress      40 % half" in running.out
    )
    assert "state         failed (error)\n" in ended.out
    assert ended.out.endswith("\nerror\n  disk full\n\nlog\n  line 1\n  line 2\n")


def test_jobs_shows_the_history_newest_first_and_filtered(database: str, connect: Connect) -> None:
    """--outcome and --backgrounder choose; --json has every field but the log."""
    connection = connect(database)
    connection.execute("insert into pgdispatch.job (type) values ('system'), ('alert'), ('system')")
    for verb in ("pgdispatch.fail(%s, %s, 'no')", "pgdispatch.finish(%s, %s)"):
        connection.execute(f"select {verb}", claim(connection))
    connection.execute("select pgdispatch.cancel(3)")

    every = run_command(database, "jobs", "--json").rows()
    failed = run_command(database, "jobs", "--json", "--outcome", "failed").rows()
    ran = run_command(database, "jobs", "--json", "--backgrounder", "etl-1:1").rows()

    assert [(row["job"], row["outcome"]) for row in every] == [
        *((3, "cancelled"), (2, "succeeded"), (1, "failed"))
    ]
    assert [(row["job"], row["error"]) for row in failed] == [(1, "no")]
    assert [row["job"] for row in ran] == [2, 1]


def test_cancel_ends_waiting_jobs_and_asks_running_ones(database: str, connect: Connect) -> None:
    """One that is refused does not keep the others from being cancelled; status 1 tells."""
    connection = connect(database)
    connection.execute("insert into pgdispatch.job (type) values ('system'), ('system')")
    claim(connection)

    done = run_command(database, "cancel", "99", "1", "2", "--reason", "wrong", "--as", "anna")

    assert done.status == 1
    assert done.out == "job 1 is running and has been asked to stop\njob 2 cancelled\n"
    assert done.err.startswith("error: job 99 does not exist\nhint: ")
    row = connection.execute("select cancelled_by, cancel_reason from pgdispatch.job_history")
    assert row.fetchall() == [("anna", "wrong")]


def test_set_priority_moves_a_waiting_job(database: str, connect: Connect) -> None:
    """The second job becomes the first."""
    connect(database).execute("insert into pgdispatch.job (type) values ('system'), ('system')")

    done = run_command(database, "set-priority", "2", "1")

    assert (done.status, done.out) == (0, "job 2 has priority 1\n")
    rows = run_command(database, "queue", "--json").rows()
    assert [(row["job"], row["priority"]) for row in rows] == [(2, 1), (1, 50)]
