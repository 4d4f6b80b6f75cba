"""What others refer to cannot be deleted, and says who they are."""

from __future__ import annotations

import psycopg
import pytest

from support.sessions.verbs import Verbs

HINTS = {
    "site": "to delete them, too, pgdispatch.delete",
    "job_type": "give them another type, or delete them; see pgdispatch.task and pgdispatch.node",
    "schedule": "disable it, or give them another schedule first; to take it from them,"
    " pgdispatch.delete",
    "task": "disable it, or take it out first: see pgdispatch.linked_task_step",
}


def refused(verbs: Verbs, statement: str) -> psycopg.errors.Diagnostic:
    """Return what the database says to a statement that it refuses."""
    with pytest.raises(psycopg.Error) as caught:
        verbs.run(statement)
    assert caught.value.sqlstate == "JD004"
    return caught.value.diag


@pytest.fixture
def used(verbs: Verbs) -> Verbs:
    """Give a database with a site, a type, a schedule and a task that are all in use."""
    verbs.site("acme")
    verbs.run("insert into pgdispatch.job_type (name) values ('reindex')")
    verbs.run("insert into pgdispatch.node (name, only_types) values ('etl', '{reindex}')")
    verbs.schedule("nightly")
    for _ in range(6):
        verbs.task("reindex", site="acme", schedule="nightly")
    flow = verbs.task("flow", site="acme")
    linked = verbs.add("linked_task", title="chain", site="acme", schedule="nightly")
    verbs.add("linked_task_step", "step", linked_task=linked, step=1, task=flow)
    verbs.add("linked_task_step", "step", linked_task=linked, step=2, task=flow)
    return verbs


@pytest.mark.parametrize(
    ("table", "key", "users"),
    [
        ("site", "acme", "used by tasks 1, 2, 3, 4, 5 and more; linked task 1"),
        ("job_type", "reindex", "used by tasks 1, 2, 3, 4, 5 and more; node etl"),
        ("schedule", "nightly", "used by tasks 1, 2, 3, 4, 5 and more; linked task 1"),
    ],
)
def test_what_is_in_use_cannot_be_deleted(used: Verbs, table: str, key: str, users: str) -> None:
    """It says by whom, and what to do."""
    said = refused(used, f"delete from pgdispatch.{table} where name = '{key}'")

    assert said.message_primary == (
        f"{table.replace('_', ' ')} {key} cannot be deleted: it is in use"
    )
    assert (said.message_detail, said.message_hint) == (users, HINTS[table])


def test_task_that_is_a_step_cannot_be_deleted(used: Verbs) -> None:
    """Taken out, it can."""
    said = refused(used, "delete from pgdispatch.task where id = 7")

    assert said.message_primary == "task 7 cannot be deleted: it is in use"
    assert (said.message_detail, said.message_hint) == ("a step of linked task 1", HINTS["task"])
    used.run("delete from pgdispatch.linked_task_step")
    used.run("delete from pgdispatch.task where id = 7")


def test_what_nobody_uses_goes(used: Verbs) -> None:
    """In the order that the hints say."""
    used.run("delete from pgdispatch.linked_task")
    used.run("delete from pgdispatch.task")
    used.run("delete from pgdispatch.node")
    used.run("update pgdispatch.schedule set name = 'daily'")
    for table in ("site", "job_type", "schedule"):
        used.run(f"delete from pgdispatch.{table} where name in ('acme', 'reindex', 'daily')")

    assert used.values("select name from pgdispatch.site") == ["default"]
