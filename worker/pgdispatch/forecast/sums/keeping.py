"""What is said of a forecast, as keep_forecast and note_forecast take it: rows of JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pgdispatch.forecast.draws.chance import mixed
from pgdispatch.forecast.sums.calibration import Calibration, Interval, widen
from pgdispatch.forecast.sums.load import Load
from pgdispatch.forecast.sums.quantiles import JobForecast, Quantiles

Row = dict[str, Any]
NOTED = {"waiting": 100, "coming": 150, "running": 50}  # so many are noted of each forecast


@dataclass
class Said:
    """A forecast that is ready to be told, with its intervals widened."""

    quantiles: Quantiles
    calibration: Calibration
    made_at: int
    late: int
    jobs: list[JobForecast] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Sum up the runs once."""
        self.jobs = list(self.quantiles.jobs())

    def widening(self, job: JobForecast, what: str) -> float:
        """Return by how much the interval of a job's start or end is widened."""
        interval = job.starts if what == "starts" else job.ends
        if interval[1] is None:
            return 0.0
        return self.calibration.of(job.state, what, interval[1] - self.made_at)

    def shown(self, job: JobForecast, what: str) -> Interval:
        """Return the interval as it is shown: widened, not before it can be."""
        interval = job.starts if what == "starts" else job.ends
        least = self.made_at
        if what == "starts":
            least = max(least, job.due)
        return widen(interval, self.widening(job, what), least, self.quantiles.until)


def rows_of_jobs(said: Said) -> list[Row]:
    """Return a row for each job and occurrence."""
    return [
        {
            "job": job.told.job,
            "task": job.told.task,
            "scheduled": job.told.scheduled_at,
            "type": job.told.type,
            "site": job.told.site,
            "schedule": job.told.schedule,
            "linked_task": job.told.linked_task,
            "state": job.state,
            "starts": said.shown(job, "starts"),
            "ends": said.shown(job, "ends"),
            "skipped": job.skipped_chance,
            "late": job.late_chance,
            "beyond": job.beyond,
        }
        for job in said.jobs
    ]


def rows_of_schedules(said: Said) -> list[Row]:
    """Return a row for each run of a schedule, as a whole and by site.

    Their intervals are widened as those of coming jobs are: what decides them is one of these.
    """
    rows = []
    for run in said.quantiles.schedules():
        job, task, _ = run.last
        rows.append(
            {
                "schedule": run.schedule,
                "scheduled": run.scheduled_at,
                "site": run.site,
                "jobs": run.jobs,
                "starts": _widened(said, run.starts, "starts", run.scheduled_at),
                "ends": _widened(said, run.ends, "ends", run.scheduled_at),
                "late": run.late_chance,
                "last_task": task if job is None else said.quantiles.task_of(job),
                "last_job": job,
                "last_chance": run.last_chance,
            }
        )
    return rows


def rows_of_load(load: Load) -> list[Row]:
    """Return a row for each quarter of an hour."""
    return [
        {
            "at": quarter.at,
            "busy": quarter.busy,
            "busy_high": quarter.busy_high,
            "waiting": quarter.waiting,
            "waiting_high": quarter.waiting_high,
            "backgrounders": load.backgrounders,
            "runs": quarter.runs,
        }
        for quarter in load.quarters()
    ]


def checks(said: Said) -> list[Row]:
    """Return what is noted, to be compared with what happens: some of each state, by chance."""
    found: list[Row] = []
    for state, most in NOTED.items():
        told = [job for job in said.jobs if job.state == state]
        found += [_check(said, job) for job in _some(told, most, said.made_at)]
    return found


def _some(jobs: Sequence[JobForecast], most: int, seed: int) -> Sequence[JobForecast]:
    if len(jobs) <= most:
        return jobs

    def lot(job: JobForecast) -> int:
        return mixed(seed, job.told.job or 0, job.told.task or 0, job.told.scheduled_at or 0)

    return sorted(jobs, key=lot)[:most]


def _check(said: Said, job: JobForecast) -> Row:
    return {
        "job": job.told.job,
        "task": job.told.task,
        "scheduled": job.told.scheduled_at,
        "site": job.told.site,
        "state": job.state,
        "due": job.due,
        "starts": job.starts,
        "starts_widened": said.widening(job, "starts"),
        "ends": job.ends,
        "ends_widened": said.widening(job, "ends"),
        "skipped": job.skipped_chance,
        "late": job.late_chance,
        "late_after": job.due + said.late,
    }


def _widened(said: Said, interval: Interval, what: str, at: int) -> Interval:
    if interval[1] is None:
        return interval
    by = said.calibration.of("coming", what, interval[1] - said.made_at)
    return widen(interval, by, max(said.made_at, at), said.quantiles.until)
