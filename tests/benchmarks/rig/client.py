"""One client that does what a backgrounder does, and times each finish-and-claim."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from pgdispatch.backgrounder import verbs
from pgdispatch.backgrounder.connection import Connection
from pgdispatch.backgrounder.verbs import Verdict
from pgdispatch.bench.job_types import JOB_TYPES

NAME = "client:1"


@dataclass(frozen=True)
class Calls:
    """When each job had ended, and how long it took to get the next one, in seconds."""

    ends: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)


def run_jobs(dsn: str, jobs: int, *, name: str = NAME) -> Calls:
    """Run so many jobs, or all there are, over a backgrounder's own connection.

    The last one is given back. Transaction: one for each job.
    """
    connection, calls = Connection(dsn, name=name), Calls()
    try:
        verdict = _claim(connection, name)
        while verdict.job is not None:
            if len(calls.ends) == jobs:
                connection.call(lambda caller: verbs.recover(caller, backgrounder=name))
                break
            begun = time.perf_counter()
            verdict = _finish(connection, verdict)
            while verdict.again:
                verdict = _claim(connection, name)
            calls.ends.append(time.perf_counter())
            calls.took.append(calls.ends[-1] - begun)
    finally:
        connection.close()
    return calls


def _claim(connection: Connection, name: str) -> Verdict:
    return connection.call(
        lambda caller: verbs.claim(caller, backgrounder=name, types=list(JOB_TYPES))
    )


def _finish(connection: Connection, verdict: Verdict) -> Verdict:
    job = verdict.job
    if job is None:
        return verdict
    return connection.call(
        lambda caller: verbs.finish(
            caller, job=job, result=None, log=None, claim=True, types=list(JOB_TYPES)
        )
    )
