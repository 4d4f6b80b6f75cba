"""What must hold after every run, whatever faults there were: nothing lost, nothing twice.

`check` reads the database once and compares it with what producers know that they committed, and
with what handlers wrote down. Call it when the run is over, over a connection in autocommit mode.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from support.invariants.attempts import Attempt, JobRow, Records, load
from support.invariants.handlers_evidence import evidence_problems
from support.invariants.ledger import Ledger
from support.invariants.order import order_problems
from support.invariants.violation import Violation

STUCK = """
select j.id, j.state, j.node, j.backgrounder, j.gate
from pgdispatch.job as j
where case j.state
    when 'running' then not exists (
        select
        from pgdispatch.node as n
        where n.name = j.node
            and n.started_at <= j.started_at
            and n.heartbeat_at > pgdispatch.now() - pgdispatch.seconds('lease_seconds')
    )
    when 'parked' then pgdispatch.full_gates(j, pgdispatch.gates_of(j)) = '{}'
    when 'delayed' then j.not_before < pgdispatch.now() - interval '5 s'
    else true
end
order by j.id
"""


def check(
    connection: psycopg.Connection[Any],
    ledger: Ledger,
    *,
    evidence: Path | None = None,
    is_over: bool = True,
    was_only_away: bool = False,
    patience: float = 2.0,
) -> list[Violation]:
    """Return what is wrong; empty if all is well.

    `evidence`: the file that the handlers of `evidence_app` wrote. `is_over`: the workers
    had time to settle, so that whatever could run should have. `was_only_away`: no process of
    ours was harmed, so that nothing may count as lost and every end that a handler reached must
    have been taken. `patience`: for how many seconds a claim that was cut off, or a commit on its
    way, may hide a job from those that come for the next one.
    """
    records = load(connection)
    found = [*_lost(records, ledger), *_twice(records), *_overlaps(records)]
    found += order_problems(records, ledger, patience)
    if evidence is not None:
        found += evidence_problems(records, evidence, must_deliver=was_only_away)
    if was_only_away:
        found += _declared_lost(records)
    found += _swept(connection)
    if is_over:
        found += _stuck(connection)
    return found


def _lost(records: Records, ledger: Ledger) -> Iterator[Violation]:
    known = {job.id for job in records.jobs}
    for id_ in sorted(ledger.committed.keys() - known):
        yield Violation("lost", f"job {id_} was committed, but neither waits nor has ended")
    for id_ in sorted(known - ledger.committed.keys() - ledger.unsure):
        yield Violation("twice", f"job {id_} is in the database, but nobody has committed it")


def _twice(records: Records) -> Iterator[Violation]:
    ended = Counter(job.id for job in records.jobs if job.is_over)
    queued = {job.id for job in records.jobs if not job.is_over}
    for id_, times in ended.items():
        if times > 1:
            yield Violation("twice", f"job {id_} has ended {times} times")
        if id_ in queued:
            yield Violation("twice", f"job {id_} has ended and is still in the queue")
    started = Counter((attempt.job, attempt.number) for attempt in records.attempts)
    for (id_, number), times in started.items():
        if times > 1:
            yield Violation("twice", f"attempt {number} at job {id_} was handed out {times} times")
    for job in records.jobs:
        told = job.result.get("attempt", job.attempt) if isinstance(job.result, dict) else None
        if told not in (None, job.attempt):
            text = f"job {job.id} ended by attempt {job.attempt} with the result of attempt {told}"
            yield Violation("twice", text)


def _overlaps(records: Records) -> Iterator[Violation]:
    jobs, runs = records.by_id(), dict[tuple[str, ...], list[Attempt]]()
    for attempt in records.attempts:
        for gate in (*_gates(jobs.get(attempt.job)), ("backgrounder", attempt.backgrounder)):
            runs.setdefault(gate, []).append(attempt)
    for gate, attempts in runs.items():
        room, going = records.limits.get(gate, 1), list[Attempt]()
        for attempt in sorted(attempts, key=lambda one: one.started_at):
            going = [one for one in going if one.ended_at > attempt.started_at]
            if len(going) >= room:
                others = ", ".join(str(one.job) for one in going)
                text = f"job {attempt.job} started on {' '.join(gate)} beside job {others}"
                yield Violation("overlap", f"{text}, where {room} may run")
            going.append(attempt)


def _gates(job: JobRow | None) -> tuple[tuple[str, ...], ...]:
    return job.gates if job is not None else ()


def _declared_lost(records: Records) -> Iterator[Violation]:
    for job in records.jobs:
        if job.losses or job.failed_as in ("lost", "killed"):
            how = job.failed_as or f"taken back {job.losses} times"
            text = f"job {job.id} was {how}, although no node was harmed"
            yield Violation("lost", text)


def _swept(connection: psycopg.Connection[Any]) -> Iterator[Violation]:
    rows = connection.execute("select job, gate from pgdispatch.swept_job").fetchall()
    for job, gate in rows:
        yield Violation("swept", f"job {job} was left behind at {gate} until the sweep came")


def _stuck(connection: psycopg.Connection[Any]) -> Iterator[Violation]:
    for id_, state, node, backgrounder, gate in connection.execute(STUCK).fetchall():
        if state == "running":
            yield Violation("stuck", f"job {id_} runs on {backgrounder}, but {node} is gone")
        elif state == "parked":
            yield Violation("stuck", f"job {id_} is parked at {gate}, which has room")
        else:
            yield Violation("stuck", f"job {id_} is {state}, and nobody starts it")
