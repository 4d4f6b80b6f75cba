"""The table at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.table import Table

from simulation.double.rules import RANKS
from simulation.violation import KINDS
from simulation.week import Week

OUTCOMES = ("succeeded", "error", "killed", "timed out", "lost", "cancelled", "in the queue")
COUNTS = (
    "run now", "run now, schedules", "run now, linked tasks", "run now, refused", "inserted",
    "cancels", "priorities set", "changes", "pauses", "windows", "linked runs", "retries",
    "suspensions", "resumed",
    "over budget, cancelled", "missed, not served", "nodes stopped", "nodes lost",
    "nodes cut off", "outages", "lost", "given back", "stale reports refused", "names refused",
    "stopped, timed out", "stopped, cancelled", "fired", "sweeps", "claims", "starts", "again",
)  # fmt: skip


def print_summary(week: Week, problems: Counter[str], *, heading: str, seconds: float) -> None:
    """Print what happened, and how many rules were broken."""
    console = Console()
    console.print(_jobs(week, heading))
    table = Table(title="what happened", show_header=False)
    for row in _in_columns(_happened(week), 3):
        table.add_row(*row)
    console.print(table)
    checks = Table(title=f"checked, in {seconds:.0f} s", show_header=False)
    for kind in KINDS:
        checks.add_row(kind, str(problems[kind]), style="red" if problems[kind] else "green")
    console.print(checks)


def _jobs(week: Week, heading: str) -> Table:
    table = Table(title=f"{heading}: jobs by type and outcome")
    table.add_column("type")
    for outcome in (*OUTCOMES, "all"):
        table.add_column(outcome, justify="right")
    found = Counter(
        (job.type, job.failed_as or job.outcome or "in the queue")
        for job in week.engine.queue.jobs.values()
    )
    for type_ in RANKS:
        row = [found[type_, outcome] for outcome in OUTCOMES]
        table.add_row(type_, *(f"{n:,}" for n in (*row, sum(row))))
    sums = [sum(found[type_, outcome] for type_ in RANKS) for outcome in OUTCOMES]
    table.add_section()
    table.add_row("all", *(f"{n:,}" for n in (*sums, sum(sums))))
    return table


def _happened(week: Week) -> Iterator[tuple[str, str]]:
    skips = Counter(week.occurrences.values())
    yield "scheduled times", f"{len(week.occurrences):,}"
    yield "skipped, waiting", f"{skips['waiting']:,}"
    yield "skipped, suspended", f"{skips['suspended']:,}"
    rows = week.engine.session.rows
    gates = "(select count(*) from unnest(parked_gates) as g where g like '{}/%%') > 0"
    for name, gate in (("datasource", "datasource"), ("serial", "schedule"), ("site", "site")):
        query = f"select count(*) from pgdispatch.job_history where {gates.format(gate)}"
        yield f"waited at: {name}", f"{rows(query)[0][0]:,}"
    query = "select count(*) from pgdispatch.job_history where promoted_at is not null"
    yield "promoted from overflow", f"{rows(query)[0][0]:,}"
    for name in COUNTS:
        yield name, f"{week.engine.count[name]:,}"
    yield "round trips", f"{week.engine.session.trips:,}"


def _in_columns(pairs: Iterable[tuple[str, str]], columns: int) -> Iterator[list[str]]:
    cells = [f"{name}: {value}" for name, value in pairs]
    cells += [""] * (-len(cells) % columns)
    for start in range(0, len(cells), columns):
        yield cells[start : start + columns]
