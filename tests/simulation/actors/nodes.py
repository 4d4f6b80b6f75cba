"""Nodes and their backgrounders, as the simulation plays them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from simulation.double.entities import Job
from simulation.double.rules import RANKS

ALL = frozenset(RANKS)


@dataclass(slots=True, eq=False)
class Backgrounder:
    """One backgrounder of a node; a surplus one goes when its job has ended."""

    node: Node
    number: int
    job: Job | None = None
    is_surplus: bool = False

    @property
    def id(self) -> str:
        """Its id in the database."""
        return f"{self.node.name}:{self.number}"


@dataclass(slots=True, eq=False)
class Node:
    """A node. state: up, stopping (in order), silent (dead), cut (it works on unheard), down."""

    name: str
    size: int
    served: frozenset[str] | None = None
    only: frozenset[str] | None = None
    excepted: frozenset[str] | None = None
    is_drained: bool = False
    state: str = "down"
    incarnation: uuid.UUID = field(default_factory=uuid.uuid4)
    started_at: datetime | None = None
    heartbeat_at: datetime | None = None
    backgrounders: list[Backgrounder] = field(default_factory=list)
    unreported: list[tuple[Job, int]] = field(default_factory=list)

    @property
    def types(self) -> frozenset[str]:
        """The job types that it takes now (§8)."""
        if self.is_drained:
            return frozenset()
        taken = ALL if self.served is None else self.served
        if self.only is not None:
            return taken & self.only
        return taken - (self.excepted or frozenset())

    def idle(self) -> list[Backgrounder]:
        """Return the backgrounders that ask for work."""
        if self.state != "up":
            return []
        return [b for b in self.backgrounders if b.job is None and not b.is_surplus]

    def resize(self) -> tuple[list[Backgrounder], list[Backgrounder]]:
        """Start and stop backgrounders for its size; return those begun and those gone."""
        gone = []
        for backgrounder in self.backgrounders:
            backgrounder.is_surplus = self.state != "up" or backgrounder.number > self.size
            if backgrounder.is_surplus and backgrounder.job is None:
                gone.append(backgrounder)
        self.backgrounders = [b for b in self.backgrounders if b not in gone]
        taken = {b.number for b in self.backgrounders}
        wanted = range(1, self.size + 1) if self.state == "up" else ()
        begun = [Backgrounder(self, number) for number in wanted if number not in taken]
        self.backgrounders += begun
        return begun, gone
