"""Background jobs for data platforms, in an exact and explainable order, on PostgreSQL.

Applications insert jobs with `enqueue`, and wait for them with `result`; handlers are functions
registered in `Handlers`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgdispatch.handler import Context, Handlers, Job, StoppedError
from pgdispatch.outcome import Fail, Retry, Snooze
from pgdispatch.version import VERSION

if TYPE_CHECKING:
    from pgdispatch.producer import enqueue, result

__version__ = VERSION
__all__ = [
    "Context",
    "Fail",
    "Handlers",
    "Job",
    "Retry",
    "Snooze",
    "StoppedError",
    "__version__",
    "enqueue",
    "result",
]


def __getattr__(name: str) -> Any:
    """Import what producers need on first use: a backgrounder has no need of SQLAlchemy."""
    if name in ("enqueue", "result"):
        from pgdispatch import producer  # noqa: PLC0415  # that is the point

        return getattr(producer, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
