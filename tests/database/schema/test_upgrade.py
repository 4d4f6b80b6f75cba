"""From the first release to this one, and from this one to the next: what a fresh install gives."""

from __future__ import annotations

import difflib
from typing import Any

import psycopg

from pgdispatch.embedded import Binaries
from pgdispatch.schema import catalog, installer
from support.servers.embedded import Connect
from support.servers.releases import dump_schema, next_release, objects, restore_first_release
from support.sessions.verbs import Verbs


def rows(dsn: str) -> list[tuple[Any, ...]]:
    """Return the rows that an installation has from the start."""
    with psycopg.connect(dsn) as connection:
        return [
            row
            for query in (
                "select * from pgdispatch.setting order by name",
                "select * from pgdispatch.job_type order by name",
                "select name from pgdispatch.site where name = 'default'",
                "select * from pgdispatch.site_type where site = 'default' order by type",
                "select is_only from pgdispatch.watch",
            )
            for row in connection.execute(query.encode())
        ]


def same(wanted: list[str], found: list[str]) -> str:
    """Return how two dumps differ, as `diff -u` shows it; empty if they do not."""
    lines = difflib.unified_diff(wanted, found, "fresh install", "upgrade", lineterm="")
    return "\n".join(lines)


def test_first_release_upgrades_to_what_a_fresh_install_gives(
    binaries: Binaries, database: str, empty_database: str
) -> None:
    """The same dump, comments and privileges included; a table change needs a version file."""
    restore_first_release(binaries, empty_database)

    done = installer.install(empty_database)

    assert done.steps == installer.package().steps
    assert [str(one) for one in done.remaining] == []
    problem = same(dump_schema(binaries, database), dump_schema(binaries, empty_database))
    assert rows(empty_database) == rows(database)
    assert not problem, f"edit sql/tables and add a file to sql/versions alike:\n{problem}"


def test_first_release_keeps_its_jobs_and_goes_on(
    binaries: Binaries, empty_database: str, connect: Connect
) -> None:
    """Waiting jobs start in their order, those that ran end, and nothing of the setup is lost."""
    restore_first_release(binaries, empty_database)
    verbs = Verbs(connect(empty_database))
    before = verbs.rows("select * from pgdispatch.job order by id")
    running = verbs.values("select id from pgdispatch.job where state = 'running' order by id")
    history = verbs.value("select count(*) from pgdispatch.job_history")

    installer.install(empty_database)

    after = verbs.rows("select * from pgdispatch.job order by id")
    assert [{name: row[name] for name in before[0]} for row in after] == before
    assert verbs.value("select count(*) from pgdispatch.task") == 4
    assert len(running) == 3
    for job in running:
        verbs.finish(job)
    started = [job for _ in range(10) if (job := run_next(verbs)) is not None]
    assert len(started) == 10
    assert verbs.value("select count(*) from pgdispatch.job_history") == history + 13


def run_next(verbs: Verbs) -> int | None:
    """Claim the next job and finish it; return its id, or None if nothing can run."""
    job = verbs.claim("etl-1:4")
    if job is not None:
        verbs.finish(job)
    return job


def test_next_release_upgrades_to_what_a_fresh_install_of_it_gives(
    binaries: Binaries, database: str, empty_database: str
) -> None:
    """A column more, another signature, and what is gone: function, trigger, view."""
    installer.install(empty_database, _source=next_release())

    done = installer.install(database, _source=next_release())

    assert [str(one) for one in done.remaining] == []
    assert same(dump_schema(binaries, empty_database), dump_schema(binaries, database)) == ""
    assert rows(database) == rows(empty_database)
    names = {name for _, name in objects(database)}
    assert {"brew()", "usage_of_sites", "job.flavour"} <= names
    assert not {"protect_node()", "node.protect_node", "site_usage"} & names


def test_what_a_schema_put_aside_has_is_not_taken_for_ours(database: str, connect: Connect) -> None:
    """Its triggers, policies and types have the same names; each of ours is made nevertheless."""
    wanted = objects(database)
    connect(database).execute("alter schema pgdispatch rename to put_aside")

    installer.install(database)

    assert [str(one) for one in catalog.differences(wanted, objects(database))] == []
