"""One node drives the clock at a time; when it is killed while it fires, another one takes over."""

from __future__ import annotations

import time

import psycopg
import pytest

from support.nodes.cluster import Cluster
from support.nodes.node import Node
from support.nodes.processes import wait_until
from support.sessions.timetable import change, linked_task

pytestmark = pytest.mark.usefixtures("newest_only")
TASKS = 500
WITHIN = 5.0
PAUSE = """
create function public.pause() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if current_setting('application_name') like 'pgdispatch %' and new.task = 250 then
        perform pg_advisory_xact_lock(4711);
    end if;
    return new;
end
$$;
create trigger a_pause before insert on pgdispatch.occurrence
for each row execute function public.pause()
"""
STOPPED = """
select pid, application_name
from pg_stat_activity
where wait_event = 'advisory' and application_name like 'pgdispatch %%' and query like '%%tick%%'
    and datname = current_database()
"""
MADE = """
select task, scheduled_at from pgdispatch.job where schedule = %(schedule)s
union all
select task, scheduled_at from pgdispatch.job_history where schedule = %(schedule)s
"""


@pytest.fixture
def cluster(cluster: Cluster) -> Cluster:
    """Add two schedules that are not due yet: one of many tasks, one with a linked task."""
    verbs = cluster.verbs
    for name in ("nightly", "later"):
        verbs.schedule(name, recurrence="every 15 minutes from 00:00 to 23:59")
        change(verbs, "schedule", "name", name, next_run_at="9999-01-01")
    for _ in range(TASKS):
        verbs.task("system", schedule="nightly", args='{"do": "nothing"}')
    verbs.task("system", schedule="later", args='{"do": "nothing"}')
    flow = verbs.task("flow", args='{"do": "nothing"}')
    linked_task(verbs, flow, schedule="nightly")
    return cluster


def make_due(cluster: Cluster, schedule: str) -> None:
    """Let a scheduled time come, the one that was last."""
    cluster.verbs.run(
        "update pgdispatch.schedule set next_run_at = now() - interval '15 min' where name = %s",
        schedule,
    )


def made(cluster: Cluster, schedule: str) -> list[int]:
    """Return the tasks of all jobs that a schedule has made, whether they wait, run or ended."""
    with psycopg.connect(cluster.dsn) as connection:
        return [row[0] for row in connection.execute(MADE, {"schedule": schedule}).fetchall()]


def clock_of(cluster: Cluster) -> tuple[Node, int]:
    """Wait until a node stops in the middle of a fire; return it and its session's process."""
    wait_until(lambda: bool(cluster.verbs.rows(STOPPED)))
    row = cluster.verbs.row(STOPPED)
    name = row["application_name"].split()[1]
    return next(node for node in cluster.nodes if node.name == name), row["pid"]


@pytest.mark.parametrize("is_session_lost", [False, True])
def test_killed_clock_is_replaced_within_seconds_and_no_job_is_missing_or_there_twice(
    cluster: Cluster, is_session_lost: bool
) -> None:
    """Whether the database ends what the dead one had begun, or loses its session with it."""
    for name in ("a", "b"):
        cluster.start(name, processes=1)
        cluster.up(f"{name}:1")
    with psycopg.connect(cluster.dsn, autocommit=True) as guard:
        guard.execute(PAUSE)
        guard.execute("select pg_advisory_lock(4711)")
        make_due(cluster, "nightly")
        owner, session = clock_of(cluster)

        owner.process.kill()
        owner.exit_status()
        if is_session_lost:
            cluster.verbs.run("select pg_terminate_backend(%s)", session)
    died = time.monotonic()
    make_due(cluster, "later")

    wait_until(lambda: len(made(cluster, "nightly")) > TASKS, within=WITHIN)
    wait_until(lambda: len(made(cluster, "later")) == 1, within=WITHIN)
    assert time.monotonic() - died < WITHIN
    tasks = made(cluster, "nightly")
    assert len(tasks) == len(set(tasks)) == TASKS + 1
    runs = "select count(*) from pgdispatch.linked_run"
    assert cluster.verbs.value(runs) == 1
