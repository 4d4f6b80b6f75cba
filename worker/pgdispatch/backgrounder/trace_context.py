"""The trace that a run belongs to, made the current one while its handler runs.

Spans that the handler makes with OpenTelemetry are then below that of the run, and jobs that it
inserts with `enqueue` belong to the same trace. Without OpenTelemetry there is nothing to do.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any


def enter(traceparent: str | None) -> Any:
    """Make a trace the current one; return what `leave` takes, None if there is nothing to do."""
    if traceparent is None or find_spec("opentelemetry") is None:
        return None
    try:
        from opentelemetry import context  # noqa: PLC0415  # for those who have it
        from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415
            TraceContextTextMapPropagator,
        )

        found = TraceContextTextMapPropagator().extract({"traceparent": traceparent})
        return context.attach(found)
    except Exception:  # whatever has been installed by that name: the job goes on
        return None


def leave(token: Any) -> None:
    """Put back what was the current trace before."""
    if token is not None:
        from opentelemetry import context  # noqa: PLC0415  # it was imported by `enter`

        context.detach(token)
