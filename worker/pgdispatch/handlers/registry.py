"""Which function runs which job type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pgdispatch.handler import Context, Handlers
from pgdispatch.handlers import alert, flow, subscription, system
from pgdispatch.handlers.catalogue import Catalogue
from pgdispatch.handlers.extract import creation, full, incremental

Run = Callable[[Context, Catalogue], dict[str, Any]]

RUNS: dict[str, Run] = {
    "flow": flow.run,
    "alert": alert.run,
    "system": system.run,
    "subscription": subscription.run,
    "extract_creation": creation.run,
    "incremental_extract": incremental.run,
    "full_extract": full.run,
}


def build(catalogue: Catalogue) -> Handlers:
    """Return a registry with a handler for each job type, bound to `catalogue`."""
    handlers = Handlers()
    for job_type, run in RUNS.items():
        handlers.register(job_type)(_bind(run, catalogue))
    return handlers


def _bind(run: Run, catalogue: Catalogue) -> Callable[[Context], dict[str, Any]]:
    def handler(context: Context) -> dict[str, Any]:
        return run(context, catalogue)

    handler.__doc__ = run.__doc__
    return handler
