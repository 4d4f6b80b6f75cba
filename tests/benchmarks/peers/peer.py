"""Another queue on PostgreSQL to compare with, installed in a folder of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Peer:
    """How to use one peer.

    `program` is the command of its driver, which installs its schema (`install`) or works
    (`work`). `load` inserts `jobs` jobs that carry their number, with priorities 1 to 100,
    `insert` one of the number `n`; `waiting` tells whether any has not ended. `ranking` gives id,
    number and rank of each job that waits, by the order that the peer documents; `taken` is true of
    the update by which somebody takes a job out of `table`. `ways` are other set-ups that are worth
    a measurement, by what is shown of them, each with variables of its environment.
    """

    name: str
    version: str
    program: tuple[str, ...]
    load: str
    insert: str
    waiting: str
    ranking: str
    table: str
    taken: str
    environment: Mapping[str, str] = field(default_factory=dict)
    ways: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def template(self) -> str:
        """The name of the template database that has its schema."""
        return f"with_{self.name.replace('-', '_')}"
