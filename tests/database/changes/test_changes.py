"""Who did what: each edit and each verb of a person leaves one row, and nothing else does."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from support.rights.two_sites import acting_as
from support.sessions.clock import Clock
from support.sessions.verbs import Verbs

CHANGES = """
select what, kind, name, site, before, after from pgdispatch.change where id > %s order by id
"""
LAST = "select coalesce(max(id), 0) from pgdispatch.change"
OWN_COLUMNS = {  # what the database writes, of tables whose other columns people set
    "site": {"id", "running_limit", "seconds_limit", "created_at"},
    "site_timeout": set(),
    "schedule": {
        *("id", "next_run_at", "last_run_at", "last_error", "put_off_until", "created_at"),
        *("firing_for", "fired_task", "fired_linked_task", "served_ahead", "missed_for"),
    },
    "calendar": {"created_at"},
    "calendar_day": set(),
    "closed_window": {"opens_at", "closes_at", "created_by", "created_at", "is_confined"},
    "task": {"id", "created_at", "enabled_at", "history_since", "streak_since"},
    "linked_task": {"id", "created_at", "enabled_at"},
    "linked_task_step": set(),
    "node": {
        *("served_types", "types", "processors", "host", "pid", "package_version", "incarnation"),
        *("started_at", "heartbeat_at", "is_idle", "created_at", "clock_ahead_for", "process"),
        *("is_configured", "stopped_at", "targets", "closed_until"),
    },
    "job_type": {"is_built_in"},
    "setting": {"name", "description", "default_value"},
    "notice_rule": {"id", "created_at", "created_by"},
    "contract": {"id", "created_at", "created_by", "watched_since"},
}
COLUMNS = """
select attname from pg_attribute
where attrelid = ('pgdispatch.' || %s)::regclass and attnum > 0 and not attisdropped
"""
WATCHED = """
select c.relname, array_agg(a.attname order by a.attname) as columns
from pg_trigger as t
join pg_class as c on c.oid = t.tgrelid
join pg_attribute as a on a.attrelid = c.oid and a.attnum = any (t.tgattr)
where t.tgname = 'note_edit' and c.relnamespace = 'pgdispatch'::regnamespace
group by c.relname
"""
SITE = {
    "refill_at": "00:00:00",
    "time_zone": "UTC",
    "over_budget": "defer",
    "run_now_enabled": True,
}
Rows = list[tuple[Any, ...]]
EDITS: list[tuple[str, Rows]] = [  # in this order, each with what it leaves
    (
        "insert into pgdispatch.site (name) values ('acme')",
        [("add", "site", "acme", "acme", None, {"name": "acme", **SITE})],
    ),
    (
        "update pgdispatch.site set max_running_jobs = 3, over_budget = 'defer' "
        "where name = 'acme'",
        [("change", "site", "acme", "acme", {"max_running_jobs": None}, {"max_running_jobs": 3})],
    ),
    (
        "insert into pgdispatch.site_timeout values ('acme', 'flow', '2 h'), "
        "('acme', 'alert', null)",
        [
            ("change", "site", "acme", "acme", None, {"timeout of flow": "02:00:00"}),
            ("change", "site", "acme", "acme", None, {"timeout of alert": None}),
        ],
    ),
    (
        "delete from pgdispatch.site_timeout where type = 'alert'",
        [("change", "site", "acme", "acme", {"timeout of alert": None}, None)],
    ),
    (
        "update pgdispatch.site set name = 'ajax' where name = 'acme'",
        [("rename", "site", "ajax", "ajax", {"name": "acme"}, {"name": "ajax"})],
    ),
    (
        "insert into pgdispatch.job_type (name, rank, timeout) values ('brew', 7, '90 s')",
        [
            (
                *("add", "job type", "brew", None, None),
                {
                    "name": "brew",
                    "rank": 7,
                    "timeout": "00:01:30",
                    "max_attempts": 1,
                    "priority_from": "task",
                    "default_priority": 50,
                    "run_now_first": True,
                    "description": "",
                },
            )
        ],
    ),
    (
        "update pgdispatch.job_type set name = 'tea', rank = 8 where name = 'brew'",
        [
            (
                *("rename", "job type", "tea", None),
                *({"name": "brew", "rank": 7}, {"name": "tea", "rank": 8}),
            )
        ],
    ),
    (
        "insert into pgdispatch.notice_rule (what, target, site) values ('failure', 'ops', 'ajax')",
        [
            (
                *("add", "notice rule", "1", "ajax", None),
                {"what": "failure", "target": "ops", "site": "ajax", "after": 1},
            )
        ],
    ),
    (
        "delete from pgdispatch.notice_rule",
        [
            (
                *("delete", "notice rule", "1", "ajax"),
                {"what": "failure", "target": "ops", "site": "ajax", "after": 1},
                None,
            )
        ],
    ),
    (
        "insert into pgdispatch.task (site, type, title) values ('ajax', 'flow', 'a'), "
        "('ajax', 'flow', 'b')",
        [
            (
                *("add", "task", task, "ajax", None),
                {
                    "site": "ajax",
                    "type": "flow",
                    "title": title,
                    "args": {},
                    "enabled": True,
                },
            )
            for task, title in (("1", "a"), ("2", "b"))
        ],
    ),
    (
        "update pgdispatch.task set priority = 40 + id",
        [
            ("change", "task", "1", "ajax", {"priority": None}, {"priority": 41}),
            ("change", "task", "2", "ajax", {"priority": None}, {"priority": 42}),
        ],
    ),
    (
        "insert into pgdispatch.linked_task (site, title) values ('ajax', 'all')",
        [
            (
                *("add", "linked task", "1", "ajax", None),
                {"site": "ajax", "title": "all", "enabled": True},
            )
        ],
    ),
    (
        "insert into pgdispatch.linked_task_step values (1, 1, 1), (1, 2, 2)",
        [
            (
                *("change", "linked task", "1", "ajax", None),
                {
                    "step 1": {"task": 1, "stop_on_failure": True},
                    "step 2": {"task": 2, "stop_on_failure": True},
                },
            )
        ],
    ),
    (
        "update pgdispatch.linked_task_step set stop_on_failure = step = 1",
        [
            (
                *("change", "linked task", "1", "ajax"),
                {"step 2": {"task": 2, "stop_on_failure": True}},
                {"step 2": {"task": 2, "stop_on_failure": False}},
            )
        ],
    ),
    (
        "delete from pgdispatch.linked_task",
        [
            (
                *("delete", "linked task", "1", "ajax"),
                {
                    "site": "ajax",
                    "title": "all",
                    "enabled": True,
                    "step 1": {"task": 1, "stop_on_failure": True},
                    "step 2": {"task": 2, "stop_on_failure": False},
                },
                None,
            )
        ],
    ),
    (
        "delete from pgdispatch.task where id = 2",
        [
            (
                *("delete", "task", "2", "ajax"),
                {
                    "site": "ajax",
                    "type": "flow",
                    "title": "b",
                    "args": {},
                    "enabled": True,
                    "priority": 42,
                },
                None,
            )
        ],
    ),
    (
        "insert into pgdispatch.schedule (name, recurrence) values ('nightly', 'daily at 02:00')",
        [
            (
                *("add", "schedule", "nightly", None, None),
                {
                    "name": "nightly",
                    "priority": 50,
                    "execution": "parallel",
                    "is_custom": False,
                    "enabled": True,
                    "recurrence": "daily at 02:00",
                    "time_zone": "UTC",
                    "missed_runs": "once",
                    "max_missed_runs": 10,
                    "on_free_day": "run",
                },
            )
        ],
    ),
    (
        "insert into pgdispatch.calendar (name) values ('DE')",
        [
            (
                *("add", "calendar", "DE", None, None),
                {
                    "name": "DE",
                    "time_zone": "UTC",
                    "working_weekdays": ["mon", "tue", "wed", "thu", "fri"],
                },
            )
        ],
    ),
    (
        "insert into pgdispatch.calendar_day (calendar, day, name, is_working) values"
        " ('DE', '2026-12-25', 'Christmas', false), ('DE', '2026-12-26', null, true)",
        [
            (
                *("change", "calendar", "DE", None, None),
                {"day 2026-12-25": "free: Christmas", "day 2026-12-26": "works"},
            )
        ],
    ),
    (
        "update pgdispatch.calendar_day set name = 'Noel' where day = '2026-12-25'",
        [
            (
                *("change", "calendar", "DE", None, {"day 2026-12-25": "free: Christmas"}),
                {"day 2026-12-25": "free: Noel"},
            )
        ],
    ),
    (
        "update pgdispatch.schedule set calendar = 'DE', on_free_day = 'skip'",
        [
            (
                *("change", "schedule", "nightly", None, {"calendar": None, "on_free_day": "run"}),
                {"calendar": "DE", "on_free_day": "skip"},
            )
        ],
    ),
    (
        "update pgdispatch.calendar set name = 'BY'",
        [("rename", "calendar", "BY", None, {"name": "DE"}, {"name": "BY"})],
    ),
    (
        "update pgdispatch.schedule set calendar = null, on_free_day = 'run'",
        [
            (
                *("change", "schedule", "nightly", None, {"calendar": "BY", "on_free_day": "skip"}),
                {"calendar": None, "on_free_day": "run"},
            )
        ],
    ),
    (
        "delete from pgdispatch.calendar",
        [
            (
                *("delete", "calendar", "BY", None),
                {
                    "name": "BY",
                    "time_zone": "UTC",
                    "working_weekdays": ["mon", "tue", "wed", "thu", "fri"],
                    "day 2026-12-25": "free: Noel",
                    "day 2026-12-26": "works",
                },
                None,
            )
        ],
    ),
    (
        "update pgdispatch.schedule set enabled = false",
        [("change", "schedule", "nightly", None, {"enabled": True}, {"enabled": False})],
    ),
    (
        "insert into pgdispatch.node (name, only_types) values ('etl', '{flow}')",
        [
            (
                *("add", "node", "etl", None, None),
                {
                    "name": "etl",
                    "backgrounders": 1,
                    "application_servers": 1,
                    "only_types": ["flow"],
                    "is_drained": False,
                },
            )
        ],
    ),
    (
        "update pgdispatch.node set is_drained = true",
        [("drain", "node", "etl", None, {"is_drained": False}, {"is_drained": True})],
    ),
    (
        "update pgdispatch.node set is_drained = false",
        [("resume", "node", "etl", None, {"is_drained": True}, {"is_drained": False})],
    ),
    (
        "update pgdispatch.node set backgrounders = 4, only_types = null",
        [
            (
                *("change", "node", "etl", None),
                {"backgrounders": 1, "only_types": ["flow"]},
                {"backgrounders": 4, "only_types": None},
            )
        ],
    ),
    (
        "delete from pgdispatch.node",
        [
            (
                *("delete", "node", "etl", None),
                {
                    "name": "etl",
                    "backgrounders": 4,
                    "application_servers": 1,
                    "is_drained": False,
                },
                None,
            )
        ],
    ),
    (
        "update pgdispatch.setting set value = '5' where name = 'site_max_running_jobs'",
        [
            (
                *("change", "setting", "site_max_running_jobs", None),
                *({"value": "-1"}, {"value": "5"}),
            )
        ],
    ),
    ("delete from pgdispatch.task", [("delete", "task", "1", "ajax", {}, None)]),
    (
        "delete from pgdispatch.site where name = 'ajax'",
        [
            (
                *("delete", "site", "ajax", "ajax"),
                {"name": "ajax", "max_running_jobs": 3, **SITE, "timeout of flow": "02:00:00"},
                None,
            )
        ],
    ),
    ("update pgdispatch.site set max_running_jobs = max_running_jobs, name = name", []),
    ("update pgdispatch.schedule set next_run_at = null, last_error = 'x'", []),
]


def since(verbs: Verbs, number: int) -> list[dict[str, Any]]:
    """Return what has been noted after a number."""
    return verbs.rows(CHANGES, number)


def test_every_edit_by_plain_sql_leaves_what_differs(verbs: Verbs) -> None:
    """One row a thing and statement; none where nothing differs that people set."""
    verbs.run("set intervalstyle = 'iso_8601'")
    for statement, expected in EDITS:
        before = verbs.value(LAST)

        verbs.run(statement)

        left = [tuple(row.values()) for row in since(verbs, before)]
        if expected and expected[0][4] == {}:
            left = [(*row[:4], {}, row[5]) for row in left]
        assert left == expected, statement


def test_verbs_leave_one_row_with_who_and_why(verbs: Verbs, clock: Clock) -> None:
    """Their own name, not that of the edit that they make of a row."""
    schedule = verbs.schedule("nightly", priority=7)
    task = verbs.task(schedule=schedule, datasource="sales", priority=30)
    flow = verbs.task("flow")
    linked = verbs.add("linked_task", title="all")
    verbs.add("linked_task_step", "step", linked_task=linked, step=1, task=flow)
    job, running = verbs.job(priority=40), verbs.job(priority=1)
    verbs.claim()
    clock.advance(5)
    start = verbs.value(LAST)

    verbs.run("select pgdispatch.set_priority(%s, 4)", job)
    verbs.run("select pgdispatch.cancel(%s, 'not needed', 'alice')", job)
    verbs.run("select pgdispatch.cancel(%s)", running)
    verbs.run("select pgdispatch.cancel(%s, 'again')", running)
    verbs.run("select pgdispatch.resume(%s)", flow)
    verbs.run("select pgdispatch.republish('default', 'sales')")
    now = verbs.value("select pgdispatch.run_now(%s, 'bob')", task)
    step = verbs.value("select pgdispatch.run_now_linked_task(%s)", linked)
    verbs.run("select pgdispatch.run_now_schedule('nightly')")
    verbs.run("select pgdispatch.fire('nightly', '2026-03-01 00:00+00')")
    verbs.run("update pgdispatch.schedule set recurrence = 'daily at 01:00'")
    verbs.run("select pgdispatch.backfill('nightly', '2026-02-01 00:00+00', '2026-02-03 00:00+00')")

    rows = verbs.rows("select * from pgdispatch.change where id > %s order by id", start)
    assert [(row["what"], row["kind"], row["name"]) for row in rows] == [
        ("set priority", "job", str(job)),
        ("cancel", "job", str(job)),
        ("cancel", "job", str(running)),
        ("resume", "task", str(flow)),
        ("republish", "task", str(task)),
        ("run now", "task", str(task)),
        ("run now", "linked task", str(linked)),
        ("run now", "schedule", "nightly"),
        ("fire", "schedule", "nightly"),
        ("change", "schedule", "nightly"),
        ("backfill", "schedule", "nightly"),
    ]
    assert [(row["before"], row["after"]) for row in rows] == [
        ({"priority": 40}, {"priority": 4}),
        *((None, None),) * 3,
        ({"priority": 30}, {"priority": 7}),
        (None, {"job": now}),
        (None, {"job": step}),
        (None, {"jobs": 0}),
        (None, {"jobs": 0, "scheduled_at": "2026-03-01T00:00:00+00:00"}),
        ({"recurrence": None}, {"recurrence": "daily at 01:00"}),
        (
            None,
            {
                "from": "2026-02-01T00:00:00+00:00",
                "to": "2026-02-03T00:00:00+00:00",
                "times": 2,
                "jobs": 2,
            },
        ),
    ]
    assert {row["changed_by"] for row in rows} == {verbs.value("select session_user")}
    assert [row["said_by"] for row in rows if row["said_by"]] == ["alice", "bob"]
    assert [row["reason"] for row in rows if row["reason"]] == ["not needed"]
    assert {row["changed_at"] for row in rows} == {clock.now}
    assert {row["site"] for row in rows if row["kind"] != "schedule"} == {"default"}


def test_what_is_refused_or_rolled_back_leaves_nothing(verbs: Verbs) -> None:
    """And what a session says of its reason goes with each edit until it says no more."""
    verbs.site("acme")
    verbs.task(site="acme")
    start = verbs.value(LAST)

    with pytest.raises(psycopg.Error, match="in use"):
        verbs.run("delete from pgdispatch.site where name = 'acme'")
    with pytest.raises(psycopg.Error, match="does not exist"):
        verbs.run("select pgdispatch.cancel(4711)")
    with verbs.connection.transaction(force_rollback=True):
        verbs.run("update pgdispatch.site set max_running_jobs = 9")
    with verbs.connection.transaction():
        verbs.run("set local pgdispatch.reason = 'ticket 12'")
        verbs.run("set local pgdispatch.by = 'alice'")
        verbs.run("update pgdispatch.task set title = 'other'")
        verbs.run("update pgdispatch.site set max_running_jobs = 8 where name = 'acme'")
    verbs.run("update pgdispatch.task set title = 'third'")

    told = verbs.rows(
        "select said_by, reason from pgdispatch.change where id > %s order by id", start
    )
    assert [tuple(row.values()) for row in told] == [("alice", "ticket 12")] * 2 + [(None, None)]


def test_nodes_the_clock_and_dispatch_leave_nothing(verbs: Verbs, clock: Clock) -> None:
    """A whole life: inserts, claims, endings, suspension, losses, fires, a forgotten node."""
    verbs.run("update pgdispatch.setting set value = '1' where name = 'suspend_after_failures'")
    verbs.site("acme", limit=1, daily_seconds=5)
    schedule = verbs.schedule("hourly", "serial", recurrence="every hour")
    task = verbs.task(schedule=schedule, site="acme", datasource="x")
    start = verbs.value(LAST)

    taken = "select pgdispatch.register_node('etl', '{0}', 3, '{{full_extract,system}}')".format
    verbs.run(taken("00000000-0000-0000-0000-000000000001"))
    verbs.run("select * from pgdispatch.heartbeat('etl', '00000000-0000-0000-0000-000000000001')")
    clock.advance(3600)
    verbs.run(taken("00000000-0000-0000-0000-000000000002"))
    assert verbs.value("select count(*) from pgdispatch.tick()") >= 0
    job = verbs.claim("etl:1")
    verbs.run("select pgdispatch.fail(%s, 1, 'boom')", job)
    assert verbs.value("select pgdispatch.is_suspended(%s)", task)
    verbs.job(max_attempts=2)
    verbs.claim("etl:1")
    verbs.run("select pgdispatch.deregister_node('etl', '00000000-0000-0000-0000-000000000002')")
    for verb in ("take_back()", "sweep()", "forget()", "roll_history()"):
        verbs.run(f"select pgdispatch.{verb}")
    verbs.run("select pgdispatch.register_node('keep', gen_random_uuid())")
    clock.advance(30 * 3600)
    for _ in range(4):
        clock.advance(5)
        verbs.run("select pgdispatch.declare_lost()")
    verbs.run("select pgdispatch.forget()")
    verbs.run("select pgdispatch.deliver('ops', '{}')")

    assert verbs.values("select name from pgdispatch.node") == ["keep"]
    assert since(verbs, start) == []


def test_many_tasks_at_once_each_leave_their_own_two_values(verbs: Verbs) -> None:
    """Old and new rows of one statement belong together, whatever its order is."""
    verbs.run(
        "insert into pgdispatch.task (type, title, priority) "
        "select 'full_extract', 't' || n, 1 + n %% 90 from generate_series(1, 500) as n"
    )
    start = verbs.value(LAST)
    verbs.run(
        "update pgdispatch.task as t set priority = 101 - t.priority "
        "from (select id from pgdispatch.task order by md5(id::text)) as o where o.id = t.id"
    )

    wrong = verbs.values(
        "select c.name from pgdispatch.change as c join pgdispatch.task as t "
        "on t.id::text = c.name where c.id > %s "
        "and ((c.before ->> 'priority')::int <> 101 - t.priority "
        "or (c.after ->> 'priority')::int <> t.priority)",
        start,
    )
    assert len(since(verbs, start)) == 500
    assert wrong == []


def test_nobody_writes_changes_and_an_operator_cannot_hide(verbs: Verbs) -> None:
    """By who logged in, whatever role is set; the owner cannot change them by a slip either."""
    verbs.run("drop role if exists change_op")
    verbs.run("create role change_op login")
    try:
        verbs.run("select pgdispatch.grant_role('change_op', 'operator')")
        verbs.site("acme")
        refused = (
            "insert into pgdispatch.change (id) values (1)",
            "update pgdispatch.change set changed_by = 'x'",
            "delete from pgdispatch.change",
            "truncate pgdispatch.change",
            "delete from pgdispatch.change_default",
            "select nextval('pgdispatch.change_id_seq')",
            "select pgdispatch.note_change('cancel', 'job', '1', 'acme')",
        )
        with acting_as(verbs, "change_op"):
            for statement in refused:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    verbs.run(statement)
            verbs.run("set role pgdispatch_operator")
            verbs.run("update pgdispatch.site set max_running_jobs = 2 where name = 'acme'")
            verbs.run("reset role")
        for statement in refused[1:4]:
            with pytest.raises(psycopg.Error, match="neither changed nor deleted"):
                verbs.run(statement)

        assert (
            verbs.value("select changed_by from pgdispatch.change order by id desc limit 1")
            == "change_op"
        )
    finally:
        verbs.run("drop owned by change_op")
        verbs.run("drop role change_op")


def test_grants_are_noted_site_by_site(verbs: Verbs) -> None:
    """Granted for all, granted for some, some of it taken away, all of it."""
    verbs.run("drop role if exists change_user")
    verbs.run("create role change_user")
    try:
        for site in ("acme", "globex"):
            verbs.site(site)
        start = verbs.value(LAST)
        verbs.run("select pgdispatch.grant_role('change_user', 'viewer', '{acme,globex}')")
        verbs.run("select pgdispatch.revoke_role('change_user', 'viewer', '{globex}')")
        verbs.run("select pgdispatch.revoke_role('change_user', 'viewer')")
        verbs.run("select pgdispatch.grant_role('change_user', 'worker')")
        verbs.run("select pgdispatch.revoke_role('change_user', 'worker')")

        assert [
            (row["what"], row["name"], row["site"], row["before"] or row["after"])
            for row in since(verbs, start)
        ] == [
            ("grant", "change_user", "acme", {"role": "viewer"}),
            ("grant", "change_user", "globex", {"role": "viewer"}),
            ("revoke", "change_user", "globex", {"role": "viewer"}),
            ("revoke", "change_user", "acme", {"role": "viewer"}),
            ("grant", "change_user", None, {"role": "worker"}),
            ("revoke", "change_user", None, {"role": "worker"}),
        ]
    finally:
        verbs.run("drop role change_user")


def test_every_column_is_either_set_by_people_or_the_databases_own(verbs: Verbs) -> None:
    """A new one has to be put on one side; the triggers watch the same ones."""
    watched = {row["relname"]: row["columns"] for row in verbs.rows(WATCHED)}
    for table, own in OWN_COLUMNS.items():
        configured = verbs.value("select pgdispatch.configured_columns(%s)", table)

        assert {*configured, *own} == set(verbs.values(COLUMNS, table)), table
        assert not {*configured} & own, table
        if table in watched:
            assert watched[table] == sorted(configured), table
    assert {*watched} == {
        *(
            "site",
            "schedule",
            "calendar",
            "closed_window",
            "linked_task",
            "node",
            "job_type",
            "setting",
        ),
        "notice_rule",
        "contract",
    }
