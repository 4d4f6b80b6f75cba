"""Whoever installs or upgrades: all of the schema belongs to its owner, or nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pgdispatch.doctor import Finding, examine
from pgdispatch.embedded import Binaries, EmbeddedServer
from pgdispatch.errors import WrongStateError
from pgdispatch.schema import installer
from pgdispatch.schema.upgrade import Options
from support.cli.command import run_command
from support.servers.embedded import Connect, open_server
from support.servers.releases import next_release, restore_first_release
from support.sessions.verbs import Verbs

numbers = count(1)
MakeRole = Callable[[str], str]
STRANGERS = """
select relname from pg_class as c
join pg_namespace as n on n.oid = relnamespace and n.nspowner <> c.relowner
where nspname = 'pgdispatch'
union all
select proname from pg_proc as p
join pg_namespace as n on n.oid = pronamespace and n.nspowner <> p.proowner
where nspname = 'pgdispatch'
union all
select typname from pg_type as t
join pg_namespace as n on n.oid = typnamespace and n.nspowner <> t.typowner
where nspname = 'pgdispatch'
"""
PARTITIONS = "select relname from pg_class where relname ~ '^job_history_[0-9]{4}_[0-9]{2}$'"
OWNER = "select nspowner::regrole::text from pg_namespace where nspname = 'pgdispatch'"


@pytest.fixture
def role(server: EmbeddedServer) -> Iterator[MakeRole]:
    """Give a function that makes a login with the options given; it is dropped at the end."""
    made = []
    with psycopg.connect(server.dsn(), autocommit=True) as connection:

        def make(options: str) -> str:
            name = f"owner_test_{next(numbers)}"
            connection.execute(f"create role {name} login {options}")
            made.append(name)
            return name

        yield make


@pytest.fixture
def owned(
    binaries: Binaries, empty_database: str, role: MakeRole, connect: Connect
) -> Iterator[tuple[str, str]]:
    """Give a database with the first release, and its owner, which may make roles."""
    owner = role("createrole")
    verbs = Verbs(connect(empty_database))
    database = verbs.value("select current_database()")
    verbs.run(f"alter database {database} owner to {owner}")
    restore_first_release(binaries, make_conninfo(empty_database, user=owner))
    yield empty_database, owner
    verbs.run(f"reassign owned by {owner} to current_user")


def owners(dsn: str) -> list[Finding]:
    """Return what the doctor says of owners."""
    with psycopg.connect(dsn) as connection:
        return [one for one in examine(connection).findings if one.check == "owners"]


def works(verbs: Verbs) -> bool:
    """Tell whether a job goes in, is shown, is started and ends."""
    job = verbs.job(priority=1)
    shown = verbs.values("select job from pgdispatch.queue")
    started = verbs.claim("other:1")
    verbs.finish(job)
    return job in shown and started == job


def test_an_upgrade_by_a_superuser_leaves_everything_to_the_owner(
    owned: tuple[str, str], connect: Connect
) -> None:
    """Partitions made later, too; and the owner goes on as before."""
    dsn, owner = owned

    done = installer.install(dsn)

    verbs = Verbs(connect(dsn))
    for partition in verbs.values(PARTITIONS):
        verbs.run(f"drop table pgdispatch.{partition}")
    verbs.run("select pgdispatch.roll_history()")
    assert len(verbs.values(PARTITIONS)) == 3
    assert [str(one) for one in done.remaining] == []
    assert (verbs.value(OWNER), verbs.values(STRANGERS)) == (owner, [])
    assert works(Verbs(connect(make_conninfo(dsn, user=owner))))
    assert not installer.install(make_conninfo(dsn, user=owner)).changed


@pytest.mark.parametrize("options", ["", "noinherit"])
def test_a_member_of_the_owner_may_upgrade(
    owned: tuple[str, str], role: MakeRole, connect: Connect, options: str
) -> None:
    """Whether it has the owner's rights all the time or has to act as it."""
    dsn, owner = owned
    member = role(f"{options} in role {owner}")

    done = installer.install(make_conninfo(dsn, user=member))

    verbs = Verbs(connect(dsn))
    assert ([str(one) for one in done.remaining], verbs.values(STRANGERS)) == ([], [])
    assert works(verbs)


