"""Recurrences that go by a calendar come when a model in Python says, for any calendar and zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.sessions.local_times import ZONES, expected_runs
from support.sessions.verbs import Verbs
from support.sessions.working_days import PLANS, Calendar, Plan, planned_times

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST = date(2012, 1, 1)
SPAN = 800  # days that are looked at

calendars = st.builds(
    Calendar,
    weekdays=st.sets(st.integers(0, 6), max_size=6).map(frozenset) | st.just(frozenset(range(5))),
    days=st.dictionaries(
        st.integers(-150, SPAN + 150).map(lambda n: FIRST + timedelta(days=n)),
        st.booleans(),
        max_size=60,
    ),
    gap=st.none()
    | st.tuples(st.integers(0, SPAN), st.integers(1, 130)).map(
        lambda gap: (FIRST + timedelta(days=gap[0]), gap[1])
    ),
)


def store(verbs: Verbs, calendar: Calendar) -> None:
    """Make a calendar what is drawn."""
    verbs.run("delete from pgdispatch.calendar where name = 'drawn'")
    weekdays = [WEEK[day] for day in calendar.weekdays]
    verbs.run(
        "insert into pgdispatch.calendar (name, working_weekdays) values ('drawn', %s)", weekdays
    )
    days = calendar.named_days()
    verbs.run(
        "insert into pgdispatch.calendar_day (calendar, day, is_working)"
        " select 'drawn', day, works from unnest(%s::date[], %s::boolean[]) as d (day, works)",
        list(days),
        list(days.values()),
    )


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    calendar=calendars,
    plan=st.sampled_from(PLANS),
    on_free_day=st.sampled_from(["run", "skip", "before", "after"]),
    zone=st.sampled_from(ZONES),
    minute=st.integers(110 * 1440, 400 * 1440),
)
def test_runs_by_a_calendar_are_those_of_the_model(  # noqa: PLR0917  # what is drawn
    verbs: Verbs,
    calendar: Calendar,
    plan: Plan,
    on_free_day: str,
    zone: str,
    minute: int,
) -> None:
    """Forwards, and backwards from the last of them; what falls together on a day is one run."""
    store(verbs, calendar)
    after = datetime.combine(FIRST, datetime.min.time(), ZoneInfo(zone)) + timedelta(minutes=minute)
    until = after + timedelta(days=250)
    times = planned_times(plan, calendar, on_free_day, FIRST, FIRST + timedelta(days=SPAN))
    expected = expected_runs(times, zone, after=after, until=until)

    found = verbs.value(
        "select coalesce(array_agg(extract(epoch from run)::bigint order by run), '{}')"
        " from unnest(pgdispatch.next_runs(%s, %s, %s, %s, 'drawn', %s)) as run where run <= %s",
        plan.words,
        zone,
        after,
        max(len(expected), 1),
        on_free_day,
        until,
    )
    last = verbs.value(
        "select pgdispatch.last_run(%s, %s, %s, 'drawn', %s)", plan.words, zone, until, on_free_day
    )

    assert found == expected
    if expected:
        assert last.timestamp() == expected[-1]


HOLIDAYS = {"2026-12-25": "Christmas", "2026-12-26": "Boxing Day", "2026-11-26": None}


@pytest.fixture
def us(verbs: Verbs) -> Verbs:
    """Give the verbs of a database with a calendar `us`, in which 28 November is worked on."""
    verbs.run("insert into pgdispatch.calendar (name) values ('us')")
    verbs.run(
        "insert into pgdispatch.calendar_day (calendar, day, name)"
        " select 'us', day, name from unnest(%s::date[], %s::text[]) as d (day, name)",
        list(HOLIDAYS),
        list(HOLIDAYS.values()),
    )
    verbs.run("insert into pgdispatch.calendar_day values ('us', '2026-11-28', 'Inventory', true)")
    return verbs


def days(verbs: Verbs, recurrence: str, on_free_day: str, count: int) -> list[str]:
    """Return the local days of the runs from 24 November 2026 on."""
    found = verbs.value(
        "select pgdispatch.next_runs(%s, 'UTC', '2026-11-24 00:00+00', %s, 'us', %s)",
        recurrence,
        count,
        on_free_day,
    )
    return [f"{run.astimezone(UTC):%d %b}" for run in found]


@pytest.mark.parametrize(
    ("recurrence", "on_free_day", "expected"),
    [
        ("on working days at 06:30", "run", ["24 Nov", "25 Nov", "27 Nov", "28 Nov", "30 Nov"]),
        ("daily at 06:30", "skip", ["24 Nov", "25 Nov", "27 Nov", "28 Nov", "30 Nov"]),
        ("daily at 06:30", "after", ["24 Nov", "25 Nov", "27 Nov", "28 Nov", "30 Nov"]),
        ("daily at 06:30", "run", ["24 Nov", "25 Nov", "26 Nov", "27 Nov", "28 Nov"]),
        ("monthly on 26 at 06:30", "before", ["25 Nov", "24 Dec", "26 Jan"]),
        ("monthly on 26 at 06:30", "after", ["27 Nov", "28 Dec", "26 Jan"]),
        ("monthly on 26 at 06:30", "skip", ["26 Jan", "26 Feb", "26 Mar"]),
        ("monthly on 25, 26 at 06:30", "after", ["25 Nov", "27 Nov", "28 Dec", "25 Jan"]),
        ("monthly on the first working day at 06:30", "run", ["01 Dec", "01 Jan", "01 Feb"]),
        ("monthly on last working day at 06:30", "run", ["30 Nov", "31 Dec", "29 Jan"]),
        ("monthly on 19th working day at 06:30", "run", ["27 Nov", "28 Dec", "27 Jan"]),
    ],
)
def test_free_days_are_moved_or_left_out(
    us: Verbs, recurrence: str, on_free_day: str, expected: list[str]
) -> None:
    """By hand: Thanksgiving is a Thursday, Christmas a Friday; the 28th is worked on."""
    assert days(us, recurrence, on_free_day, len(expected)) == expected


def test_preview_says_which_free_day_a_run_stands_for_and_what_is_left_out(us: Verbs) -> None:
    """With the names of the days."""
    ask = (
        "select coalesce(to_char(run_at at time zone 'UTC', 'DD Mon'), '-'), note"
        " from pgdispatch.preview_runs('monthly on 24, 25 at 06:30', 'UTC',"
        " '2026-12-01 00:00+00', %s, 'us', %s)"
    )

    moved = us.connection.execute(ask, [2, "after"]).fetchall()
    left_out = us.connection.execute(ask, [2, "skip"]).fetchall()

    assert [tuple(row) for row in moved] == [
        ("24 Dec", None),
        ("28 Dec", "Fri 25 Dec is free (Christmas)"),
    ]
    assert [tuple(row) for row in left_out] == [
        ("24 Dec", None),
        ("-", "free (Christmas), left out"),
        ("-", "free, left out"),
        ("25 Jan", None),
    ]


@pytest.mark.parametrize(
    ("recurrence", "calendar", "on_free_day", "hint"),
    [
        ("on working days at 06:30", None, "run", "give it a calendar"),
        ("monthly on first working day at 06:30", None, "run", "give it a calendar"),
        ("daily at 06:30", None, "skip", "give it a calendar"),
        ("daily at 06:30", "us", "never", "use run, skip, before"),
        ("on working days", "us", "run", "write: on working days at 06:30"),
        ("monthly on 24th working day at 06:30", "us", "run", "write: on working days"),
        ("on working days every hour from 22:00 to 02:00", "us", "run", "a working day ends"),
        ("daily at 06:30", "uk", "run", "see pgdispatch.calendar"),
    ],
)
def test_what_needs_a_calendar_or_cannot_be_read_is_refused(
    us: Verbs, recurrence: str, calendar: str | None, on_free_day: str, hint: str
) -> None:
    """By next_runs and by the table, with what to do."""
    for statement in (
        "select pgdispatch.next_runs(%s, 'UTC', now(), 1, %s, %s)",
        "insert into pgdispatch.schedule (name, recurrence, calendar, on_free_day)"
        " values ('s', %s, %s, %s)",
    ):
        with pytest.raises(psycopg.Error) as refused:
            us.run(statement, recurrence, calendar, on_free_day)

        assert (refused.value.sqlstate or "").startswith("JD0")
        assert (refused.value.diag.message_hint or "").startswith(hint)


@pytest.mark.parametrize("on_free_day", ["before", "after"])
@pytest.mark.parametrize(("free", "runs"), [(100, 1), (101, 0)])
def test_no_day_is_moved_by_more_than_a_hundred(
    verbs: Verbs, on_free_day: str, free: int, runs: int
) -> None:
    """A longer free time leaves it out: nobody expects it so far off."""
    day = date(2026, 6, 15)
    step = timedelta(days=1 if on_free_day == "after" else -1)
    span = [day + step * n for n in range(free)]
    calendar = Calendar(frozenset(range(7)), dict.fromkeys(span, False))
    store(verbs, calendar)

    found = verbs.value(
        "select array(select run from unnest(pgdispatch.next_runs('cron 0 12 15 6 *',"
        " 'UTC', '2026-01-01 00:00+00', 2, 'drawn', %s)) as run"
        " where (run at time zone 'UTC')::date = %s)",
        on_free_day,
        day + step * free,
    )

    assert len(found) == runs
