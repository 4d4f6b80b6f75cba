"""The limits that all is compared with: what two commits a job, and plain inserts, cost at least.

L1: one process claims by `for update skip locked limit 1` and deletes by id, each a commit.
L4: the same two statements by pgbench with four clients.
"""

from __future__ import annotations

import re
import subprocess
import time

import psycopg
from psycopg.conninfo import conninfo_to_dict

from benchmarks.rig.server import Stage
from pgdispatch.bench.rates import middle_rate

L1, L4 = "L1", "L4"
TABLE = """
create table plain_job (
    id bigint generated always as identity primary key,
    priority smallint not null,
    payload jsonb not null default '{}',
    is_running boolean not null default false
);
create index plain_job_ready_idx on plain_job (priority, id) where not is_running;
"""
FILL = """
insert into plain_job (priority)
select 1 + (hashint4(n) & 1048575) % 100 from generate_series(1, {jobs}) as n
"""
CLAIM = """
update plain_job
set is_running = true
where id = (
    select id
    from plain_job
    where not is_running
    order by priority, id
    for update skip locked
    limit 1
)
returning id
"""
SCRIPT = f"{CLAIM.strip()} \\gset\ndelete from plain_job where id = :id;\n"
CLIENTS = 4


def one_client(stage: Stage) -> float:
    """Return L1 of this round, in jobs a second."""
    return stage.once(L1, lambda: _one_client(stage))


def four_clients(stage: Stage) -> float | None:
    """Return L4 of this round, in jobs a second; None without pgbench."""
    return stage.once(L4, lambda: _four_clients(stage)) if stage.pgbench else None


def claim_and_delete(connection: psycopg.Connection) -> list[float]:
    """Claim and delete until nothing is left; return when each was deleted.

    Transaction: two for each row.
    """
    ends = []
    while (row := connection.execute(CLAIM).fetchone()) is not None:
        connection.execute("delete from plain_job where id = %s", row)
        ends.append(time.perf_counter())
    return ends


def _one_client(stage: Stage) -> float:
    jobs = stage.sizes.limit_jobs
    stage.say(f"L1: {jobs} jobs by one client, two commits each")
    with stage.database(None) as dsn:
        _prepare(stage, dsn, jobs)
        with stage.connect(dsn) as connection:
            return middle_rate(claim_and_delete(connection))


def _four_clients(stage: Stage) -> float:
    each = stage.sizes.limit_jobs // 2
    stage.say(f"L4: {CLIENTS * each} jobs by pgbench with four clients")
    script = stage.folder / "claim_and_delete.sql"
    script.write_text(SCRIPT)
    with stage.database(None) as dsn:
        _prepare(stage, dsn, CLIENTS * each + 100)  # never empty: \gset wants a row
        where = conninfo_to_dict(dsn)
        done = subprocess.run(
            [
                *(str(stage.pgbench), "--no-vacuum", "--protocol=prepared"),
                *(f"--client={CLIENTS}", f"--transactions={each}", f"--file={script}"),
                *(f"--host={where['host']}", f"--port={where['port']}"),
                *(f"--username={where['user']}", str(where["dbname"])),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    found = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"pgbench does not say how fast it was: {done.stdout} {done.stderr}")
    return float(found[1])


def _prepare(stage: Stage, dsn: str, jobs: int) -> None:
    with stage.connect(dsn) as connection:
        connection.execute(TABLE)
        connection.execute(FILL.format(jobs=jobs).encode())
    stage.settle(dsn)
