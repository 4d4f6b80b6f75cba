"""Every error that pgdispatch raises, each with what was wrong and what to do.

The database raises with SQLSTATEs of our own (class `JD`); `from_sqlstate` maps them here, never
by text or constraint name. The list of SQLSTATEs is in `sql/README.md`.
"""

from __future__ import annotations

__all__ = [
    "ConfigurationError",
    "ConfinedError",
    "ConnectionStringError",
    "DuplicateRunError",
    "InvalidInputError",
    "IsolationError",
    "JobEndedError",
    "KeyTakenError",
    "NoDatabaseError",
    "NodeNameTakenError",
    "NotFoundError",
    "PgdispatchError",
    "RunNowForbiddenError",
    "SchemaMismatchError",
    "StaleAttemptError",
    "WrongStateError",
]


class PgdispatchError(Exception):
    """Carry a message, the facts behind it (`detail`) and what to do next (`hint`)."""

    exit_status = 1

    def __init__(self, message: str, *, detail: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.hint = hint


class InvalidInputError(PgdispatchError):
    """A value was refused: unknown name, number out of range, wrong shape (JD001)."""


class NotFoundError(PgdispatchError):
    """The thing named does not exist, or not any more (JD002)."""


class StaleAttemptError(PgdispatchError):
    """The attempt named is no longer the running one; nothing was changed (JD003)."""


class WrongStateError(PgdispatchError):
    """The thing named is not in a state that allows this (JD004)."""


class DuplicateRunError(PgdispatchError):
    """The task already has a job waiting or running; the message names it (JD005)."""


class RunNowForbiddenError(PgdispatchError):
    """The site does not allow Run Now (JD006)."""


class NodeNameTakenError(PgdispatchError):
    """Another live supervisor serves under this node's name (JD007)."""


class IsolationError(PgdispatchError):
    """The caller's transaction is not READ COMMITTED, which dispatch needs (JD008)."""


class ConfinedError(PgdispatchError):
    """The caller is confined to sites, and this concerns all of them (JD009)."""


class KeyTakenError(PgdispatchError):
    """A job has the key of this insert already; the detail names it if one may see it (JD011)."""


class JobEndedError(PgdispatchError):
    """A job that was waited for has failed or was cancelled; `outcome` says which."""

    def __init__(self, message: str, *, outcome: str, detail: str | None = None) -> None:
        super().__init__(message, detail=detail)
        self.outcome = outcome


class ConfigurationError(PgdispatchError):
    """What a node was given for itself is wrong; it does not get better by trying again."""

    exit_status = 2


class ConnectionStringError(PgdispatchError):
    """libpq does not take the connection string, or a node cannot do what it asks for."""

    exit_status = 2


class NoDatabaseError(PgdispatchError):
    """No database could be reached."""

    exit_status = 3


class SchemaMismatchError(PgdispatchError):
    """The installed schema does not fit this version of the package."""

    exit_status = 4


BY_SQLSTATE: dict[str, type[PgdispatchError]] = {
    "JD001": InvalidInputError,
    "JD002": NotFoundError,
    "JD003": StaleAttemptError,
    "JD004": WrongStateError,
    "JD005": DuplicateRunError,
    "JD006": RunNowForbiddenError,
    "JD007": NodeNameTakenError,
    "JD008": IsolationError,
    "JD009": ConfinedError,
    "JD010": SchemaMismatchError,  # an older package is being installed
    "JD011": KeyTakenError,
    "3F000": SchemaMismatchError,  # schema pgdispatch does not exist
    "42P01": SchemaMismatchError,  # a table of ours does not exist
    "42703": SchemaMismatchError,  # a column of ours does not exist
    "42883": SchemaMismatchError,  # a function of ours does not exist
}
OUR_OWN = tuple(set(BY_SQLSTATE.values()))


def from_sqlstate(
    sqlstate: str | None, message: str, detail: str | None, hint: str | None
) -> PgdispatchError | None:
    """Return the error that `sqlstate` stands for, or None if it is not one of ours."""
    kind = BY_SQLSTATE.get(sqlstate or "")
    if kind is None:
        return None
    if kind is SchemaMismatchError and not str(sqlstate).startswith("JD"):
        hint = "run: pgdispatch install"
    return kind(message, detail=detail, hint=hint)
