"""What the cases of a what-if do to each schedule: all run with the same random numbers.

A case differs from how it is by its changes alone, so even a small effect shows in few runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from pgdispatch.forecast.run import MICROS, Run, SimulatedJob

AS_IT_IS = "as it is"
EARLY, MIDDLE, LATE = 0.1, 0.5, 0.9


@dataclass(frozen=True)
class Ends:
    """When the last job of a schedule's next run ends: 10, 50, 90 %. None: after the horizon."""

    early: int | None
    middle: int | None
    late: int | None


@dataclass(frozen=True)
class Line:
    """What one case does to the next run of one schedule; spans in seconds.

    `later`: how much later its last job ends than as it is, in the median over the pairs of runs;
    None: in most of them one of the two is not within the horizon. `unfinished`: in how many of
    the runs it has not ended by then.
    """

    case: str
    schedule: str
    scheduled_at: int
    ends: Ends
    mean_delay: float | None
    later: float | None
    unfinished: float


@dataclass
class Outcomes:
    """What the runs of one case have come to, of each schedule's next occurrence."""

    last_ends: dict[str, list[int | None]] = field(default_factory=lambda: defaultdict(list))
    delays: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    scheduled_at: dict[str, int] = field(default_factory=dict)

    def add(self, run: Run) -> None:
        """Take in one run."""
        for schedule, jobs in next_occurrences(run.jobs, run.made_at).items():
            ends = [job.ended_at for job in jobs]
            last = None if None in ends else max(end for end in ends if end is not None)
            self.last_ends[schedule].append(last)
            self.scheduled_at[schedule] = min(job.scheduled_at or 0 for job in jobs)
            self.delays[schedule] += [
                ((job.started_at or run.until) - (job.scheduled_at or 0)) / MICROS for job in jobs
            ]


def next_occurrences(jobs: Iterable[SimulatedJob], now: int) -> dict[str, list[SimulatedJob]]:
    """Return the jobs of each schedule's next run: of its first scheduled time from now on.

    Of a schedule that does not come any more within the horizon, those that wait or run already.
    """
    found: dict[str, dict[int, list[SimulatedJob]]] = defaultdict(lambda: defaultdict(list))
    for job in jobs:
        if job.schedule is not None and job.scheduled_at is not None:
            found[job.schedule][job.scheduled_at].append(job)
    return {
        schedule: runs[min((at for at in runs if at >= now), default=max(runs))]
        for schedule, runs in found.items()
    }


def compare(
    simulate: Callable[[str, int], Run], cases: Sequence[str], runs: Iterable[int]
) -> list[Line]:
    """Run all cases, AS_IT_IS first, in turn, and say what each does to each schedule.

    `simulate` gives the run of this number of a case. All cases of one number have the same random
    numbers; one that ends early, as `runs` does when time is short, leaves the pairs whole.
    """
    outcomes = {case: Outcomes() for case in (AS_IT_IS, *cases)}
    for number in runs:
        for case, outcome in outcomes.items():
            outcome.add(simulate(case, number))
    return [
        line_of(case, schedule, outcome, outcomes[AS_IT_IS])
        for case, outcome in outcomes.items()
        for schedule in sorted(outcome.last_ends)
    ]


def line_of(case: str, schedule: str, outcome: Outcomes, as_it_is: Outcomes) -> Line:
    """Sum up the runs of one case for one schedule."""
    ends = outcome.last_ends[schedule]
    pairs = zip(ends, as_it_is.last_ends.get(schedule, []), strict=False)
    later = sorted((a - b) / MICROS for a, b in pairs if a is not None and b is not None)
    delays = outcome.delays[schedule]
    return Line(
        case=case,
        schedule=schedule,
        scheduled_at=outcome.scheduled_at[schedule],
        ends=ends_of(ends),
        mean_delay=fmean(delays) if delays else None,
        later=later[len(later) // 2] if 2 * len(later) > len(ends) else None,
        unfinished=ends.count(None) / len(ends),
    )


def ends_of(ends: Sequence[int | None]) -> Ends:
    """Return the quantiles of instants of which some are after the horizon."""
    ordered = sorted(end for end in ends if end is not None)

    def at(share: float) -> int | None:
        place = round(share * (len(ends) - 1))
        return ordered[place] if place < len(ordered) else None

    return Ends(at(EARLY), at(MIDDLE), at(LATE))
