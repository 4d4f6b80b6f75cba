"""What went wrong, as people are told: the database's own words, with what to do."""

from __future__ import annotations

import psycopg

from pgdispatch.errors import InvalidInputError, NotFoundError, PgdispatchError, from_sqlstate
from pgdispatch.web.console.guard import GuardError
from pgdispatch.web.console.login import AwayError, ShutOutError
from pgdispatch.web.console.sessions import FullError

NOT_ALLOWED = "42501"
LATE = ("57014", "55P03")
STATUSES: dict[type[PgdispatchError], int] = {
    ShutOutError: 403,
    FullError: 503,
    AwayError: 503,
    NotFoundError: 404,
    InvalidInputError: 400,
}


class NotAllowedError(PgdispatchError):
    """The database does not let this user do that."""


class LateError(PgdispatchError):
    """The database took too long."""


STATUSES |= {NotAllowedError: 403, LateError: 503}


def explain(error: PgdispatchError | psycopg.Error) -> PgdispatchError:
    """Return an error of the database in our own form, word for word."""
    if isinstance(error, PgdispatchError):
        return error
    said = error.diag
    message = said.message_primary or str(error).strip().partition("\n")[0]
    detail, hint = said.message_detail, said.message_hint
    if error.sqlstate == NOT_ALLOWED:
        return NotAllowedError(
            message,
            detail=detail,
            hint=hint or "ask for a role that may: operator to change, viewer to look",
        )
    if error.sqlstate in LATE:
        return LateError(message, detail=detail, hint=hint or "try again")
    known = from_sqlstate(error.sqlstate, message, detail, hint)
    return known or PgdispatchError(message, detail=detail, hint=hint)


def status_of(error: PgdispatchError) -> int:
    """Return the status of the answer that tells of an error."""
    if isinstance(error, GuardError):
        return error.status
    return next((code for kind, code in STATUSES.items() if isinstance(error, kind)), 409)
