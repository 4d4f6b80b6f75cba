"""All objects of the schema: explained, safe, closed to everybody, and each with a file."""

from __future__ import annotations

import re

import psycopg
import pytest

from support.checkout import SQL
from support.sessions.verbs import Verbs

MINE = "'pgdispatch'::regnamespace"
BARE = {
    "schema": f"select 'pgdispatch' where obj_description({MINE}, 'pg_namespace') is null",
    "tables and views": f"""
        select relname from pg_class
        where relnamespace = {MINE} and relkind in ('r', 'p', 'v')
            and obj_description(oid, 'pg_class') is null""",
    "columns": f"""
        select c.relname || '.' || a.attname
        from pg_class as c
        join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = {MINE} and c.relkind in ('r', 'p', 'v')
            and c.relname !~ '^(job_history|job_log|attempt|change|node_state)_[0-9]'
            and col_description(c.oid, a.attnum) is null""",
    "functions": f"""
        select oid::regprocedure::text from pg_proc
        where pronamespace = {MINE} and obj_description(oid, 'pg_proc') is null""",
    "triggers": f"""
        select t.tgname
        from pg_trigger as t
        join pg_class as c on c.oid = t.tgrelid
        where c.relnamespace = {MINE} and not t.tgisinternal
            and obj_description(t.oid, 'pg_trigger') is null""",
    "roles": r"""
        select rolname from pg_roles
        where rolname like 'pgdispatch\_%%' and shobj_description(oid, 'pg_authid') is null""",
}
OPEN = {
    "functions": f"""
        select p.oid::regprocedure::text
        from pg_proc as p,
            aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as granted
        where p.pronamespace = {MINE} and granted.grantee = 0""",
    "tables, views and sequences": f"""
        select c.relname
        from pg_class as c, aclexplode(c.relacl) as granted
        where c.relnamespace = {MINE} and granted.grantee = 0""",
    "columns": f"""
        select c.relname || '.' || a.attname
        from pg_class as c
        join pg_attribute as a on a.attrelid = c.oid,
            aclexplode(a.attacl) as granted
        where c.relnamespace = {MINE} and granted.grantee = 0""",
    "schema": f"""
        select nspname from pg_namespace, aclexplode(nspacl) as granted
        where oid = {MINE} and granted.grantee = 0""",
}


def files(folder: str) -> set[str]:
    """Return the names of the SQL files in a folder and the folders in it."""
    return {path.stem for path in (SQL / folder).rglob("*.sql")}


@pytest.mark.parametrize("query", BARE.values(), ids=BARE.keys())
def test_everything_has_a_comment(verbs: Verbs, query: str) -> None:
    """Written for the caller, not empty."""
    assert verbs.values(query) == []


@pytest.mark.parametrize("query", OPEN.values(), ids=OPEN.keys())
def test_nothing_is_open_to_everybody(verbs: Verbs, query: str) -> None:
    """Execute on functions is PostgreSQL's default; it must have been taken away."""
    assert verbs.values(query) == []


def test_security_definer_functions_put_temporary_objects_last(verbs: Verbs) -> None:
    """Else a caller's temporary table would shadow ours."""
    found = verbs.rows(
        f"select proname, proconfig from pg_proc where pronamespace = {MINE} and prosecdef"
    )

    assert found
    loose = [
        row["proname"]
        for row in found
        if "search_path=pg_catalog, pg_temp" not in (row["proconfig"] or [])
    ]
    assert loose == []


def test_functions_meant_for_a_role_run_with_their_owners_rights(verbs: Verbs) -> None:
    """A worker or operator has no rights of its own on the tables that its verbs write."""
    unprivileged = verbs.values(
        f"""
        select distinct p.proname
        from pg_proc as p, aclexplode(p.proacl) as granted
        join pg_roles as r on r.oid = granted.grantee
        where p.pronamespace = {MINE} and p.provolatile = 'v' and not p.prosecdef
            and r.rolname like 'pgdispatch\\_%%' and p.proname <> 'now'
        """
    )

    assert unprivileged == []


def test_each_function_has_one_file_and_one_signature(verbs: Verbs) -> None:
    """Whoever lists the folder knows all verbs."""
    names = verbs.values(f"select proname from pg_proc where pronamespace = {MINE}")

    assert len(names) == len(set(names))
    assert set(names) == files("functions")


def test_each_view_has_one_file(verbs: Verbs) -> None:
    """Likewise."""
    names = verbs.values(
        f"select relname from pg_class where relnamespace = {MINE} and relkind = 'v'"
    )

    assert set(names) == files("views")


def test_each_table_has_one_file(verbs: Verbs) -> None:
    """Row types count as tables; partitions belong to theirs."""
    names = verbs.values(
        f"select relname from pg_class where relnamespace = {MINE} "
        "and relkind in ('r', 'p', 'c') and not relispartition"
    )

    assert set(names) == files("tables")


def test_each_role_has_one_file(verbs: Verbs) -> None:
    """And `public` has the one that takes its rights away."""
    names = verbs.values(r"select rolname from pg_roles where rolname like 'pgdispatch\_%%'")

    assert {name.removeprefix("pgdispatch_") for name in names} | {"public"} == files("roles")


