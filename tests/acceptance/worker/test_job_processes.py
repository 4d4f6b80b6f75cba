"""What a supervisor does about strays, in a process that has some and no backgrounders."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from support.nodes.processes import is_alive, wait_until

SCRIPT = """
import os, subprocess, sys
from types import SimpleNamespace
from pgdispatch.node.slot import MARK, MARK_PREFIX
from pgdispatch.node.job_processes import JobProcesses

strays = JobProcesses(SimpleNamespace(slots={}))
daemon = "import os, signal; pid = os.fork()"
ends = "; pid and print(pid, flush=True); pid and os._exit(0)"
lasts = "; os.setsid(); os.close(1); os.close(2); signal.pause()"
ours = {**os.environ, MARK: MARK_PREFIX + "gone"}
theirs = {**os.environ, MARK: "1:other"}
for environment in (ours, theirs):
    subprocess.run([sys.executable, "-c", daemon + ends + lasts], env=environment, check=True)
sys.stdout.flush()
strays.end()
print("ended")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted on Linux only")
def test_the_end_of_a_node_ends_its_strays_and_nobody_elses(tmp_path: Path) -> None:
    """Daemons of a backgrounder that is gone, but not those that another program has left."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=True
    )
    ours, theirs, told = done.stdout.split()

    try:
        assert told == "ended"
        wait_until(lambda: not is_alive(int(ours)), within=5)
        assert is_alive(int(theirs))
    finally:
        for pid in (ours, theirs):
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
