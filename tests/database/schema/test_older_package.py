"""An older package is installed over a newer schema: it is refused, and what it has done is mended.

Packages that are out do not look whether the schema is newer. They replace all functions in one
transaction, and note their version at its end without a step.
"""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from pgdispatch.doctor import examine
from pgdispatch.errors import SchemaMismatchError, from_sqlstate
from pgdispatch.schema import catalog, installer
from pgdispatch.schema.installed import check_installed
from pgdispatch.version import how_to_get
from support.servers.embedded import Connect
from support.servers.releases import objects
from support.sessions.verbs import Verbs

NOTE = "insert into pgdispatch.schema_version (digest, package_version) values ('d', '0.1.0')"
OLDER = (
    "create or replace function pgdispatch.cron_number(p_field text, p_text text) "
    "returns integer language sql immutable as 'select 1'",
    "comment on column pgdispatch.verdict.more is 'As it was.'",
    "comment on table pgdispatch.job is 'As it was.'",
    "drop function pgdispatch.own_schedules cascade",
)


def install_older(dsn: str) -> None:
    """Do what an older installer does, in one transaction."""
    with psycopg.connect(dsn) as connection:
        for statement in (*OLDER, NOTE):
            connection.execute(sql.SQL(statement))


def test_an_older_package_is_refused_by_the_schema_and_changes_nothing(database: str) -> None:
    """Whoever runs it is told which version to install."""
    before = objects(database)

    with pytest.raises(psycopg.Error) as refused:
        install_older(database)

    told = refused.value.diag
    version = installer.package().version
    assert told.message_primary == (
        f"the schema pgdispatch is newer than this package: it is of version {version}"
    )
    assert told.message_hint == f"nothing was changed; {how_to_get(version)}"
    assert objects(database) == before


def test_an_older_package_is_told_of_a_release_by_its_name(verbs: Verbs) -> None:
    """It can be had from an index; what has no release cannot."""
    verbs.run("update pgdispatch.schema_version set package_version = '0.2.0'")

    with pytest.raises(psycopg.Error) as refused:
        verbs.run(NOTE)

    assert refused.value.diag.message_hint == f"nothing was changed; {how_to_get('0.2.0')}"


def test_the_refusal_means_that_the_schema_does_not_fit(database: str) -> None:
    """Exit status 4 for packages that know this SQLSTATE, and the hint as the schema gave it."""
    with pytest.raises(psycopg.Error) as refused:
        install_older(database)

    error = from_sqlstate(refused.value.sqlstate, "newer", None, "install that")

    assert isinstance(error, SchemaMismatchError)
    assert (error.exit_status, error.hint) == (4, "install that")


def test_install_mends_a_schema_that_was_overwritten(database: str, connect: Connect) -> None:
    """Before the schema refused it: nodes and commands go by the greatest step meanwhile."""
    wanted = objects(database)
    connect(database).execute("drop trigger check_version on pgdispatch.schema_version")
    install_older(database)
    with connect(database, autocommit=False) as connection:
        check_installed(connection)
        found = [finding.problem for finding in examine(connection).findings]

    done = installer.install(database)

    assert any("version 0.1.0 was installed over version" in problem for problem in found)
    assert (done.changed, [str(one) for one in done.remaining]) == (True, [])
    assert [str(one) for one in catalog.differences(wanted, objects(database))] == []
    assert not installer.install(database).changed


def test_the_last_installation_counts_whatever_the_clock_says(verbs: Verbs) -> None:
    """The clock was ahead when the one before was noted."""
    verbs.run("update pgdispatch.schema_version set installed_at = now() + interval '1 year'")

    verbs.run(
        "insert into pgdispatch.schema_version (digest, package_version, step) "
        "select 'd', '99.0', step from pgdispatch.schema_version"
    )

    assert verbs.values(
        "select package_version from pgdispatch.schema_version order by installed_at desc"
    )[0] == ("99.0")
