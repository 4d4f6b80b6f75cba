"""Applications insert directly: little is needed, the rest is filled in, the wrong is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from support.servers.embedded import Connect
from support.sessions.clock import NOON, Clock
from support.sessions.verbs import Verbs

IN_ODD_SETTINGS = True

MEGABYTE = "x" * 1_000_000
REFUSED: dict[str, dict[str, Any]] = {
    "no type": {"title": "what?"},
    "unknown type": {"type": "systm"},
    "a megabyte of type": {"type": MEGABYTE},
    "unknown site": {"type": "system", "site": "nowhere"},
    "a megabyte of site": {"type": "system", "site": MEGABYTE},
    "unknown schedule": {"type": "system", "schedule": "never"},
    "unknown task": {"task": 4711},
    "priority 0": {"type": "system", "priority": 0},
    "priority 101": {"type": "system", "priority": 101},
    "priority -1": {"type": "system", "priority": -1},
    "args is a list": {"type": "system", "args": Jsonb([1])},
    "args is a text": {"type": "system", "args": Jsonb("select 1")},
    "args is null": {"type": "system", "args": Jsonb(None)},
    "a megabyte of args": {"type": "system", "args": Jsonb({"x": MEGABYTE})},
    "a megabyte of title": {"type": "system", "title": MEGABYTE},
    "a megabyte of datasource": {"type": "system", "datasource": MEGABYTE},
    "a megabyte of created_by": {"type": "system", "created_by": MEGABYTE},
    "empty datasource": {"type": "system", "datasource": ""},
    "not before infinity": {"type": "system", "not_before": "infinity"},
    "timeout 0": {"type": "system", "timeout": timedelta(0)},
    "negative timeout": {"type": "system", "timeout": timedelta(seconds=-1)},
    "endless timeout": {"type": "system", "timeout": "200000 years"},
    "empty key": {"type": "system", "key": ""},
    "a megabyte of key": {"type": "system", "key": MEGABYTE},
    "key until whenever": {"type": "system", "key": "a", "key_until": "whenever"},
    "a megabyte of key_until": {"type": "system", "key": "a", "key_until": MEGABYTE},
    "on conflict panic": {"type": "system", "key": "a", "on_conflict": "panic"},
    "on conflict without a key": {"type": "system", "on_conflict": "nothing"},
    "key_until without a key": {"type": "system", "key_until": "ended"},
    "a key of a site that is not there": {"type": "system", "site": "nowhere", "key": "a"},
}


def test_insert_needs_nothing_but_a_type(verbs: Verbs, clock: Clock) -> None:
    """All else is filled in."""
    verbs.run("insert into pgdispatch.job (type) values ('full_extract')")

    job = verbs.row("select * from pgdispatch.job")
    user = verbs.value("select session_user")
    assert (job["site"], job["priority"], job["args"]) == ("default", 50, {})
    assert (job["state"], job["attempt"], job["run_now"]) == ("ready", 0, False)
    assert (job["created_by"], job["inserted_by"]) == (user, user)
    assert job["created_at"] == job["queued_at"] == clock.now
    assert job["timeout"] == timedelta(seconds=7200)


@pytest.mark.parametrize(
    ("type", "priority", "timeout"),
    [
        ("flow", 0, 14400),
        ("alert", 50, 7200),
        ("system", 50, None),
        ("subscription", 50, 7200),
        ("extract_creation", 50, 7200),
        ("incremental_extract", 50, 7200),
        ("full_extract", 50, 7200),
    ],
)
def test_type_gives_default_priority_and_timeout(
    verbs: Verbs,
    type: str,  # noqa: A002  # the column's name
    priority: int,
    timeout: int | None,
) -> None:
    """Semantics 2 and 3.5."""
    job = verbs.job(type)

    span = None if timeout is None else timedelta(seconds=timeout)
    assert verbs.column(job, "priority") == priority
    assert verbs.column(job, "timeout") == span


def test_insert_keeps_what_is_given(verbs: Verbs) -> None:
    """Each optional column."""
    verbs.site("acme")
    verbs.schedule("nightly", "serial")
    given = {
        "site": "acme", "title": "Sales", "datasource": "sales", "schedule": "nightly",
        "priority": 7, "args": Jsonb({"a": 1}), "not_before": NOON + timedelta(days=9999),
        "timeout": timedelta(seconds=5), "created_by": "the web shop",
    }  # fmt: skip

    job = verbs.job("flow", **given)

    kept = verbs.row("select * from pgdispatch.job where id = %s", job)
    assert {name: kept[name] for name in given} == {**given, "args": {"a": 1}}
    assert kept["is_serial"]
    assert kept["state"] == "delayed"


def test_insert_of_many_rows_keeps_their_order(verbs: Verbs) -> None:
    """Rows of one statement run in the order in which they were written."""
    inserted = verbs.values(
        "insert into pgdispatch.job (type) select 'system' from generate_series(1, 99) returning id"
    )

    assert verbs.drain() == inserted


def test_copy_inserts_jobs(verbs: Verbs) -> None:
    """COPY fires the same triggers."""
    with (
        verbs.connection.cursor() as cursor,
        cursor.copy("copy pgdispatch.job (type, priority, args) from stdin") as copy,
    ):
        copy.write_row(("system", None, '{"n": 1}'))
        copy.write_row(("flow", 3, "{}"))

    assert verbs.values("select type from pgdispatch.queue") == ["flow", "system"]
    assert verbs.values("select args from pgdispatch.job order by id") == [{"n": 1}, {}]


def test_job_of_a_long_transaction_starts_only_after_its_commit(
    verbs: Verbs, database: str, connect: Connect
) -> None:
    """Its place is that of the moment of its insert all the same."""
    slow = connect(database, autocommit=False)
    early = Verbs(slow).job()
    late = verbs.job()
    verbs.register()

    assert verbs.values("select job from pgdispatch.queue") == [late]
    slow.commit()
    assert verbs.drain() == [early, late]


@pytest.mark.parametrize("columns", REFUSED.values(), ids=REFUSED.keys())
def test_insert_refuses_what_is_wrong_and_says_what_to_do(
    verbs: Verbs, columns: dict[str, Any]
) -> None:
    """SQLSTATE JD001, a short message, a hint."""
    with pytest.raises(psycopg.Error) as refused:
        verbs.add("job", **columns)

    assert refused.value.sqlstate == "JD001"
    assert refused.value.diag.message_hint
    assert len(str(refused.value.diag.message_primary)) < 200


def copy_types(verbs: Verbs, types: list[str]) -> None:
    """Copy jobs of these types into the queue."""
    with (
        verbs.connection.cursor() as cursor,
        cursor.copy("copy pgdispatch.job (type) from stdin") as copy,
    ):
        for each in types:
            copy.write_row((each,))


def test_copy_refuses_what_is_wrong(verbs: Verbs) -> None:
    """None of its rows is inserted."""
    with pytest.raises(psycopg.Error) as refused:
        copy_types(verbs, ["system", "systm"])

    assert refused.value.sqlstate == "JD001"
    assert verbs.value("select count(*) from pgdispatch.job") == 0


def test_refused_insert_leaves_the_rest_of_the_transaction_alone(verbs: Verbs) -> None:
    """With a savepoint, what was done before it stays, and the transaction goes on."""
    with verbs.connection.transaction():
        first = verbs.job()
        with pytest.raises(psycopg.Error, match="does not exist"), verbs.connection.transaction():
            verbs.job("systm")
        second = verbs.job()

    assert verbs.values("select id from pgdispatch.job order by id") == [first, second]


def test_task_fills_in_the_rest(verbs: Verbs) -> None:
    """Type, site, title, datasource, schedule, priority and timeout; args are merged."""
    verbs.site("acme")
    verbs.schedule("nightly", "serial", priority=20)
    task = verbs.task(
        "full_extract", site="acme", title="Sales", datasource="sales", schedule="nightly",
        timeout=timedelta(seconds=9), args=Jsonb({"a": 1, "b": 1}),
    )  # fmt: skip

    job = verbs.add("job", task=task, args=Jsonb({"b": 2}))

    made = verbs.row("select * from pgdispatch.job where id = %s", job)
    assert (made["type"], made["site"], made["title"]) == ("full_extract", "acme", "Sales")
    assert (made["datasource"], made["schedule"], made["priority"]) == ("sales", "nightly", 20)
    assert (made["timeout"], made["is_serial"]) == (timedelta(seconds=9), True)
    assert made["args"] == {"a": 1, "b": 2}


@pytest.mark.parametrize("columns", [{"type": "flow"}, {"site": "acme"}])
def test_insert_refuses_a_type_or_site_that_is_not_the_tasks(
    verbs: Verbs, columns: dict[str, str]
) -> None:
    """A job of a task is of the task's type and site."""
    verbs.site("acme")
    task = verbs.task("full_extract")

    with pytest.raises(psycopg.Error) as refused:
        verbs.add("job", task=task, **columns)

    assert refused.value.sqlstate == "JD001"


def test_own_job_type_gets_the_rank_of_system(verbs: Verbs) -> None:
    """Semantics 2: the list is data."""
    verbs.add("job_type", "name", name="backup")

    job = verbs.job("backup")

    ranks = verbs.values("select rank from pgdispatch.job_type where name in ('backup', 'system')")
    assert len(set(ranks)) == 1
    assert verbs.claim() == job


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tie_break", "random"),
        ("batch_seconds", "0"),
        ("batch_seconds", "1.5"),
        ("history_hours", "999999999"),
        ("history_keep_days", "9999999"),
        ("lease_seconds", "soon"),
    ],
)
def test_setting_refuses_a_wrong_value(verbs: Verbs, name: str, value: str) -> None:
    """With what to set it to."""
    with pytest.raises(psycopg.Error) as refused:
        verbs.run("update pgdispatch.setting set value = %s where name = %s", value, name)

    assert refused.value.sqlstate == "JD001"
    assert refused.value.diag.message_hint
