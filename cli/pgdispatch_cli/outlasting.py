"""Following something for longer than the database is there without a break."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import psycopg

from pgdispatch.errors import NoDatabaseError
from pgdispatch_cli.connection import fix_transaction
from pgdispatch_cli.failure import explain
from pgdispatch_cli.reading import looking
from pgdispatch_cli.stderr import write_remark

T = TypeVar("T")
EVERY = 1.0  # seconds between two looks, and between two tries to connect


class Outage:
    """Whether the database is away from somebody who follows; each outage is told once.

    What is wrong before the first look is no outage: then there may never have been a database.
    """

    def __init__(self) -> None:
        """Begin before the first look."""
        self._has_looked = self._is_on = False

    def look_done(self) -> None:
        """Note that a look has got its answer."""
        self._has_looked = True
        if self._is_on:
            write_remark("the database is back")
        self._is_on = False

    def begin(self, error: Exception) -> None:
        """Note an outage; raises `error` again if it is none."""
        if not (self._has_looked and isinstance(explain(error), NoDatabaseError)):
            raise error
        if not self._is_on:
            write_remark("the database is away, going on when it is back")
        self._is_on = True


def outlast(follow: Callable[[Outage], None]) -> None:
    """Call `follow` until it returns, and again whenever the database went away meanwhile.

    `follow` opens a connection of its own, and calls `look_done` after each look.
    """
    outage = Outage()
    while True:
        try:
            follow(outage)
        except Exception as error:  # raised again if it is no outage
            outage.begin(error)
            time.sleep(EVERY)
        else:
            return


def keep_looking(look: Callable[[psycopg.Connection], T], write: Callable[[T], None]) -> None:
    """Write what each look brings, one after the other, for ever, and outlast outages.

    Transaction: one for each look, on a connection of its own; none in between.
    """

    def follow(outage: Outage) -> None:
        with looking() as connection:
            while True:
                found = look(connection)
                outage.look_done()
                write(found)
                connection.rollback()
                time.sleep(EVERY)
                fix_transaction(connection)

    outlast(follow)
