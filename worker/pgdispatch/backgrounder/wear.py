"""When a process has run enough jobs, or has kept too much of them, to take another."""

from __future__ import annotations

from dataclasses import dataclass, field

from pgdispatch.host import procfs
from pgdispatch.host.limits import Limits
from pgdispatch.host.memory_size import megabytes


@dataclass
class Wear:
    """What the jobs of one process have made of it. `limits` say how much that may be."""

    limits: Limits = field(default_factory=Limits)
    jobs: int = 0
    reason: str | None = None

    def add_job(self) -> None:
        """Note that a job has ended; `reason` says from now on whether that was the last one."""
        self.jobs += 1
        most, heaviest = self.limits.recycle_jobs, self.limits.recycle_memory
        if most is not None and self.jobs >= most:
            self.reason = f"has run {self.jobs} jobs" if most > 1 else "has run its job"
        elif heaviest is not None:
            self.reason = _too_heavy(heaviest)


def _too_heavy(heaviest: int) -> str | None:
    try:
        held = procfs.own_resident()
    except OSError as error:  # its jobs have left no descriptor
        return f"cannot tell what it holds ({error.strerror})"
    return f"holds {megabytes(held)} without a job" if held > heaviest else None
