"""How the console is one person in the database: a connection of that user's own."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from pgdispatch.database import session_settings
from pgdispatch.database.lenient_values import read_everything
from pgdispatch.errors import PgdispatchError
from pgdispatch.web.console import statements

logger = logging.getLogger("pgdispatch")

NAME = "pgdispatch web"
PATIENCE = 5  # seconds for one server to let somebody in
Link = psycopg.Connection[dict[str, Any]]


class AwayError(PgdispatchError):
    """The database does not answer."""


class ShutOutError(PgdispatchError):
    """The database does not let this user in, or not by this password."""


@dataclass(frozen=True)
class Token:
    """What a token is known by: its name, and the SHA-256 of its secret."""

    name: str
    digest: bytes = field(repr=False)


@dataclass(frozen=True)
class Login:
    """What it takes to be `person`: a connection string, which may have the password.

    `role`: what to set in each transaction, for somebody whom a proxy names, or a `token`, which
    is asked about before. `is_asked`: the database has to ask for the password, or anybody could
    come as anybody.
    """

    person: str
    dsn: str = field(repr=False)
    role: str | None = None
    is_asked: bool = False
    is_read_only: bool = False
    token: Token | None = None

    def open(self) -> Link:
        """Return a connection outside of a transaction, with autocommit.

        Raises `ShutOutError`, or `AwayError` if nobody has answered.
        """
        try:
            connection = session_settings.connect(
                self.dsn,
                patience=PATIENCE,
                application_name=NAME,
                row_factory=dict_row,
                autocommit=True,
                prepare_threshold=None,
            )
        except psycopg.OperationalError as error:
            raise self._refusal(error) from None  # its text may have names that are none
        if self.is_asked and not connection.pgconn.used_password:
            connection.close()
            logger.warning("%s: the database asks for no password, so nobody is let in", NAME)
            raise ShutOutError("the database asks for no password, so nobody can sign in")
        read_everything(connection)
        if self.is_read_only:
            connection.execute(statements.LOOK_ONLY)
        return connection

    def _refusal(self, error: psycopg.OperationalError) -> PgdispatchError:
        if self.is_asked and error.pgconn is not None and error.pgconn.used_password:
            return ShutOutError("the database does not let you in by that name and password")
        logger.warning("%s: no connection: %s", NAME, str(error).strip().partition("\n")[0])
        return AwayError("the database gives no answer")


def login_of(dsn: str, user: str, password: str, *, is_read_only: bool) -> Login:
    """Return how to be a user who has signed in with a password."""
    own = make_conninfo(dsn, user=user, password=password)
    return Login(user, own, is_asked=True, is_read_only=is_read_only)
