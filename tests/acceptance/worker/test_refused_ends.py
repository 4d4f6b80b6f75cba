"""What the database refuses ends an attempt as failed; only absence is waited for.

On the newest server only, but for the first: nothing else here is the server's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg.conninfo import make_conninfo

from pgdispatch.database.sqlstates import TRIES
from support.nodes.cluster import Cluster
from support.nodes.processes import wait_until

LOGIN = "pgdispatch_test_refused"
KEPT = "its end was not kept: "
TRIGGER = """
create function public.meddle() returns trigger language plpgsql
set search_path = pg_catalog
as $meddle$
begin
    {body}
    return new;
end
$meddle$;
create trigger meddle before {event} on pgdispatch.{table} for each row
execute function public.meddle();
"""
REFUSE = """
    if new.outcome = 'succeeded' and new.title ~ '^[0-9A-Z]{5}$' then
        raise exception using errcode = new.title, message = 'refused as ' || new.title;
    end if;
"""
REFUSE_A_FEW_TIMES = """
    if new.outcome = 'succeeded' and new.title ~ '^[0-9A-Z]{5} [0-9]+$' then
        if mod(nextval('public.tries'), 1000) <= split_part(new.title, ' ', 2)::integer then
            raise exception using errcode = split_part(new.title, ' ', 1), message = 'no';
        end if;
        perform setval('public.tries', 1000);
    end if;
"""


def meddle(cluster: Cluster, body: str, event: str = "insert", table: str = "job_history") -> None:
    """Add a trigger of the users' own to a table."""
    cluster.verbs.run(TRIGGER.format(body=body, event=event, table=table))


@pytest.fixture
def login(cluster: Cluster) -> Iterator[str]:
    """Give the dsn of a login that may do what a node does, and nothing else."""
    cluster.verbs.run(f"create role {LOGIN} login in role pgdispatch_worker")
    yield make_conninfo(cluster.dsn, user=LOGIN)
    for node in cluster.nodes:
        node.stop()
    cluster.verbs.run(f"drop owned by {LOGIN}")
    cluster.verbs.run(f"drop role {LOGIN}")


def test_an_end_that_is_refused_fails_the_attempt_with_that_text(cluster: Cluster) -> None:
    """Whatever class it is of; its gate is free for the next, its process goes on."""
    codes = ("54000", "53200", "53400", "22021", "23514", "55000", "58030", "42501", "ZZ001")
    meddle(cluster, REFUSE)
    jobs = {code: cluster.job(title=code, do="nothing", datasource="d") for code in codes}
    last = cluster.job("nothing", datasource="d")
    cluster.start(processes=1)
    pid = cluster.up("n:1")

    ended = {code: cluster.ended(job) for code, job in jobs.items()}

    found = {code: (job["outcome"], job["failed_as"], job["error"]) for code, job in ended.items()}
    assert found == {code: ("failed", "error", f"{KEPT}refused as {code}") for code in codes}
    assert cluster.ended(last)["outcome"] == "succeeded"
    assert [cluster.runs(job) for job in jobs.values()] == [["n:1"]] * len(codes)
    assert cluster.pid("n:1") == pid


@pytest.mark.usefixtures("newest_only")
def test_a_real_refusal_fails_the_attempt(cluster: Cluster, login: str) -> None:
    """A check on the history, a log that cannot be kept, and too little time."""
    check = "check (outcome <> 'succeeded' or title is distinct from 'large') not valid"
    cluster.verbs.run(f"alter table pgdispatch.job_history add constraint small {check}")
    meddle(
        cluster,
        """
        if new.log ~ '[^\\x01-\\x7f]' then
            raise exception using errcode = '22P05', message = 'not in this encoding';
        elsif new.outcome = 'succeeded' and new.title = 'slow' then
            perform pg_sleep(60);
        end if;
        """,
    )
    cluster.verbs.run(f"alter role {LOGIN} set statement_timeout = '300ms'")
    large, foreign = cluster.job("nothing", title="large"), cluster.job("mumble in kanji")
    slow = cluster.job("nothing", title="slow")
    node = cluster.start(processes=1, dsn=login)

    ended = [cluster.ended(job, within=60) for job in (large, foreign, slow)]

    assert [job["outcome"] for job in ended] == ["failed"] * 3
    assert "violates check constraint" in ended[0]["error"]
    assert ended[1]["error"].endswith("(its end was not kept: not in this encoding)")
    assert ended[1]["error"].startswith("ValueError: ??")
    assert ended[2]["error"] == f"{KEPT}canceling statement due to statement timeout"
    assert node.log.count("n:1 exited") == 0


