"""What an exception means to the person at the command line: words and an exit status.

Exit statuses: 1 refused, 2 usage, 3 no database, 4 the schema does not fit.
"""

from __future__ import annotations

import psycopg

from pgdispatch.database.sqlstates import is_unreachable
from pgdispatch.errors import NoDatabaseError, PgdispatchError, from_sqlstate
from pgdispatch_cli.stderr import write_error

NOT_STORABLE = "22P05"  # a character that its encoding lacks
NOT_ALLOWED = "42501"
WRONG_DATA = ("22", "23", "54")  # and no word from the database about what to do


def report(error: Exception) -> int | None:
    """Write `error` to standard error and return its exit status; None if it is a bug of ours."""
    explained = explain(error)
    if explained is None:
        return None
    write_error(explained.message, detail=explained.detail, hint=explained.hint)
    return explained.exit_status


def explain(error: BaseException) -> PgdispatchError | None:
    """Return `error` in our own form, or None if it does not come from the database."""
    if isinstance(error, PgdispatchError):
        return error
    cause = getattr(error, "orig", error)  # SQLAlchemy wraps it
    if not isinstance(cause, psycopg.Error):
        return None
    message = cause.diag.message_primary or first_line(str(cause))
    detail, hint = cause.diag.message_detail, cause.diag.message_hint
    known = from_sqlstate(cause.sqlstate, message, detail, hint)
    if known is not None:
        return known
    if is_connection_failure(cause):
        return NoDatabaseError(
            "the database cannot be reached",
            detail=first_line(str(cause)),
            hint="see where it is looked for: pgdispatch dsn",
        )
    if cause.sqlstate == NOT_ALLOWED:
        hint = "ask for a role that may: pgdispatch_operator to change, pgdispatch_viewer to look"
    elif cause.sqlstate == NOT_STORABLE:
        hint = "the database is not in UTF-8, see: pgdispatch doctor"
    elif hint is None and is_wrong_data(cause):
        hint = "give another value; the command's --help says what each may be"
    return PgdispatchError(message, detail=detail, hint=hint)


def is_wrong_data(error: psycopg.Error) -> bool:
    """Tell whether a value did not fit: for the database, or in its answer for Python."""
    if error.sqlstate is None:
        return isinstance(error, psycopg.DataError)
    return error.sqlstate.startswith(WRONG_DATA)


def is_connection_failure(error: psycopg.Error) -> bool:
    """Tell whether there was no connection, or not any more."""
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError)
    return is_unreachable(error.sqlstate)


def first_line(text: str) -> str:
    """Return the first line of what libpq says, which may go on about every address it tried."""
    return text.strip().partition("\n")[0]
