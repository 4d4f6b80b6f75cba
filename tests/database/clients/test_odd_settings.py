"""One value must not stop dispatch: whatever settings a session has, all goes as with the usual.

The modules that say IN_ODD_SETTINGS run as a whole in a database whose settings are all odd.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pgdispatch.backgrounder.received import read_job
from pgdispatch.database import session_settings as fixed
from pgdispatch.database import statements
from pgdispatch.database.session import Footing, Session
from pgdispatch.doctor import ask, examine, queries
from pgdispatch.embedded import EmbeddedServer
from pgdispatch.errors import PgdispatchError
from pgdispatch.handler import Job
from pgdispatch.ipc.tally import Tally
from pgdispatch.node.ending import Ending
from pgdispatch.node.endings import Endings
from pgdispatch.node.turns import FACTS, Turns, _text
from pgdispatch.schema import catalog, installer
from pgdispatch_cli.connection import connect as connect_command
from support.bad_input import odd
from support.checkout import SQL
from support.cli.command import run_command
from support.servers.embedded import made_database
from support.sessions.verbs import Verbs

BOUNDS = """
select c.relname, pg_get_expr(c.relpartbound, c.oid)
from pg_inherits as i
join pg_class as c on c.oid = i.inhrelid
where i.inhparent = 'pgdispatch.job_history'::regclass
order by 1
"""
VIEWS = "select viewname from pg_views where schemaname = 'pgdispatch' and viewname <> 'new_job'"
SCHEDULED = """
insert into pgdispatch.schedule (name, recurrence) values ('Daily', 'Weekly on FRIDAY,mon at 6:30')
"""
BAD = (
    "insert into pgdispatch.job (type, title, args) values ('system', 'café', '{\"a\": \"café\"}')"
).encode("latin-1")


@contextmanager
def encoded(server: EmbeddedServer, encoding: str) -> Iterator[str]:
    """Give the DSN of an empty database in another encoding."""
    name = f"in_{encoding.lower()}"
    drop = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(
            sql.SQL("create database {} encoding {} locale 'C' template template0").format(
                sql.Identifier(name), sql.Literal(encoding)
            )
        )
        yield server.dsn(name)
        connection.execute(drop)


@pytest.fixture
def odd_database(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give a database whose settings are all odd, in an environment that is odd in other ways."""
    odd.make_odd(database, with_traps=True)
    for name, value in odd.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return database


def turn(dsn: str, *, error: str | None = None) -> list[Job]:
    """Take a turn for one backgrounder as a node does; return what is to run as it gets there.

    With `error` the job that it started fails with that in a second turn.
    """

    async def take() -> list[Job]:
        session = Session(dsn, name="n turns", prepares=True)
        try:
            await session.call("select 1")  # whether it has an encoding is known from then on
            turns = Turns("n", None, session, Tally(), Endings(session), print, print)
            values = turns._values([], [1], [])
            rows = await session.call(turns._statement(), *values[:3], None, *values[4:])
            jobs = [job_of(row) for row in rows]
            if error is not None:
                ended = Ending((jobs[0].id, jobs[0].attempt), "error", error=error)
                await session.call(turns._statement(), *turns._values([ended], [], []))
            return jobs
        finally:
            await session.close()

    return asyncio.run(take())


def job_of(row: Sequence[Any]) -> Job:
    """Return a job as the process gets it that is to run it."""
    _, name, job, attempt, *facts, args, _ = map(_text, row)
    message = {"job": job, "attempt": attempt, **dict(zip(FACTS, facts, strict=True))}
    return read_job(message, args.encode(), name)


def bounds(dsn: str) -> list[tuple[str, str]]:
    """Return the partitions of the history with their bounds."""
    with fixed.connect(dsn) as connection:
        return connection.execute(BOUNDS).fetchall()


def described(dsn: str) -> catalog.Catalog:
    """Return what is in the schema."""
    with fixed.connect(dsn) as connection:
        return catalog.describe(connection, installer.catalog_query())


