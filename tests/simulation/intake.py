"""Takes in the jobs that are new in the database, and compares each with what it has to be."""

from __future__ import annotations

from math import inf
from typing import Any

from simulation.double.entities import Job
from simulation.double.queue import Queue
from simulation.double.rules import Rules
from simulation.timed_session import Session
from simulation.violation import Violation

COLUMNS = """
id, title, scheduled_at, run_now, step, type, site, datasource, schedule, task, priority,
is_serial, usual_seconds, extract(epoch from timeout)::double precision, max_attempts,
created_at, created_by, not_before, linked_run
"""
BORN = f"""
select {COLUMNS} from pgdispatch.job where id > %s
union all
select {COLUMNS} from pgdispatch.job_history where id > %s
order by 1
"""


class Intake:
    """Reads jobs by their ids: each is read once, whether it waits, runs or has ended."""

    def __init__(self, session: Session, rules: Rules, queue: Queue) -> None:
        self.session = session
        self.rules = rules
        self.queue = queue
        self._last_id = 0

    def collect(self, expected: list[Job], *, run: int | None = None) -> list[Job]:
        """Take in the jobs that are new in the database: exactly those that are expected."""
        wanted = {(e.title, e.scheduled_at, e.run_now, e.step): e for e in expected}
        if len(wanted) < len(expected):
            raise Violation("other rule", "the simulation expects two jobs that are alike")
        found = []
        for row in self._born():
            job = wanted.pop(row[1:5], None)
            if job is None:
                raise Violation("twice", f"job {row[0]} should not be there: {row}")
            if run is not None and row[-1] != run:
                raise Violation("other rule", f"job {row[0]} is of run {row[-1]}, not {run}")
            self._adopt(job, row)
            found.append(job)
        if wanted:
            raise Violation("missing", f"no job for {next(iter(wanted))}", *wanted.values())
        return found

    def _born(self) -> list[tuple[Any, ...]]:
        rows = self.session.rows(BORN, self._last_id, self._last_id)
        self._last_id = rows[-1][0] if rows else self._last_id
        return rows

    def _adopt(self, job: Job, row: tuple[Any, ...]) -> None:
        usual = inf if row[12] is None else round(row[12], 6)
        schedule = job.schedule.name if job.schedule else None
        real = (*row[5:12], usual, *row[13:18])
        right = (
            job.type, job.site.name, job.datasource, schedule, job.task.id if job.task else None,
            job.priority, job.is_serial, round(job.usual_seconds, 6), job.timeout,
            job.max_attempts, self.session.now, job.created_by, job.not_before,
        )  # fmt: skip
        if real != right:
            raise Violation("other rule", f"job {row[0]} is\n  {real}, should be\n  {right}", job)
        job.id, job.linked_run = row[0], row[-1]
        job.key = self.rules.key(job)
        job.tell(self.session.now, f"added by {job.created_by}, priority {job.priority}")
        self.queue.add(job, self.session.now)
