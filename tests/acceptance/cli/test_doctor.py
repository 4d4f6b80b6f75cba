"""`pgdispatch doctor`: each thing that it can find, provoked on a real server, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pgdispatch.doctor import Examination, Finding, examine
from pgdispatch.embedded import EmbeddedServer, find_binaries
from pgdispatch.schema import catalog, installer
from pgdispatch.schema.catalog import Catalog
from support.cli.command import run_command
from support.nodes.cluster import open_cluster
from support.nodes.processes import wait_until
from support.servers.embedded import Connect, install_schema, made_database, open_server
from support.servers.releases import next_release, restore_first_release
from support.sessions.patients import LISTENING, READY_JOBS, REGISTER
from support.sessions.ring import Ring, open_ring
from support.sessions.verbs import Verbs

SETTINGS = {
    "max_prepared_transactions": "5",
    "wal_level": "logical",
    "max_replication_slots": "5",
    "max_connections": "40",
}
KNOWN: list[str] = []
numbers = count(1)
Provoke = Callable[[Ring], object]


@pytest.fixture(scope="module")
def own_server() -> Iterator[EmbeddedServer]:
    """Give a server with the settings that PostgreSQL comes with: the tests' own would be found."""
    with (
        open_server(find_binaries(), SETTINGS) as running,
        made_database(running, "doctor_template") as template,
    ):
        install_schema(template)
        KNOWN.append(running.dsn())
        yield running


@pytest.fixture
def patient(own_server: EmbeddedServer) -> Iterator[str]:
    """Give the DSN of a fresh database with the schema on that server."""
    name = f"patient_{next(numbers)}"
    with made_database(own_server, name, template="doctor_template") as dsn:
        yield dsn


@pytest.fixture
def ring(patient: str) -> Iterator[Ring]:
    """Give a ring of sessions on that database."""
    with open_ring(patient) as opened:
        yield opened


@cache
def wanted() -> Catalog:
    """Return what the schema should be; the command's own look at it is tested apart."""
    with psycopg.connect(KNOWN[0]) as connection:
        return catalog.expected(connection, installer.package(), installer.catalog_query())


def look(dsn: str, patience: float = 300) -> Examination:
    """Examine a database as its superuser."""
    with psycopg.connect(dsn) as connection:
        return examine(connection, patience=patience, wanted=wanted())


def run(*statements: str) -> Provoke:
    """Return what provokes something by statements, each a transaction of its own."""

    def provoke(ring: Ring) -> None:
        for statement in statements:
            ring.watch.run(statement)

    return provoke


def open_snapshot(ring: Ring) -> None:
    """Leave a transaction open that has read something."""
    reader = ring.session()
    reader.verbs.run("begin isolation level repeatable read")
    reader.verbs.run("select count(*) from pgdispatch.job")


def dead_rows(ring: Ring) -> None:
    """Delete more jobs than are left, without a vacuum."""
    ring.watch.run("alter table pgdispatch.job disable trigger user")
    ring.watch.run("alter table pgdispatch.job set (autovacuum_enabled = off)")
    ring.watch.run(READY_JOBS, 21_000)
    ring.watch.run("delete from pgdispatch.job")
    ring.watch.run("alter table pgdispatch.job reset (autovacuum_enabled)")
    ring.watch.run("alter table pgdispatch.job enable trigger user")
    ring.watch.run("select pg_stat_force_next_flush()")


def many_connections(ring: Ring) -> None:
    """Take most of the connections that there are."""
    for _ in range(33):
        ring.session()


