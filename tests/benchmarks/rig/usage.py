"""What was spent meanwhile: processor time of the server's processes, and of the whole machine."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.rig.server import Stage
from support.nodes.processes import family, processor_seconds


@dataclass(frozen=True)
class Usage:
    """Counts from when it is made. Processes that have ended meanwhile are left out."""

    stage: Stage
    _server: float = field(init=False)
    _machine: float = field(init=False)
    _begun: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin."""
        object.__setattr__(self, "_server", _server_seconds(self.stage))
        object.__setattr__(self, "_machine", _machine_seconds())
        object.__setattr__(self, "_begun", time.monotonic())

    def server_seconds(self) -> float:
        """Return the processor time of all the server's processes, user and system."""
        return _server_seconds(self.stage) - self._server

    def busy_share(self) -> float:
        """Return which share of all processors was busy, by whomever; 1: all of them, always."""
        span = (time.monotonic() - self._begun) * (os.cpu_count() or 1)
        return (_machine_seconds() - self._machine) / span


def _server_seconds(stage: Stage) -> float:
    return processor_seconds(family(stage.server.pid or 0))


def _machine_seconds() -> float:
    """Return what all processors have done so far but idling and waiting for the disk."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _iowait, irq, softirq = (int(text) for text in fields[:7])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")
