"""A filter that names what does not exist is refused; an empty answer says how many others are."""

from __future__ import annotations

import psycopg
import pytest

from support.cli.command_tree import run_here
from support.servers.embedded import Connect

pytestmark = pytest.mark.usefixtures("newest_only")

FURNISH = """
insert into pgdispatch.site (name) values ('acme'), ('globex'), ('empty');
insert into pgdispatch.schedule (name) values ('nightly'), ('unused');
insert into pgdispatch.task (site, type, title, schedule) values
    ('acme', 'flow', 'Load', 'nightly'), ('globex', 'alert', 'Watch', 'nightly');
insert into pgdispatch.linked_task (site, title) values ('acme', 'Chain');
insert into pgdispatch.job (site, type) values
    ('acme', 'flow'), ('acme', 'flow'), ('globex', 'alert'), ('globex', 'system');
select pgdispatch.register_node('etl-1', gen_random_uuid(), 2);
select pgdispatch.start_backgrounder('etl-1:1', 4711);
select pgdispatch.cancel(4, 'not needed', 'anna');
"""
UNKNOWN = [
    (["queue", "--site", "acne"], "site acne", "did you mean acme? see: pgdispatch site list"),
    (["queue", "--type", "reindex"], "job type reindex", "see: pgdispatch type list"),
    (["jobs", "--site", "nosite"], "site nosite", "see: pgdispatch site list"),
    (["jobs", "--type", "zzz"], "job type zzz", "see: pgdispatch type list"),
    (["jobs", "--task", "77"], "task 77", "see: pgdispatch task list"),
    (
        ["jobs", "--outcome", "failed", "--site", "nosite"],
        "site nosite",
        "see: pgdispatch site list",
    ),
    (
        ["jobs", "--backgrounder", "etl-1:7"],
        "backgrounder etl-1:7",
        "did you mean etl-1:1? see: pgdispatch status",
    ),
    (["task", "list", "--site", "nosite"], "site nosite", "see: pgdispatch site list"),
    (["task", "list", "--type", "x"], "job type x", "see: pgdispatch type list"),
    (
        ["task", "list", "--suspended", "--schedule", "nihtly"],
        "schedule nihtly",
        "did you mean nightly? see: pgdispatch schedule list",
    ),
    (["linked-task", "list", "--site", "nosite"], "site nosite", "see: pgdispatch site list"),
    (["linked-task", "list", "--schedule", "x"], "schedule x", "see: pgdispatch schedule list"),
]
EMPTY = [
    (["queue", "--site", "empty"], "no job of site empty waits; 3 of other sites do"),
    (["queue", "--type", "subscription"], "no job of job type subscription waits; 3 of other"
     " job types do"),
    (["queue", "--site", "acme", "--type", "alert"],
     "no job of site acme of job type alert waits; 3 others do"),
    (["jobs", "--site", "acme"], "no job of site acme has ended; 1 of another site has"),
    (["jobs", "--site", "acme", "--outcome", "cancelled"],
     "no job of site acme was cancelled; 1 of another site was"),
    (["jobs", "--outcome", "failed"], "no job has failed"),
    (["jobs", "--outcome", "failed", "--site", "acme"], "no job of site acme has failed"),
    (["jobs", "--backgrounder", "etl-1:1"],
     "no job of backgrounder etl-1:1 has ended; 1 of another backgrounder has"),
    (["task", "list", "--site", "empty"], "there is no task of site empty; 2 of other sites exist"),
    (["task", "list", "--schedule", "unused", "--suspended"],
     "no task of schedule unused is suspended"),
    (["linked-task", "list", "--site", "empty"],
     "there is no linked task of site empty; 1 of another site exists"),
]  # fmt: skip


@pytest.fixture
def furnished(
    database: str, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> psycopg.Connection:
    """Give a connection to a database with two sites, which the command uses, too."""
    connection = connect(database)
    connection.execute(FURNISH.encode())
    monkeypatch.setenv("PGDISPATCH_DSN", database)
    return connection


def test_name_that_does_not_exist_is_refused(furnished: psycopg.Connection) -> None:
    """In every filter, with names like it or the command that lists them; for programs, too."""
    assert not furnished.closed
    for arguments, name, hint in UNKNOWN:
        for more in ([], ["--json"]):
            done = run_here(*arguments, *more)

            assert (done.status, done.out) == (1, ""), arguments
            assert done.err == f"error: {name} does not exist\nhint: {hint}\n"


def test_empty_answer_says_how_many_others_there_are(furnished: psycopg.Connection) -> None:
    """For programs it is an empty array."""
    assert not furnished.closed
    for arguments, remark in EMPTY:
        shown, read = run_here(*arguments), run_here(*arguments, "--json")

        assert (shown.status, shown.out, shown.err) == (0, "", f"{remark}\n"), arguments
        assert (read.status, read.out, read.err) == (0, "[]\n", "")


def test_what_only_the_history_knows_is_known(furnished: psycopg.Connection) -> None:
    """A site, a task, a type or a backgrounder that is no more."""
    furnished.execute(
        "update pgdispatch.job_history set site = 'former', task = 77, type = 'old',"
        " backgrounder = 'gone:1'"
    )
    for name, value in (
        ("site", "former"), ("task", "77"), ("type", "old"), ("backgrounder", "gone:1"),
    ):  # fmt: skip
        assert run_here("jobs", f"--{name}", value).out.count("cancelled") == 1
        asked = run_here("jobs", f"--{name}", value, "--outcome", "succeeded")

        assert asked.status == 0
        assert asked.err.startswith("no job of ")


def test_who_is_confined_to_a_site_learns_of_no_other(
    furnished: psycopg.Connection, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another site does not exist for them, and is in no number and no hint."""
    furnished.execute("drop role if exists confined_reader; create role confined_reader login")
    furnished.execute("select pgdispatch.grant_role('confined_reader', 'viewer', array['empty'])")
    monkeypatch.setenv(
        "PGDISPATCH_DSN", database.replace("user=pgdispatch", "user=confined_reader")
    )
    try:
        other = [run_here("queue", "--site", name) for name in ("globex", "globey")]
        own = run_here("queue", "--site", "empty")
        node = run_here("jobs", "--backgrounder", "etl-1:1")

        assert [done.err.replace("globey", "globex") for done in other] == [
            "error: site globex does not exist\nhint: see: pgdispatch site list\n"
        ] * 2
        assert own.err == "no job of site empty waits\n"
        assert node.err.startswith("error: backgrounder etl-1:1 does not exist\nhint: see: ")
    finally:
        furnished.execute("select pgdispatch.revoke_role('confined_reader', 'viewer')")
        furnished.execute("drop role confined_reader")


def test_hint_of_the_database_names_commands(furnished: psycopg.Connection) -> None:
    """The same refusal at psql names tables."""
    done = run_here("enqueue", "flow", "--site", "nosite")

    assert (
        done.err
        == "error: site 'nosite' does not exist\nhint: add it first: pgdispatch site add NAME\n"
    )
    with pytest.raises(psycopg.Error) as refused:
        furnished.execute("insert into pgdispatch.job (type, site) values ('flow', 'nosite')")
    assert refused.value.diag.message_hint == (
        "add it first: insert into pgdispatch.site (name) values (…)"
    )
