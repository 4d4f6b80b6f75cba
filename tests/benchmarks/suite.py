"""All workloads, in the order in which they run."""

from __future__ import annotations

from benchmarks import (
    workload_blocked,
    workload_depth,
    workload_drain,
    workload_gated,
    workload_held,
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
        workload_held.HELD,
    )
}
