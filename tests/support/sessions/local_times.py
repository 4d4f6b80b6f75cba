"""Runs of local times by the change-over rule of semantics §6, worked out without PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from support.sessions.verbs import Verbs

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour
    "Asia/Kolkata",  # no change-over
    "America/Sao_Paulo",  # at midnight, until 2019
    "Pacific/Apia",  # without 30 December 2011
    "Europe/Dublin",  # winter time is the exception
)
START, END = datetime(2010, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)
MARGIN = timedelta(days=2)  # more than any offset and any change-over
RUNS = """
select array(
    select extract(epoch from run)::bigint
    from unnest(pgdispatch.next_runs(%s, %s, %s, %s)) as run
)
"""


def sql_runs(verbs: Verbs, recurrence: str, zone: str, *, after: datetime, count: int) -> list[int]:
    """Return what the database says, in seconds since 1970."""
    return list(verbs.value(RUNS, recurrence, zone, after, count))


def expected_runs(
    times: Iterable[datetime], zone: str, *, after: datetime, until: datetime
) -> list[int]:
    """Return the runs of naive local times within (after, until], in seconds since 1970."""
    found = {first_instant(time, zone) for time in times}
    return sorted(run for run in found if after.timestamp() < run <= until.timestamp())


@cache
def first_instant(local: datetime, zone: str) -> int:
    """Return when the clocks of a zone first reach a naive local time, in seconds since 1970.

    Steps through the minutes of a time that is skipped: slow, and hard to get wrong.
    """
    clock = ZoneInfo(zone)
    instant = local.replace(tzinfo=clock).astimezone(UTC)
    if instant.astimezone(clock).replace(tzinfo=None) != local:
        instant = local.replace(tzinfo=clock, fold=1).astimezone(UTC)
        while instant.astimezone(clock).replace(tzinfo=None) < local:
            instant += timedelta(minutes=1)
    return int(instant.timestamp())


@cache
def change_overs(zone: str) -> tuple[datetime, ...]:
    """Return the instants between START and END at which a zone changes its offset."""
    return tuple(_change_overs(ZoneInfo(zone)))


def _change_overs(clock: ZoneInfo) -> Iterator[datetime]:
    day = START
    while day < END:
        low, high = day, day + timedelta(days=1)
        offset = low.astimezone(clock).utcoffset()
        day = high
        if high.astimezone(clock).utcoffset() == offset:
            continue
        while high - low > timedelta(minutes=1):
            middle = low + timedelta(minutes=(high - low) // timedelta(minutes=2))
            if middle.astimezone(clock).utcoffset() == offset:
                low = middle
            else:
                high = middle
        yield high
