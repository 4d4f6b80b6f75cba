"""Background jobs for data platforms, in an exact and explainable order, on PostgreSQL.

Applications insert jobs with `enqueue`, and wait for them with `result`; handlers are functions
registered in `Handlers`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgdispatch.handler import Context, Handlers, Job, StoppedError
from pgdispatch.new_job import NewJob
from pgdispatch.outcome import Fail, Retry, Snooze
from pgdispatch.passing import is_passing
from pgdispatch.version import VERSION

__version__ = VERSION
NO_SQLALCHEMY = (
    "this is for SQLAlchemy, which is not installed: pip install 'pgdispatch[sqlalchemy]'; "
    "enqueue for drivers is in pgdispatch.psycopg and pgdispatch.asyncpg"
)
__all__ = [
    "Context",
    "Fail",
    "Handlers",
    "Job",
    "NewJob",
    "Retry",
    "Snooze",
    "StoppedError",
    "__version__",
    "enqueue",
    "is_passing",
    "result",
]

if TYPE_CHECKING:  # who checks types has to know of every name: a misspelt one is an error
    from pgdispatch.producer import enqueue, result
else:

    def __getattr__(name: str) -> Any:
        """Import what needs SQLAlchemy on first use: a backgrounder does without."""
        if name in ("enqueue", "result"):
            try:
                from pgdispatch import producer  # noqa: PLC0415  # that is the point
            except ModuleNotFoundError as error:
                raise ModuleNotFoundError(NO_SQLALCHEMY, name=error.name) from None
            return getattr(producer, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
