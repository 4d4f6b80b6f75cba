"""How long hypothesis looks: the same few examples in each run, or many others on request."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE", "default") == "long"
LONGER = 50


def effort(examples: int) -> settings:
    """Return settings for so many examples, many more with HYPOTHESIS_PROFILE=long."""
    return settings(
        max_examples=examples * (LONGER if IS_LONG else 1),
        derandomize=not IS_LONG,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