def test_who_cannot_act_as_the_owner_is_refused_before_anything_is_changed(
    owned: tuple[str, str], role: MakeRole
) -> None:
    """With all the rights that it takes to install elsewhere; nodes are not told to stop either."""
    dsn, owner = owned
    stranger = role("createrole")
    with psycopg.connect(dsn) as connection:
        connection.execute(f"grant all on schema pgdispatch to {stranger}")
        connection.execute(f"grant all on all tables in schema pgdispatch to {stranger}")
        name = connection.info.dbname
        connection.execute(f"grant create on database {name} to {stranger}")

    with pytest.raises(WrongStateError) as refused:
        installer.install(make_conninfo(dsn, user=stranger), Options(stop_nodes=True))
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("select count(*) from pgdispatch.schema_version").fetchone()
        connection.execute(f"drop owned by {stranger}")

    assert refused.value.message == (
        f"the schema pgdispatch belongs to {owner}, and {stranger} cannot act as it"
    )
    assert f"run it as {owner}" in str(refused.value.hint)
    assert rows == (1,)


def test_mixed_owners_are_found_by_the_doctor_and_mended_by_again(
    database: str, role: MakeRole, connect: Connect
) -> None:
    """As an upgrade by another role left them in former releases."""
    other = role("superuser")
    verbs = Verbs(connect(database))
    partition = max(verbs.values(PARTITIONS))
    for what in ("table pgdispatch.job", f"table pgdispatch.{partition}",
                 "table pgdispatch.job_history", "view pgdispatch.queue",
                 "sequence pgdispatch.ready_generation", "type pgdispatch.verdict",
                 "function pgdispatch.sweep()", "function pgdispatch.claim"):  # fmt: skip
        verbs.run(f"alter {what} owner to {other}")
    found = owners(database)

    tried = run_command(database, "install", "--again", "--dry-run")
    done = run_command(database, "install", "--again")

    left = owners(database)
    assert len(found) == 1
    assert found[0].problem.startswith(f"8 of the schema's objects belong to {other}, and not to")
    assert "install --again" in found[0].advice
    assert f"give view pgdispatch.queue of {other} to " in tried.out
    assert (done.status, left, verbs.values(STRANGERS)) == (0, [], [])
    assert works(verbs)


def test_what_is_mixed_is_refused_to_who_may_not_mend_it(
    owned: tuple[str, str], connect: Connect
) -> None:
    """The owner cannot take from a superuser: it is told what belongs to whom."""
    dsn, owner = owned
    Verbs(connect(dsn)).run("alter function pgdispatch.sweep() owner to current_user")

    with pytest.raises(WrongStateError) as refused:
        installer.install(make_conninfo(dsn, user=owner))

    assert f"and not to {owner}, the owner of the schema" in refused.value.message
    assert "run it as a superuser" in str(refused.value.hint)
    assert Verbs(connect(dsn)).value("select count(*) from pgdispatch.schema_version") == 1


@pytest.mark.usefixtures("newest_only")
def test_roles_that_a_release_adds_are_made_by_whoever_may(binaries: Binaries) -> None:
    """The owner may make none: the superuser who upgrades makes them."""
    with open_server(binaries) as running:
        dsn = running.dsn()
        restore_first_release(binaries, dsn)
        with psycopg.connect(dsn, autocommit=True) as connection:
            verbs = Verbs(connection)
            verbs.run("create role owner login")
            verbs.run("grant create on database postgres to owner")
            verbs.run("alter schema pgdispatch owner to owner")
            for kind in ("producer", "operator", "viewer"):
                verbs.run(f"drop role pgdispatch_site_{kind}")

            done = installer.install(dsn)

            assert [str(one) for one in done.remaining] == []
            assert verbs.values(STRANGERS) == []
            made = verbs.values("select 1 from pg_roles where rolname ~ '^pgdispatch_site_'")
            assert len(made) == 3
            assert works(Verbs(connection))


def test_a_schema_that_was_made_for_somebody_is_filled_in_his_name(
    empty_database: str, role: MakeRole, connect: Connect
) -> None:
    """An administrator made it empty; he may not even make schemas of his own."""
    verbs = Verbs(connect(empty_database))
    owner = role("")
    verbs.run(f"create schema pgdispatch authorization {owner}")

    installer.install(empty_database)

    strangers = verbs.values(STRANGERS)
    assert works(Verbs(connect(make_conninfo(empty_database, user=owner))))
    again = installer.install(empty_database, _source=next_release())
    assert (strangers, again.remaining, verbs.values(STRANGERS)) == ([], (), [])
    verbs.run(f"reassign owned by {owner} to current_user")
