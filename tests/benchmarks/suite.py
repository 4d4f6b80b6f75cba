"""All workloads, in the order in which they run."""

from __future__ import annotations

from benchmarks import workload_drain
from benchmarks.workload import Workload

WORKLOADS: dict[str, Workload] = {
    workload.name: workload
    for workload in (
        workload_drain.ONE,
        workload_drain.FOUR,
    )
}
