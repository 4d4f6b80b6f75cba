"""Spans of what a node runs, by OpenTelemetry: for each attempt how long it waited, and its run.

A run belongs to the trace that the job was inserted with, as a child of the producer's span, to
which it is linked, too; so does the time it waited. A job without one begins a trace: its run is
the root, and the wait hangs on that. What a handler does is below the run.

The database is asked once for all that has ended, as for the lines of the log. A thread sends the
spans, and nobody waits for it: what does not fit its queue is dropped.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_INSTANCE_ID, SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import (
    Link,
    Span,
    SpanKind,
    StatusCode,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from pgdispatch.database import statements
from pgdispatch.database.session import Session
from pgdispatch.ipc.attempt import Attempt
from pgdispatch.node.endings import AT_MOST, LONGEST_ERROR, taken
from pgdispatch.node.periodic import wait_for
from pgdispatch.outcome import FOR_GOOD
from pgdispatch.version import VERSION

logger = logging.getLogger("pgdispatch")

SEND_WITHIN = 2.0  # seconds, at the end
OPERATION = {"messaging.operation.name": "run", "messaging.operation.type": "process"}
FACTS = ("type", "site", "title", "datasource", "schedule", "task", "priority")
HEADER = TraceContextTextMapPropagator()


@dataclass
class Run:
    """The span of one run, with the context that it is in, and what is said of its wait, too.

    `began`: nanoseconds since 1970. `seconds`: how long it ran. `outcome`: as the node saw it.
    """

    span: Span
    context: Context
    type: str
    attributes: Mapping[str, Any]
    began: int
    seconds: float = 0.0
    outcome: str = "lost"


@dataclass
class Spans:
    """The spans of one node: of runs in hand, and of those `ended` that are still to be told of."""

    node: str
    session: Session
    provider: TracerProvider
    running: dict[Attempt, Run] = field(default_factory=dict)
    ended: dict[Attempt, Run] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the tracer."""
        self.tracer = self.provider.get_tracer("pgdispatch", VERSION)

    def start(self, attempt: Attempt, facts: Mapping[str, Any], backgrounder: str) -> str | None:
        """Begin the span of a run, of a job with these columns; return its traceparent."""
        given = facts["traceparent"]
        context = HEADER.extract({"traceparent": given} if given else {}, Context())
        attributes = _attributes(attempt, facts, backgrounder)
        producer = get_current_span(context).get_span_context()
        began = time.time_ns()
        span = self.tracer.start_span(
            f"run {facts['type']}",
            context,
            SpanKind.CONSUMER,
            {**attributes, **OPERATION},
            [Link(producer)] if producer.is_valid else [],
            began,
        )
        if span.is_recording():
            self.running[attempt] = Run(span, context, str(facts["type"]), attributes, began)
        carrier: dict[str, str] = {}
        HEADER.inject(carrier, set_span_in_context(span, Context()))
        return carrier.get("traceparent")

    def end(self, attempt: Attempt, seconds: float | None, outcome: str) -> None:
        """Note that a run has ended, and the database knows of it."""
        run = self.running.pop(attempt, None)
        if run is None:
            return
        run.seconds, run.outcome = seconds or 0.0, outcome
        self.ended[attempt] = run
        if len(self.ended) > AT_MOST:  # the database does not answer
            self._tell(self.ended.pop(next(iter(self.ended))), {})

    async def tell(self) -> None:
        """Ask the database what became of the runs that have ended, and hand their spans on.

        Transaction: one of its own for each thousand.
        """
        async for _, run, known in taken(self.ended, self.session, statements.ATTEMPT_TRACES):
            self._tell(run, known)

    async def close(self) -> None:
        """Send what is left, but do not wait for long."""
        loop, over = asyncio.get_running_loop(), asyncio.Event()

        def shut_down() -> None:
            self.provider.shutdown()
            with suppress(RuntimeError):  # nobody waits any more
                loop.call_soon_threadsafe(over.set)

        threading.Thread(target=shut_down, daemon=True).start()
        await wait_for(over, SEND_WITHIN)

    def _tell(self, run: Run, known: Mapping[str, Any]) -> None:
        outcome = known.get("ended_as") or run.outcome
        facts = {"pgdispatch.outcome": outcome}
        if known.get("retry_of") is not None:
            facts["pgdispatch.retry_of"] = known["retry_of"]
        if known.get("wait_seconds") is not None:
            self._tell_wait(run, known["wait_seconds"], facts)
        run.span.set_attributes(facts)
        if outcome in FOR_GOOD:
            error = str(known.get("error") or "").strip().partition("\n")[0][:LONGEST_ERROR]
            run.span.set_attribute("error.type", outcome)
            run.span.set_status(StatusCode.ERROR, error or outcome)
        run.span.end(run.began + int(run.seconds * 1e9))

    def _tell_wait(self, run: Run, seconds: float, facts: Mapping[str, Any]) -> None:
        is_root = not get_current_span(run.context).get_span_context().is_valid
        span = self.tracer.start_span(
            f"wait {run.type}",
            set_span_in_context(run.span, Context()) if is_root else run.context,
            SpanKind.INTERNAL,
            {**run.attributes, **facts, "messaging.operation.name": "wait"},
            start_time=run.began - int(seconds * 1e9),
        )
        span.end(run.began)


