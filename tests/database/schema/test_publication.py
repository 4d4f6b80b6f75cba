"""With a publication for all tables PostgreSQL refuses deletes of rows that it cannot name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from support.sessions.clock import NOON, Clock
from support.sessions.generations import step_to
from support.sessions.verbs import Verbs

TABLES = """
select c.relname, (
    select a.attname from pg_attribute as a
    where a.attrelid = c.oid and a.attnum > 0 and a.attidentity = '' and a.attgenerated = ''
    limit 1
) as column
from pg_class as c
where c.relnamespace = 'pgdispatch'::regnamespace and c.relkind in ('r', 'p')
order by c.relname
"""


@pytest.fixture
def published(verbs: Verbs, clock: Clock) -> Verbs:
    """Give the verbs of a database all of whose tables are published, that of the clock too."""
    clock.set(NOON)
    verbs.run("alter table public.test_clock replica identity full")
    verbs.run("set client_min_messages = error")  # the tests' server sends nobody anything
    verbs.run("create publication everything for all tables")
    return verbs


def test_rows_of_every_table_can_be_changed_and_deleted(published: Verbs, clock: Clock) -> None:
    """Partitions that are made while it is there, too."""
    clock.set(datetime(2031, 5, 5, tzinfo=UTC))
    published.run("select pgdispatch.roll_history()")
    tables = published.rows(TABLES)

    for table in tables:
        if table["relname"] == "change":
            continue  # nobody may change or delete what it has
        name, column = table["relname"], table["column"]
        published.run(f"update pgdispatch.{name} set {column} = {column} where false")
        published.run(f"delete from pgdispatch.{name} where false")

    assert {"job_history_2031_05", "attempt_2031_05"} <= {table["relname"] for table in tables}


def test_jobs_run_and_end_while_all_tables_are_published(published: Verbs, clock: Clock) -> None:
    """Claim, finish, refill of a budget, the clock, generations, the sweep, and the history."""
    published.site("acme", limit=1, daily_seconds=60)
    schedule = published.schedule("hourly", recurrence="every hour")
    task = published.task(schedule=schedule)
    jobs = [published.job(site="acme", datasource=f"d{number % 2}") for number in range(4)]
    first = published.claim()
    clock.advance(120)
    published.finish(first or 0)
    deferred = published.claim()
    clock.advance(24 * 3600)
    step_to(published, "closing", older=True)
    published.run("select pgdispatch.tick()")
    published.sweep()
    published.job(not_before="2020-01-01")

    started = published.drain()

    published.run("select pgdispatch.roll_history()")
    moved = published.value("select count(*) from pgdispatch.job_history_2026_03")
    clock.advance(90 * 24 * 3600)
    for verb in ("roll_history", "forget", "sweep"):
        published.run(f"select pgdispatch.{verb}()")
    assert (first, deferred) == (jobs[0], None)
    assert set(jobs[1:]) < set(started)
    assert moved == len(started) + 1
    assert published.values("select state from pgdispatch.job") == []
    assert published.values("select id from pgdispatch.job_history where task = %s", task) != []
