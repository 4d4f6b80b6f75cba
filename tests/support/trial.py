"""Try something on a database, see what came of it, and undo it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from support.fingerprint import UNTOUCHABLE, fingerprint
from support.refusals import complaint
from support.soundness import use


@dataclass(frozen=True)
class Trial:
    """What came of it.

    `complaint`: what was unclear about its refusal. `damage`: what has changed that should not
    have: anything after a refusal, and after none the canary, the code and the roles.
    """

    is_accepted: bool
    complaint: str | None
    damage: set[str]


@contextmanager
def trial(
    connection: psycopg.Connection[Any], role: str | None, act: Callable[[], object]
) -> Iterator[Trial]:
    """Do something as a role, or as the owner, and yield what came of it; undo it at the end.

    What was accepted must leave the database of use to others: at the end it is used, and what it
    raises then is raised.
    """
    with connection.transaction(force_rollback=True):
        before = fingerprint(connection)
        error = refusal(connection, role, act)
        after = fingerprint(connection)
        changed = {name for name in after | before if after.get(name) != before.get(name)}
        if error is None:
            yield Trial(True, None, changed & UNTOUCHABLE)
            use(connection)
        else:
            yield Trial(False, complaint(error), changed)


def refusal(
    connection: psycopg.Connection[Any], role: str | None, act: Callable[[], object]
) -> psycopg.Error | None:
    """Return why the database refused something, None if it did not."""
    try:
        with connection.transaction():
            if role is not None:
                connection.execute(f"set local role {role}".encode())
            act()
            connection.execute("reset role")
    except psycopg.Error as error:
        return error
    return None
