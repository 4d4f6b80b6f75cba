"""How much of everything is measured: the full amounts, and those of `--quick`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Amounts of each workload; the defaults are those of a full run."""

    limit_jobs: int = 10_000  # claimed and deleted for the limits L1 and L4
    drain_jobs: int = 20_000
    sleeping_slots: int = 64
    exact_jobs: int = 5_000
    depths: tuple[int, ...] = (10_000, 1_000_000, 10_000_000)
    once_from: int = 10_000_000  # such depths are loaded in the first round only
    first_claims: int = 2_000
    parked: tuple[int, ...] = (20_000, 100_000)
    free_jobs: int = 5_000
    peer_free_jobs: int = 1_000  # peers walk past the blocked ones at each claim; 0: no peers
    gated_jobs: int = 20_000
    latency_inserts: int = 1_000
    open_inserts: int = 20
    single_inserts: int = 10_000
    bulk_inserts: int = 1_000_000
    held_jobs: int = 100_000
    idle_slots: int = 100
    idle_nodes: int = 10
    idle_quiet: float = 15.0  # seconds until what the start cost is in the statistics
    idle_seconds: float = 20.0
    lone_inserts: int = 10
    looked_at: int = 1_000_000
    written_jobs: int = 5_000
    memory_jobs: int = 1_000
    capacity_seconds: float = 8.0  # of inserting as fast as jobs end
    open_seconds: float = 60.0  # of inserting by the clock
    logging_jobs: int = 200
    logging_seconds: float = 90.0
    beside_tabs: int = 100_000  # waiting and ended jobs where pages are open
    tab_blocks: int = 8  # pairs of blocks, with and without looks
    tab_seconds: float = 8.0  # of each
    forecast_days: float = 14.6  # played, forecast from the eighth on
    forecast_hours: float = 3.0  # from one forecast to the next
    other_peers: tuple[str, ...] = ("pgqueuer", "pg-boss")  # compared with, without a goal


FULL = Sizes()
QUICK = Sizes(
    limit_jobs=1_500,
    drain_jobs=1_500,
    sleeping_slots=8,
    exact_jobs=500,
    depths=(10_000, 100_000),
    first_claims=1_000,
    parked=(1_000, 4_000),
    free_jobs=1_000,
    peer_free_jobs=0,
    gated_jobs=1_500,
    latency_inserts=30,
    open_inserts=2,
    single_inserts=1_000,
    bulk_inserts=50_000,
    held_jobs=3_000,
    idle_slots=6,
    idle_nodes=2,
    idle_quiet=2.0,
    idle_seconds=3.0,
    lone_inserts=3,
    looked_at=100_000,
    written_jobs=1_000,
    capacity_seconds=2.0,
    open_seconds=5.0,
    logging_jobs=8,
    logging_seconds=30.0,
    beside_tabs=10_000,
    tab_blocks=1,
    tab_seconds=4.0,
    forecast_days=7.7,
    forecast_hours=6.0,
    other_peers=(),
)
