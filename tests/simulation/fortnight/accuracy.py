"""How good forecasts were, once it is known what happened: errors, intervals, chances."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from simulation.timed_session import Session

LEADS = (  # named by where they begin
    ("under 15 min", timedelta(0)),
    ("15 to 60 min", timedelta(minutes=15)),
    ("1 to 4 h", timedelta(hours=1)),
    ("4 to 12 h", timedelta(hours=4)),
)
LONG = timedelta(minutes=10)
CHANCES = (0.1, 0.3, 0.5, 0.7, 0.9)
SAID = """
select job, task, scheduled_at, starts_early_at, starts_at, starts_late_at, late_chance
from pgdispatch.forecast
"""
HAPPENED = """
select
    s.id,
    s.task,
    s.scheduled_at,
    min(s.started_at)
from (
    select id, task, scheduled_at, started_at from pgdispatch.job_history
    union all
    select id, task, scheduled_at, started_at from pgdispatch.job
    union all
    select a.job, a.task, coalesce(h.scheduled_at, j.scheduled_at), a.started_at
    from pgdispatch.attempt as a
    left join pgdispatch.job_history as h on h.id = a.job
    left join pgdispatch.job as j on j.id = a.job
) as s
where s.started_at is not null
group by s.id, s.task, s.scheduled_at
"""

Key = tuple[int | None, int | None, datetime | None]


@dataclass(frozen=True)
class Said:
    """What one forecast said of one start; instants None: beyond its horizon."""

    made_at: datetime
    job: int | None
    task: int | None
    scheduled_at: datetime | None
    early: datetime | None
    start: datetime | None
    late: datetime | None
    late_chance: float | None


@dataclass(frozen=True)
class Score:
    """Of `count` starts that were forecast; spans in seconds, the rest as shares."""

    name: str
    count: int
    error: float
    error_90: float
    share_of_wait: float
    held: float
    width: float


@dataclass(frozen=True)
class Chance:
    """Of `count` starts of which about the same chance of being late was said: said, happened."""

    name: str
    count: int
    said: float
    happened: float


def said(session: Session) -> list[Said]:
    """Return what the forecast in the database says now."""
    return [Said(session.now, *row) for row in session.rows(SAID)]


class Starts:
    """The first start of each job, however a forecast has named it."""

    def __init__(self, session: Session) -> None:
        self._of_job: dict[int, datetime] = {}
        self._of_occurrence: dict[tuple[int, datetime], datetime] = {}
        for job, task, scheduled_at, started_at in session.rows(HAPPENED):
            self._of_job[job] = started_at
            if scheduled_at is not None:
                self._of_occurrence[task, scheduled_at] = started_at

    def of(self, one: Said) -> datetime | None:
        """Return when it started; None: never, or not yet."""
        if one.job is not None:
            return self._of_job.get(one.job)
        assert one.task is not None
        assert one.scheduled_at is not None
        return self._of_occurrence.get((one.task, one.scheduled_at))


def scores(all_said: Iterable[Said], starts: Starts, *, horizon: timedelta) -> list[Score]:
    """Judge starts that were within the horizon in truth and in the forecast.

    Apart for jobs that waited and those that were to come, and by lead time.
    """
    judged = [
        (one, start)
        for one in all_said
        if one.start and (start := starts.of(one)) and one.made_at < start <= one.made_at + horizon
    ]
    parts = {
        "waiting": [pair for pair in judged if pair[0].job is not None],
        "coming": [pair for pair in judged if pair[0].job is None],
    }
    parts["waiting, more than 10 min"] = [
        pair for pair in parts["waiting"] if pair[1] - pair[0].made_at > LONG
    ]
    for kind in ("waiting", "coming"):
        for name, pairs in _by_lead(parts[kind]):
            parts[f"{kind}, {name}"] = pairs
    return [_score(name, pairs) for name, pairs in parts.items() if pairs]


def chances(all_said: Iterable[Said], starts: Starts, late_after: timedelta) -> list[Chance]:
    """Compare said chances of a late start with what happened."""
    found: dict[float, list[tuple[float, bool]]] = {}
    for one in all_said:
        start = starts.of(one)
        if one.late_chance is None or one.scheduled_at is None or start is None:
            continue
        is_late = start > one.scheduled_at + late_after
        middle = min(CHANCES, key=lambda chance: abs(chance - (one.late_chance or 0.0)))
        found.setdefault(middle, []).append((one.late_chance, is_late))
    return [
        Chance(
            f"chance about {middle:.1f}",
            len(pairs),
            said=sum(chance for chance, _ in pairs) / len(pairs),
            happened=sum(is_late for _, is_late in pairs) / len(pairs),
        )
        for middle, pairs in sorted(found.items())
    ]


def _by_lead(
    pairs: Sequence[tuple[Said, datetime]],
) -> Iterable[tuple[str, list[tuple[Said, datetime]]]]:
    """Sort by lead time: from when it was said to when it was said to be."""
    for number, (name, least) in enumerate(LEADS):
        most = LEADS[number + 1][1] if number + 1 < len(LEADS) else timedelta.max
        yield name, [p for p in pairs if p[0].start and least <= p[0].start - p[0].made_at < most]


def _score(name: str, pairs: Sequence[tuple[Said, datetime]]) -> Score:
    errors, held, widths, waits = [], 0, [], []
    for one, start in pairs:
        assert one.start is not None
        errors.append(abs((start - one.start).total_seconds()))
        waits.append((start - one.made_at).total_seconds())
        early, late = one.early or one.start, one.late or datetime.max.replace(tzinfo=start.tzinfo)
        held += early <= start <= late
        widths.append(min((late - early).total_seconds(), 12 * 3600.0))
    return Score(
        name,
        len(pairs),
        error=median(errors),
        error_90=sorted(errors)[int(0.9 * (len(errors) - 1))],
        share_of_wait=median(e / w for e, w in zip(errors, waits, strict=True) if w > 0),
        held=held / len(pairs),
        width=median(widths),
    )
