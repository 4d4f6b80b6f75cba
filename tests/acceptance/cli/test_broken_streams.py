"""Standard output and error that are full, closed, or a pipe without a reader.

On the newest server only, to save time.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence

import pytest

from support.cli.command import COMMAND, command_environment
from support.nodes.cluster import Cluster
from support.nodes.processes import wait_until

pytestmark = pytest.mark.usefixtures("newest_only")

BROKEN = {"full": ">/dev/full", "closed": ">&-", "gone": "| true"}


def run(database: str, words: str, *, more: Sequence[str] = ()) -> tuple[int, str]:
    """Run `pgdispatch` in a shell; return its own status and what it wrote to standard error."""
    done = subprocess.run(
        ["/bin/bash", "-c", f'"$0" "$@" {words}; exit ${{PIPESTATUS[0]}}', str(COMMAND), *more],
        env=command_environment(database),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("how", "status", "said"),
    [
        ("full", 1, "error: cannot write the output: No space left on device\n"),
        ("closed", 1, "error: cannot write the output: Bad file descriptor\n"),
        ("gone", 141, ""),
    ],
)
@pytest.mark.parametrize("command", [["node", "list", "--json"], ["queue", "--help"]])
def test_a_command_whose_output_is_broken_says_so_in_a_line(
    database: str, command: list[str], how: str, status: int, said: str
) -> None:
    """Nothing at all if its reader has had enough, as other programs do."""
    assert run(database, BROKEN[how], more=command) == (status, said)


@pytest.mark.parametrize("how", ["2>/dev/full", "2>&-"])
def test_a_refusal_that_nobody_can_read_keeps_its_status(database: str, how: str) -> None:
    """Nor does it spoil what is written to standard output."""
    assert run(database, how, more=["site", "change", "nosite", "--limit", "3"])[0] in {1, 2}
    assert run(database, how, more=["queue"])[0] == 0


@pytest.mark.parametrize("how", [">/dev/full 2>&1", ">&- 2>&-", "2>&1 | true"])
def test_a_node_whose_output_is_broken_runs_jobs_that_print(cluster: Cluster, how: str) -> None:
    """What they print goes nowhere; they succeed, and so do those that log and warn."""
    loud, failing = cluster.job("print"), cluster.job("fail")

    node = cluster.start(processes=1, inside=["/bin/bash", "-c", f'"$@" {how}', "bash"])

    assert cluster.ended(loud)["outcome"] == "succeeded"
    assert cluster.ended(failing)["error"].startswith("ValueError: cannot work on")
    assert cluster.verbs.value("select count(*) from pgdispatch.job_history where attempt > 1") == 0
    node.send_all(signal.SIGTERM)
    wait_until(lambda: not node.family())
