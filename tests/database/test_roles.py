"""Each role may do what its page says, and nothing else: every verb, view and table is tried."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from support.verbs import Verbs

ROLES = ("producer", "worker", "operator", "viewer", "nobody")
WORKER, OPERATOR = {"worker"}, {"operator"}
LOOK = {"operator", "viewer"}
VERBS: dict[str, tuple[str, set[str]]] = {
    "claim": ("select * from pgdispatch.claim('n:1')", WORKER),
    "finish": ("select * from pgdispatch.finish(1, 1)", WORKER),
    "fail": ("select * from pgdispatch.fail(1, 1, 'boom')", WORKER),
    "requeue": ("select pgdispatch.requeue(1, 1)", WORKER),
    "progress": ("select pgdispatch.progress(1, 1, 5)", WORKER),
    "recover": ("select pgdispatch.recover('n:1')", WORKER),
    "register_node": ("select pgdispatch.register_node('n', gen_random_uuid())", WORKER),
    "heartbeat": ("select pgdispatch.heartbeat('n', gen_random_uuid())", WORKER),
    "deregister_node": ("select pgdispatch.deregister_node('n', gen_random_uuid())", WORKER),
    "node_orders": ("select * from pgdispatch.node_orders('n')", WORKER),
    "start_backgrounder": ("select pgdispatch.start_backgrounder('n:1', 1)", WORKER),
    "stop_backgrounder": ("select pgdispatch.stop_backgrounder('n:1')", WORKER),
    "declare_lost": ("select pgdispatch.declare_lost()", WORKER),
    "sweep": ("select pgdispatch.sweep()", WORKER),
    "roll_history": ("select pgdispatch.roll_history()", WORKER),
    "cancel": ("select pgdispatch.cancel(1)", OPERATOR),
    "set_priority": ("select pgdispatch.set_priority(1, 5)", OPERATOR),
    "run_now": ("select pgdispatch.run_now(1)", OPERATOR),
    "republish": ("select pgdispatch.republish('default', 'sales')", OPERATOR),
    "fire": ("select pgdispatch.fire('hourly', now())", OPERATOR),
    "now": ("select pgdispatch.now()", {"worker", *LOOK}),
    "setting": ("select pgdispatch.setting('tie_break')", LOOK),
    "seconds": ("select pgdispatch.seconds('lease_seconds')", LOOK),
    "usual_seconds": ("select pgdispatch.usual_seconds(1)", LOOK),
}
VIEWS = {"own_job": {"producer", *LOOK}}
TABLES = {"schema_version": {"worker", *LOOK}}
WRITES: dict[str, tuple[str, set[str]]] = {
    "insert a job": ("insert into pgdispatch.job (type) values ('system') returning id",
                     {"producer", "operator"}),
    "insert with all that is optional": (
        "insert into pgdispatch.job (type, site, title, datasource, schedule, task, priority, args,"
        " not_before, timeout, created_by) values ('system', 'default', 't', 'd', null, null, 5,"
        " '{}', now(), '5 s', 'me')", {"producer", "operator"}),
    "insert a job as Run Now": (
        "insert into pgdispatch.job (type, run_now) values ('system', true)", set()),
    "insert a job on another's behalf": (
        "insert into pgdispatch.job (type, inserted_by) values ('system', 'x')", set()),
    "insert a running job": (
        "insert into pgdispatch.job (type, state) values ('system', 'running')", set()),
    "insert a scheduled job": (
        "insert into pgdispatch.job (type, scheduled_at) values ('system', now())", set()),
    "update a job": ("update pgdispatch.job set priority = 1", set()),
    "delete a job": ("delete from pgdispatch.job", set()),
    "truncate jobs": ("truncate pgdispatch.job", set()),
    "update the history": ("update pgdispatch.job_history set outcome = 'failed'", set()),
    "delete history": ("delete from pgdispatch.job_history", set()),
    "insert history": ("insert into pgdispatch.job_history (id) values (1)", set()),
    "add a site": ("insert into pgdispatch.site (name) values ('acme')", OPERATOR),
    "limit a site": ("update pgdispatch.site set max_running_jobs = 1", OPERATOR),
    "add a schedule": ("insert into pgdispatch.schedule (name) values ('s')", OPERATOR),
    "change a schedule": ("update pgdispatch.schedule set priority = 1", OPERATOR),
    "add a task": ("insert into pgdispatch.task (type, title) values ('flow', 't')", OPERATOR),
    "delete a task": ("delete from pgdispatch.task where id = 2", OPERATOR),
    "add a type": ("insert into pgdispatch.job_type (name) values ('t')", OPERATOR),
    "change a setting": ("update pgdispatch.setting set value = '61' "
                         "where name = 'batch_seconds'", OPERATOR),
    "rename a setting": ("update pgdispatch.setting set name = 'x'", set()),
    "change a node": ("update pgdispatch.node set backgrounders = 3", OPERATOR),
    "take a node": ("update pgdispatch.node set incarnation = gen_random_uuid()", set()),
    "delete a node": ("delete from pgdispatch.node", OPERATOR),
    "make an occurrence": (
        "insert into pgdispatch.occurrence (task, scheduled_at) values (1, now())", set()),
    "hide a sweep": ("delete from pgdispatch.swept_job", set()),
    "create a table": ("create table pgdispatch.mine (id int)", set()),
    "create a function": (
        "create function pgdispatch.mine() returns int language sql as 'select 1'", set()),
}  # fmt: skip
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
            verbs.run(f"grant pgdispatch_{role} to test_{role}")
    verbs.schedule("hourly")
    verbs.task(datasource="sales")
    verbs.task()
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
