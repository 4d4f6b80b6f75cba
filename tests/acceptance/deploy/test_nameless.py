"""An account without a name and without a home, as a container that is given any number."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from support.bytecode import VARIABLE
from support.cli.command import COMMAND, Finished

NUMBER = "12345"
SWITCH = (
    "setpriv", "--reuid", NUMBER, "--regid", NUMBER, "--clear-groups",
    "--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search",  # to read this tree
)  # fmt: skip


def run_nameless(*arguments: str, **environment: str) -> Finished:
    """Run the command as an account that nobody has named."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("root and setpriv are needed to be another account")
    done = subprocess.run(
        [*SWITCH, str(COMMAND), *arguments],
        env={"PATH": os.defpath, VARIABLE: os.environ[VARIABLE], **environment},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("command", ["queue", "dsn", "install", "worker"])
def test_without_a_home_there_is_no_server_of_ones_own(command: str) -> None:
    """And so no database, unless one is named."""
    done = run_nameless(command)

    assert done.status == 3
    assert done.err.startswith("error: no database is configured\nhint: pass --dsn")


@pytest.mark.parametrize("command", [["queue"], ["worker", "--listen", "127.0.0.1:0"]])
def test_without_a_name_a_user_has_to_be_named(command: list[str]) -> None:
    """Whichever driver would connect."""
    done = run_nameless("--dsn", "host=127.0.0.1 port=1", *command)

    assert done.status == 2
    assert f"error: local user with ID {NUMBER} does not exist\n" in done.err
    assert "hint: this process's account has no name: name a user" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("command", [["queue"], ["worker", "--listen", "127.0.0.1:0"]])
def test_with_a_user_it_connects(command: list[str]) -> None:
    """As far as there is a server."""
    done = run_nameless("--dsn", "host=127.0.0.1 port=1 user=u sslmode=require", *command)

    assert done.status == 3
    assert "error: the database cannot be reached" in done.err


@pytest.mark.parametrize("command", ["up", "demo"])
def test_postgresql_does_not_run_without_a_name(command: str) -> None:
    """It says so itself, but not what to do."""
    done = run_nameless(command, HOME="/nowhere")

    assert done.status == 3
    assert f"error: the account with the number {NUMBER} has no name" in done.err
    assert "hint: run as a user of this machine" in done.err
