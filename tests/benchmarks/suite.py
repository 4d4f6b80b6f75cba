"""All workloads, in the order in which they run."""

from __future__ import annotations

from benchmarks.workloads import (
    accuracy,
    beside_forecasts,
    blocked,
    depth,
    drain,
    exactness,
    forecast,
    gated,
    held,
    idle,
    inserts,
    late,
    latency,
    loggers,
    looking,
    memory,
    open_loop,
    pages,
    tabs,
    writing,
)
from benchmarks.workloads.workload import Workload

WORKLOADS: dict[str, Workload] = {
    workload.name: workload
    for workload in (
        drain.ONE,
        drain.MANY,
        depth.DEPTH,
        blocked.BLOCKED_HEAD,
        gated.GATED,
        latency.LATENCY,
        inserts.INSERTS,
        held.HELD,
        idle.IDLE,
        looking.LOOKING,
        writing.WRITING,
        memory.MEMORY,
        open_loop.OPEN_LOOP,
        exactness.EXACTNESS,
        pages.PAGES,
        loggers.LOGGERS,
        tabs.TABS,
        late.LATE_JOBS,
        forecast.FORECAST,
        accuracy.ACCURACY,
        beside_forecasts.BESIDE_FORECASTS,
    )
}
