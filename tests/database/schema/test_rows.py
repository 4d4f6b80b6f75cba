"""Rows that come with the package: there after each install, and nothing of yours is undone."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from pgdispatch.doctor import Finding, examine
from pgdispatch.schema import installer
from pgdispatch.schema.upgrade import Options, Upgrade
from support.servers.embedded import Connect
from support.servers.releases import next_release
from support.sessions.verbs import Verbs

AGAIN = Options(again=True)
ASKED = r"""
select distinct (regexp_matches(text, 'pgdispatch\.(?:setting|seconds)\(''(\w+)''', 'g'))[1]
from (
    select prosrc from pg_proc where pronamespace = 'pgdispatch'::regnamespace
    union all
    select definition from pg_views where schemaname = 'pgdispatch'
) as source (text)
"""
READERS = r"""
select proname from pg_proc
where pronamespace = 'pgdispatch'::regnamespace and prosrc ~ 'from pgdispatch\.setting\M'
order by proname
"""
REFUSED = {
    "delete from pgdispatch.setting where name = 'lease_seconds'": "setting lease_seconds",
    "update pgdispatch.setting set name = 'x' where name = 'tie_break'": "setting tie_break",
    "delete from pgdispatch.job_type where name = 'flow'": "job type flow",
    "update pgdispatch.job_type set name = 'x' where name = 'alert'": "job type alert",
    "update pgdispatch.job_type set is_built_in = false": "job type",
    "delete from pgdispatch.site": "site default",
    "truncate pgdispatch.setting": "the table setting",
    "truncate pgdispatch.job_type cascade": "the table job_type",
    "truncate pgdispatch.site cascade": "the table site",
}
UNDECIDED = {
    "retry_max_seconds": "select pgdispatch.fail(id, 1, 'x') from pgdispatch.job where attempt > 0",
    "site_daily_seconds": "insert into pgdispatch.site (name) values ('acme')",
    "lease_seconds": "select pgdispatch.declare_lost()",
    "max_losses": "select pgdispatch.requeue(id, 1, true) from pgdispatch.job where attempt > 0",
    "tie_break": "select * from pgdispatch.queue",
}


@pytest.fixture
def verbs(database: str, connect: Connect) -> Verbs:
    """Give the verbs of a fresh database."""
    return Verbs(connect(database))


def setting(verbs: Verbs, name: str) -> tuple[Any, ...]:
    """Return value, default and description of a setting."""
    row = verbs.row("select * from pgdispatch.setting where name = %s", name)
    return row["value"], row["default_value"], row["description"]


def drift(dsn: str) -> list[Finding]:
    """Return what doctor finds that is not as the package makes it."""
    with psycopg.connect(dsn) as connection:
        return [one for one in examine(connection).findings if one.check == "drift"]


def take_away(verbs: Verbs, *names: str) -> None:
    """Delete settings, with a trigger out of the way that only the owner can disable."""
    verbs.run("alter table pgdispatch.setting disable trigger protect_setting")
    verbs.run("delete from pgdispatch.setting where name = any (%s)", list(names))
    verbs.run("alter table pgdispatch.setting enable trigger protect_setting")


def test_an_upgrade_brings_new_rows_and_keeps_what_people_changed(
    database: str, verbs: Verbs
) -> None:
    """A value that is not the default stays; what else people own of a row stays, too."""
    verbs.run("update pgdispatch.setting set value = '9' where name = 'max_losses'")
    verbs.run("update pgdispatch.job_type set timeout = '1 h', rank = 8 where name = 'flow'")
    verbs.run("insert into pgdispatch.job_type (name, timeout) values ('brew', '5 min')")
    verbs.run("update pgdispatch.site set max_running_jobs = 3 where name = 'default'")

    installer.install(database, _source=next_release())

    assert setting(verbs, "brew_seconds") == ("7", "7", "tests only")
    value, default, description = setting(verbs, "max_losses")
    assert (value, default, description[:4]) == ("9", "4", "anew")
    types = "select name, rank, timeout::text, is_built_in from pgdispatch.job_type"
    assert verbs.rows(f"{types} where name in ('brew', 'flow') order by name") == [
        {"name": "brew", "rank": 2, "timeout": "00:05:00", "is_built_in": True},
        {"name": "flow", "rank": 8, "timeout": "01:00:00", "is_built_in": True},
    ]
    assert verbs.value("select max_running_jobs from pgdispatch.site") == 3


def test_a_value_that_nobody_changed_follows_the_default_of_the_new_version(
    database: str, verbs: Verbs
) -> None:
    """And that is announced."""
    release = next_release()

    said = Upgrade(database, release, installer.catalog_query()).preview()
    installer.install(database, _source=release)

    assert setting(verbs, "max_losses")[:2] == ("4", "4")
    assert [line for line in said if " row " in line] == [
        "add row job_type brew",
        "add row setting brew_seconds",
        "replace row setting max_losses",
    ]


def test_doctor_finds_rows_that_are_not_as_they_come_and_again_mends_them(
    database: str, verbs: Verbs
) -> None:
    """Missing ones, and a description that somebody changed; values are nobody's affair."""
    take_away(verbs, "lease_seconds", "site_daily_seconds")
    verbs.run("update pgdispatch.setting set description = 'x' where name = 'max_losses'")
    verbs.run("update pgdispatch.setting set value = '2' where name = 'max_losses'")
    verbs.run("delete from pgdispatch.watch")
    verbs.run("insert into pgdispatch.job_type (name) values ('letter')")

    found = drift(database)
    installer.install(database, AGAIN)
    left = drift(database)

    assert [one.problem for one in found] == [
        "row setting lease_seconds is missing",
        "row setting max_losses differs",
        "row setting site_daily_seconds is missing",
        "row watch is missing",
    ]
    assert {one.advice for one in found} == {"run: pgdispatch install --again"}
    assert left == []
    assert setting(verbs, "lease_seconds")[0] == "15"
    assert setting(verbs, "max_losses")[0] == "2"


