"""Compares what handlers wrote down with what the database believes.

The evidence has its own order, that of its lines, so it needs no clock. An attempt that was fenced
off may go on for a while, or even begin then, if its process was frozen between claim and handler;
the record of the database says when its fence fell, and the overlaps of such attempts are judged by
that record alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from support.invariants.attempts import Records
from support.invariants.evidence import Event, read
from support.invariants.violation import Violation

Key = tuple[int, int]


def evidence_problems(
    records: Records, path: Path, *, must_deliver: bool = False
) -> Iterator[Violation]:
    """Yield what handlers did twice, at once, or in vain, and what they did not do.

    `must_deliver`: each end that a handler reached has to be the end of its job.
    """
    events, taken = list(read(path)), records.taken()
    counts = Counter((event.what, event.job, event.attempt) for event in events)
    for (what, job, attempt), times in counts.items():
        if times > 1:
            text = f"attempt {attempt} at job {job} has {times} entries of its {what}"
            yield Violation("twice", text)
    for row in records.jobs:
        if row.state == "succeeded" and not counts["end", row.id, row.attempt]:
            text = f"job {row.id} succeeded as attempt {row.attempt}, which never reached its end"
            yield Violation("lost", text)
    if must_deliver:
        for what, job, attempt in counts:
            if what == "end" and (job, attempt) not in taken:
                text = f"attempt {attempt} at job {job} reached its end, which was not taken"
                yield Violation("lost", text)
    ended = {(event.job, event.attempt) for event in events if event.what == "end"}
    yield from _overlaps(records, taken & ended, events)


def _overlaps(records: Records, own: set[Key], events: list[Event]) -> Iterator[Violation]:
    jobs = records.by_id()
    fenced_off = {(one.job, one.number) for one in records.attempts if one.how == "back"}
    going: dict[tuple[str, ...], set[Key]] = {}
    for event in events:
        row, key = jobs.get(event.job), (event.job, event.attempt)
        for gate in () if row is None else row.gates:
            inside = going.setdefault(gate, set())
            if event.what == "end":
                inside.discard(key)
                continue
            room = records.limits.get(gate, 1)
            others = sorted(job for job, number in inside & own)
            if len(others) >= room and key not in fenced_off:
                text = f"the handler of job {event.job} began on {' '.join(gate)} while that of"
                yield Violation("overlap", f"{text} job {others[0]} was at work")
            inside.add(key)
