"""Where the command begins: it may be installed without what it needs, which is told in words."""

from __future__ import annotations

import sys

from pgdispatch.extras import missing


def main() -> int:
    """Run the command line, if it is all there; return the exit status, see `main.main`."""
    try:
        from pgdispatch_cli.main import main as run  # noqa: PLC0415  # it needs extras

        return run()
    except ImportError as error:
        said = missing(error)
        if said is None:
            raise
        print(f"error: {said.message}\nhint: {said.hint}", file=sys.stderr)
        return said.exit_status
