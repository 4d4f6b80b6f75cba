"""Background jobs for data platforms, in an exact and explainable order, on PostgreSQL."""

from pgdispatch.handler import Context, Handlers, Job, StoppedError
from pgdispatch.producer import enqueue
from pgdispatch.version import VERSION as __version__

__all__ = ["Context", "Handlers", "Job", "StoppedError", "__version__", "enqueue"]
