"""B14: whether a job was started while a better one was waiting, in drains as those of B2."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from benchmarks.peers.peer import Peer
from benchmarks.peers.working import peer_workers, wait_until_idle
from benchmarks.report.figures import Figure, Samples
from benchmarks.rig.forms import OWN, PEERS, Form
from benchmarks.rig.node import held_nodes, release, wait_until_ended
from benchmarks.rig.referee import Start, judge
from benchmarks.rig.server import Stage
from benchmarks.workloads.drain import FOUR_NODES, ONE_NODE, peer_forms
from benchmarks.workloads.loading import load_mixed
from benchmarks.workloads.workload import Workload

NOTES = """
create unlogged table public.taken_job (job text not null, asked float8, taken float8);
create function public.note_taken()
returns trigger
language plpgsql
as $$
begin
    insert into public.taken_job
    values (
        new.id::text,
        extract(epoch from pg_catalog.now()),
        extract(epoch from pg_catalog.clock_timestamp())
    );
    return null;
end
$$;
create trigger note_taken after update on {table}
for each row when ({taken}) execute function public.note_taken();
"""
FIRST = "select job, min(asked), min(taken) from public.taken_job group by job"
OWN_TAKEN = "old.state <> 'running' and new.state = 'running'"
OWN_RANKING = """
select
    id::text,
    id,
    rank() over (
        order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
    )
from pgdispatch.job
"""
Ranks = Mapping[str, tuple[int, int]]
LOADED = 0.0  # since when all jobs have been free: before the first was taken
TOTALS = (4, 16)


def run(stage: Stage, peers: list[Peer]) -> None:
    """Let the referee look at pgdispatch, then at each peer, with 4 slots and with 16."""
    for form in (ONE_NODE[4], ONE_NODE[16], FOUR_NODES):
        _own(stage, form)
    for peer in peers:
        for form in (form for total in TOTALS for form in peer_forms(peer, total)):
            _peer(stage, peer, form)


def _own(stage: Stage, form: Form) -> None:
    jobs = stage.sizes.exact_jobs
    stage.say(f"{form.label(OWN)}: {jobs:,} jobs, watched")
    with stage.database() as dsn:
        with stage.connect(dsn) as connection:
            load_mixed(connection, jobs)
        ranks = _watch(stage, dsn, "pgdispatch.job", OWN_TAKEN, OWN_RANKING)
        with held_nodes(stage, dsn, form) as nodes:
            release(stage, dsn)
            wait_until_ended(stage, dsn, nodes, jobs)
        _keep(stage.samples, form.key(OWN), _taken(stage, dsn, ranks))


def _peer(stage: Stage, peer: Peer, form: Form) -> None:
    jobs = stage.sizes.exact_jobs
    stage.say(f"{form.label(peer.name)}: {jobs:,} jobs, watched")
    with stage.database(peer.template) as dsn:
        with stage.connect(dsn) as connection:
            connection.execute(peer.load.format(jobs=jobs).encode())
        ranks = _watch(stage, dsn, peer.table, peer.taken, peer.ranking)
        with peer_workers(stage, peer, dsn, form) as workers:
            wait_until_idle(stage, workers, dsn)
        if form.is_prefetching:  # what it has taken waits on, in its memory
            by_number = dict(ranks.values())
            began = [pair for of_one in workers.times() for pair in of_one]
            starts = [Start(by_number[number], LOADED, at, at) for number, at in began]
        else:
            starts = _taken(stage, dsn, ranks)
        _keep(stage.samples, form.key(peer.name), starts)


def _watch(stage: Stage, dsn: str, table: str, taken: str, ranking: str) -> Ranks:
    """Have the server note who takes a job; return number and rank of each."""
    with stage.connect(dsn) as connection:
        connection.execute(NOTES.format(table=table, taken=taken).encode())
        found = connection.execute(ranking.encode()).fetchall()
    stage.settle(dsn)
    return {job: (number, rank) for job, number, rank in found}


def _taken(stage: Stage, dsn: str, ranks: Ranks) -> list[Start]:
    with stage.connect(dsn) as connection:
        found = connection.execute(FIRST).fetchall()
    return [Start(ranks[job][1], LOADED, asked, taken) for job, asked, taken in found]


def _keep(samples: Samples, key: str, starts: list[Start]) -> None:
    ruling = judge(starts)
    samples.add(f"B14 {key}: inversions", ruling.per_million)
    samples.add(f"B14 {key}: passed over", ruling.passed_over)


def figures(samples: Samples) -> Iterable[Figure]:
    """Yield, for each who was watched, inversions in a million starts, and the worst seconds."""
    for name in list(samples.values):
        key, _, kind = name.removeprefix("B14 ").partition(": ")
        for who in (OWN, *PEERS) if kind == "inversions" else ():
            form = Form.of(key, who)
            if form is None:
                continue
            goal = 0.0 if who == OWN else None
            worst = samples.worst(f"B14 {key}: passed over") or 0.0
            remark = f"a job was passed over for {worst:.3g} s" if worst else ""
            yield Figure(
                "B14",
                f"inversions, {form.label(who)}",
                samples.worst(name),
                "per million",
                goal,
                is_most=True,
                remark=remark,
            )


EXACTNESS = Workload("B14", "exactness of the order", run, figures)
