"""Run it with `uv run --locked python tests/release`; `--help` says what can be chosen."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])  # what Python puts there is this folder

from release.program import main  # noqa: E402  # needs the path above

if __name__ == "__main__":
    sys.exit(main())
