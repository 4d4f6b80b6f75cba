"""Whether what started was what came next, by the recorded times of what was asked and given.

A job was passed over if a later one was asked for and given while it could have started, and its
own claim came only after that. One such pass proves nothing: the claim that held the job may have
been cut off by the fault, and left no record. Passes that go on for longer than `patience` do.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf
from typing import Any

from support.invariants.attempts import Attempt, Gate, Records
from support.invariants.ledger import Ledger
from support.invariants.violation import Violation

SLACK = 0.25  # seconds from the moment that a record was written to its commit


@dataclass(order=True, frozen=True)
class Wait:
    """A job's wait for one of its attempts, from when it could start until that was asked for."""

    key: tuple[Any, ...]
    ready_at: float = field(compare=False)
    asked_at: float = field(compare=False)
    gates: tuple[Gate, ...] = field(compare=False)


def order_problems(records: Records, ledger: Ledger, patience: float) -> Iterator[Violation]:
    """Yield the jobs that others were preferred to for longer than `patience` seconds."""
    jobs, full = records.by_id(), _full_spans(records)
    coming = sorted(_waits(records, ledger), key=lambda wait: wait.ready_at)
    lines: dict[tuple[Gate, ...], list[Wait]] = {}
    passed: dict[tuple[int, float], float] = {}
    starts = sorted(records.attempts, key=lambda attempt: attempt.started_at)
    last = max((attempt.started_at for attempt in starts), default=0.0)
    place, told = 0, set[int]()
    for start in starts:
        while place < len(coming) and coming[place].ready_at <= start.asked_at:
            heappush(lines.setdefault(coming[place].gates, []), coming[place])
            place += 1
        if start.job not in jobs:
            continue
        for line in lines.values():
            while line and line[0].asked_at <= start.started_at:
                heappop(line)
            if not line or not line[0].key < jobs[start.job].key or start.started_at > last:
                continue
            first, id_ = line[0], line[0].key[-1]
            if _is_blocked(first, start, full):
                passed.pop((id_, first.ready_at), None)
                continue
            since = passed.setdefault((id_, first.ready_at), start.asked_at)
            if start.started_at - since > patience and id_ not in told:
                told.add(id_)
                text = f"job {start.job} started while job {id_}, which comes before it, was"
                yield Violation("order", f"{text} passed over for {start.started_at - since:.1f} s")


def _waits(records: Records, ledger: Ledger) -> Iterator[Wait]:
    """Yield the wait for each attempt, and that which is not over."""
    ready: dict[tuple[int, int], float] = {}
    asked: dict[tuple[int, int], float] = {}
    for attempt in records.attempts:
        asked[attempt.job, attempt.number] = attempt.asked_at
        if attempt.ready_again is not None:
            ready[attempt.job, attempt.number + 1] = attempt.ready_again + SLACK
    for job in records.jobs:
        if job.id in ledger.committed:
            ready[job.id, 1] = max(ledger.committed[job.id], job.ready_from)
    rows = records.by_id()
    for (id_, number), at in ready.items():
        if id_ in rows:
            row = rows[id_]
            is_waiting = not row.is_over and row.attempt < number
            if (id_, number) in asked or is_waiting:
                yield Wait(row.key, at, asked.get((id_, number), inf), row.gates)


def _full_spans(records: Records) -> dict[Gate, list[tuple[float, float]]]:
    """Return for each gate the spans of time in which it had no room, one after the other."""
    jobs, changes = records.by_id(), dict[Gate, list[tuple[float, int]]]()
    for attempt in records.attempts:
        for gate in jobs[attempt.job].gates if attempt.job in jobs else ():
            changes.setdefault(gate, []).append((attempt.started_at, 1))
            changes[gate].append((attempt.ended_at, -1))
    spans: dict[Gate, list[tuple[float, float]]] = {}
    for gate, steps in changes.items():
        count, room, begun = 0, records.limits.get(gate, 1), inf
        for at, step in sorted(steps):
            count += step
            if step > 0 and count == room:
                begun = at
            elif step < 0 and count == room - 1:
                spans.setdefault(gate, []).append((begun, at))
    return spans


def _is_blocked(wait: Wait, start: Attempt, full: dict[Gate, list[tuple[float, float]]]) -> bool:
    """Tell whether a gate of the waiting job was full at some time of that claim, or just before.

    The last span that began before the claim was over is the only one that can reach into it.
    """
    for gate in wait.gates:
        spans = full.get(gate, [])
        place = bisect_left(spans, (start.started_at, inf)) - 1
        if place >= 0 and spans[place][1] + SLACK > start.asked_at:
            return True
    return False
