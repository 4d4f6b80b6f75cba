"""What the simulation says when a rule was broken."""

from __future__ import annotations

from simulation.double.entities import Job

KINDS = ("out of order", "stalled", "missing", "twice", "gate exceeded", "swept", "other rule")


class Violation(Exception):  # noqa: N818  # it is no error of the program
    """A rule was broken: `kind` is one of KINDS; `jobs` are those whose story tells more."""

    def __init__(self, kind: str, text: str, *jobs: Job | None) -> None:
        super().__init__(text)
        self.kind = kind
        self.jobs = [job for job in jobs if job is not None]

    def lines(self) -> list[str]:
        """Return what is wrong and the stories of the jobs concerned."""
        told = [f"VIOLATION ({self.kind}): {self}"]
        for job in self.jobs:
            told.append(f"  {job.describe()}")
            told += [f"    {at:%a %H:%M:%S.%f}  {text}" for at, text in job.story]
        return told