@pytest.mark.usefixtures("newest_only")
def test_what_passes_is_tried_again_and_absence_is_waited_for(cluster: Cluster) -> None:
    """The result is kept, whatever was in the way for a while."""
    cluster.verbs.run("create sequence public.tries start 1001")
    meddle(cluster, REFUSE_A_FEW_TIMES)
    passing = [f"{code} 2" for code in ("40001", "40P01", "55P03", "57014")]
    away = [f"{code} {TRIES}" for code in ("53100", "25006", "57P03", "53300")]
    jobs = {what: cluster.job("nothing", title=what) for what in (*passing, *away)}
    cluster.start(processes=1)

    ended = {what: cluster.ended(job, within=60) for what, job in jobs.items()}

    assert {what: job["outcome"] for what, job in ended.items()} == dict.fromkeys(jobs, "succeeded")


@pytest.mark.usefixtures("newest_only")
def test_what_does_not_pass_is_tried_a_bounded_number_of_times(cluster: Cluster) -> None:
    """Once along with all else, then by itself; then the attempt has failed."""
    cluster.verbs.run("create sequence public.tries start 1001")
    meddle(cluster, REFUSE_A_FEW_TIMES)
    job = cluster.job("nothing", title="40P01 999")
    cluster.start(processes=1)

    ended = cluster.ended(job, within=60)

    assert (ended["outcome"], ended["error"]) == ("failed", f"{KEPT}no")
    assert cluster.verbs.value("select last_value from public.tries") == 1000 + 1 + TRIES


@pytest.mark.usefixtures("newest_only")
def test_a_job_whose_every_end_is_refused_runs_no_more_often_than_it_may_be_lost(
    cluster: Cluster,
) -> None:
    """Others go on; it ends when the database takes its end, and the node says what is wrong."""
    meddle(
        cluster,
        """
        if new.title = 'never' and current_setting('public.mended', true) is null then
            raise exception 'it shall never end';
        end if;
        """,
    )
    job = cluster.job("nothing", title="never")
    node = cluster.start(processes=2)
    wait_until(lambda: losses(cluster, job) == 2 and len(cluster.runs(job)) == 3)
    others = [cluster.ended(cluster.job("nothing"))["outcome"] for _ in range(3)]
    wait_until(lambda: f"job {job} cannot be ended: it shall never end" in node.log)
    cluster.verbs.run("drop trigger meddle on pgdispatch.job_history")

    ended = cluster.ended(job, within=40)

    assert others == ["succeeded"] * 3
    assert len(cluster.runs(job)) == 3
    assert (ended["outcome"], ended["attempt"], ended["losses"]) == ("succeeded", 3, 2)


def losses(cluster: Cluster, job: int) -> Any:
    """Return how often a job was lost."""
    return cluster.verbs.value("select losses from pgdispatch.job where id = %s", job)


@pytest.mark.usefixtures("newest_only")
def test_a_claim_that_is_refused_is_made_again_by_the_same_process(cluster: Cluster) -> None:
    """It says so once, and no job is lost on the way."""
    meddle(
        cluster,
        "if new.state = 'running' then raise exception 'nobody may run'; end if;",
        event="update",
        table="job",
    )
    job = cluster.job("nothing")
    node = cluster.start(processes=1)
    pid = cluster.up("n:1")
    refused = "select pg_stat_get_db_xact_rollback(oid) from pg_database where datname = %s"
    name = cluster.verbs.connection.info.dbname
    before = cluster.verbs.value(refused, name)
    wait_until(lambda: cluster.verbs.value(refused, name) > before + 2)

    cluster.verbs.run("drop trigger meddle on pgdispatch.job")
    ended = cluster.ended(job, within=40)

    assert (ended["outcome"], ended["attempt"]) == ("succeeded", 1)
    assert node.log.count("n: gets no job: nobody may run") == 1
    assert cluster.pid("n:1") == pid


@pytest.mark.usefixtures("newest_only")
def test_a_job_of_a_time_that_python_does_not_know_runs_like_any_other(cluster: Cluster) -> None:
    """Else whoever claimed it could not read the answer, and nothing behind it would start."""
    times = ("-infinity", "infinity", "20000-01-01", "0044-03-15 BC")
    jobs = [
        cluster.verbs.value(
            "insert into pgdispatch.job (task, scheduled_at, args) "
            'values (%s, %s::timestamptz, \'{"do": "nothing"}\') returning id',
            cluster.verbs.task(),
            time,
        )
        for time in times
    ]
    cluster.start(processes=1)

    find = "select outcome, attempt from pgdispatch.job_history where id = any (%s)"
    wait_until(lambda: len(cluster.verbs.rows(find, jobs)) == len(times))

    assert cluster.verbs.rows(find, jobs) == [{"outcome": "succeeded", "attempt": 1}] * len(times)
