"""What a node is told when it starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pgdispatch.applications import configured_memory
from pgdispatch.slot import Begin


@dataclass(frozen=True)
class SupervisorOptions:
    """What `pgdispatch worker` was told. `processes` None: as the row of the node says.

    `processors` None: those that this process may use. `grace`: seconds that running jobs get to
    finish when the node is told to stop. `listen`: where the application servers do. `memory`:
    bytes that a job may use; None: what `config` says.
    """

    dsn: str
    node: str
    processes: int | None = None
    processors: int | None = None
    apps: tuple[str, ...] = ()
    types: tuple[str, ...] | None = None
    config: Path | None = None
    grace: float = 30.0
    listen: str = "127.0.0.1:0"
    memory: int | None = None

    def begin(self) -> Begin:
        """Return what each backgrounder is told."""
        return Begin(
            name=self.node,
            dsn=self.dsn,
            apps=self.apps,
            types=self.types,
            config=None if self.config is None else str(self.config),
        )

    def memory_limit(self) -> int | None:
        """Return the bytes that a job may use: `memory`, or else what `config` says."""
        return self.memory or configured_memory(self.config)