SILENT = "update pgdispatch.node set heartbeat_at = now() - interval '1 hour'"
LIVE = (REGISTER, LISTENING)
LATE_SCHEDULE = (
    "insert into pgdispatch.schedule (name, recurrence) values ('s', 'daily at 02:00')",
    "update pgdispatch.schedule set next_run_at = now() - interval '1 hour'",
)
TASK = "insert into pgdispatch.task (type, title) values ('system', 'Sales')"
FAIL = (
    "select from pgdispatch.claim('etl-1:1') as j cross join lateral "
    "pgdispatch.fail(j.id, j.attempt, 'no such table')"
)
HEALTHY: dict[str, Provoke] = {
    "node of another version": run(
        REGISTER, "update pgdispatch.node set package_version = '0.1.0'"),
    "node that was alive on another server": run(
        REGISTER, "update pgdispatch.watch set server_started_at = now() - interval '1 day'"),
    "node that was alive before the watch began": run(
        REGISTER, "update pgdispatch.node set heartbeat_at = now() - interval '2 s'",
        "update pgdispatch.watch set since = now() - interval '1 s'"),
    "job that is due next month": run(
        "insert into pgdispatch.job (type, not_before) values ('flow', now() + interval '1 month')"
    ),
    "drained node beside one that is not": run(
        *LIVE, "update pgdispatch.node set is_drained = true",
        "insert into pgdispatch.node (name, heartbeat_at) values ('etl-2', now())",
        "insert into pgdispatch.job (type) values ('flow')"),
    "drain that goes on": run(
        *LIVE, "insert into pgdispatch.job (type) values ('system')",
        "select pgdispatch.claim('etl-1:1')", "select pgdispatch.drain('etl-1', '1 min')"),
    "task that has been resumed": run(
        TASK, "insert into pgdispatch.suspension (task, failures, job, streak_since, suspended_at) "
        "values (1, 5, 1, now() - interval '1 day', now())"),
    "task that is suspended and disabled": run(
        TASK, "insert into pgdispatch.suspension (task, failures, job, streak_since, suspended_at) "
        "select id, 5, 1, streak_since, now() from pgdispatch.task",
        "update pgdispatch.task set enabled = false"),
    "budget that is not spent": run(
        "update pgdispatch.site set daily_seconds = 60",
        "insert into pgdispatch.charge (site, started_at, seconds) values ('default', now(), 59)"),
    "budget of nothing that nobody waits for": run("update pgdispatch.site set daily_seconds = 0"),
    "notice that waits for its turn": run(
        "insert into pgdispatch.notice (at, what, target, text) "
        "values (now() - interval '4 min', 'failure', 'ops', 'x')"),
    "schedule that is late by half a minute": run(
        LATE_SCHEDULE[0],
        "update pgdispatch.schedule set next_run_at = now() - interval '30 s'"),
    "schedule that is disabled": run(
        *LATE_SCHEDULE, "update pgdispatch.schedule set enabled = false"),
    "defaults of somebody else, and usual ones": run(
        "create role reader login",
        "alter role reader set default_transaction_read_only = on",
        "create role alice login in role pgdispatch_operator",
        "alter role alice set default_transaction_read_only = off",
        "alter role alice set statement_timeout = '1s'",
        "alter role alice set lock_timeout = 0"),
    "usual members, and who makes roles": run(
        "create role reader login in role pgdispatch_site_operator",
        "insert into pgdispatch.site_member values ('reader', 'default')",
        "create role alice login createrole noinherit",
        "grant pgdispatch_operator to alice with admin option",
        "create role bob login in role pgdispatch_producer, pgdispatch_viewer"),
    "login that becomes people": run(
        "create role reader in role pgdispatch_viewer",
        "create role alice in role pgdispatch_site_viewer",
        "insert into pgdispatch.site_member values ('alice', 'default')",
        "create role bob login noinherit",
        "grant reader, alice to bob"),
}  # fmt: skip
PROVOKED: dict[str, tuple[Provoke, list[tuple[str, str]]]] = {
    "pause of a week, and a limit of none": (
        run("insert into pgdispatch.site (name, max_running_jobs) values ('acme', 0)",
            "insert into pgdispatch.job (type, site) values ('flow', 'acme')", *LIVE,
            "select pgdispatch.pause('schedule', name, null, 'a move', 'alice') "
            "from pgdispatch.schedule",
            "select pgdispatch.pause('site', 'default')",
            "select pgdispatch.pause('type', 'alert', now() + interval '1 hour')",
            "update pgdispatch.pause set paused_at = now() - interval '8 days' "
            "where scope = 'site'"),
        [("paused", "site default has been paused for 8 days"),
         ("limits of none", "jobs wait for site acme, which may run none")]),
    "function changed by hand": (
        run("create or replace function pgdispatch.cron_number(p_field text, p_text text) "
            "returns integer language sql immutable as 'select 1'"),
        [("drift", "function cron_number(p_field text, p_text text) differs")]),
    "function and trigger dropped": (
        run("drop trigger protect_node on pgdispatch.node",
            "drop trigger protect_node_name on pgdispatch.node",
            "drop function pgdispatch.protect_node()"),
        [("drift", "trigger node.protect_node is missing"),
         ("drift", "trigger node.protect_node_name is missing"),
         ("drift", "function protect_node() is missing")]),
    "function of no version": (
        run("create function pgdispatch.mine() returns int language sql as 'select 1'"),
        [("drift", "function mine() is not of this version")]),
    "trigger disabled": (
        run("alter table pgdispatch.job disable trigger fill_job"),
        [("drift", "trigger job.fill_job differs")]),
    "index dropped": (
        run("drop index pgdispatch.job_ready_idx", "create index job_ready_idx on "
            "pgdispatch.job (id) where state = 'ready'"),
        [("drift", "index job_ready_idx differs")]),
    "column added": (
        run("alter table pgdispatch.site add column colour text"),
        [("drift", "column site.colour is not of this version")]),
    "grant lost": (
        run("revoke execute on function pgdispatch.sweep() from pgdispatch_worker"),
        [("missing grants", "grant function sweep() to pgdispatch_worker is missing")]),
    "open to everybody": (
        run("grant select on pgdispatch.job to public"),
        [("grants", "grant table job to public is not of this version")]),
    "older package over it": (
        run("drop trigger check_version on pgdispatch.schema_version",
            "insert into pgdispatch.schema_version (digest, package_version) values ('d', '0.1')"),
        [("schema", "version 0.1 was installed over version")]),
    "two owners": (
        run("do $$ begin create role somebody; exception when duplicate_object then null; end $$",
            "alter function pgdispatch.sweep() owner to somebody",
            "alter table pgdispatch.job owner to somebody"),
        [("owners", "2 of the schema's objects belong to somebody, and not to")]),
    "number behind": (
        run("insert into pgdispatch.task (type, title) values ('system', 'a task')",
            "select setval('pgdispatch.task_id_seq', 1, false)"),
        [("sequences", "the sequence task_id_seq is behind its table")]),
    "generation behind": (
        run("select setval('pgdispatch.ready_generation', 1, false)"),
        [("sequences", "the sequence ready_generation is not where its table says")]),
    "job that nobody looks at": (
        run(*LIVE, "insert into pgdispatch.job (type) values ('system')",
            "update pgdispatch.job set generation = 0"),
        [("sequences", "ready jobs are in a generation that nobody looks at")]),
    "silent node": (
        run(REGISTER, SILENT), [("nodes silent", "node etl-1 is silent")]),
    "drain that is overdue": (
        run(*LIVE, "insert into pgdispatch.job (type) values ('system')",
            "select pgdispatch.claim('etl-1:1')", "select pgdispatch.drain('etl-1', '1 min')",
            "update pgdispatch.node set drain_ends_at = now() - interval '1 min'"),
        [("drains overdue", "node etl-1 was to be empty by")]),
    "calendar that ends, windows that do not, and those of nothing": (
        run("insert into pgdispatch.calendar (name) values ('DE'), ('unused'), ('bare')",
            "insert into pgdispatch.calendar_day (calendar, day) "
            "select name, current_date + 50 from pgdispatch.calendar where name <> 'bare'",
            "insert into pgdispatch.schedule (name, recurrence, calendar) values "
            "('a', 'daily at 06:00', 'DE'), ('b', 'on working days at 06:00', 'bare')",
            "update pgdispatch.calendar set working_weekdays = '{}' where name = 'bare'",
            "insert into pgdispatch.site (name) values ('acme')",
            "insert into pgdispatch.closed_window (name, scope, target, from_at, to_at) values "
            "('w', 'site', 'acme', now(), now() + interval '1 day'), "
            "('v', 'site', 'default', now() - interval '1 hour', now() + interval '1 hour')",
            "set session_replication_role = replica",
            "update pgdispatch.closed_window set closes_at = now() - interval '9 min' "
            "where name = 'v'",
            "set session_replication_role = origin",
            "select pgdispatch.delete('site', 'acme')"),
        [("calendars", "calendar DE has no days after"),
         ("windows", "window v has been open for 9 minutes longer than it should"),
         ("windows", "window w closes nothing: there is no site acme"),
         ("windows", "schedule b never runs")]),
    "dead listener": (
        run(REGISTER), [("dead listeners", "node etl-1 does not listen")]),
    "type without a node": (
        run(*LIVE, "update pgdispatch.node set only_types = '{system}'",
            "insert into pgdispatch.job (type) values ('system'), ('flow')"),
        [("types without node", "no live node takes flow")]),
    "drained node": (
        run(*LIVE, "update pgdispatch.node set is_drained = true",
            "insert into pgdispatch.job (type) values ('system')"),
        [("types without node", "every node that takes system is drained")]),
    "suspended task": (
        run(*LIVE, TASK, "update pgdispatch.setting set value = '1' "
            "where name = 'suspend_after_failures'", "select pgdispatch.run_now(1)", FAIL),
        [("suspended tasks", "task 1 (Sales) of site default is suspended")]),
    "many suspended tasks": (
        run(*[TASK] * 22, "insert into pgdispatch.suspension (task, failures, job, streak_since, "
            "suspended_at) select id, 5, 1, streak_since, now() from pgdispatch.task"),
        [("suspended tasks", "is suspended")] * 20
        + [("suspended tasks", "2 more tasks are suspended")]),
    "spent budget": (
        run("update pgdispatch.site set daily_seconds = 60",
            "insert into pgdispatch.charge (site, started_at, seconds) "
            "values ('default', now(), 60)"),
        [("budgets spent", "site default has spent its budget")]),
    "notices that nobody gets": (
        run("insert into pgdispatch.notice_rule (what, target) values ('failure', 'ops')",
            "insert into pgdispatch.notice (at, what, target, text) "
            "values (now() - interval '20 min', 'failure', 'ops', 'x')"),
        [("notices undelivered", "no live node has the target ops"),
         ("notices undelivered", "1 notices to ops are not delivered")]),
    "a contract that nothing can keep, and of which nobody is told": (
        run("insert into pgdispatch.contract (name, datasource, max_age) "
            "values ('sales', 'sales', '1 day')"),
        [("contracts", "contract sales of site default is broken"),
         ("contracts", "nobody is told of contract sales")]),
    "notices that were given up": (
        run("insert into pgdispatch.notice (at, what, target, text, ended_at, outcome) "
            "values (now(), 'failure', 'ops', 'x', now(), 'given up')"),
        [("notices undelivered", "1 notices to ops were given up")]),
    "default isolation of a database": (
        run("do $$ begin execute format('alter database %%I set default_transaction_isolation = "
            "serializable', current_database()); end $$"),
        [("defaults", "default_transaction_isolation is serializable for database patient_")]),
    "default of a role that is read-only": (
        run("create role reader login in role pgdispatch_operator",
            "alter role reader set default_transaction_read_only = on"),
        [("defaults", "default_transaction_read_only is on for role reader")]),
    "tiny timeouts of a role in this database": (
        run("create role reader login in role pgdispatch_producer",
            "do $$ begin execute format('alter role reader in database %%I set lock_timeout = "
            "50', current_database()); end $$",
            "alter role reader set statement_timeout = '100ms'"),
        [("defaults", "lock_timeout is 50 for role reader in database patient_"),
         ("defaults", "statement_timeout is 100ms for role reader")]),
    "defaults of the server": (
        run("alter system set default_transaction_isolation = 'repeatable read'",
            "alter system set idle_in_transaction_session_timeout = '200ms'",
            "select pg_reload_conf()"),
        [("defaults", "default_transaction_isolation is repeatable read for the server"),
         ("defaults", "idle_in_transaction_session_timeout is 200 for the server")]),
    "admin option": (
        run("create role reader login",
            "grant pgdispatch_viewer to reader with admin option"),
        [("roles", "reader may give pgdispatch_viewer to others")]),
    "login that does not inherit": (
        run("create role reader login noinherit", "grant pgdispatch_worker to reader"),
        [("roles", "reader is a member of pgdispatch_worker, and cannot use it")]),
    "confined and not": (
        run("create role reader login in role pgdispatch_viewer",
            "grant pgdispatch_site_viewer to reader",
            "insert into pgdispatch.site_member values ('reader', 'default')"),
        [("roles", "reader is confined to sites, and is not")]),
    "confined, and becomes people of all sites": (
        run("create role alice in role pgdispatch_viewer",
            "create role reader login noinherit in role pgdispatch_site_viewer",
            "insert into pgdispatch.site_member values ('reader', 'default')",
            "grant alice to reader"),
        [("roles", "reader is a member of pgdispatch_site_viewer, and cannot use it"),
         ("roles", "reader is confined to sites, and is not")]),
    "confined to no site": (
        run("create role reader login in role pgdispatch_site_operator"),
        [("site members", "reader is confined to sites, and to none")]),
    "sites of nobody": (
        run("insert into pgdispatch.site_member values ('gone', 'default')"),
        [("site members", "gone has sites, and no role that is confined to them")]),
    "nobody watches": (
        run(REGISTER, "insert into pgdispatch.job (type) values ('system')",
            "select from pgdispatch.claim('etl-1:1')", SILENT),
        [("nodes silent", "node etl-1 is silent"), ("nobody watches", "jobs count as running")]),
    "clock ahead": (
        run(*LIVE, "select pgdispatch.report_clock('etl-1', incarnation, now() + interval '1 min') "
            "from pgdispatch.node"),
        [("clock skew", "the clock of node etl-1 is wrong")]),
    "clock behind": (
        run(*LIVE, "select pgdispatch.report_clock('etl-1', incarnation, now() - interval '1 min') "
            "from pgdispatch.node"),
        [("clock skew", "the clock of node etl-1 is wrong")]),
    "swept": (
        run("insert into pgdispatch.swept_job values (1, 'gate', now())"),
        [("left behind", "parked jobs were left behind")]),
    "schedule overdue": (
        run(*LATE_SCHEDULE), [("schedules late", "schedule s is overdue")]),
    "schedule not fired": (
        run(LATE_SCHEDULE[0], "update pgdispatch.schedule set last_error = 'boom'"),
        [("schedules late", "schedule s could not be fired")]),
    "long snapshot": (open_snapshot, [("long snapshots", "holds an old snapshot")]),
    "prepared transaction": (
        run("begin", "insert into pgdispatch.job (type) values ('system')",
            "prepare transaction 'forgotten'"),
        [("prepared transactions", "prepared transaction 'forgotten' is open")]),
    "replication slot": (
        run("select pg_create_physical_replication_slot('unread', true)"),
        [("replication slots", "replication slot unread is not being read")]),
    "dead rows": (
        dead_rows,
        [("bloat", "the table job holds mostly dead rows")]),
    "autovacuum off for a table": (
        run("alter table pgdispatch.node set (autovacuum_enabled = off)"),
        [("autovacuum", "autovacuum is off for node"), ("drift", "table node differs")]),
    "autovacuum off": (
        run("alter system set autovacuum = off", "select pg_reload_conf()"),
        [("autovacuum", "autovacuum is off")]),
    "commits not waited for": (
        run("alter system set synchronous_commit = off", "select pg_reload_conf()"),
        [("settings", "synchronous_commit is off")]),
    "fsync off": (
        run("alter system set fsync = off", "select pg_reload_conf()"),
        [("settings", "fsync is off")]),
    "activities not tracked": (
        run("alter system set track_activities = off", "select pg_reload_conf()"),
        [("settings", "track_activities is off")]),
    "connections": (many_connections, [("connections", "connections are running out")]),
}  # fmt: skip
CLEAN_UP = ("alter system reset all", "select pg_reload_conf()")