def test_install_in_odd_settings_makes_the_same_schema(
    server: EmbeddedServer, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the months of the history where UTC has them, if both were made in the same month."""
    with made_database(server, "in_usual_settings") as usual:
        installer.install(usual)
        odd.make_odd(empty_database, with_traps=True)
        for name, value in odd.ENVIRONMENT.items():
            monkeypatch.setenv(name, value)

        installer.install(empty_database)

        assert catalog.differences(described(usual), described(empty_database)) == []
        assert bounds(empty_database) == bounds(usual)


@pytest.mark.parametrize("style", ["SQL, DMY", "German", "Postgres, YMD"])
def test_months_of_the_history_begin_at_midnight_utc_in_each_session(
    verbs: Verbs, style: str
) -> None:
    """IST, the abbreviation of this zone, is read as that of another."""
    verbs.run("select set_config('DateStyle', %s, false)", style)
    verbs.run("set TimeZone = 'Asia/Kolkata'")

    verbs.run("select pgdispatch.add_month('job_history', '2031-05-01 00:00+00')")

    verbs.run("set TimeZone = 'UTC'")
    verbs.run("set DateStyle = 'ISO'")
    assert dict(bounds(verbs.connection.info.dsn))["job_history_2031_05"] == (
        "FOR VALUES FROM ('2031-05-01 00:00:00+00') TO ('2031-06-01 00:00:00+00')"
    )


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_month_is_kept_until_its_last_day_in_utc_is_too_old(verbs: Verbs, zone: str) -> None:
    """Whatever the zone of the session that rolls the history, half a day before and after."""
    verbs.run("set TimeZone = 'UTC'")
    verbs.run("select pgdispatch.add_month('job_history', '2020-01-01 00:00+00')")
    days = verbs.value("select extract(day from pgdispatch.now() - '2020-01-31 12:00+00')::int")
    found = []
    for kept in (days + 1, days - 1):
        verbs.run(
            "update pgdispatch.setting set value = %s where name = 'history_keep_days'", str(kept)
        )
        verbs.run("select set_config('TimeZone', %s, false)", zone)
        verbs.run("select pgdispatch.roll_history()")
        found.append(verbs.value("select to_regclass('pgdispatch.job_history_2020_01') is null"))

    assert found == [False, True]


def test_a_turn_reads_what_every_setting_would_write_otherwise(odd_database: str) -> None:
    """A title that LATIN1 lacks, an instant, a document; as a backgrounder reads it."""
    connection = odd.connect(odd_database, autocommit=True)
    at = datetime(2031, 4, 5, 6, 7, 8, tzinfo=UTC)
    connection.execute(SCHEDULED)
    connection.execute(
        "insert into pgdispatch.task (type, title, schedule, args) "
        "values ('system', '日本', 'Daily', '{\"to\": \"日本\"}')"
    )
    connection.execute("select pgdispatch.fire('Daily', %s, true)", [at])
    connection.close()

    (found,) = turn(odd_database)

    assert (found.title, found.scheduled_at, found.args["to"]) == ("日本", at, "日本")


def test_a_supervisor_writes_where_the_default_is_to_read_and_serializable(
    odd_database: str,
) -> None:
    """Its statements are the clock's, the heartbeat's, the sweep's."""

    async def call() -> list[object]:
        session = Session(odd_database, name="n")
        try:
            await session.call("select pgdispatch.roll_history()")
            row = (await session.call("select jobs, wait from pgdispatch.tick()"))[0]
            return [*row]
        finally:
            await session.close()

    assert asyncio.run(call()) == [None, None]


def test_doctor_finds_nothing_amiss_and_has_nothing_dropped(odd_database: str) -> None:
    """Neither the months of the history nor anything else of ours."""
    with connect_command(odd_database, checked=True) as connection:
        made = examine(connection)

    ours = [one for one in made.findings if one.check in ("schema", "drift", "grants")]
    assert ours == []
    assert made.skipped == {}


def test_a_session_whose_search_path_has_other_functions_first_gets_all_it_asks_for(
    odd_database: str,
) -> None:
    """As people and applications have it who use an extension that stands in for another DBMS."""
    connection = odd.connect(odd_database, autocommit=True)
    connection.execute("set search_path = traps, pg_catalog, public")
    asked = Verbs(connection)
    asked.run(SCHEDULED)
    task = asked.task(schedule="Daily", title="日本")
    jobs = [asked.job(site="default", datasource="d", priority=number) for number in (3, 5, 7)]

    asked.run_now(task)
    first = asked.claim()
    asked.fail(first or 0, claim=False)
    second = asked.claim()
    asked.finish(second or 0)
    asked.set_priority(jobs[2], 90)
    asked.run("select pgdispatch.fire('Daily', '2031-04-05', true)")
    reason = asked.row("select * from pgdispatch.why(%s)", jobs[2])["reason"]
    asked.cancel(jobs[2])
    asked.run("select pgdispatch.tick()")
    asked.run("select pgdispatch.sweep()")
    asked.run("select pgdispatch.roll_history()")
    for view in asked.values(VIEWS):
        connection.execute(sql.SQL("select * from pgdispatch.{}").format(sql.Identifier(view)))

    assert "next in line" in reason or "no node takes" in reason


@pytest.mark.parametrize(
    ("begin", "state", "hint"),
    [
        ("begin isolation level serializable read write", "JD008", "read committed"),
        ("begin isolation level read committed read only", "25006", "begin read write"),
    ],
)
def test_a_person_is_told_how_to_begin(verbs: Verbs, begin: str, state: str, hint: str) -> None:
    """The default may be another than the person knows."""
    verbs.run(begin)

    with pytest.raises(psycopg.Error) as caught:
        verbs.claim()

    assert caught.value.sqlstate == state
    assert hint in (caught.value.diag.message_hint or "")


def test_a_transaction_is_begun_as_ours_has_to_be_where_its_default_cannot_be_set(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind a pooler; a refusal leaves no transaction open."""
    odd.make_odd(database)

    async def untouched(_: object) -> Footing:
        return Footing(is_direct=False, begins=begins)

    monkeypatch.setattr("pgdispatch.database.session._fix_session", untouched)
    begins = False
    with pytest.raises(PgdispatchError, match="in a serializable transaction"):
        turn(database)
    begins = True

    assert turn(database) == []


def test_no_sql_file_has_a_backslash_whose_meaning_is_a_setting() -> None:
    """With standard_conforming_strings off, only those after E keep theirs."""
    found = [
        f"{path.name}: {line}"
        for path in SQL.rglob("*.sql")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "\\" in line and "E'" not in line and path.parent.name != "versions"
    ]

    assert found == []


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII", "EUC_JP"])
@pytest.mark.parametrize("arguments", [["install"], ["install", "--dry-run"]])
def test_install_refuses_a_database_that_cannot_store_every_text(
    server: EmbeddedServer, encoding: str, arguments: list[str]
) -> None:
    """Before it makes anything, and it says how to make one that can."""
    with encoded(server, encoding) as dsn:
        done = run_command(dsn, *arguments, PGCLIENTENCODING="LATIN1")
        with psycopg.connect(dsn) as connection:
            made = connection.execute("select to_regnamespace('pgdispatch')").fetchone()

    assert (done.status, done.out, made) == (1, "", (None,))
    assert done.err.startswith(f"error: the database is encoded in {encoding}\n")
    assert "hint: create one in UTF-8: create database NAME encoding 'UTF8'" in done.err


def test_a_character_that_an_old_database_lacks_is_refused_with_the_reason(
    server: EmbeddedServer,
) -> None:
    """It was restored into that encoding; commands work there with what it can store."""
    with encoded(server, "WIN1252") as dsn:
        install_unchecked(dsn)
        refused = run_command(dsn, "enqueue", "flow", "--title", "東京")
        queued = run_command(dsn, "enqueue", "flow", "--title", "café €")

    assert (refused.status, queued.status) == (1, 0)
    assert "hint: the database is not in UTF-8, see: pgdispatch doctor" in refused.err


def test_commands_write_and_read_every_character_whatever_the_client_encoding(
    database: str,
) -> None:
    """Of the environment, or of the connection string."""
    dsn = make_conninfo(database, client_encoding="SQL_ASCII")

    made = run_command(dsn, "enqueue", "flow", "--title", "東京 €", PGCLIENTENCODING="LATIN1")
    shown = run_command(dsn, "queue", "--json", PGCLIENTENCODING="LATIN1")

    assert (made.status, made.err) == (0, "")
    assert [row["title"] for row in shown.rows()] == ["東京 €"]


def install_unchecked(dsn: str) -> None:
    """Make the schema where `install` refuses to, as a restore does."""
    package = installer.package()
    with psycopg.connect(dsn, client_encoding="UTF8") as connection:
        connection.execute("set local check_function_bodies = off")
        for _, text in package.scripts:
            connection.execute(sql.SQL(text))
        connection.execute(
            statements.NOTE_VERSION,
            [package.digest, package.version, package.newest_step, package.level, 1],
        )


def test_bytes_that_are_no_text_do_not_stop_who_reads_them(server: EmbeddedServer) -> None:
    """A schema of old in a database without an encoding: claimed, and the doctor speaks of it."""
    with encoded(server, "SQL_ASCII") as dsn:
        install_unchecked(dsn)
        with psycopg.connect(dsn, client_encoding="SQL_ASCII") as connection:
            connection.execute(BAD)
        (found,) = turn(dsn, error="café")
        with connect_command(dsn, checked=False) as connection:
            told = ask(connection, "encoding", dict(queries())["encoding"], 0)

    assert (found.title, found.args) == ("caf\ufffd", {"a": "caf\ufffd"})
    assert [one.problem for one in told] == ["the database is not in UTF-8"]
