"""A scenario: faults of one kind, under load, and what has to hold after them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chaos.testbed import Stage, open_stage
from pgdispatch.embedded import Binaries
from support.invariants.violation import Violation


@contextmanager
def usual_place() -> Iterator[None]:
    """Leave the place of the server's data to the server."""
    yield None


@dataclass(frozen=True)
class Scenario:
    """`act` does it and returns the faults in words; `promise` is what it is about.

    `was_only_away`: it harms no process of ours, so nothing may count as lost. `place`: where the
    server's data are. `is_possible`: whether this machine allows it. `is_over`: all jobs had the
    time to end.
    """

    name: str
    promise: str
    act: Callable[[Stage], str]
    was_only_away: bool
    settings: Mapping[str, str] = field(default_factory=dict)
    place: Callable[[], AbstractContextManager[Path | None]] = usual_place
    is_possible: Callable[[], bool] = lambda: True
    is_over: bool = True


@dataclass(frozen=True)
class Outcome:
    """What a scenario did and what the checker found."""

    scenario: str
    faults: str
    jobs: int
    violations: list[Violation]
    seconds: float

    def count(self, kind: str) -> int:
        """Return how many violations are of one kind."""
        return sum(1 for one in self.violations if one.kind == kind)


def play(
    scenario: Scenario,
    binaries: Binaries,
    *,
    seed: int,
    is_long: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Play a scenario on a server of its own and check what is left."""
    begun = time.monotonic()

    def tell(text: str) -> None:
        say(f"{scenario.name:12} {time.monotonic() - begun:6.1f} s  {text}")

    with (
        scenario.place() as folder,
        open_stage(
            binaries,
            seed,
            is_long=is_long,
            say=tell,
            settings=scenario.settings,
            data_folder=folder,
        ) as stage,
    ):
        tell(scenario.promise)
        try:
            faults = scenario.act(stage)
        except TimeoutError as error:  # the other scenarios are still to be played
            faults = "cut short"
            stage.miss(str(error))
        found = stage.check(was_only_away=scenario.was_only_away, is_over=scenario.is_over)
        for one in found[:20]:
            tell(f"VIOLATION {one}")
        jobs = len(stage.ledger.committed)
        if found:
            _keep_logs(stage, tell)
    return Outcome(scenario.name, faults, jobs, found, time.monotonic() - begun)


def _keep_logs(stage: Stage, tell: Callable[[str], None]) -> None:
    for node in stage.cluster.nodes:
        for line in node.log.splitlines()[-15:]:
            tell(f"{node.name}: {line}")
