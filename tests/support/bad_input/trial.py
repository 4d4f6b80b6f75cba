"""Try something on a database, see what came of it, and undo it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from support.bad_input.fingerprint import untouchable
from support.bad_input.refusals import complaint
from support.bad_input.soundness import use


@dataclass(frozen=True)
class Trial:
    """What came of it.

    `complaint`: what was unclear about its refusal. `damage`: what has changed although nothing may
    change it: the canary, the code, the roles.
    """

    is_accepted: bool
    complaint: str | None
    damage: set[str]


@contextmanager
def trial(
    connection: psycopg.Connection[Any],
    role: str | None,
    act: Callable[[], object],
    before: dict[str, str],
) -> Iterator[Trial]:
    """Do something as a role, or as the owner, and yield what came of it; undo what was accepted.

    What a refusal leaves behind is not undone, to be found by a fingerprint like `before`, after
    many trials. What was accepted must leave the database of use to others: at the end it is used,
    and what it raises then is raised.
    """
    with connection.transaction():
        error = refusal(connection, role, act)
        if error is not None:
            yield Trial(False, complaint(error), set())
            return
        now = untouchable(connection)
        yield Trial(True, None, {name for name in now if now[name] != before.get(name)})
        use(connection)
        raise psycopg.Rollback


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
