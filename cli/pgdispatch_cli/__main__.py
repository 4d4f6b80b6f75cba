"""Let `python -m pgdispatch_cli` do what `pgdispatch` does."""

from __future__ import annotations

import sys

from pgdispatch_cli.start import main

sys.exit(main())
