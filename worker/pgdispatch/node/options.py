"""What a node is told when it starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pgdispatch.backgrounder.handler_sources import (
    calls_at_home,
    configured_limits,
    configured_targets,
)
from pgdispatch.host.limits import Limits
from pgdispatch.node.slot import Begin


@dataclass(frozen=True)
class SupervisorOptions:
    """What `pgdispatch worker` was told. `processes` None: as the row of the node says.

    `processors` None: those that this process may use. `grace`: seconds that running jobs get to
    finish when the node is told to stop. `listen`: where the application servers do. `limits`: of
    its jobs and processes; where they say nothing, `config` may.
    """

    dsn: str
    node: str
    processes: int | None = None
    processors: int | None = None
    apps: tuple[str, ...] = ()
    types: tuple[str, ...] | None = None
    config: Path | None = None
    grace: float = 5.0  # docker stop waits for 10 s
    listen: str = "127.0.0.1:0"
    limits: Limits = field(default_factory=Limits)

    def targets(self) -> list[str]:
        """Return the targets of notices that this node delivers to."""
        may = self.types is None or "notice" in self.types
        return configured_targets(self.config) if may else []

    def begin(self) -> Begin:
        """Return what each backgrounder is told: not where the database is, unless it has to be."""
        return Begin(
            name=self.node,
            dsn=self.dsn if calls_at_home(self.config) else None,
            apps=self.apps,
            types=self.types,
            config=None if self.config is None else str(self.config),
            limits=self.limits.over(configured_limits(self.config)).complete(),
        )
