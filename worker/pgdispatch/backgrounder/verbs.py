"""One thin function for each SQL function that a backgrounder calls, with the same name.

Each takes a `Caller`, so each call is a transaction of its own.
They raise the errors of `pgdispatch.errors`, or psycopg's own where the connection fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.types.json import Jsonb

from pgdispatch.backgrounder.prepared import Caller
from pgdispatch.database import statements
from pgdispatch.errors import from_sqlstate
from pgdispatch.handler import Job
from pgdispatch.ipc.reporting import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Verdict:
    """What a claim returned: a job to run; or none, and whether to ask again at once.

    `more`: beside the job given, others were ready for whoever is idle; or, with `again`, jobs have
    been parked, so that asking again is not in vain.
    """

    job: Job | None
    again: bool
    more: bool = False


JOB_COLUMNS = statements.ATTEMPT.split(", ")[1:-1]
NOTHING = Verdict(job=None, again=False)
AGAIN = Verdict(job=None, again=True)


@contextmanager
def translated() -> Iterator[None]:
    """Turn a refusal of the database into the error of ours that its SQLSTATE stands for."""
    try:
        yield
    except psycopg.Error as error:
        diag = error.diag
        ours = from_sqlstate(
            error.sqlstate,
            diag.message_primary or str(error),
            diag.message_detail,
            diag.message_hint,
        )
        if ours is None:
            raise
        raise ours from error


def claim(caller: Caller, *, backgrounder: str, types: Sequence[str] | None) -> Verdict:
    """Ask for the next job for `backgrounder` (`node:number`), of `types` if given.

    Transaction: one of its own.
    """
    return _ask(caller, statements.CLAIM, [backgrounder, _array(types)], backgrounder)


def finish(
    caller: Caller,
    *,
    job: Job,
    result: Mapping[str, Any] | None,
    log: str | None,
    claim: bool,
    types: Sequence[str] | None,
    progress: Progress | None = None,
) -> Verdict:
    """End an attempt that succeeded, and claim the next job if `claim`.

    `progress`: its last, if it reported any.

    Raises `StaleAttemptError`, with nothing changed, if the attempt is not the running one.
    Transaction: one of its own.
    """
    values = [
        job.id,
        job.attempt,
        None if result is None else Jsonb(dict(result)),
        log,
        claim,
        _array(types),
    ]
    if progress is None:
        return _ask(caller, statements.FINISH, values, job.backgrounder)
    return _ask(caller, statements.FINISH_WITH_PROGRESS, [*values, *progress], job.backgrounder)


def fail(
    caller: Caller,
    *,
    job: Job,
    error: str,
    failed_as: str,
    log: str | None,
    claim: bool,
    types: Sequence[str] | None,
    progress: Progress | None = None,
) -> Verdict:
    """End an attempt that failed (`error`, `killed` or `timed out`); claim the next if `claim`.

    `progress`: its last, if it reported any.

    Raises `StaleAttemptError`, with nothing changed, if the attempt is not the running one.
    Transaction: one of its own.
    """
    values = [job.id, job.attempt, error, failed_as, log, claim, _array(types)]
    if progress is None:
        return _ask(caller, statements.FAIL, values, job.backgrounder)
    return _ask(caller, statements.FAIL_WITH_PROGRESS, [*values, *progress], job.backgrounder)


def requeue(caller: Caller, *, job: Job) -> Verdict:
    """Give a running attempt back to its old place in the queue; nothing is claimed.

    Raises `StaleAttemptError`, with nothing changed, if the attempt is not the running one.
    Transaction: one of its own.
    """
    with translated():
        caller.row(statements.REQUEUE, [job.id, job.attempt])
    return NOTHING


def recover(caller: Caller, *, backgrounder: str) -> None:
    """Give back the job that `backgrounder` has running without knowing it, if there is one.

    Transaction: one of its own.
    """
    with translated():
        caller.row(statements.RECOVER, [backgrounder])


def _ask(caller: Caller, statement: str, values: list[Any], backgrounder: str) -> Verdict:
    with translated():
        row = caller.row(statement, values)
    return _verdict(row, backgrounder)


def _verdict(row: tuple[Any, ...] | None, backgrounder: str) -> Verdict:
    if row is None:
        return NOTHING
    if row[0] == "again":
        return Verdict(job=None, again=True, more=bool(row[-1]))
    columns: Mapping[str, Any] = dict(zip(JOB_COLUMNS, row[1:-1], strict=True))
    job = Job(**columns, backgrounder=backgrounder)
    return Verdict(job=job, again=False, more=bool(row[-1]))


def _array(types: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if types is None else tuple(types)
