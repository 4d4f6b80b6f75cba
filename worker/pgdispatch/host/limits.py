"""What jobs of a node may use, and when one of its processes has served for long enough.

A node's configuration file may say it at its top; its command and its environment win:

    memory = "512MB"            # what a job and all it starts may use
    recycle_memory = "1GB"      # what a process may hold when it has no job, or it is replaced
    recycle_jobs = 1000         # after so many jobs a process is replaced
    fresh = true                # after each: as recycle_jobs = 1
    log_keep = "1MB"            # what is kept of the log of an attempt
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pgdispatch.errors import InvalidInputError
from pgdispatch.host.memory_size import log_limit, memory_limit

KEYS = frozenset({"memory", "recycle_memory", "recycle_jobs", "fresh", "log_keep"})


@dataclass(frozen=True)
class Limits:
    """Bytes that a job may use; bytes that a process may hold, and jobs that it may run, or None.

    None: as much as it likes. `log_keep`: bytes of the log of an attempt that are kept, or None: as
    many as usual.
    """

    memory: int | None = None
    recycle_memory: int | None = None
    recycle_jobs: int | None = None
    log_keep: int | None = None

    def over(self, others: Limits) -> Limits:
        """Return these limits, and those of `others` where these say nothing."""
        return Limits(
            memory=self.memory or others.memory,
            recycle_memory=self.recycle_memory or others.recycle_memory,
            recycle_jobs=self.recycle_jobs or others.recycle_jobs,
            log_keep=self.log_keep or others.log_keep,
        )

    def complete(self) -> Limits:
        """Return these, with what follows: what no job may use no process may keep for itself."""
        return self.over(Limits(recycle_memory=self.memory))


def configured(document: Mapping[str, Any], where: str) -> Limits:
    """Return the limits in a configuration file. Raises `InvalidInputError` for wrong ones."""
    amounts = {
        name: memory_limit(str(document[name]), where=f"{where}: {name}")
        for name in ("memory", "recycle_memory")
        if name in document
    }
    jobs, fresh = document.get("recycle_jobs"), document.get("fresh", False)
    if jobs is not None and (isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1):
        raise InvalidInputError(
            f"{where}: recycle_jobs {jobs!r} is not a number of jobs", hint="write 1 or more"
        )
    if not isinstance(fresh, bool):
        raise InvalidInputError(
            f"{where}: fresh {fresh!r} is neither true nor false", hint="write fresh = true"
        )
    if "log_keep" in document:
        amounts["log_keep"] = log_limit(str(document["log_keep"]), where=f"{where}: log_keep")
    return Limits(**amounts, recycle_jobs=1 if fresh else jobs)
