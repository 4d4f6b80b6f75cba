"""What asynchronous replication can lose: exactly what the standby had not got, and no more.

Replication is cut, jobs are inserted and ended, and the primary is killed before it is mended.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from chaos.scenario import Outcome
from chaos.scenarios.patroni_pair import Pair, open_pair
from pgdispatch.embedded import Binaries
from support.invariants.evidence import read
from support.invariants.violation import Violation
from support.nodes.processes import wait_until

NAME = "failover-async"
BEFORE, MEANWHILE = 200, 40
HELD = 6  # as many as there are backgrounders
PROMISE = "a cut of the replication, then kill -9; only what was committed in between is gone"
REPLAYED = """
select coalesce(bool_and(replay_lsn >= %s::pg_lsn), false) from pg_stat_replication
"""
CUT = """
select pg_terminate_backend(pid) from pg_stat_replication
"""
KNOWN = "select id from pgdispatch.job union all select id from pgdispatch.job_history"
ENDED = "select id from pgdispatch.job_history where outcome = 'succeeded' and id = any(%s)"
SEQUENCE = "select last_value from pg_catalog.pg_sequences where sequencename = 'job_id_seq'"


def play(binaries: Binaries, *, seed: int, say: Callable[[str], None]) -> Outcome:
    """Lose the last jobs and results of a primary; check that it is these and no others."""
    begun = time.monotonic()
    say(PROMISE)
    with open_pair(binaries, seed, is_synchronous=False, say=say) as pair:
        pair.start_nodes()
        pair.producer(longest=0.02).insert(BEFORE)
        pair.drain(120)
        go = pair.cluster.folder / "go"
        held = [pair.cluster.verbs.job(args=f'{{"until": "{go}"}}') for _ in range(HELD)]
        pair.ledger.commit(held)
        wait_until(lambda: running(pair) == HELD)
        cut_replication(pair)
        before = set(pair.ledger.committed)
        go.touch()
        pair.producer(longest=0.02).insert(MEANWHILE)
        pair.drain(60)
        say(f"{MEANWHILE} jobs inserted and {MEANWHILE + HELD} ended that the standby has not got")
        old = pair.fail_over()
        mend_replication(pair)
        pair.drain(60)
        pair.bring_back(old)
        gone = set(pair.ledger.committed) - set(pair.cluster.verbs.values(KNOWN))
        again = twice(pair)
        found = problems(pair, before, gone, again, held)
        highest = pair.cluster.verbs.value(SEQUENCE)
        say(f"ids go on after {highest}; the last one given out before was {max(gone, default=0)}")
    for one in found:
        say(f"VIOLATION {one}")
    faults = f"1 cut and kill: {len(gone)} jobs gone, {len(again)} ran again, as documented"
    return Outcome(NAME, faults, len(pair.ledger.committed), found, time.monotonic() - begun)


def running(pair: Pair) -> int:
    """Return how many jobs are running."""
    statement = "select count(*) from pgdispatch.job where state = 'running'"
    return int(pair.cluster.verbs.value(statement))


def cut_replication(pair: Pair) -> None:
    """Keep the standby from getting more than it has: everything until now."""
    pair.cluster.verbs.run("alter role replication nologin")
    until = pair.cluster.verbs.value("select pg_current_wal_lsn()::text")
    wait_until(lambda: bool(pair.cluster.verbs.value(REPLAYED, until)), every=0.1)
    pair.cluster.verbs.run(CUT)
    wait_until(lambda: not pair.cluster.verbs.values("select pid from pg_stat_replication"))


def mend_replication(pair: Pair) -> None:
    """Let the former primary follow the new one."""
    pair.cluster.verbs.run("alter role replication login")


def twice(pair: Pair) -> set[int]:
    """Return the jobs that succeeded and whose handlers reached their end more than once."""
    ends = [event.job for event in read(pair.evidence) if event.what == "end"]
    ended = pair.cluster.verbs.values(ENDED, list(set(ends)))
    return {job for job in ended if ends.count(job) > 1}


def problems(
    pair: Pair, before: set[int], gone: set[int], again: set[int], held: list[int]
) -> list[Violation]:
    """Return what is gone or ran again although the standby had it."""
    found = [Violation("lost", f"job {job} was replicated, and is gone") for job in gone & before]
    found += [Violation("twice", f"job {job} ran again") for job in again - set(held)]
    if len(gone) != MEANWHILE:
        found.append(Violation("stuck", f"{len(gone)} jobs gone, not the {MEANWHILE} of the cut"))
    if again != set(held):
        found.append(Violation("stuck", f"ran again: {sorted(again)}, not {held}"))
    ended = set(pair.cluster.verbs.values(ENDED, held))
    found += [Violation("lost", f"job {job} did not end") for job in set(held) - ended]
    return found
