"""Whether a node makes spans: if the extra `otel` is there, and the environment says where they go.

OpenTelemetry is imported only then. The variables are those of its specification.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from pgdispatch.database.session import Session

if TYPE_CHECKING:
    from pgdispatch.node.spans import Spans

logger = logging.getLogger("pgdispatch")

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def is_wanted() -> bool:
    """Whether the environment wants traces; without an endpoint it has to say so."""
    say = os.environ.get
    if say("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporter = say("OTEL_TRACES_EXPORTER", "").strip().lower()
    return exporter == "otlp" or (not exporter and any(map(say, ENDPOINTS)))


def open_spans(node: str, session: Session) -> Spans | None:
    """Return what makes the spans of a node; None if it makes none.

    What is wrong with the environment is told in the log: traces are no reason not to serve.
    """
    if not is_wanted():
        return None
    try:
        from pgdispatch.node.spans import export_spans  # noqa: PLC0415  # where it is wanted

        return export_spans(node, session)
    except ModuleNotFoundError:
        logger.info("%s: makes no spans: pip install 'pgdispatch[otel]'", node)
    except Exception as error:  # whatever OpenTelemetry makes of its variables
        logger.error("%s: makes no spans: %s", node, error)
    return None
