"""Cron expressions come when cronsim says, in local time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice, takewhile

import psycopg
import pytest
from cronsim import CronSim, CronSimError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.sessions.local_times import (
    END,
    MARGIN,
    START,
    ZONES,
    change_overs,
    expected_runs,
    sql_runs,
)
from support.sessions.verbs import Verbs

IN_ODD_SETTINGS = True

RARE = (
    "30 2 * * *",
    "0 0 * * 7",
    "15,45 1-3 * * SUN",
    "59 23 L * *",
    "0 12 LW * *",
    "5 3 1,15 * mon-wed",
    "*/20 2 */10 * fri",
    "0 2 29 2 *",
    "0 1 * mar,10,11 sun#2",
    "30 1 * * 0L,4L",
    "10/25 4/9 13 * 5",
    "0 6 * 1-12/3 1-5",
    "0 0 30 12 *",
    "7 2 */2 * */3",
)
DENSE = ("*/7 * * * *", "*/3 0-3 * * *", "0 */2 * * *", "29,31 23,0-4/1 * * 0,6,5-7/2")


def naive(instant: datetime) -> datetime:
    """Return the same reading without a zone."""
    return instant.replace(tzinfo=None)


@cache
def naive_runs(expression: str, start: datetime, end: datetime) -> list[datetime]:
    """Return the local times of an expression, by cronsim."""
    return list(takewhile(lambda run: run <= end, CronSim(expression, start)))


def first_runs(expression: str, after: datetime) -> list[int]:
    """Return the first five runs in UTC, in seconds since 1970; none if cronsim knows none."""
    try:
        runs = list(islice(CronSim(expression, after), 5))
    except CronSimError:
        return []
    return [int(run.replace(tzinfo=UTC).timestamp()) for run in runs]


def field(low: int, high: int, *special: str) -> st.SearchStrategy[str]:
    """Draw a field of a cron expression."""
    number = st.integers(low, high)
    step = st.integers(1, high)
    item = st.one_of(
        number.map(str),
        st.tuples(number, number).map(lambda pair: f"{min(pair)}-{max(pair)}"),
        st.tuples(number, step).map(lambda pair: f"{pair[0]}/{pair[1]}"),
        st.tuples(number, number, step).map(lambda t: f"{min(t[:2])}-{max(t[:2])}/{t[2]}"),
        step.map(lambda width: f"*/{width}"),
        st.sampled_from(["*", *special]),
    )
    return st.just("*") | st.lists(item, min_size=1, max_size=3).map(",".join)


expressions = st.tuples(
    field(0, 59),
    field(0, 23),
    field(1, 31, "L", "LW", "30", "31"),
    field(1, 12, "FEB", "jun-AUG"),
    field(0, 7, "TUE", "mon-fri", "5L", "0L", "1#1", "7#2", "sat#5"),
).map(" ".join)


@pytest.mark.parametrize("expression", RARE)
def test_cron_comes_as_in_cronsim_for_ten_years(verbs: Verbs, expression: str) -> None:
    """In every zone, on all change-over days."""
    verbs.run("set timezone to 'Pacific/Auckland'")
    times = naive_runs(expression, naive(START - MARGIN), naive(END + MARGIN))
    for zone in ZONES:
        expected = expected_runs(times, zone, after=START, until=END)

        found = sql_runs(verbs, f"cron {expression}", zone, after=START, count=len(expected) + 1)

        assert found[:-1] == expected, zone
        assert found[-1] > END.timestamp()


@pytest.mark.usefixtures("newest_only")
@pytest.mark.parametrize("expression", DENSE)
def test_cron_of_many_runs_a_day_comes_as_in_cronsim(verbs: Verbs, expression: str) -> None:
    """Around each change-over of ten years."""
    verbs.run("set timezone to 'Pacific/Auckland'")
    around = timedelta(hours=36)
    moments = [(zone, moment) for zone in ZONES for moment in change_overs(zone)]

    assert len(moments) > 100
    for zone, moment in moments:
        after, until = moment - around, moment + around
        times = naive_runs(expression, naive(after - MARGIN), naive(until + MARGIN))
        expected = expected_runs(times, zone, after=after, until=until)
        found = sql_runs(verbs, f"cron {expression}", zone, after=after, count=len(expected) + 1)
        assert found[:-1] == expected, (zone, moment)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(expression=expressions, after=st.datetimes(naive(START), datetime(2030, 1, 1)))
def test_any_cron_expression_comes_as_in_cronsim(
    verbs: Verbs, expression: str, after: datetime
) -> None:
    """And is refused if cronsim cannot read it or finds no day in fifty years."""
    expected = first_runs(expression, after)
    begin = after.replace(tzinfo=UTC)

    if expected:
        assert sql_runs(verbs, f"cron {expression}", "UTC", after=begin, count=5) == expected
    else:
        with pytest.raises(psycopg.Error) as refused:
            sql_runs(verbs, f"cron {expression}", "UTC", after=begin, count=5)
        assert refused.value.sqlstate == "JD001"
