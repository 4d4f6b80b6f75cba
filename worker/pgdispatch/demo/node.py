"""One node of the demo, in a process of its own: `python -m pgdispatch.demo.node NAME N DSN`."""

from __future__ import annotations

import signal
import sys

from pgdispatch.host import log_lines
from pgdispatch.host.processors import available_processors
from pgdispatch.host.procfs import end_with_parent
from pgdispatch.node.options import SupervisorOptions
from pgdispatch.node.supervisor import serve


def main() -> None:
    """Serve the ready-made handlers as the node that the arguments name."""
    end_with_parent(signal.SIGTERM)  # the demo may be killed
    log_lines.set_up()
    name, processes, dsn = sys.argv[1:]
    serve(
        SupervisorOptions(
            dsn=dsn,
            node=name,
            processes=int(processes),
            processors=max(int(processes), available_processors()),  # it plays a larger machine
            apps=("pgdispatch.handlers",),
            grace=10,
        )
    )


if __name__ == "__main__":
    main()
