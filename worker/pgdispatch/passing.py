"""Whether an error of a database passes, so that it is worth to try again, or is a refusal."""

from __future__ import annotations

from pgdispatch.database.sqlstates import Meaning, meaning

ABSENT = {"OperationalError", "InterfaceError", "TimeoutError", "OSError"}  # as PEP 249 has them


def is_passing(error: BaseException) -> bool:
    """Tell whether the same transaction, tried again from its begin, may go well.

    So it is if the database was away or others were in the way: an outage, a fail-over, a deadlock,
    a lock or a connection that was not to be had in time. False: it was refused, and will be again;
    its SQLSTATE says why. `error` is one of psycopg, asyncpg or SQLAlchemy, or of the network.

    If it came from the commit, or while a statement committed by itself, nobody knows whether the
    jobs are there: those with a key can be inserted again, which leaves a second one out.
    """
    said = getattr(error, "orig", None) or error  # SQLAlchemy wraps it
    sqlstate = getattr(said, "sqlstate", None)
    if isinstance(sqlstate, str):
        return meaning(sqlstate) in (Meaning.AWAY, Meaning.PASSING)
    if isinstance(said, ValueError) or isinstance(said.__cause__, ValueError):
        return False  # the driver cannot send such a value
    return not ABSENT.isdisjoint(kind.__name__ for kind in type(said).__mro__)
