"""What the installer does and refuses, and how it behaves when others are in the way.

On the newest server only, to save time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from pgdispatch.database import server_versions, statements
from pgdispatch.errors import PgdispatchError, SchemaMismatchError, WrongStateError
from pgdispatch.schema import catalog, installer, upgrade
from pgdispatch.schema.installed import check_installed
from pgdispatch.schema.release import LEVEL, Package, Step, read_steps
from pgdispatch.schema.upgrade import Options
from pgdispatch.version import how_to_get
from support.nodes.processes import wait_until
from support.servers.embedded import Connect
from support.servers.releases import WIDER, next_release, objects
from support.sessions.ring import Ring, open_ring
from support.sessions.verbs import Verbs

pytestmark = pytest.mark.usefixtures("newest_only")
QUICK = Options(attempts=2, pause=0.05)


@pytest.fixture
def verbs(database: str, connect: Connect) -> Verbs:
    """Give the verbs of a fresh database."""
    return Verbs(connect(database))


@pytest.fixture
def ring(database: str) -> Iterator[Ring]:
    """Give a ring of sessions on a fresh database."""
    with open_ring(database) as opened:
        yield opened


def test_each_step_is_applied_once_and_written_down(database: str, connect: Connect) -> None:
    """Who, when, which digest; a second installation changes nothing."""
    release = next_release()

    first = installer.install(database, _source=release)
    second = installer.install(database, _source=release)

    assert [step.number for step in first.steps] == [release.newest_step]
    assert (second.changed, second.steps) == (False, ())
    rows = connect(database).execute(
        "select digest, package_version, step, installed_by = session_user, installed_at < now() "
        "from pgdispatch.schema_version order by installed_at"
    )
    assert rows.fetchall()[1:] == [(release.digest, "99.0", release.newest_step, True, True)]


def test_older_package_is_refused(database: str) -> None:
    """It would take away what nodes of the newer one need."""
    installer.install(database, _source=next_release())
    before = objects(database)

    with pytest.raises(SchemaMismatchError) as refused:
        installer.install(database)

    assert "newer than this package: 99.0" in refused.value.message
    assert refused.value.hint == "on this machine run: pip install --upgrade 'pgdispatch>=99.0'"
    assert refused.value.exit_status == 4
    assert objects(database) == before


@pytest.mark.parametrize(("number", "version"), [(12, "0.2.0.dev12"), (13, "0.2.0.dev13")])
def test_what_led_to_a_release_is_not_installed_over_it(
    empty_database: str, number: int, version: str
) -> None:
    """Though it may have the same tables."""
    this = installer.package()
    steps = tuple(Step(one, f"{one:04}_none.sql", "") for one in range(1, 14))
    release = replace(this, version="0.2.0", steps=steps)
    before = next_release().scripts
    installer.install(empty_database, _source=release)

    with pytest.raises(SchemaMismatchError) as refused:
        installer.install(
            empty_database,
            _source=replace(this, version=version, steps=steps[:number], scripts=before),
        )

    assert refused.value.hint == how_to_get("0.2.0")


@pytest.mark.parametrize(("number", "version"), [(11, "0.2.0.dev11"), (12, "0.2.0.dev12")])
def test_what_called_itself_0_2_0_before_its_release_is_upgraded(
    empty_database: str, number: int, version: str
) -> None:
    """Up to step 11 it did."""
    this, later = installer.package(), next_release()
    early = replace(this, version="0.2.0", steps=this.steps[:11])
    steps = (*this.steps[: number - 1], Step(number, later.steps[-1].name, later.steps[-1].text))
    installer.install(empty_database, _source=early)

    done = installer.install(empty_database, _source=replace(later, version=version, steps=steps))

    assert (done.changed, [step.number for step in done.steps]) == (True, [12][: number - 11])


def test_failed_step_changes_nothing(database: str) -> None:
    """Not even what came before it."""
    before = objects(database)

    with pytest.raises(psycopg.errors.UndefinedTable):
        installer.install(database, _source=next_release(step=WIDER + "drop table nowhere;"))

    assert objects(database) == before


def test_two_installers_wait_for_each_other(database: str, ring: Ring, connect: Connect) -> None:
    """The second finds it done."""
    rival = ring.session(begin=True)
    rival.verbs.run("select pg_advisory_xact_lock(%s)", upgrade.INSTALL_LOCK)
    installing = ring.session()

    done = installing.start(lambda _: installer.install(database, _source=next_release()))
    wait_until(lambda: is_waiting_for_advisory_lock(connect(database)))
    rival.commit()

    assert done.result(20).changed


def is_waiting_for_advisory_lock(connection: psycopg.Connection[Any]) -> bool:
    """Tell whether an installer waits for the other one."""
    found = connection.execute(
        "select exists (select from pg_stat_activity where application_name = 'pgdispatch install' "
        "and wait_event = 'advisory')"
    ).fetchone()
    return found == (True,)


def test_upgrade_gives_up_behind_a_long_transaction_and_names_it(database: str, ring: Ring) -> None:
    """Nothing was changed, and it works as soon as the other one has ended."""
    reader = ring.session(begin=True)
    reader.verbs.run("select count(*) from pgdispatch.job")
    before = objects(database)
    said: list[str] = []

    with pytest.raises(PgdispatchError) as refused:
        installer.install(
            database, Options(attempts=2, pause=0.05, say=said.append), _source=next_release()
        )

    assert f"process {reader.pid} of" in str(refused.value.detail)
    assert "nothing was changed" in str(refused.value.hint)
    assert said[0] == "attempt 1 of 2: the locks are held"
    assert objects(database) == before
    reader.commit()
    assert installer.install(database, QUICK, _source=next_release()).changed


def test_upgrade_of_functions_alone_waits_for_nobody(database: str, ring: Ring) -> None:
    """Applications with open transactions, inserting or reading, hold it up for no moment."""
    writer = ring.session(begin=True)
    writer.verbs.job()
    reader = ring.session(begin=True)
    for view in ("queue", "status"):
        reader.verbs.rows(f"select * from pgdispatch.{view}")

    done = installer.install(database, Options(attempts=1, again=True))

    assert done.changed


def test_again_mends_what_was_changed_by_hand(database: str, verbs: Verbs) -> None:
    """Functions, views, triggers and rights; a missing index is named."""
    wanted = objects(database)
    verbs.run("drop function pgdispatch.cron_number")
    verbs.run("create function pgdispatch.mine() returns int language sql as 'select 1'")
    verbs.run("alter table pgdispatch.job disable trigger fill_job")
    verbs.run("drop view pgdispatch.delay")
    verbs.run("revoke execute on function pgdispatch.sweep() from pgdispatch_worker")
    verbs.run("grant delete on pgdispatch.job to pgdispatch_viewer")
    verbs.run("drop index pgdispatch.job_task_idx")

    done = installer.install(database, Options(again=True))

    left = catalog.differences(wanted, objects(database))
    assert [str(one) for one in left] == ["index job_task_idx is missing"]
    assert done.remaining == tuple(left)


def test_own_view_on_ours_is_named_when_it_is_in_the_way(database: str, verbs: Verbs) -> None:
    """It is not dropped with it."""
    verbs.run("create view public.mine as select site from pgdispatch.site_usage")

    with pytest.raises(PgdispatchError) as refused:
        installer.install(database, _source=next_release())

    assert "view public.mine depends on view pgdispatch.site_usage" in str(refused.value.detail)
    assert verbs.rows("select * from public.mine")


def test_incompatible_release_is_refused_while_nodes_are_up(database: str, verbs: Verbs) -> None:
    """They have to stop first, or be told to."""
    verbs.register("etl-1")
    release = next_release(level=LEVEL + 1, oldest_level=LEVEL + 1)

    with pytest.raises(WrongStateError) as refused:
        installer.install(database, _source=release)

    assert refused.value.message.endswith("nodes of this version: etl-1")
    assert verbs.value("select max(level) from pgdispatch.schema_version") == LEVEL


def test_broken_off_stop_of_nodes_is_mended_by_either_version(database: str, verbs: Verbs) -> None:
    """Nodes refuse to start in between; the former version may be put back, too."""
    verbs.run(statements.ANNOUNCE_UPGRADE)
    with psycopg.connect(database) as connection:
        with pytest.raises(SchemaMismatchError) as refused:
            check_installed(connection)

        assert installer.install(database).changed
        check_installed(connection)

    assert refused.value.message == "the schema pgdispatch is being upgraded"


def test_rights_that_others_have_given_to_their_own_roles_stay(database: str, verbs: Verbs) -> None:
    """Whatever these are called; it is no drift."""
    verbs.run("drop role if exists pgdispatch_reporting")
    verbs.run("create role pgdispatch_reporting")
    verbs.run("grant usage on schema pgdispatch to pgdispatch_reporting")
    verbs.run("grant select on pgdispatch.job to pgdispatch_reporting")

    done = installer.install(database, Options(again=True))

    kept = verbs.value("select has_table_privilege('pgdispatch_reporting', 'pgdispatch.job', "
                       "'select')")  # fmt: skip
    verbs.run("drop owned by pgdispatch_reporting")
    verbs.run("drop role pgdispatch_reporting")
    assert (kept, done.remaining) == (True, ())


def test_preview_says_what_would_be_done_and_does_nothing(database: str) -> None:
    """One line each."""
    before = objects(database)
    release = next_release()

    lines = upgrade.Upgrade(database, release, installer.catalog_query()).preview()

    assert lines[0] == f"apply versions/{release.steps[-1].name}"
    assert {
        "add function brew()",
        "drop function protect_node()",
        "drop trigger node.protect_node",
        "add view usage_of_sites",
        "drop view site_usage",
    } <= set(lines)
    assert objects(database) == before


def test_preview_of_what_is_up_to_date_is_empty(database: str) -> None:
    """Nothing to do."""
    package: Package = installer.package()

    assert upgrade.Upgrade(database, package, installer.catalog_query()).preview() == []


def test_version_files_are_numbered_without_gaps(tmp_path: Any) -> None:
    """Two branches that add the same number find out at once."""
    for name in ("0001_a.sql", "0001_b.sql"):
        (tmp_path / name).write_text("select 1")

    with pytest.raises(PgdispatchError) as refused:
        read_steps(tmp_path)

    assert "0001 where 0002 should be" in refused.value.message


def test_server_newer_than_was_tested_is_remarked_and_served(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is said of one that was tested."""
    said: list[str] = []
    installer.install(empty_database, Options(say=said.append))
    assert said == []

    monkeypatch.setattr(server_versions, "TESTED_UP_TO", 14)
    done = installer.install(empty_database, Options(say=said.append, again=True))

    assert done.changed
    assert len(said) == 1
    assert said[0].startswith("warning: PostgreSQL ")
    assert said[0].endswith(" is newer than this version was tested with (14)")


def test_server_that_is_too_old_is_refused(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to use instead; nothing is made."""
    monkeypatch.setattr(upgrade, "OLDEST", 99)

    with pytest.raises(SchemaMismatchError, match="is too old") as refused:
        installer.install(empty_database)

    assert refused.value.hint == "use PostgreSQL 99 or newer"