@pytest.fixture
def cleaning(patient: str) -> Iterator[None]:
    """Undo what belongs to the whole server."""
    yield
    with psycopg.connect(patient, autocommit=True) as connection:
        for statement in CLEAN_UP:
            connection.execute(statement)
        for (name,) in connection.execute("select gid from pg_prepared_xacts").fetchall():
            connection.execute(f"rollback prepared '{name}'")
        for role in ("reader", "alice", "bob"):
            connection.execute(f"drop role if exists {role}")
        connection.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots")


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    """Return checks and problems."""
    return [(finding.check, finding.problem) for finding in findings]


def are(findings: list[Finding], expected: list[tuple[str, str]]) -> bool:
    """Tell whether findings are those expected, each with evidence and advice, in any order."""
    found = told(findings)
    return (
        len(found) == len(expected)
        and all(
            any(check == kind and words in problem for kind, problem in found)
            for check, words in expected
        )
        and all(finding.evidence and finding.advice for finding in findings)
    )


@pytest.mark.usefixtures("cleaning")
@pytest.mark.parametrize(("provoke", "expected"), PROVOKED.values(), ids=PROVOKED.keys())
def test_doctor_finds(
    patient: str, ring: Ring, provoke: Provoke, expected: list[tuple[str, str]]
) -> None:
    """What is wrong and nothing else; nothing is wrong before."""
    provoke(ring)

    try:
        wait_until(lambda: are(look(patient, patience=0).findings, expected), within=5)
    except TimeoutError:
        assert told(look(patient, patience=0).findings) == expected