def test_every_table_says_which_row_a_publication_has_to_name(verbs: Verbs) -> None:
    """A key or a replica identity, partitions too: else a publication makes its deletes fail."""
    verbs.run("select pgdispatch.roll_history()")

    without = verbs.values(
        f"""
        select c.relname
        from pg_class as c
        where c.relnamespace = {MINE} and c.relkind in ('r', 'p')
            and c.relreplident <> 'f'
            and not (c.relreplident = 'd' and exists (
                select from pg_index as i where i.indrelid = c.oid and i.indisprimary
            ))
        """
    )

    assert without == []


def test_every_sequence_of_numbers_is_looked_at(verbs: Verbs) -> None:
    """Whether it is behind its table: a new table adds a line to sequences_behind."""
    numbered = verbs.values(
        f"""
        select c.relname || '_' || a.attname || '_seq'
        from pg_class as c
        join pg_attribute as a on a.attrelid = c.oid and a.attidentity <> ''
        where c.relnamespace = {MINE}
        """
    )

    looked_at = verbs.value(
        f"select prosrc from pg_proc where proname = 'sequences_behind' and pronamespace = {MINE}"
    )
    assert len(numbered) >= 7
    assert [name for name in numbered if f"'{name}'" not in looked_at] == []


def test_everything_belongs_to_the_owner_of_the_schema(verbs: Verbs) -> None:
    """Tables with their sequences, partitions and row types, views, functions."""
    verbs.run("select pgdispatch.roll_history()")

    others = verbs.values(
        f"""
        select c.relname from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace and n.nspowner <> c.relowner
        where n.oid = {MINE}
        union all
        select p.proname from pg_proc as p
        join pg_namespace as n on n.oid = p.pronamespace and n.nspowner <> p.proowner
        where n.oid = {MINE}
        union all
        select t.typname from pg_type as t
        join pg_namespace as n on n.oid = t.typnamespace and n.nspowner <> t.typowner
        where n.oid = {MINE}
        """
    )

    assert others == []


def test_constraints_are_named(verbs: Verbs) -> None:
    """A check says in its name what it serves; PostgreSQL's numbered names say nothing."""
    numbered = verbs.values(
        f"select conname from pg_constraint where connamespace = {MINE} "
        "and contype <> 'n' and conname ~ '[0-9]$'"
    )

    assert [name for name in numbered if not re.search(r"_\d{4}_\d{2}", name)] == []


def test_no_function_on_the_hot_path_catches_exceptions(verbs: Verbs) -> None:
    """Each is a sub-transaction: for one schedule of many, a number of its own, and for a wait.

    wait_for_gate is called only when somebody else holds the lock of a gate.
    """
    catching = verbs.values(
        f"select proname from pg_proc where pronamespace = {MINE} "
        r"and prosrc ~* 'exception\s+when'"
    )

    assert sorted(catching) == [
        "append_generation",
        "closed_within",
        "correct_schedules_ahead",
        "runs_due",
        "runs_within",
        "tick",
        "wait_for_fire",
        "wait_for_gate",
    ]


def test_name_of_a_lock_becomes_its_number_when_a_statement_is_planned(verbs: Verbs) -> None:
    """So that it costs the hot path nothing, alone and among what a function is called with."""
    plan = verbs.values(
        "explain (verbose, costs off) select pg_try_advisory_xact_lock("
        "pgdispatch.lock_class('gate'), hashtext(relname)) from pg_class "
        "where oid = pgdispatch.lock_class('due')"
    )

    assert "lock_class" not in "".join(plan)
    assert all(number in "".join(plan) for number in ("1885824105, ", "'1885824106'"))


def test_name_that_no_lock_has_is_an_error(verbs: Verbs) -> None:
    """Null would be no lock at all, and nobody would see."""
    with pytest.raises(psycopg.errors.InvalidTextRepresentation, match="no class of locks: gatte"):
        verbs.run("select pg_advisory_xact_lock(pgdispatch.lock_class('gatte'), 1)")


def test_no_lock_of_a_session_outlives_the_expression_that_takes_it(verbs: Verbs) -> None:
    """A cancel between two statements would leave it behind; within one expression there is none.

    All others are transactions' locks, which go with whatever goes wrong.
    """
    taken = "pg_(try_)?advisory_lock"
    taking = verbs.rows(
        f"select proname, prosrc from pg_proc where pronamespace = {MINE} and prosrc ~ %s", taken
    )

    assert [row["proname"] for row in taking] == ["is_changing_generation"]
    for row in taking:
        once = r"if pg_try_advisory_lock_shared\((.+)\)\s+and pg_advisory_unlock_shared\(\1\) then"
        assert len(re.findall(once, row["prosrc"])) == len(re.findall(taken, row["prosrc"]))
    for package in ("worker", "cli"):
        for path in (SQL.parent / package).rglob("*.py"):
            assert re.findall(taken, path.read_text(encoding="utf-8")) == [], path
