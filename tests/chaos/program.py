"""Faults of all kinds, under load; after each the same checker looks for what is lost or twice."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from chaos.scenario import Outcome, Scenario, play
from chaos.scenarios import (
    clocks,
    disk,
    failover,
    failover_async,
    frozen,
    kills,
    load,
    namespaces,
    proxy,
    read_only,
    restarts,
    sessions,
    soak,
)
from support.servers.embedded import installed_versions

SCENARIOS: dict[str, Scenario] = {
    module.SCENARIO.name: module.SCENARIO
    for module in (
        kills,
        frozen,
        restarts,
        sessions,
        read_only,
        disk,
        proxy,
        namespaces,
        clocks,
        load,
        soak,
    )
}
ON_REQUEST = {module.NAME: module.play for module in (failover, failover_async)}
TITLES = ("scenario", "faults injected", "jobs", "lost", "twice", "violations", "seconds")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 1: something that must not be was found."""
    options = _options(arguments)
    binaries = installed_versions().get(options.pg)
    if binaries is None:
        sys.exit(f"error: this machine has no PostgreSQL {options.pg}")
    outcomes = []
    for name in options.only:
        if name in ON_REQUEST:
            outcomes.append(ON_REQUEST[name](binaries, seed=options.seed, say=_say))
            continue
        if not SCENARIOS[name].is_possible():
            _say(f"{name}: left out, this machine does not allow it (be root)")
            continue
        outcome = play(SCENARIOS[name], binaries, seed=options.seed, is_long=options.long, say=_say)
        outcomes.append(outcome)
    print_table(outcomes)
    if options.json:
        told = [asdict(outcome) for outcome in outcomes]
        options.json.write_text(json.dumps({"seed": options.seed, "outcomes": told}, indent=2))
    return int(any(outcome.violations for outcome in outcomes))


def print_table(outcomes: Sequence[Outcome]) -> None:
    """Print one line for each scenario."""
    table = Table(box=None, pad_edge=False)
    for title in TITLES:
        is_text = title in TITLES[:2]
        table.add_column(title, justify="left" if is_text else "right", no_wrap=not is_text)
    for one in outcomes:
        numbers = (one.jobs, one.count("lost"), one.count("twice"), len(one.violations))
        table.add_row(
            one.scenario,
            one.faults,
            *(f"{number:,}" for number in numbers),
            f"{one.seconds:.0f}",
            style="bold red" if one.violations else "",
        )
    console = Console()
    console.width = max(console.width, 120)
    console.print(table)


def _say(text: str) -> None:
    print(text, flush=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python tests/chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="draws other moments and jobs")
    parser.add_argument(
        "--only", type=_names, default=list(SCENARIOS), help=f"some of {','.join(SCENARIOS)}"
    )
    parser.add_argument("--long", action="store_true", help="many faults, and thousands of jobs")
    parser.add_argument(
        "--pg",
        type=int,
        default=max(installed_versions(), default=None),
        help="PostgreSQL version to start",
    )
    parser.add_argument("--json", type=Path, help="write the outcomes to this file, too")
    return parser.parse_args(arguments)


def _names(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in (*SCENARIOS, *ON_REQUEST)]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"no scenario {', '.join(unknown)}; there are {', '.join(SCENARIOS)}"
        )
    return names