class TellingExporter(SpanExporter):
    """Exports by another one, and tells when that begins to fail, and when it does not any more.

    `reason` keeps what OpenTelemetry says: it would say it again for each batch.
    """

    def __init__(self, exporter: SpanExporter, *, node: str, reason: LastWords) -> None:
        self._exporter, self._node, self._reason = exporter, node, reason
        self._fails = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans; those that nobody takes are lost."""
        try:
            result = self._exporter.export(spans)
        except Exception as error:  # of an address that is none, for example
            self._reason.said = str(error)
            result = SpanExportResult.FAILURE
        fails = result is not SpanExportResult.SUCCESS
        if fails and not self._fails:
            said = self._reason.said or "the collector does not take them"
            logger.warning("%s: spans are lost: %s", self._node, said)
        elif self._fails and not fails:
            logger.info("%s: spans are taken again", self._node)
        self._fails = fails
        return result

    def shutdown(self) -> None:
        """Let the other one end."""
        self._exporter.shutdown()


class LastWords(logging.Handler):
    """Keeps the last line that was logged."""

    said: str = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.said = record.getMessage()


def export_spans(node: str, session: Session) -> Spans:
    """Return what makes the spans of a node, and sends them as the environment says.

    Takes over the log of OpenTelemetry. Raises whatever that makes of its variables.
    """
    reason = LastWords()
    log = logging.getLogger("opentelemetry")
    log.addHandler(reason)
    log.propagate = False
    exporter = TellingExporter(OTLPSpanExporter(), node=node, reason=reason)
    provider = TracerProvider(resource=_resource(node), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return Spans(node, session, provider)


def _resource(node: str) -> Resource:
    made = Resource.create({SERVICE_INSTANCE_ID: node})
    if str(made.attributes[SERVICE_NAME]).startswith("unknown_service"):
        return made.merge(Resource({SERVICE_NAME: "pgdispatch"}))
    return made


def _attributes(attempt: Attempt, facts: Mapping[str, Any], backgrounder: str) -> dict[str, Any]:
    """Return what is said of a run and of its wait."""
    job, number = attempt
    said = {
        "messaging.system": "pgdispatch",
        "messaging.destination.name": facts["type"],
        "messaging.message.id": str(job),
        "messaging.client.id": backgrounder,
        "pgdispatch.job": job,
        "pgdispatch.attempt": number,
        "pgdispatch.node": backgrounder.rpartition(":")[0],
        "pgdispatch.backgrounder": backgrounder,
        **{f"pgdispatch.{name}": facts[name] for name in FACTS},
    }
    return {name: value for name, value in said.items() if value is not None}
