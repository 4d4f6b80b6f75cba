"""Measure pgdispatch side by side with what it could reach at most, and with its peers."""

from __future__ import annotations

import argparse
import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from benchmarks.peers.installing import find_peers
from benchmarks.peers.peer import Peer
from benchmarks.peers.working import install_peer
from benchmarks.report import report
from benchmarks.report.figures import Figure
from benchmarks.report.plot import plot
from benchmarks.rig import machine
from benchmarks.rig.server import Stage, open_stage
from benchmarks.sizes import FULL, QUICK, Sizes
from benchmarks.suite import WORKLOADS
from benchmarks.workloads.workload import Workload
from support.checkout import ROOT

PAGE = Path(__file__).with_name("README.md")
RESULTS = ROOT / ".benchmarks"
EPILOG = """
A full run takes two hours and some 20 GB of disk; leave the machine alone meanwhile. The
figures are written after each round, so an interrupted run is not lost. Goals are shown as reached
or missed; a missed one does not change the exit status.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    options = parse(arguments)
    console = Console(highlight=False)
    begun = time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # nodes must not outlive this

    def say(text: str) -> None:
        console.print(f"[dim]{time.monotonic() - begun:6.0f} s[/dim]  {text}", soft_wrap=True)

    peers, remarks = ([], ["peers were not measured"]) if options.without_peers else find_peers(say)
    with open_stage(chosen_sizes(options), say) as stage:
        stage.remarks += remarks
        peers = chosen_peers(stage, peers)
        found = machine.facts(stage, peers)
        try:
            for number in range(options.rounds):
                stage.samples.round = number
                run_round(stage, options.only, peers, options.rounds)
                found["disk"] = machine.disk_remark(stage.samples)
                figures = collect(stage, options.only)
                report.write(options.results, figures, stage.samples, found, stage.remarks)
        except KeyboardInterrupt:
            stage.remarks.append(f"interrupted in round {stage.samples.round + 1}")
        found["disk"] = machine.disk_remark(stage.samples)
        found["took"] = f"{(time.monotonic() - begun) / 60:.0f} minutes, rounds: {options.rounds}"
        figures = collect(stage, options.only)
        report.write(options.results, figures, stage.samples, found, stage.remarks)
        report.print_table(console, figures)
        plot(options.results, figures, stage.samples)
        if options.paste:
            report.paste(PAGE, report.markdown(figures, found, stage.remarks))
    for remark in (f"disk: {found['disk']}", *stage.remarks):
        console.print(f"note: {remark}", soft_wrap=True)
    console.print(f"{time.monotonic() - begun:.0f} s; results in {options.results}")
    return 0


def chosen_sizes(options: argparse.Namespace) -> Sizes:
    """Return how much of everything this run measures."""
    sizes = QUICK if options.quick else FULL
    depths = tuple(depth for depth in sizes.depths if depth <= options.deepest)
    others = () if options.fewer_peers else sizes.other_peers
    return replace(sizes, depths=depths or sizes.depths[:1], other_peers=others)


def chosen_peers(stage: Stage, peers: list[Peer]) -> list[Peer]:
    """Return the peers that this run compares with, their schemas installed."""
    wanted = ("graphile-worker", "procrastinate", *stage.sizes.other_peers)
    if left_out := [peer.name for peer in peers if peer.name not in wanted]:
        stage.remarks.append(f"{', '.join(left_out)}: left out of this run")
    peers = [peer for peer in peers if peer.name in wanted]
    for peer in peers:
        stage.say(f"schema of {peer.name} {peer.version}")
        install_peer(stage, peer)
    return peers


def run_round(stage: Stage, only: Sequence[Workload], peers: list[Peer], rounds: int) -> None:
    """Measure each workload once; one that breaks is noted and the others go on."""
    for workload in only:
        stage.say(
            f"[bold]{workload.name}[/bold] {workload.title}, "
            f"round {stage.samples.round + 1} of {rounds}"
        )
        stage.samples.extend(machine.SYNCS, [machine.sync_milliseconds(stage.folder)])
        try:
            workload.run(stage, peers)
        except Exception as error:  # whatever it is, it must not cost the others
            first_line = str(error).strip().partition("\n")[0]
            what = escape(f"{workload.name} broke: {type(error).__name__}: {first_line}")
            stage.say(f"[red]{what}[/red]")
            stage.remarks.append(f"in round {stage.samples.round + 1} {what}")


def collect(stage: Stage, only: Sequence[Workload]) -> list[Figure]:
    """Return the figures of the workloads that have been measured so far."""
    found = [list(workload.figures(stage.samples)) for workload in only]
    return [
        figure
        for of_one in found
        for figure in of_one
        if any(other.value is not None for other in of_one)
    ]


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    names = ", ".join(f"{workload.name} {workload.title}" for workload in WORKLOADS.values())
    parser = argparse.ArgumentParser(
        prog="python tests/benchmarks",
        description=f"{__doc__} Workloads: {names}.",
        epilog=EPILOG,
    )
    parser.add_argument("--quick", action="store_true", help="small amounts, one round: 4 minutes")
    parser.add_argument(
        "--only", type=workloads, default=list(WORKLOADS.values()), metavar="B1,B2", help="not all"
    )
    parser.add_argument(
        "--deepest",
        type=int,
        default=FULL.depths[-1],
        metavar="JOBS",
        help="B3 with no more waiting than so many (default: %(default)s)",
    )
    parser.add_argument("--rounds", type=int, help="medians over so many (default: 3; quick: 1)")
    parser.add_argument(
        "--results", type=Path, default=RESULTS, metavar="FOLDER", help=f"default: {RESULTS.name}"
    )
    parser.add_argument("--without-peers", action="store_true", help="only pgdispatch and limits")
    parser.add_argument(
        "--fewer-peers", action="store_true", help="only graphile-worker and procrastinate"
    )
    parser.add_argument("--paste", action="store_true", help=f"put the table into {PAGE.name}")
    options = parser.parse_args(arguments)
    options.rounds = options.rounds or (1 if options.quick else 3)
    return options


def workloads(text: str) -> list[Workload]:
    """Return the workloads named in a list with commas."""
    names = [name.strip().upper() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in WORKLOADS]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: choose of {', '.join(WORKLOADS)}")
    return [WORKLOADS[name] for name in names]
