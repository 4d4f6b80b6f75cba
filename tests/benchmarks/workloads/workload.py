"""What a workload is: how to measure one round of it, and the figures that it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmarks.peers.peer import Peer
from benchmarks.report.figures import Figure, Samples
from benchmarks.rig.server import Stage


@dataclass(frozen=True)
class Workload:
    """One of B1 to B21. `run` measures one round into the samples of the stage."""

    name: str
    title: str
    run: Callable[[Stage, list[Peer]], None]
    figures: Callable[[Samples], Iterable[Figure]]
