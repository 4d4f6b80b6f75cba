"""Each role may do what its page says, and nothing else: every verb, view and table is tried."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from support.rights.verbs_and_roles import LOOK, ROLES, TABLES, VERBS, VIEWS, WRITES
from support.sessions.verbs import Verbs

INTERNAL = """
select p.oid::regprocedure::text
from pg_proc as p
where p.pronamespace = 'pgdispatch'::regnamespace and not p.proname = any (%s)
    and has_function_privilege(%s, p.oid, 'execute')
"""
RELATIONS = """
select relname, relkind from pg_class
where relnamespace = 'pgdispatch'::regnamespace and relkind in ('r', 'p', 'v')
    and not relispartition
"""


@pytest.fixture
def people(verbs: Verbs) -> Iterator[Verbs]:
    """Make one login user for each role, and something to act on; drop the users at the end."""
    for role in ROLES:
        verbs.run(f"drop role if exists test_{role}")
        verbs.run(f"create role test_{role} login")
        if role != "nobody":
            sites = ["default"] if role.startswith("site_") else None
            verbs.run("select pgdispatch.grant_role(%s, %s, %s)",
                      f"test_{role}", role.removeprefix("site_"), sites)  # fmt: skip
    verbs.schedule("hourly")
    verbs.task(datasource="sales")
    verbs.task()
    verbs.add("linked_task_step", "step", linked_task=verbs.add("linked_task", title="a chain"),
              step=1, task=verbs.task("flow"))  # fmt: skip
    verbs.register("other")
    yield verbs
    verbs.run("reset session authorization")
    for role in ROLES:
        verbs.run(f"drop owned by test_{role}")
        verbs.run(f"drop role test_{role}")


@contextmanager
def acting_as(verbs: Verbs, role: str) -> Iterator[None]:
    """Be the login user of a role for a while."""
    verbs.run(f"set session authorization test_{role}")
    try:
        yield
    finally:
        verbs.run("reset session authorization")


def test_an_operator_reads_why_a_type_of_the_package_stays(people: Verbs) -> None:
    """Not that a function of ours is none of its business."""
    with acting_as(people, "operator"), pytest.raises(psycopg.Error) as refused:
        people.run("delete from pgdispatch.job_type where name = 'flow'")

    assert refused.value.sqlstate == "JD001"


def may(verbs: Verbs, role: str, statement: str) -> bool:
    """Tell whether a role is let in; whether the act then makes sense does not matter."""
    with acting_as(verbs, role):
        try:
            with verbs.connection.transaction(force_rollback=True):
                verbs.run(statement)
        except psycopg.errors.InsufficientPrivilege:
            return False
        except psycopg.Error as error:
            return str(error.sqlstate).startswith("JD")
        return True


def allowed(verbs: Verbs, statement: str) -> set[str]:
    """Return the roles that are let in."""
    return {role for role in ROLES if may(verbs, role, statement)}


def test_verbs_are_for_the_roles_that_need_them(people: Verbs) -> None:
    """Tried for real, each as each."""
    got = {name: allowed(people, statement) for name, (statement, _) in VERBS.items()}

    assert got == {name: roles for name, (_, roles) in VERBS.items()}


@pytest.mark.parametrize("role", ROLES)
def test_internal_functions_are_for_nobody(people: Verbs, role: str) -> None:
    """Whatever is not among the verbs above."""
    assert people.values(INTERNAL, list(VERBS), f"test_{role}") == []


def test_views_and_tables_are_for_those_who_look(people: Verbs) -> None:
    """Every one there is."""
    relations = {row["relname"]: row["relkind"] for row in people.rows(RELATIONS)}
    got = {name: allowed(people, f"select * from pgdispatch.{name}") for name in relations}

    assert got == {
        name: (VIEWS if kind == "v" else TABLES).get(name, LOOK) for name, kind in relations.items()
    }


def test_tables_are_written_by_those_who_may(people: Verbs) -> None:
    """A worker writes none; a producer only inserts jobs."""
    got = {name: allowed(people, statement) for name, (statement, _) in WRITES.items()}

    assert got == {name: roles for name, (_, roles) in WRITES.items()}


def test_producer_sees_its_own_jobs_only(people: Verbs) -> None:
    """Waiting and ended ones, and nothing of others, whatever created_by says."""
    people.job(created_by="test_producer")
    with acting_as(people, "producer"):
        own = people.job(title="mine", created_by="somebody")

        seen = people.values("select job from pgdispatch.own_job")

    assert seen == [own]
    with acting_as(people, "worker"):
        people.claim("n:1")
        people.claim("n:2")
        people.connection.execute("select * from pgdispatch.finish(%s, 1)", [own])
    with acting_as(people, "producer"):
        ended = people.rows("select job, state from pgdispatch.own_job")
    assert ended == [{"job": own, "state": "succeeded"}]


def test_temporary_objects_of_a_caller_do_not_shadow_ours(people: Verbs) -> None:
    """A producer's temporary function and table named like PostgreSQL's are not used."""
    with acting_as(people, "operator"):
        people.run("create temp table pg_type (oid oid)")
        people.run("create function pg_temp.left(text, int) returns text language sql "
                   "as $$ select 'stolen' $$")  # fmt: skip
        job = people.job(title="mine")
        people.value("select pgdispatch.cancel(%s, 'why')", job)

    assert people.past(job)["cancel_reason"] == "why"


def test_worker_can_run_a_job_from_beginning_to_end(people: Verbs) -> None:
    """With the rights of its role alone."""
    job = people.job()
    with acting_as(people, "worker"):
        people.register("w")
        people.run("select pgdispatch.start_backgrounder('w:1', 7)")
        got = people.rows("select * from pgdispatch.claim('w:1')")
        people.run("select pgdispatch.progress(%s, 1, 50)", job)
        people.run("select pgdispatch.finish(%s, 1, null, null, true)", job)
        people.run("select pgdispatch.stop_backgrounder('w:1')")

    assert [row["id"] for row in got] == [job]
    assert people.state(job) == "succeeded"
