"""The result as a table for people (terminal and Markdown) and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.report.figures import Figure, Samples
from benchmarks.rig import machine

MARKS = {True: "reached", False: "MISSED", None: ""}
STYLES = {True: "green", False: "bold red", None: ""}
START, END = "<!-- results -->", "<!-- end of results -->"
LONGEST = 5_000  # values of a series that are written one by one
TITLES = ("", "figure", "value", "goal", "")


def print_table(console: Console, figures: Sequence[Figure]) -> None:
    """Print all figures."""
    table = Table(box=None, pad_edge=False)
    for title, justify in zip(TITLES, ("left", "left", "right", "right", "left"), strict=True):
        table.add_column(title, justify=justify, no_wrap=True)  # type: ignore[arg-type]  # each is
    last = ""
    for figure in figures:
        if last and figure.workload != last:
            table.add_section()
        name = figure.workload if figure.workload != last else ""
        last = figure.workload
        style = STYLES[figure.reached]
        table.add_row(name, *_cells(figure), style=style)
    console.width = max(console.width, 180)
    console.print(table)


def markdown(figures: Sequence[Figure], found: Mapping[str, str], remarks: Sequence[str]) -> str:
    """Return all of it as Markdown."""
    lines = ["| | figure | value | goal | |", "| --- | --- | ---: | ---: | --- |"]
    last = ""
    for figure in figures:
        name = figure.workload if figure.workload != last else ""
        last = figure.workload
        lines.append(f"| {' | '.join((name, *_cells(figure)))} |")
    lines += ["", *(f"- {remark}" for remark in remarks), "", *machine.table(found)]
    return "\n".join(lines) + "\n"


def as_json(
    figures: Sequence[Figure],
    samples: Samples,
    found: Mapping[str, str],
    remarks: Sequence[str],
) -> dict[str, Any]:
    """Return all of it with each sample of each round, as JSON can hold it."""
    return {
        "facts": dict(found),
        "remarks": list(remarks),
        "figures": [
            {
                "workload": figure.workload,
                "figure": figure.what,
                "value": figure.value,
                "unit": figure.unit,
                "goal": figure.goal,
                "goal_is": "at most" if figure.is_most else "at least",
                "reached": figure.reached,
                "remark": figure.remark,
            }
            for figure in figures
        ],
        "samples": {name: list(rounds.values()) for name, rounds in samples.values.items()},
        "series": {name: series_of(values) for name, values in samples.series.items()},
    }


def paste(page: Path, table: str) -> None:
    """Put the table into a page, between the two comments that say where."""
    text = page.read_text(encoding="utf-8")
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    page.write_text(f"{before}{start}\n{table}{end}{after}", encoding="utf-8")


def series_of(values: Sequence[float]) -> Any:
    """Return a series whole if it is short, else what it is like."""
    if len(values) <= LONGEST:
        return list(values)
    percent = quantiles(values, n=100, method="inclusive")
    shown = {f"p{number}": percent[number - 1] for number in (1, 10, 50, 90, 99)}
    return {"values": len(values), **shown, "greatest": max(values)}


def write(
    folder: Path,
    figures: Sequence[Figure],
    samples: Samples,
    found: Mapping[str, str],
    remarks: Sequence[str],
) -> None:
    """Write table.md and results.json into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.md").write_text(markdown(figures, found, remarks), encoding="utf-8")
    result = json.dumps(as_json(figures, samples, found, remarks), indent=1)
    (folder / "results.json").write_text(result + "\n", encoding="utf-8")


def number(value: float | None) -> str:
    """Return a number with three significant digits, thousands with commas."""
    if value is None:
        return "-"
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _cells(figure: Figure) -> tuple[str, str, str, str]:
    value = f"{number(figure.value)} {figure.unit}".strip()
    goal = ""
    if figure.goal is not None:
        goal = f"{'≤' if figure.is_most else '≥'} {number(figure.goal)}"
    mark = " ".join(part for part in (MARKS[figure.reached], figure.remark) if part)
    return figure.what, value, goal, mark
