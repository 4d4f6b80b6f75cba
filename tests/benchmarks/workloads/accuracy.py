"""B20: how good forecasts are: a fortnight of real SQL in moved time, forecast and judged."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from statistics import median

from benchmarks.peers.peer import Peer
from benchmarks.report.figures import Figure, Samples
from benchmarks.rig.server import Stage
from benchmarks.workloads.workload import Workload
from simulation.fortnight.program import judge

LEARNT = timedelta(days=7)
MOST_OF_WAIT = 12.0  # per cent
LEAST_HELD, MOST_HELD = 75.0, 85.0  # per cent
MOST_OFF = 0.07  # of a chance
MOST_SECONDS = 2.0


def run(stage: Stage, _: list[Peer]) -> None:
    """Play the fortnight; forecast in its second week as often as the size says."""
    with stage.database() as dsn:
        stage.say("a fortnight in moved time, forecast in its second week")
        found = judge(
            dsn,
            days=stage.sizes.forecast_days,
            every=timedelta(hours=stage.sizes.forecast_hours),
            learnt=LEARNT,
        )
    add = stage.samples.add
    add("B20 forecasts", len(found.made))
    add("B20 seconds", median(made.seconds for made in found.made))
    add("B20 runs", median(made.runs for made in found.made))
    for score in found.scores:
        add(f"B20 count {score.name}", score.count)
        add(f"B20 error {score.name}", score.error)
        add(f"B20 wait {score.name}", 100 * score.share_of_wait)
        add(f"B20 held {score.name}", 100 * score.held)
    for chance in found.chances:
        add(f"B20 said {chance.name}", chance.said)
        add(f"B20 happened {chance.name}", chance.happened)


def figures(samples: Samples) -> Iterable[Figure]:
    """Yield errors, shares inside the interval, and chances beside what happened."""

    def of(what: str, name: str) -> float | None:
        return samples.get(f"B20 {what} {name}")

    names = [name.removeprefix("B20 count ") for name in samples.values if "B20 count " in name]
    for name in names:
        remark = f"n {of('count', name) or 0:,.0f}"
        yield Figure("B20", f"{name}, median error", of("error", name), "s", remark=remark)
        if name.startswith("waiting, more"):
            share = of("wait", name)
            yield Figure("B20", f"{name}, of the wait", share, "%", MOST_OF_WAIT, is_most=True)
        held = of("held", name)
        low = held is not None and held < (LEAST_HELD + MOST_HELD) / 2
        goal = LEAST_HELD if low else MOST_HELD
        what = f"{name}, inside the 80 % interval"
        yield Figure("B20", what, held, "%", goal, is_most=not low)
    for name in [key.removeprefix("B20 said ") for key in samples.values if "B20 said " in key]:
        said, happened = of("said", name), of("happened", name)
        off = None if said is None or happened is None else abs(said - happened)
        remark = "" if off is None else f"said {said:.2f}, happened {happened:.2f}"
        yield Figure("B20", f"{name}, off by", off, "", MOST_OFF, is_most=True, remark=remark)
    seconds = samples.get("B20 seconds")
    runs = samples.get("B20 runs")
    remark = "" if runs is None else f"{runs:.0f} runs"
    what = "one forecast of 12 h"
    yield Figure("B20", what, seconds, "s of a processor", MOST_SECONDS, True, remark)


ACCURACY = Workload("B20", "accuracy of the forecast", run, figures)
