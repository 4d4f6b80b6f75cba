"""How fast a peer runs free jobs that stand behind many of one busy queue or lock."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.peers.peer import Peer
from benchmarks.peers.working import peer_workers
from benchmarks.rig.forms import Form
from benchmarks.rig.server import Stage
from support.nodes.processes import wait_until

WAITING = 1800.0  # seconds


@dataclass(frozen=True)
class Blocking:
    """Statements that load `jobs` blocked or free jobs, keep the first ones blocked, and watch."""

    blocked: str
    occupy: str
    free: str
    waiting: str


BLOCKING = {
    "graphile-worker": Blocking(
        blocked="select count(id) from (select (graphile_worker.add_job('noop',"
        " json_build_object('n', n), queue_name => 'busy', priority => 1)).id"
        " from generate_series(1, {jobs}) as n offset 0) as a",
        occupy="update graphile_worker._private_job_queues"
        " set locked_at = now(), locked_by = 'somebody' where queue_name = 'busy'",
        free="select count(id) from (select (graphile_worker.add_job('noop',"
        " json_build_object('n', n), priority => 2)).id"
        " from generate_series(1, {jobs}) as n offset 0) as a",
        waiting="select exists (select from graphile_worker._private_jobs"
        " where job_queue_id is null)",
    ),
    "procrastinate": Blocking(
        blocked="insert into procrastinate_jobs (queue_name, task_name, priority, lock, args)"
        " select 'default', 'noop', 2, 'busy', jsonb_build_object('n', n)"
        " from generate_series(1, {jobs}) as n",
        occupy="update procrastinate_jobs set status = 'doing'"
        " where id = (select min(id) from procrastinate_jobs where lock = 'busy')",
        free="insert into procrastinate_jobs (queue_name, task_name, priority, args)"
        " select 'default', 'noop', 1, jsonb_build_object('n', n)"
        " from generate_series(1, {jobs}) as n",
        waiting="select exists (select from procrastinate_jobs"
        " where status in ('todo', 'doing') and lock is null)",
    ),
}


def run_free_jobs(stage: Stage, peer: Peer, *, blocked: int, free: int) -> float:
    """Return how many free jobs a second one worker runs, `blocked` others standing before them."""
    stage.say(f"{peer.name}: {free:,} free jobs behind {blocked:,} of a busy queue")
    statements = BLOCKING[peer.name]
    with stage.database(peer.template) as dsn:
        with stage.connect(dsn) as connection:
            connection.execute(statements.blocked.format(jobs=blocked).encode())
            connection.execute(statements.occupy.encode())
            connection.execute(statements.free.format(jobs=free).encode())
        stage.settle(dsn)
        with (
            stage.connect(dsn) as connection,
            peer_workers(stage, peer, dsn, Form(1)) as workers,
        ):

            def is_over() -> bool:
                workers.check()
                row = connection.execute(statements.waiting.encode()).fetchone()
                return row is not None and not row[0]

            wait_until(is_over, f"{peer.name} behind blocked jobs", within=WAITING, every=0.25)
    times = sorted(began for of_one in workers.times() for _, began in of_one)
    return (len(times) - 1) / (times[-1] - times[0])