@pytest.mark.parametrize("function", ["setting", "seconds"])
def test_asking_for_an_unknown_setting_is_an_error(verbs: Verbs, function: str) -> None:
    """As null it would let every comparison pass."""
    with pytest.raises(psycopg.Error) as refused:
        verbs.value(f"select pgdispatch.{function}('nosuch')")

    assert refused.value.sqlstate == "JD001"
    assert refused.value.diag.message_primary == "there is no setting 'nosuch'"
    assert "pgdispatch install --again" in str(refused.value.diag.message_hint)


@pytest.mark.parametrize("name", UNDECIDED)
def test_nothing_is_decided_without_a_setting_that_it_needs(verbs: Verbs, name: str) -> None:
    """A retry, a budget, a lost node, a place in the order."""
    verbs.job(max_attempts=3)
    verbs.claim()
    verbs.job()
    take_away(verbs, name)

    with pytest.raises(psycopg.Error, match=f"there is no setting '{name}'"):
        verbs.run(UNDECIDED[name])


def test_every_setting_that_is_asked_for_exists(verbs: Verbs) -> None:
    """And each is asked for: by the two functions, but for the lock of a new site."""
    asked = set(verbs.values(ASKED))

    assert asked == set(verbs.values("select name from pgdispatch.setting"))
    assert verbs.values(READERS) == ["fill_site", "setting"]


@pytest.mark.parametrize("statement", REFUSED)
def test_what_comes_with_the_package_cannot_be_deleted_or_renamed(
    verbs: Verbs, statement: str
) -> None:
    """Not even by the owner, and the refusal says what to do instead."""
    with pytest.raises(psycopg.Error) as refused:
        verbs.run(statement)

    assert refused.value.sqlstate == "JD001"
    assert str(refused.value.diag.message_primary).startswith(REFUSED[statement])
    assert refused.value.diag.message_hint


def test_a_type_of_ones_own_can_be_deleted(verbs: Verbs) -> None:
    """It is data of the installation."""
    verbs.run("insert into pgdispatch.job_type (name) values ('letter')")

    verbs.run("delete from pgdispatch.job_type where name = 'letter'")

    assert verbs.value("select count(*) from pgdispatch.job_type") == 8
