"""What contracts refer to: renamed with it, not deleted under it, seen by its own people."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from pgdispatch_cli.estate.apply import Outcome, Wanted, apply_file
from pgdispatch_cli.estate.present import read_columns, read_estate
from pgdispatch_cli.estate.toml_text import write_estate
from support.rights.two_sites import acting_as, people_of
from support.sessions.clock import Clock
from support.sessions.contracts import NIGHTLY, promise, standing
from support.sessions.outbox import tend, told
from support.sessions.ring import Ring
from support.sessions.timetable import linked_task
from support.sessions.verbs import Verbs


@pytest.fixture
def contracts(verbs: Verbs, clock: Clock) -> dict[str, int]:
    """Promise the data of one of each kind of things, at the site acme."""
    assert clock
    verbs.site("acme")
    verbs.add("job_type", "name", name="brew")
    verbs.schedule("nightly", **NIGHTLY)
    task = verbs.task("brew", title="Sales", site="acme", schedule="nightly", datasource="sales")
    linked = linked_task(verbs, verbs.task("flow", site="acme"), site="acme", schedule="nightly")
    subjects: dict[str, Any] = {
        "datasource": "sales", "task": task, "schedule": "nightly", "linked_task": linked,
    }  # fmt: skip
    return {
        kind: promise(
            verbs, name=kind, site="acme", **{kind: subject},
            **({"types": ["brew"]} if kind == "task" else {}),
        )
        for kind, subject in subjects.items()
    }  # fmt: skip


def refused(verbs: Verbs, statement: str) -> tuple[str | None, str, str | None]:
    """Return how a statement is refused."""
    with pytest.raises(psycopg.Error) as error:
        verbs.run(statement)
    found = error.value.diag
    return found.sqlstate, str(found.message_primary), found.message_detail


def test_renames_are_followed_and_are_no_edit(verbs: Verbs, contracts: dict[str, int]) -> None:
    """The site, schedule and type; it goes on to be watched as before."""
    before = verbs.values("select watched_since from pgdispatch.contract order by id")
    for kind, name in (("site", "acme"), ("schedule", "nightly"), ("job type", "brew")):
        new = f"{name}2"
        verbs.run("select pgdispatch.rename(%s, %s, %s)", kind, name, new)

    rows = verbs.rows("select * from pgdispatch.contract order by id")

    assert {row["site"] for row in rows} == {"acme2"}
    assert rows[2]["schedule"] == "nightly2"
    assert rows[1]["types"] == ["brew2"]
    assert [row["watched_since"] for row in rows] == before
    assert {standing(verbs, one) for one in contracts.values()} == {"fresh"}
    kinds = verbs.values("select what from pgdispatch.change where kind = 'contract'")
    assert set(kinds) == {"add"}


def test_what_a_contract_names_is_not_deleted_under_it(
    verbs: Verbs, contracts: dict[str, int]
) -> None:
    """It says which contract; a site goes with all that is its own, after it was said."""
    verbs.run("delete from pgdispatch.linked_task_step")
    said = {
        table: refused(verbs, f"delete from pgdispatch.{table} where {key}")
        for table, key in (
            ("task", "title = 'Sales'"),
            ("linked_task", "true"),
            ("schedule", "true"),
            ("job_type", "name = 'brew'"),
        )
    }
    along = verbs.rows("select * from pgdispatch.consequences('delete', 'site', 'acme')")
    verbs.run("select pgdispatch.delete('site', 'acme')")

    assert {sqlstate for sqlstate, _, _ in said.values()} == {"JD004"}
    assert said["task"][2] == f"used by contract {contracts['task']}"
    assert said["linked_task"][2] == f"used by contract {contracts['linked_task']}"
    assert f"contract {contracts['schedule']}" in str(said["schedule"][2])
    assert f"contract {contracts['task']}" in str(said["job_type"][2])
    assert {"what": "contracts", "how_many": 4, "becomes": "are deleted"} in along
    assert verbs.values("select id from pgdispatch.contract") == []


def test_a_file_has_them_and_makes_them_again(verbs: Verbs, contracts: dict[str, int]) -> None:
    """Tasks by their titles, in place of numbers; nothing differs then."""
    columns = read_columns(verbs.connection)
    text = write_estate(read_estate(verbs.connection, columns, None), columns)
    same, anew = Outcome(), Outcome()
    apply_file(verbs.connection, Wanted("a.toml", text.encode(), prune=True), same)
    verbs.run("delete from pgdispatch.contract where id <> %s", contracts["schedule"])
    apply_file(verbs.connection, Wanted("a.toml", text.encode(), prune=True), anew)

    again = write_estate(read_estate(verbs.connection, columns, None), columns)

    assert 'task = { type = "brew", title = "Sales" }' in text
    assert 'linked_task = { title = "a chain" }' in text
    assert list(same.changes) == []
    assert len(anew.changes) == 3
    assert again == text


def test_people_of_a_site_see_and_change_their_own(verbs: Verbs, contracts: dict[str, int]) -> None:
    """Neither rows nor numbers of another site tell them anything."""
    other = promise(verbs, name="of another", datasource="costs")
    with people_of(verbs, "acme", "kept_"):
        with acting_as(verbs, "kept_acme_operator"):
            seen = verbs.values("select contract from pgdispatch.contract_status")
            mine = verbs.row("select state, due from pgdispatch.contract_verdict(%s)", seen[0])
            theirs = verbs.row("select state, due from pgdispatch.contract_verdict(%s)", other)
            verbs.run("update pgdispatch.contract set note = 'mine'")
            own = promise(verbs, name="own", site="acme", datasource="sales", target="acme")
        with acting_as(verbs, "kept_acme_viewer"):
            looked = verbs.values("select contract from pgdispatch.contract_status")

    assert sorted(seen) == sorted(contracts.values())
    assert mine["state"] == "fresh"
    assert theirs == {"state": None, "due": None}
    assert sorted(looked) == sorted([*contracts.values(), own])
    assert verbs.value("select note from pgdispatch.contract where id = %s", other) is None


def test_two_supervisors_tell_once(ring: Ring) -> None:
    """One that comes while another judges leaves it to that one; a third finds nothing new."""
    ring.watch.add("contract", name="sales", datasource="sales", max_age="1 day", target="ops")
    first, second = ring.session(), ring.session()
    first.verbs.run("begin")
    tend(first.verbs)
    tend(second.verbs)
    meanwhile = told(ring.watch)
    first.verbs.run("commit")
    ring.watch.run("update pgdispatch.notice_look set looked_at = '-infinity', "
                   "looked_closely_at = '-infinity'")  # fmt: skip

    tend(second.verbs)

    assert meanwhile == []
    assert told(ring.watch) == [("contract_broken", "ops")]
