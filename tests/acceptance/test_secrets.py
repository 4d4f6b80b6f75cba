"""A password of the database is on no command line.

On the newest server only, to save time.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.command import COMMAND, command_environment, run_command
from support.nodes import Cluster
from support.processes import wait_until

pytestmark = pytest.mark.usefixtures("newest_only")

SECRET = "sesame"  # noqa: S105  # what must not be found


@pytest.mark.parametrize("form", ["script", "module"])
def test_a_command_takes_a_password_off_its_command_line(cluster: Cluster, form: str) -> None:
    """A command that waits, so that one can look: for a lock that the test holds."""
    start = [str(COMMAND)] if form == "script" else [sys.executable, "-m", "pgdispatch_cli"]
    secret = f"{cluster.dsn} password={SECRET}"
    with cluster.verbs.connection.transaction(force_rollback=True):
        cluster.verbs.run("lock table pgdispatch.setting")
        process = subprocess.Popen(
            [*start, "setting", f"--dsn={secret}", "set", "tie_break", "created"],
            env=command_environment(None),
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        wait_until(lambda: bool(cluster.verbs.values("select pid from pg_locks where not granted")))

        line = Path(f"/proc/{process.pid}/cmdline").read_text()

    assert SECRET not in line
    assert line.endswith("setting\0set\0tie_break\0created\0")
    assert process.communicate(timeout=20) == ("setting tie_break is created\n", None)


def test_an_argument_that_only_looks_like_the_option_stays(cluster: Cluster) -> None:
    """What stands after a lone -- is no option; the last of several counts."""
    done = run_command(
        None,
        *("--dsn", f"host=nowhere password={SECRET}", "setting", "set"),
        *("--dsn", f"{cluster.dsn} password={SECRET}", "--", "tie_break", "--dsn"),
    )

    assert done.status == 1
    assert "setting tie_break cannot be '--dsn'" in done.err
