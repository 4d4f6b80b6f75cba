"""One run by hand for each thing that must not be; each returns what the checker has to say."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.invariants.check import check
from support.invariants.ledger import Ledger
from support.sessions.verbs import Verbs

HISTORY = "insert into pgdispatch.job_history select * from pgdispatch.job_history where id = {}"


@dataclass
class Run:
    """A run by hand on a fresh database: jobs are inserted, started and ended one by one."""

    verbs: Verbs
    path: Path
    ledger: Ledger = field(default_factory=Ledger)

    def job(self, **columns: Any) -> int:
        """Insert a job and commit it."""
        made = self.verbs.job(**columns)
        self.ledger.commit([made])
        return made

    def note(self, what: str, job: int, attempt: int = 1) -> None:
        """Write down what a handler did."""
        with self.path.open("a") as evidence:
            evidence.write(f"{what} {job} {attempt} 4711\n")

    def act(self, *jobs: int) -> None:
        """Claim and finish jobs one after the other, with handlers that do as they should."""
        for job in jobs:
            self.verbs.claim()
            self.note("start", job)
            self.note("end", job)
            self.verbs.finish(job)

    def sql(self, statement: str, *values: object) -> None:
        """Break something, behind the back of triggers and keys."""
        self.verbs.run("set session_replication_role = replica")
        self.verbs.run(statement, *values)
        self.verbs.run("set session_replication_role = origin")

    def found(self, **options: bool | float) -> list[str]:
        """Return what the checker says."""
        options = {"patience": 0.0, **options}
        connection = self.verbs.connection
        return [
            str(one)
            for one in check(connection, self.ledger, evidence=self.path, **options)  # type: ignore[arg-type]  # as they are named
        ]


def overlapped(run: Run) -> str:
    """Run two at once on one datasource, as a broken fence would allow it."""
    first, second = run.job(datasource="a"), run.job(datasource="b")
    run.verbs.claim("n:1")
    run.verbs.claim("n:2")
    for job in (first, second):
        run.note("start", job)
    for job in (first, second):
        run.note("end", job)
        run.verbs.finish(job)
    run.sql("update pgdispatch.job_history set datasource = 'a'")
    return "started on datasource default a beside job"


def overlapped_in_truth(run: Run) -> str:
    """Let two handlers be at work at the same time, though the records are in order."""
    first, second = run.job(datasource="a"), run.job(datasource="a")
    run.note("start", first)
    run.note("start", second)
    for job in (first, second):
        run.verbs.claim()
        run.verbs.finish(job)
        run.note("end", job)
    return f"the handler of job {second} began on datasource default a while that of job {first}"


def gone(run: Run) -> str:
    """Make a committed job vanish."""
    job = run.job()
    run.sql("delete from pgdispatch.job")
    return f"lost: job {job} was committed, but neither waits nor has ended"


def unknown(run: Run) -> str:
    """Add a job that nobody has committed."""
    job = run.verbs.job()
    run.act(job)
    return f"job {job} is in the database, but nobody has committed it"


def ended_twice(run: Run) -> str:
    """Write two rows of the history."""
    job = run.job()
    run.act(job)
    run.sql(HISTORY.format(job))
    return f"twice: job {job} has ended 2 times"


def ended_and_queued(run: Run) -> str:
    """Leave a job in the queue that is in the history."""
    job = run.job()
    run.sql("create table public.kept as select * from pgdispatch.job")
    run.act(job)
    columns = run.verbs.value(
        "select string_agg(attname, ', ') from pg_attribute"
        " where attrelid = 'pgdispatch.job'::regclass and attnum > 0"
    )
    run.sql(
        f"insert into pgdispatch.job ({columns}) overriding system value"
        f" select {columns} from public.kept"
    )
    return f"job {job} has ended and is still in the queue"


def handed_out_twice(run: Run) -> str:
    """Give one attempt number to two."""
    job = run.job()
    run.verbs.claim()
    run.verbs.run("update pgdispatch.job set state = 'ready'")
    run.verbs.run("update pgdispatch.job set attempt = 0")
    run.act(job)
    return f"attempt 1 at job {job} was handed out"


def foreign_result(run: Run) -> str:
    """Take the result of a stale attempt."""
    job = run.job()
    run.act(job)
    run.sql("""update pgdispatch.job_history set attempt = 2, result = '{"attempt": 1}'""")
    return f"job {job} ended by attempt 2 with the result of attempt 1"


def run_twice(run: Run) -> str:
    """Run one attempt twice."""
    job = run.job()
    run.note("start", job)
    run.act(job)
    return f"attempt 1 at job {job} has 2 entries of its start"


def never_run(run: Run) -> str:
    """Count a job as done that no handler did."""
    job = run.job()
    run.verbs.claim()
    run.verbs.finish(job)
    return f"job {job} succeeded as attempt 1, which never reached its end"


def not_taken(run: Run) -> str:
    """Let a handler come to its end, and take the job back all the same."""
    job = run.job()
    run.verbs.claim()
    run.note("start", job)
    run.note("end", job)
    run.verbs.requeue(job)
    return f"attempt 1 at job {job} reached its end, which was not taken"


def declared_lost(run: Run) -> str:
    """Take a job away from a node that is well."""
    job = run.job()
    run.verbs.claim()
    run.verbs.requeue(job, is_loss=True)
    return f"job {job} was taken back 1 times, although no node was harmed"


def passed_over(run: Run) -> str:
    """Start later ones first."""
    before, *_ = run.job(), run.job(), run.job()
    run.sql("update pgdispatch.job set state = 'parked' where id = %s", before)
    for number in (2, 3):
        run.verbs.claim(f"n:{number}")
    run.sql("update pgdispatch.job set state = 'ready' where id = %s", before)
    run.verbs.claim("n:4")
    return f"while job {before}, which comes before it, was passed over"


def swept(run: Run) -> str:
    """Let the sweep wake a job."""
    run.verbs.run("insert into pgdispatch.swept_job values (7, 'site/default', now())")
    return "swept: job 7 was left behind at site/default until the sweep came"


def stuck_ready(run: Run) -> str:
    """Leave a job that could start."""
    return f"stuck: job {run.job()} is ready, and nobody starts it"


def stuck_parked(run: Run) -> str:
    """Leave a job at a gate that has room."""
    job = run.job(datasource="a")
    gate = run.verbs.value("select pgdispatch.gates_of(j) from pgdispatch.job as j")[0]
    run.sql("update pgdispatch.job set state = 'parked', gate = %s", gate)
    return f"stuck: job {job} is parked at {gate}, which has room"


def stuck_running(run: Run) -> str:
    """Let a node vanish with its job."""
    job = run.job()
    run.verbs.claim()
    run.sql("update pgdispatch.node set heartbeat_at = now() - interval '1 hour'")
    return f"stuck: job {job} runs on n:1, but n is gone"


BREACHES = [
    overlapped, overlapped_in_truth, gone, unknown, ended_twice, ended_and_queued,
    handed_out_twice, foreign_result, run_twice, never_run, not_taken, declared_lost, passed_over,
    swept, stuck_ready, stuck_parked, stuck_running,
]  # fmt: skip
