"""Tokens: whom one stands for is asked of the database, in each transaction that it is used for."""

from __future__ import annotations

import logging
from dataclasses import replace

import psycopg

from pgdispatch.web.console import statements
from pgdispatch.web.console.login import Link, Login, ShutOutError

logger = logging.getLogger("pgdispatch")


def vouched(link: Link, login: Login) -> Login:
    """Return how to be whom a token stands for. Raises `ShutOutError` if that is nobody.

    Transaction: joins the caller's, which is then of a role that may do nothing else.
    """
    if login.token is None:
        return login
    try:
        link.execute(statements.BE, [statements.READER])
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidParameterValue):
        logger.warning(
            "console: a token was shown, but its own login may not look it up: grant %s to %s",
            statements.READER, link.info.user,
        )  # fmt: skip
        raise ShutOutError("tokens are not served here") from None
    found = link.execute(
        statements.LOGIN_BEHIND, {"name": login.token.name, "hash": login.token.digest}
    ).fetchone()
    if found is None or login.role not in (None, found["login"]):
        raise ShutOutError("that token is unknown, revoked or has ended")
    return replace(login, person=found["login"], role=found["login"])