@pytest.mark.usefixtures("cleaning")
@pytest.mark.parametrize("provoke", HEALTHY.values(), ids=HEALTHY.keys())
def test_doctor_is_silent_about(patient: str, ring: Ring, provoke: Provoke) -> None:
    """What is as it should be, or nobody's affair."""
    provoke(ring)

    assert told(look(patient, patience=300).findings) == []


def test_advice_names_the_drained_node_and_the_last_error(patient: str, connect: Connect) -> None:
    """So that nobody has to look further."""
    verbs = Verbs(connect(patient))
    verbs.run(LISTENING)
    verbs.run(REGISTER)
    verbs.run(TASK)
    verbs.run("update pgdispatch.setting set value = '1' where name = 'suspend_after_failures'")
    verbs.run("select pgdispatch.run_now(1)")
    verbs.run(FAIL)
    verbs.run("update pgdispatch.node set is_drained = true")
    verbs.run("insert into pgdispatch.job (type) values ('flow')")

    drained, suspended = look(patient).findings

    assert drained.advice == "run: pgdispatch node resume etl-1"
    assert verbs.value("select reason from pgdispatch.queue") == "paused (etl-1 drained)"
    assert suspended.evidence.startswith("1 failures in a row, since ")
    assert suspended.evidence.endswith(": no such table")
    assert suspended.advice.endswith("then run: pgdispatch task resume 1")


