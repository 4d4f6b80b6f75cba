"""Run it with `uv run --all-extras --group browser python tests/screenshots`; see `--help`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])  # what Python puts there is this folder

from screenshots.program import main  # noqa: E402  # needs the path above

if __name__ == "__main__":
    sys.exit(main())
