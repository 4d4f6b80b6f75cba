"""The one error of the embedded server."""

from __future__ import annotations

from pgdispatch.errors import NoDatabaseError


class EmbeddedServerError(NoDatabaseError):
    """The embedded server cannot be found, started or used; the hint says what to do."""
