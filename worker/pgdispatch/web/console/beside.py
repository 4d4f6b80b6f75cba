"""The console of `up` and `demo`: a process beside theirs, for whoever started them.

It gets in by the address that is printed, whose token is good for once, and ends with them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import IO

from pgdispatch.host import log_lines
from pgdispatch.ipc.lifeline import die_with_parent
from pgdispatch.web.console.options import ConsoleOptions

PATIENCE = 10.0  # seconds until it is killed
MISSING = "the console needs the extra web: pip install 'pgdispatch[web]'"


@contextmanager
def beside(dsn: str, log: IO[bytes] | None = None, *, is_private: bool = True) -> Iterator[str]:
    """Run a console on a private database; give the sentence that says where it is.

    It logs to `log`, or where this process does. If it cannot start, the sentence says so. On a
    database that is not private it only looks.
    """
    if find_spec("jinja2") is None:
        yield MISSING
        return
    lifeline, kept = os.pipe()
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "pgdispatch.web.console.beside", str(lifeline)),
            *([] if is_private else ["--read-only"]),
        ],
        stdin=subprocess.PIPE,  # others can read its arguments, and there may be a password
        stdout=subprocess.PIPE,
        stderr=log,
        pass_fds=[lifeline],
        start_new_session=True,
        text=True,
    ) as process:
        os.close(lifeline)
        try:
            if process.stdin:
                process.stdin.write(dsn)
                process.stdin.close()
            said = process.stdout.readline().strip() if process.stdout else ""
            yield f"the console is at {said}" if said else "the console did not start"
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
            os.close(kept)


def main() -> None:
    """Serve until SIGTERM. Argument: a pipe that ends with the parent; standard input: the dsn."""
    die_with_parent(int(sys.argv[1]))
    log_lines.set_up()
    from pgdispatch.web.console import server  # noqa: PLC0415  # with the parent watched

    is_read_only = "--read-only" in sys.argv
    options = ConsoleOptions(
        dsn=sys.stdin.read(),
        listen="127.0.0.1:0",
        access="none",
        is_read_only=is_read_only,
        is_private=not is_read_only,
    )
    server.serve(options, tell=lambda address: print(address, flush=True))


if __name__ == "__main__":
    main()
