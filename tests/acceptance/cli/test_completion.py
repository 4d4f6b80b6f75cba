"""A shell completes commands, options and names; it is never held up, and told nothing."""

from __future__ import annotations

import os
import socket
import subprocess

import pytest

from support.cli.command import COMMAND, command_environment, run_command
from support.servers.embedded import Connect

pytestmark = pytest.mark.usefixtures("newest_only")
BASH = "/bin/bash"
ASK = """
eval "$("$0" completion bash)"
COMP_WORDS=("$0" "${@}")
COMP_CWORD=$#
_pgdispatch_completion "$0"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def completed(dsn: str | None, *words: str) -> list[str]:
    """Return what bash offers in place of the last word."""
    environment = command_environment(dsn)
    environment["PATH"] = f"{COMMAND.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        [BASH, "-c", ASK, "pgdispatch", *words],
        env=environment, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.split()


def test_bash_completes_commands_options_and_names(database: str, connect: Connect) -> None:
    """Names are the database's; one that a shell would not take as it is is left out."""
    connect(database).execute(
        "insert into pgdispatch.site (name) values ('acme'), ('acorn'), ('ac dc');"
        "insert into pgdispatch.schedule (name) values ('nightly'), ('night$(reboot)');"
        "insert into pgdispatch.node (name) values ('etl-1')"
    )

    assert completed(None, "sch") == ["schedule"]
    assert completed(None, "site", "re") == ["rename"]
    assert completed(None, "queue", "--s") == ["--site"]
    assert completed(database, "site", "show", "ac") == ["acme", "acorn"]
    assert completed(database, "schedule", "fire", "ni") == ["nightly"]
    assert completed(database, "node", "drain", "") == ["etl-1"]
    assert completed(database, "type", "change", "fl") == ["flow"]
    assert completed(database, "queue", "--site", "acm") == ["acme"]
    assert completed(database, "site", "add", "ac") == []
    assert completed(None, "--dsn", f"'{database}'", "task", "list", "--schedule", "n") == [
        "nightly"
    ]


def test_database_that_is_away_offers_no_names() -> None:
    """One that never answers, one that is not there, and none at all."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]

        assert completed(f"host=127.0.0.1 port={port} dbname=x", "site", "show", "") == []
        assert completed("host=/nowhere dbname=x", "site", "show", "") == []
        assert completed(None, "--dsn", "no dsn", "site", "show", "") == []


@pytest.mark.parametrize(("shell", "mark"), [("zsh", "#compdef pgdispatch"), ("fish", "complete")])
def test_other_shells_have_theirs(shell: str, mark: str) -> None:
    """As click writes them."""
    done = run_command(None, "completion", shell)

    assert (done.status, done.err) == (0, "")
    assert mark in done.out
    assert "_PGDISPATCH_COMPLETE" in done.out
