"""What an error of the database means for the statement that got it, by its SQLSTATE.

One list for both drivers, for the processes of a node as well as for the command line. An error
without an SQLSTATE is not the server's: it means what the driver says.
"""

from __future__ import annotations

from enum import Enum


class Meaning(Enum):
    """What to do about an error; the value is how it is told of."""

    AWAY = "the database is away"  # nobody who could answer: ask for as long as it takes
    PASSING = "broken off"  # others were in the way: ask again, a few times
    CHANGED = "the session or the schema has changed"  # connect and ask anew, a few times
    REFUSED = "refused"  # that is the answer


UNREACHABLE = (
    "08",  # the connection was lost, or never came about
    "57P",  # the server stops, starts, has crashed, or has ended the session
    "53300",  # too many connections
)
AWAY = (
    *UNREACHABLE,
    "53100",  # the disk is full
    "25006",  # read-only: a primary that is none any more, or not yet; recovery
)
WRONG_LOGIN = (
    "28",  # no such user, a wrong password, not from here
    "3D000",  # no such database
    "42501",  # it may not do what this takes
)
PASSING = (
    "40001",  # could not serialize
    "40P01",  # deadlock
    "55P03",  # a lock was not to be had in time
    "57014",  # cancelled, or over the time that a statement may take
    "25P04",  # over the time that a transaction may take: the same, and the session is gone
)
CHANGED = (
    "0A000",  # cached plan must not change result type
    "42804",
    "XX000",  # cache lookup failed
    "26000",  # the session has lost its prepared statement
    "JD008",  # ours are read committed; behind a pooler, by a default that has changed since
)
TRIES = 6  # of what is not to be tried for ever


def meaning(sqlstate: str) -> Meaning:
    """Return what an error with this SQLSTATE means."""
    if sqlstate.startswith(AWAY):
        return Meaning.AWAY
    if sqlstate in PASSING:
        return Meaning.PASSING
    return Meaning.CHANGED if sqlstate in CHANGED else Meaning.REFUSED


def is_login_wrong(sqlstate: str | None) -> bool:
    """Tell whether the server is there, and does not let this user do this in this database."""
    return sqlstate is not None and sqlstate.startswith(WRONG_LOGIN)


def is_unreachable(sqlstate: str) -> bool:
    """Tell whether there was no server, or none that lets anybody in."""
    return sqlstate.startswith(UNREACHABLE)
