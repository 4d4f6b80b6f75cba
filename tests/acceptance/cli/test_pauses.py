"""Pausing by the command: who, why, until when, and what waits for it."""

from __future__ import annotations

import json
import re

import pytest

from support.cli.command import run_command
from support.servers.embedded import Connect


@pytest.mark.usefixtures("newest_only")
def test_a_site_is_paused_seen_and_resumed(database: str, connect: Connect) -> None:
    """The queue says why its jobs wait; refusals say what to do at the command line."""
    with connect(database) as connection:
        connection.execute("insert into pgdispatch.site (name) values ('acme')")
        connection.execute("insert into pgdispatch.job (type, site) values ('flow', 'acme')")
    said = ("--until", "+2h", "--reason", "database move", "--as", "alice")

    paused = run_command(database, "pause", "site", "acme", *said)
    again = run_command(database, "pause", "site", "acme", *said[2:], "--json")
    listed = run_command(database, "paused", "--json")
    waiting = run_command(database, "queue", "--json")
    marked = run_command(database, "queue")
    about = run_command(database, "show", "1")
    everything = run_command(database, "pause", "all", "--as", "bob")
    shown = run_command(database, "site", "show", "acme")
    of_another = run_command(database, "site", "show", "default", "--json")
    run_command(database, "resume", "all")
    resumed = run_command(database, "resume", "site", "acme")
    refused = run_command(database, "resume", "site", "acme")
    unknown = run_command(database, "pause", "type", "none")

    assert paused.out.startswith("site acme is paused until 2")
    assert paused.out.endswith("; jobs that wait: 1\n")
    assert json.loads(again.out)[0]["until"] is None
    assert (everything.status, shown.status) == (0, 0)
    assert re.search(
        r"paused +by alice since .*, until somebody resumes it: database move", shown.out
    )
    assert re.search(r"paused +everything, by bob since ", shown.out)
    (other,) = json.loads(of_another.out)
    assert [pause["paused_by"] for pause in other["pauses"]] == ["bob"]
    (row,) = json.loads(listed.out)
    assert (row["scope"], row["name"], row["paused_by"], row["waiting"]) == (
        "site", "acme", "alice", 1,
    )  # fmt: skip
    (job,) = json.loads(waiting.out)
    assert job["reason"] == "paused (site acme, by alice: database move)"
    assert job["needs_person"] is True
    assert "! paused (site acme, by alice: database move)" in marked.out
    assert "! waits until somebody does something: see pgdispatch doctor" in marked.err
    assert re.search(r"ends when +somebody does something", about.out)
    assert resumed.out.startswith("site acme is paused no longer; it was for ")
    assert refused.status == 1
    assert "see: pgdispatch paused" in refused.err
    assert unknown.status == 1
    assert "see: pgdispatch type list" in unknown.err
