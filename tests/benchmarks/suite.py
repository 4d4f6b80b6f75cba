"""All workloads, in the order in which they run."""

from __future__ import annotations

from benchmarks import (
    workload_blocked,
    workload_depth,
    workload_drain,
    workload_gated,
    workload_held,
    workload_idle,
    workload_inserts,
    workload_latency,
    workload_looking,
    workload_memory,
    workload_writing,
)
from benchmarks.workload import Workload

WORKLOADS: dict[str, Workload] = {
    workload.name: workload
    for workload in (
        workload_drain.ONE,
        workload_drain.FOUR,
        workload_depth.DEPTH,
        workload_blocked.BLOCKED_HEAD,
        workload_gated.GATED,
        workload_latency.LATENCY,
        workload_inserts.INSERTS,
        workload_held.HELD,
        workload_idle.IDLE,
        workload_looking.LOOKING,
        workload_writing.WRITING,
        workload_memory.MEMORY,
    )
}
