"""What a collector of traces has received, as tests look at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from support.nodes.receiver import Receiver


@dataclass(frozen=True)
class Received:
    """One span. Ids are hexadecimal, times in nanoseconds; `link`: the span it is linked to."""

    name: str
    trace: str
    id: str
    parent: str
    link: str | None
    kind: str
    started: int
    ended: int
    status: int
    error: str
    facts: dict[str, Any]
    resource: dict[str, Any]

    @property
    def job(self) -> int:
        """The job that it is about."""
        return int(self.facts["pgdispatch.job"])

    @property
    def about(self) -> tuple[str, int]:
        """Its first word, and the attempt that it is about."""
        return self.name.split()[0], int(self.facts["pgdispatch.attempt"])


def received(receiver: Receiver) -> list[Received]:
    """Return all spans that came in, in order."""
    return [span for _, body in list(receiver.requests) for span in _spans(body)]


def _spans(body: bytes) -> Iterator[Received]:
    request = ExportTraceServiceRequest.FromString(body)
    for group in request.resource_spans:
        resource = _values(group.resource.attributes)
        for scope in group.scope_spans:
            for span in scope.spans:
                yield _read(span, resource)


def _read(span: Span, resource: dict[str, Any]) -> Received:
    links = [link.span_id.hex() for link in span.links]
    return Received(
        name=span.name,
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        link=links[0] if links else None,
        kind=Span.SpanKind.Name(span.kind),
        started=span.start_time_unix_nano,
        ended=span.end_time_unix_nano,
        status=span.status.code,
        error=span.status.message,
        facts=_values(span.attributes),
        resource=resource,
    )


def _values(pairs: Any) -> dict[str, Any]:
    return {pair.key: _value(pair) for pair in pairs}


def _value(pair: KeyValue) -> Any:
    kind = pair.value.WhichOneof("value")
    return getattr(pair.value, kind) if kind else None
