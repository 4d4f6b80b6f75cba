"""Two sites that share a cluster, with something of each in every table; and people of one of them.

Whatever belongs to the other site says `globex`, or has a number that begins with 7770000.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

from support.sessions.verbs import Verbs

TRACE = re.compile(r"globex|\b7770000\d{3}\b", re.IGNORECASE)
UNKNOWN = 8880000001
KINDS = ("viewer", "operator", "producer")
FAR = "alter table pgdispatch.{} alter column id restart with 7770000001"
EXTRAS = """
insert into pgdispatch.calendar (name) values ('{site} days');
insert into pgdispatch.calendar_day values ('{site} days', '2026-12-25', '{site} feast');
insert into pgdispatch.closed_window (name, scope, target, from_at, to_at)
values ('{site} closed', 'site', '{site}', '2099-01-01', '2099-01-02');
update pgdispatch.schedule set calendar = '{site} days' where name = '{site} nightly';
insert into pgdispatch.charge (site, started_at, seconds) values ('{site}', now(), 5);
insert into pgdispatch.site_timeout values ('{site}', 'alert', '5 min');
insert into pgdispatch.job_log values (now(), {job}, 1, '{site}', 1, 1, '{site} broke');
insert into pgdispatch.suspension values ({task}, 5, {job}, null, now());
insert into pgdispatch.pause
values ('schedule', '{site} nightly', '{site} boss', null, now(), null, false);
insert into pgdispatch.attempt (job, attempt, type, site, title, ended_at, ended_as)
values ({job}, 0, 'system', '{site}', '{site}', now(), 'given back');
insert into pgdispatch.retry values ({job}, -{job}, '{site}', now());
insert into pgdispatch.job_key
values ({job}, '{site}', '{site} key', 1, 'ended', false, '{{}}', '{site}', now());
insert into pgdispatch.notice_rule (what, target, site) values ('failure', '{site}-ops', '{site}');
insert into pgdispatch.notice (at, what, target, text, site)
values (now(), 'failure', '{site}-ops', 'a task of {site} failed', '{site}');
update pgdispatch.forecast_state
set made_at = now(), until = now() + interval '12 hours', runs = 1, period = interval '1 day';
insert into pgdispatch.forecast_job (job, task, type, site, state, skipped_chance)
values ({waiting}, {task}, 'system', '{site}', 'waiting', 0);
insert into pgdispatch.forecast_schedule (schedule, scheduled_at, site, jobs, last_task)
values ('{site} nightly', now(), '{site}', 1, {task}), ('{site} nightly', now(), null, 1, {task});
insert into pgdispatch.forecast_check (
    made_at, site, state, due, until, starts_early, starts, starts_late, starts_widened,
    ends_widened, skipped_chance, late_after, known_at, started, was_skipped, was_disturbed
)
values (
    now() - interval '1 day', '{site}', 'waiting', 0, 3600, 1, 2, 3, 0, 0, 0, 600, now(), 2, false,
    false
);
insert into pgdispatch.token (name, login, login_oid, hash, created_at, ends_at)
select 'nightly', login, 1, sha256(login::bytea), now(), now() + interval '1 day'
from unnest(array['{site}_viewer', '{site}_operator']) as login;
"""


@dataclass
class Possessions:
    """What a site has: the numbers of its tasks, linked task and jobs."""

    site: str
    task: int = 0
    idle_task: int = 0
    flow: int = 0
    linked_task: int = 0
    contract: int = 0
    jobs: dict[str, int] = field(default_factory=dict)


def furnish(verbs: Verbs, site: str) -> Possessions:
    """Give a site something in every table."""
    verbs.site(site, daily_seconds=100000)
    schedule = verbs.schedule(f"{site} nightly", recurrence="daily at 02:30")
    own = Possessions(site)
    shared = {"site": site, "title": f"{site} task", "args": f'{{"of": "{site}"}}'}
    own.task = verbs.task(schedule=schedule, datasource=f"{site} sales", **shared)
    own.idle_task = verbs.task(**shared)
    own.flow = verbs.task("flow", **shared)
    own.linked_task = verbs.add("linked_task", site=site, title=site, schedule=schedule)
    verbs.add("linked_task_step", "step", linked_task=own.linked_task, step=1, task=own.flow)
    own.contract = verbs.add(
        "contract", name=f"{site} by seven", site=site, datasource=f"{site} x", max_age="1 day"
    )
    for state in ("ended", "running"):
        own.jobs[state] = verbs.job(site=site, title=site, priority=1, datasource=f"{site} x")
        verbs.claim(f"n:{1 + verbs.value('select count(*) from pgdispatch.running')}")
        if state == "ended":
            verbs.run("select pgdispatch.fail(%s, 1, %s)", own.jobs[state], f"{site} broke")
    verbs.fire(schedule, "2026-01-01 02:30+00")
    own.jobs["waiting"] = verbs.job(site=site, title=f"{site} waits", datasource=f"{site} x")
    verbs.connection.execute(
        EXTRAS.format(
            site=site, task=own.idle_task, job=own.jobs["ended"], waiting=own.jobs["waiting"]
        ).encode()
    )
    return own


Sites = tuple[Verbs, Possessions, Possessions]


def furnish_both(verbs: Verbs) -> tuple[Possessions, Possessions]:
    """Furnish the site acme, and globex with numbers that can be told from all others."""
    verbs.register(backgrounders=4)
    acme = furnish(verbs, "acme")
    for table in ("task", "linked_task", "linked_run", "job", "contract"):
        verbs.connection.execute(FAR.format(table).encode())
    return acme, furnish(verbs, "globex")


@contextmanager
def people_of(verbs: Verbs, site: str, prefix: str = "") -> Iterator[None]:
    """Make a login user for each role, confined to a site, and `all_viewer`, who is not.

    They are of the whole server: a second crowd beside the first has a `prefix` to its names.
    """
    everybody = f"{prefix}all_viewer"
    names = [*(f"{prefix}{site}_{kind}" for kind in KINDS), everybody]
    for name in names:
        verbs.run(f"drop role if exists {name}")
        verbs.run(f"create role {name} login")
    for kind in KINDS:
        name = f"{prefix}{site}_{kind}"
        verbs.run("select pgdispatch.grant_role(%s, %s, %s)", name, kind, [site])
    verbs.run("select pgdispatch.grant_role(%s, 'viewer')", everybody)
    try:
        yield
    finally:
        verbs.run("reset session authorization")
        for name in names:
            verbs.run(f"drop owned by {name}")
            verbs.run(f"drop role {name}")


@contextmanager
def acting_as(verbs: Verbs, user: str) -> Iterator[None]:
    """Be another user for a while."""
    verbs.run(f"set session authorization {user}")
    try:
        yield
    finally:
        verbs.run("reset session authorization")


def answer(verbs: Verbs, user: str, statement: str) -> str:
    """Return all that a user is told in answer to a statement, which changes nothing.

    Numbers that are far away are left out, so that two objects' answers can be compared.
    """
    with acting_as(verbs, user):
        try:
            with verbs.connection.transaction(force_rollback=True):
                cursor = verbs.connection.execute(statement.encode())
                told = f"{cursor.rowcount} {cursor.fetchall() if cursor.description else ''}"
        except psycopg.Error as error:
            said = error.diag
            told = (
                f"{said.sqlstate} {said.message_primary} {said.message_detail} {said.message_hint}"
            )
    return re.sub(r"\b(777|888)\d{7}\b", "N", told)
