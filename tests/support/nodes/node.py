"""A node as an operator starts it: a real supervisor, watched from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pgdispatch.host import procfs
from support.checkout import TESTS
from support.nodes.processes import wait_until

MARK = "LC_PGDISPATCH_TEST_NODE"  # programs see what is of the locale
POWERS = "-sys_ptrace,-perfmon,-sys_admin"  # of root, to look into processes of its own account
POWERLESS = ("setpriv", f"--bounding-set={POWERS}", f"--inh-caps={POWERS}")


@dataclass(frozen=True)
class Node:
    """A supervisor that was started. `mark` is in the environment of whatever it starts."""

    name: str
    process: subprocess.Popen[bytes]
    log_file: Path
    mark: str

    @property
    def log(self) -> str:
        """What it and its backgrounders have written so far."""
        return self.log_file.read_text(errors="replace")

    def family(self) -> set[int]:
        """Return the processes that are alive of all that it ever started, and itself."""
        processes = procfs.everybody().values()
        return {
            one.pid
            for one in processes
            if not one.is_zombie and procfs.mark(one.pid, MARK) == self.mark
        }

    def check(self) -> None:
        """Raise ChildProcessError if it has ended, with the end of its log."""
        if self.process.poll() is not None:
            tail = "\n".join(self.log.splitlines()[-10:])
            raise ChildProcessError(f"{self.name} ended with {self.process.returncode}: {tail}")

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the supervisor alone."""
        self.process.send_signal(number)

    def send_all(self, number: signal.Signals) -> None:
        """Send a signal to the supervisor and to everything that it has started."""
        for pid in sorted(self.family()):
            with suppress(ProcessLookupError):  # it ended with one that was sent it before
                os.kill(pid, number)

    def exit_status(self, within: float = 20.0) -> int:
        """Wait for the end of the supervisor and return its exit status."""
        return self.process.wait(within)

    def stop(self) -> set[int]:
        """End the node at once; return the processes that it left behind, which are killed."""
        with suppress(TimeoutError):
            wait_until(self._is_over)
        left = self.family()
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        return left

    def _is_over(self) -> bool:
        if self.process.poll() is None:
            self.send(signal.SIGTERM)
        return self.process.returncode is not None


def search_path(*first: Path) -> str:
    """Return where a node looks for modules: also where this process was told to (a copy's)."""
    told = os.environ.get("PYTHONPATH")
    return os.pathsep.join([*map(str, first), str(TESTS), *([told] if told else [])])


def start_node(
    name: str,
    folder: Path,
    options: Mapping[str, object],
    environment: Mapping[str, str],
    *,
    inside: Sequence[str] = (),
    more: Sequence[str] = (),
    before: Callable[[], None] | None = None,
    python: Path = Path(sys.executable),
) -> Node:
    """Start `pgdispatch worker` in a folder, where its log is kept.

    `options` are those of the command, without those that are None; `more` comes last on its
    command line. `inside` is a command that runs the one that follows it; `before` runs in the new
    process, before all. `python` is the interpreter of the environment whose command it is. Unless
    told otherwise it may run more processes than the machine has processors, and listens on a port
    of its own.
    """
    mark = uuid.uuid4().hex
    log_file = folder / f"{name}-{mark}.log"
    command = [*inside, str(python), "-m", "pgdispatch_cli", "worker", "--node", name]
    for option, given in {"processors": 8, "listen": "127.0.0.1:0", **options}.items():
        if given is not None:
            command += [f"--{option}", str(given)]
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [*command, *more],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": search_path(), MARK: mark, **environment},
            start_new_session=True,
            preexec_fn=before,  # noqa: PLW1509  # who gives one has one thread
        )
    return Node(name, process, log_file, mark)
