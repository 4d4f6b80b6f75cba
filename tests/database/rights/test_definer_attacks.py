"""Functions with their owner's rights do what they say, whatever a caller puts in their way.

The caller makes traps: functions, operators and views named like those of the catalog and like
ours, in a schema that comes first in its search_path, or temporary. Each trap counts whenever it is
sprung with rights that are not the caller's.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from support.rights.verbs_and_roles import VERBS, WRITES
from support.sessions.verbs import Verbs

SPRING = """
create function evil.spring() returns boolean language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if left(current_user, 8) <> 'attacker' then
        perform nextval('evil.sprung'::regclass);
    end if;
    return true;
end $$
"""
FUNCTIONS = {
    "left": ("text, integer", "text", "$1"),
    "coalesced": ("text", "text", "$1"),
    "set_config": ("text, text, boolean", "text", "$2"),
    "pg_has_role": ("text, text, text", "boolean", "false"),
    "current_setting": ("text", "text", "'none'::text"),
    "clock_timestamp": ("", "timestamptz", "pg_catalog.clock_timestamp()"),
    "now": ("", "timestamptz", "pg_catalog.now()"),
    "pg_notify": ("text, text", "text", "$2"),
    "hashtext": ("text", "integer", "1"),
    "make_interval": ("double precision", "interval", "'1 s'::interval"),
    "greatest": ("timestamptz, timestamptz", "timestamptz", "$1"),
    "setting": ("text", "text", "'5'::text"),
    "may_see": ("text", "boolean", "true"),
}
OPERATORS = {
    ("=", "bigint"): "int8eq",
    ("=", "text"): "texteq",
    ("<>", "text"): "textne",
    ("<", "bigint"): "int8lt",
    (">", "timestamptz"): "timestamptz_gt",
}
VIEWS = ("pg_roles", "pg_namespace", "pg_class", "pg_locks", "pg_settings", "pg_stat_activity")
OURS = ("job", "job_history", "task", "site", "schedule", "setting", "node", "site_member")
ATTACKERS = ("attacker", "attacker_of_default")
PATHS = ("evil, pg_catalog", "pg_catalog, evil", "pg_temp, evil, pg_catalog, pgdispatch")
UNGUARDED = """
create function public.unguarded() returns bigint language plpgsql security definer as $$
begin
    return (select count(*) from {0}) + length(left('x', 1)) + ('a'::text = 'b'::text)::integer;
