"""The result as a picture: rates side by side, and how far each goal was reached."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.report.figures import Figure, Samples

REACHED, MISSED, PLAIN = "#2a9d8f", "#d1495b", "#8d99ae"
FARTHEST = 3.0  # of a goal; a bar that goes further is cut there


def plot(folder: Path, figures: Sequence[Figure], samples: Samples) -> None:
    """Write benchmarks.svg and benchmarks.png into a folder."""
    import matplotlib as mpl  # noqa: PLC0415  # takes a second, and only the end needs it

    mpl.use("agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415  # after the choice of its backend

    rates = [figure for figure in figures if figure.unit == "jobs/s" and figure.value]
    goals = [figure for figure in figures if figure.attained is not None]
    heights = [max(len(rates), 1), max(len(goals), 1), 10 if samples.series.get("B8 rates") else 1]
    drawing, axes = plt.subplots(
        3, 1, figsize=(9, 2 + 0.26 * sum(heights)), height_ratios=heights, layout="constrained"
    )
    _rates(axes[0], rates)
    _goals(axes[1], goals)
    _held(axes[2], samples.series.get("B8 rates", []))
    folder.mkdir(parents=True, exist_ok=True)
    for kind in ("svg", "png"):
        drawing.savefig(folder / f"benchmarks.{kind}", dpi=130)
    plt.close(drawing)


def _rates(axis: Any, figures: Sequence[Figure]) -> None:
    axis.set_title("jobs a second", loc="left")
    names = [f"{figure.workload}  {figure.what}" for figure in figures]
    colours = [PLAIN if _is_other(figure) else REACHED for figure in figures]
    axis.barh(names, [figure.value for figure in figures], color=colours)
    axis.invert_yaxis()


def _is_other(figure: Figure) -> bool:
    """Tell a limit's or a peer's rate from those of pgdispatch."""
    return figure.workload in ("B1", "B2", "B13") and "pgdispatch" not in figure.what


def _goals(axis: Any, figures: Sequence[Figure]) -> None:
    axis.set_title("goals: 1 is reached", loc="left")
    names = [f"{figure.workload}  {figure.what}" for figure in figures]
    values = [min(figure.attained or 0.0, FARTHEST) for figure in figures]
    axis.barh(names, values, color=[REACHED if f.reached else MISSED for f in figures])
    axis.axvline(1.0, color="black", linewidth=1)
    axis.invert_yaxis()


def _held(axis: Any, rates: Sequence[float]) -> None:
    if not rates:
        axis.set_axis_off()
        return
    axis.set_title("jobs a second while a snapshot is held, by tenths of the jobs", loc="left")
    axis.plot(range(1, len(rates) + 1), rates, marker="o", color=REACHED)
    axis.set_ylim(bottom=0)