def test_a_working_system_gives_nothing(patient: str, tmp_path: Path) -> None:
    """With a real node that has run a job: exit status 0, and nothing on standard output."""
    with open_cluster(patient, tmp_path) as cluster:
        cluster.start("etl-1", processes=1)
        cluster.ended(cluster.job("nothing"))
        wait_until(lambda: clock_is_known(cluster.verbs))

        done = run_command(patient, "doctor")

    assert (done.status, done.out, done.err) == (0, "", "nothing found\n")


def clock_is_known(verbs: Verbs) -> bool:
    """Tell whether the node has reported its clock."""
    return verbs.values("select name from pgdispatch.node where clock_ahead_for is not null") != []


def test_command_writes_findings_for_people_and_programs(patient: str, connect: Connect) -> None:
    """Exit status 1; the same in JSON."""
    connect(patient).execute("drop index pgdispatch.job_task_idx")

    people = run_command(patient, "doctor")
    programs = run_command(patient, "doctor", "--json")

    assert (people.status, programs.status) == (1, 1)
    assert people.out.splitlines()[0] == "drift: index job_task_idx is missing"
    assert "do:    CREATE INDEX job_task_idx ON pgdispatch.job USING btree (task)" in people.out
    assert people.err == "1 found\n"
    (row,) = programs.rows()
    assert (row["check"], row["problem"]) == ("drift", "index job_task_idx is missing")