end $$
"""


def set_traps(verbs: Verbs, attacker: str) -> None:
    """Let a caller make its traps, some in a schema of its own, some temporary."""
    verbs.run(f"grant all on schema evil to {attacker}")
    verbs.run(f"set session authorization {attacker}")
    verbs.run(SPRING)
    for name, (arguments, result, value) in FUNCTIONS.items():
        body = f"select case when evil.spring() then {value} end"
        verbs.run(f"create function evil.{name}({arguments}) returns {result} language sql"
                  f" as $$ {body} $$")  # fmt: skip
    for number, ((sign, kind), real) in enumerate(OPERATORS.items()):
        body = f"select evil.spring() and pg_catalog.{real}($1, $2)"
        verbs.run(f"create function evil.op{number}({kind}, {kind}) returns boolean language sql"
                  f" as $$ {body} $$")  # fmt: skip
        verbs.run(f"create operator evil.{sign} (function = evil.op{number}, leftarg = {kind},"
                  f" rightarg = {kind})")  # fmt: skip
    for name in VIEWS:
        verbs.run(f"create temp view {name} as select * from pg_catalog.{name}"
                  " where evil.spring()")  # fmt: skip
    for name in OURS:
        verbs.run(f"create temp view {name} as select 1 as id where evil.spring()")
    verbs.run("reset session authorization")


@pytest.fixture
def trapped(verbs: Verbs) -> Iterator[Verbs]:
    """Give a database in which both attackers may do all that a person may, one for one site."""
    for attacker in ATTACKERS:
        verbs.run(f"drop role if exists {attacker}")
        verbs.run(f"create role {attacker} login")
    verbs.run("grant pgdispatch_operator, pgdispatch_worker to attacker")
    for role in ("operator", "producer"):
        verbs.run("select pgdispatch.grant_role('attacker_of_default', %s, '{default}')", role)
    verbs.run("create schema evil")
    verbs.run("create sequence evil.sprung")
    verbs.run("grant usage, select on evil.sprung to public")
    verbs.schedule("hourly")
    verbs.task(datasource="sales")
    verbs.register("n")
    verbs.job()
    yield verbs
    verbs.run("reset session authorization")
    verbs.run("reset all")
    for attacker in ATTACKERS:
        verbs.run(f"drop owned by {attacker} cascade")
        verbs.run(f"drop role {attacker}")


def sprung(verbs: Verbs) -> bool:
    """Tell whether a trap was sprung; a sequence remembers across rollbacks."""
    return bool(verbs.value("select is_called from evil.sprung"))


def attack(verbs: Verbs, attacker: str, path: str, statement: str) -> None:
    """Let a caller run a statement with a search path of its own, and undo it.

    Triggers that wait for the commit, which does not come, are fired before.
    """
    verbs.run(f"set session authorization {attacker}")
    verbs.run(f"set search_path = {path}")
    try:
        with verbs.connection.transaction(force_rollback=True):
            verbs.run(statement)
            verbs.run("set constraints all immediate")
    except psycopg.Error:
        pass  # whether it makes sense does not matter
    finally:
        verbs.run("reset search_path")
        verbs.run("reset session authorization")


@pytest.mark.parametrize("attacker", ATTACKERS)
def test_no_verb_and_no_write_springs_a_trap(trapped: Verbs, attacker: str) -> None:
    """Each of them, with its triggers, under each search path."""
    set_traps(trapped, attacker)
    statements = [statement for statement, _ in (*VERBS.values(), *WRITES.values())]
    for path in PATHS:
        for statement in statements:
            attack(trapped, attacker, path, statement)
            assert not sprung(trapped), f"{path}: {statement}"


def test_the_traps_catch_a_function_that_sets_no_path(trapped: Verbs) -> None:
    """So the test above can fail: by a function or an operator, or by a temporary view."""
    set_traps(trapped, "attacker")
    caught = set()
    for relation in ("pg_roles", "pg_catalog.pg_roles"):
        trapped.run(UNGUARDED.format(relation))
        for path in PATHS:
            trapped.run("select setval('evil.sprung', 1, false)")
            attack(trapped, "attacker", path, "select public.unguarded()")
            if sprung(trapped):
                caught.add((relation, path))
        trapped.run("drop function public.unguarded")

    every = {(relation, path) for relation in ("pg_roles", "pg_catalog.pg_roles") for path in PATHS}
    assert caught == every - {("pg_catalog.pg_roles", "pg_catalog, evil")}


def test_sql_in_names_is_harmless(verbs: Verbs) -> None:
    """What is a name stays one, in each place that takes free text; users' names included."""
    bad = "x'; drop table pgdispatch.job cascade; --\"; drop table pgdispatch.job; --"[:60]
    quoted = sql.Identifier(bad)
    with verbs.connection.transaction(force_rollback=True):
        schedule = verbs.schedule(bad, recurrence="every 1 hour from 06:00 to 22:00")
        task = verbs.task(title=bad, datasource=bad, schedule=schedule)
        verbs.connection.execute(sql.SQL("create role {}").format(quoted))
        verbs.site("acme")
        verbs.run("select pgdispatch.grant_role(%s, 'operator', '{acme,default}')", bad)
        verbs.run("select pgdispatch.revoke_role(%s, 'operator', '{acme}')", bad)
        verbs.connection.execute(sql.SQL("set session authorization {}").format(quoted))
        job = verbs.value("select pgdispatch.run_now(%s, %s)", task, bad)
        verbs.run("select pgdispatch.cancel(%s, %s, %s)", job, bad, bad)
        own = verbs.value("select pgdispatch.own_sites()")
        verbs.run("reset session authorization")
        verbs.run("select pgdispatch.fire(%s, now())", bad)
        verbs.rows("select * from pgdispatch.run_now_schedule(%s)", bad)
        verbs.rows("select * from pgdispatch.schedule_status")

        past = verbs.past(job)
        waiting = verbs.values("select datasource from pgdispatch.queue")

    assert own == ["default"]
    assert past["cancel_reason"] == past["cancelled_by"] == past["title"] == bad
    assert waiting == [bad]


def test_names_that_go_into_names_elsewhere_are_plain(verbs: Verbs) -> None:
    """Gates, processes and files are named after them."""
    for table in ("site", "node", "job_type"):
        for name in ("x'; drop table pgdispatch.job; --", "../x", "", "a\nb"):
            with pytest.raises(psycopg.Error):
                verbs.add(table, "name", name=name)
