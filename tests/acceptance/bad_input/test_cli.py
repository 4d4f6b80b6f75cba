"""Command lines that make no sense: a documented exit status, and a sentence that says what to do.

Every command and option there is, in this process, by the command's own entry point.
HYPOTHESIS_PROFILE=long looks for longer. On the newest server only, to save time.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path as Folder
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.bad_input.effort import effort
from support.bad_input.fingerprint import fingerprint, set_canary
from support.bad_input.raw import raw, speak_raw
from support.bad_input.values import (
    DOCUMENTS,
    HUGE,
    INSTANTS,
    PATHS,
    SHELL,
    SQL,
    TEXTS,
    UNICODE,
    texts,
)
from support.cli.command import Finished, run_command
from support.cli.command_tree import Path, as_argument, command_lines, commands, run_here
from support.rights.two_sites import furnish_both
from support.servers.embedded import Connect
from support.sessions.verbs import Verbs

pytestmark = [pytest.mark.usefixtures("newest_only"), pytest.mark.timeout(3600)]
LEAVES = dict(commands())
NEVER_STARTED: Mapping[str, Sequence[str]] = {
    "worker": ("--config", "/nowhere"),
    "up": ("--config", "/nowhere"),
    "demo": ("--nothing",),
    "bench": ("--jobs", "0"),
}
FINE_NAMES = {"null", "NULL", "link", "ß"}
ODDEST = """
select id from pgdispatch.job where type = 'alert' and title is null or not_before is not null
union all
select id from pgdispatch.job_history where outcome = 'failed' or id %% 2 = 0
"""
FAIL = "select pgdispatch.fail(%s, 1, %s, p_log => %s)"
KNOWN = {
    "name": ["acme", "acme nightly", "n", "flow", "tie_break"],
    "site": ["acme"],
    "schedule": ["acme nightly"],
    "type": ["flow"],
    "job_type": ["flow"],
    "datasource": ["acme sales"],
    "time_zone": ["Europe/Berlin"],
    "recurrence": ["daily at 02:30"],
    "user": ["test_known_user"],
    "task": ["1"],
    "task_number": ["1"],
    "linked": ["1"],
    "job": ["3"],
    "jobs": ["3"],
    "chain": ["3"],
}


@pytest.fixture
def furnished(
    database: str, connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Folder
) -> Iterator[Verbs]:
    """Give the database that the command finds here, with something in every table."""
    connection = connect(database)
    speak_raw(connection)
    verbs = Verbs(connection)
    verbs.run("set search_path to public")
    furnish_both(verbs)
    set_canary(connection)
    verbs.run("create role test_known_user")
    for name in [name for name in os.environ if name.startswith("PG")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PGDISPATCH_DSN", database)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    yield verbs
    verbs.run("drop owned by test_known_user")
    verbs.run("drop role test_known_user")


def problems(done: Finished, *, also: frozenset[int] = frozenset()) -> list[str]:
    """Return what is wrong with how a command ended."""
    found = []
    if done.status not in {0, 1, 2} | also:
        found.append(f"exit status {done.status}")
    if not is_shown(done.out + done.err):
        found.append("control characters")
    if "Traceback" in done.err:
        found.append("a traceback")
    labels = [line.partition(" ")[0] for line in done.err.splitlines()]
    if done.status and "usage:" not in done.err.lower():
        found += [f"no {label}" for label in ("error:", "hint:") if label not in labels]
    if len(done.err) > 3000:
        found.append(f"{len(done.err)} characters of error")
    return [*found, repr(done.err[:1000])] if found else []


def is_shown(text: str) -> bool:
    """Tell whether a terminal shows all of a text, and obeys none of it."""
    return all(character == "\n" or character.isprintable() for character in text)


def test_a_bad_command_line_changes_nothing_and_says_what_to_do(furnished: Verbs) -> None:
    """Every command, with any of its options."""
    for path in LEAVES:
        try_command(furnished.connection, path)


def try_command(connection: psycopg.Connection[Any], path: Path) -> None:
    """Run one command with many lines."""

    @effort(3)
    @given(rest=command_lines(LEAVES[path], KNOWN))
    def try_line(rest: list[str]) -> None:
        line = [*path, *NEVER_STARTED.get(path[0], ()), *rest]
        before = fingerprint(connection)

        done = run_here(*line)

        after = fingerprint(connection)
        if path != ("doctor",):
            assert problems(done, also=frozenset({3, 4} if "--dsn" in rest else ())) == []
        assert done.status == 0 or path == ("cancel",) or after == before
        assert after["public.canary"] == before["public.canary"]

    try:
        try_line()
    except Exception as error:
        error.add_note(f"the command was {' '.join(path)}")
        raise


@pytest.mark.parametrize("option", ["--node", "--listen"])
def test_a_worker_with_a_bad_name_or_address_does_not_start(furnished: Verbs, option: str) -> None:
    """It has asked nobody to wait for it."""
    before = fingerprint(furnished.connection)
    texts = ["", *SQL, *SHELL, *PATHS, *UNICODE, HUGE, "9" * 5000, "host:" + "9" * 5000]
    usual = ["worker", "--listen=127.0.0.1:0", "--app=no.such.module"]

    ends = [run_here(*usual, f"{option}={text}") for text in texts if text not in FINE_NAMES]

    assert {done.status for done in ends} == {2}
    assert [problems(done) for done in ends if problems(done)] == []
    assert fingerprint(furnished.connection) == before


def test_what_was_done_is_said_without_disturbing_the_terminal(furnished: Verbs) -> None:
    """The name is repeated as it is shown, not as it was given."""
    names = list(map(as_argument, UNICODE))

    ends = [run_here("schedule", verb, name, "--priority=9") for name in names
            for verb in ("add", "change")]  # fmt: skip

    assert {done.status for done in ends} == {0}
    assert [problems(done) for done in ends if problems(done)] == []
    assert set(names) <= set(furnished.values("select name from pgdispatch.schedule"))


def poison(verbs: Verbs) -> None:
    """Store every odd text that the database takes, wherever it takes it."""
    for text in TEXTS:
        with contextlib.suppress(psycopg.Error):
            verbs.schedule(raw(text))  # type: ignore[arg-type]  # sent as it is
        short = raw(text[:300])
        with contextlib.suppress(psycopg.Error):
            verbs.job("alert", title=short, datasource=short, created_by=short)
        with contextlib.suppress(psycopg.Error):
            job = verbs.job("alert", title=short)
            verbs.run("select pgdispatch.cancel(%s, %s, %s)", job, short, short)
        with contextlib.suppress(psycopg.Error):
            verbs.task("alert", title=short, datasource=short)
        with contextlib.suppress(psycopg.Error):
            verbs.add("linked_task", title=short)
        with contextlib.suppress(psycopg.Error):
            verbs.run(FAIL, verbs.claim("n:4"), short, short)
    for document in DOCUMENTS:
        with contextlib.suppress(psycopg.Error):
            verbs.job("alert", args=document)
    for instant in INSTANTS:
        with contextlib.suppress(psycopg.Error):
            verbs.job(not_before=instant)
        with contextlib.suppress(psycopg.Error):
            verbs.run("insert into pgdispatch.schedule (name, created_at, last_run_at)"
                      " values (%s, %s, %s)", f"at {instant}", instant, instant)  # fmt: skip


def test_what_is_odd_in_the_database_is_shown_without_disturbing_the_terminal(
    furnished: Verbs,
) -> None:
    """Escape sequences, line ends, directions of writing: in tables, pages and JSON."""
    poison(furnished)
    looks = [path for path, command in LEAVES.items() if path[-1] in {"list", "queue", "jobs"}]
    lines = [(*path, *more) for path in looks for more in ((), ("--json",))]
    jobs = furnished.values(ODDEST)
    lines += [("show", str(job)) for job in jobs]

    shown = {line: run_here(*line) for line in lines}

    assert {line for line, done in shown.items() if done.status == 0} >= set(looks)
    assert {line: problems(done) for line, done in shown.items() if problems(done)} == {}


def test_a_text_that_is_accepted_is_stored_as_it_was_given(furnished: Verbs) -> None:
    """To the byte."""

    @effort(8)
    @given(title=texts.map(as_argument), args=st.dictionaries(texts.map(as_argument), texts))
    def try_title(title: str, args: dict[str, str]) -> None:
        done = run_here("enqueue", "system", f"--title={title}", f"--args={json.dumps(args)}")

        assert problems(done) == []
        if done.status == 0:
            job = furnished.row("select * from pgdispatch.job order by id desc limit 1")
            assert (job["title"], job["args"]) == (title, args)

    try_title()


def test_a_real_process_ends_in_the_same_way(furnished: Verbs, tmp_path: Folder) -> None:
    """Whatever a shell passes on."""
    lines = [
        *(["site", "add", "\x1b[2J\u202e; rm -rf"], ["show", "$(touch canary)"]),
        ["schedule", "fire", "x" * 100_000],
    ]

    done = [run_command(furnished.connection.info.dsn, *line) for line in lines]

    assert [each.status for each in done] == [1, 2, 1]
    assert [problems(each) for each in done if problems(each)] == []
    assert list(tmp_path.iterdir()) == []