def test_advice_for_drift_mends_it(patient: str, connect: Connect) -> None:
    """Index by its statement, functions and rights by `install --again`."""
    verbs = Verbs(connect(patient))
    verbs.run("drop index pgdispatch.job_task_idx")
    verbs.run("revoke execute on function pgdispatch.sweep() from pgdispatch_worker")
    verbs.run("alter table pgdispatch.job disable trigger fill_job")

    for finding in look(patient).findings:
        if finding.advice.startswith("CREATE INDEX"):
            verbs.run(finding.advice)
        else:
            assert finding.advice == "run: pgdispatch install --again"
    mended = run_command(patient, "install", "--again")

    assert mended.status == 0
    assert look(patient).findings == []


def test_viewer_is_told_what_was_not_looked_at(patient: str, connect: Connect) -> None:
    """The rest is examined."""
    connection = connect(patient)
    connection.execute("drop role if exists doctor_viewer")
    connection.execute("create role doctor_viewer login in role pgdispatch_viewer")
    connection.execute("insert into pgdispatch.job (type) values ('flow')")

    done = run_command(make_conninfo(patient, user="doctor_viewer"), "doctor")

    assert done.status == 1
    assert "no live node takes flow" in done.out
    assert "not looked at: schema (permission denied for database" in done.err
    assert "not looked at: seeing other sessions (grant pg_monitor" in done.err
    assert "and standbys)" in done.err
    connection.execute("drop role doctor_viewer")


