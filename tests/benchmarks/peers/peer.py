"""Another queue on PostgreSQL to compare with, installed in a folder of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Peer:
    """How to use one peer.

    `program` is the command of its driver, which installs its schema (`install`) or works
    (`work`). `load` inserts `jobs` jobs with priorities 1 to 100, `insert` one that carries the
    number `n`; `waiting` counts those that have not ended. `has_slots`: one process can run several
    jobs at once.
    """

    name: str
    version: str
    program: tuple[str, ...]
    load: str
    insert: str
    waiting: str
    environment: Mapping[str, str] = field(default_factory=dict)
    has_slots: bool = True

    @property
    def template(self) -> str:
        """The name of the template database that has its schema."""
        return f"with_{self.name.replace('-', '_')}"
