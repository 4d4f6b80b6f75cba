"""The statement that inserts a job."""

from __future__ import annotations

import subprocess
import sys

from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

from pgdispatch import enqueue

IMPORTS = """
import sys
from pgdispatch import enqueue
enqueue("system")
print(any(name.startswith("opentelemetry") for name in sys.modules))
"""


def test_a_job_belongs_to_the_current_span_unless_told_otherwise() -> None:
    """Outside of a span to none; an empty trace is none, too, once it is in the database."""
    span = NonRecordingSpan(SpanContext(10, 11, is_remote=False, trace_flags=TraceFlags(1)))
    with trace.use_span(span):
        inside = [enqueue("system"), enqueue("system", traceparent="")]

    given = [statement.compile().params.get("traceparent") for statement in inside]
    assert given == [f"00-{10:032x}-{11:016x}-01", ""]
    assert "traceparent" not in enqueue("system").compile().params


def test_who_does_not_use_opentelemetry_does_not_import_it() -> None:
    """It would cost as much as all else."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True
    )

    assert done.stdout == "False\n"