def test_first_release_is_examined_as_far_as_it_goes(own_server: EmbeddedServer) -> None:
    """What it does not have yet is not looked at."""
    with made_database(own_server, f"patient_{next(numbers)}") as dsn:
        restore_first_release(find_binaries(), dsn)

        seen = look(dsn)

    assert told(seen.findings)[0] == (
        "schema",
        "the schema is of another version than this package",
    )
    assert ("nodes silent", "node etl-1 is silent") in told(seen.findings)
    assert list(seen.skipped) == [
        "drains overdue",
        "dead listeners",
        "types without node",
        "budgets spent",
        "notices undelivered",
        "paused",
        "limits of none",
        "calendars",
        "windows",
        "contracts",
        "clock skew",
        "left behind",
        "sequences",
        "forecasts",
        "gates held",
        "site members",
    ]


def test_database_without_the_schema_or_with_another_version(
    patient: str, own_server: EmbeddedServer, connect: Connect
) -> None:
    """It says what to run."""
    with made_database(own_server, f"patient_{next(numbers)}") as dsn:
        bare = told(look(dsn).findings)
    release: Any = next_release()
    connect(patient).execute("update pgdispatch.schema_version set digest = %s", [release.digest])

    other = told(look(patient).findings)

    assert bare == [("schema", "the schema pgdispatch is not installed")]
    assert other == [("schema", "the schema is of another version than this package")]
