"""Schedules that go by a calendar: what its edits do to them, and what refers to it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from support.rights.two_sites import acting_as, people_of
from support.sessions.clock import Clock
from support.sessions.timetable import change, next_run, run_clock, skips, tick
from support.sessions.verbs import Verbs

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday


def at(day: int, hour: int = 6) -> datetime:
    """Return an hour of a day of March 2026."""
    return datetime(2026, 3, day, hour, tzinfo=UTC)


@pytest.fixture
def nightly(verbs: Verbs, clock: Clock) -> str:
    """Give a schedule that runs on the working days of the calendar `DE`, at six."""
    clock.set(NOON)
    verbs.run("insert into pgdispatch.calendar (name) values ('DE')")
    return verbs.schedule("nightly", recurrence="on working days at 06:00", calendar="DE")


def free(verbs: Verbs, *days: int, calendar: str = "DE") -> None:
    """Make days of March 2026 free."""
    verbs.run(
        "insert into pgdispatch.calendar_day (calendar, day)"
        " select %s, day from unnest(%s::date[]) as day",
        calendar,
        [date(2026, 3, day) for day in days],
    )


def test_every_edit_of_a_calendar_sets_the_next_run_anew_at_once(
    verbs: Verbs, nightly: str
) -> None:
    """Added, changed and deleted days, and other weekdays."""
    seen = [next_run(verbs, nightly)]
    free(verbs, 3, 4)
    seen.append(next_run(verbs, nightly))
    verbs.run("update pgdispatch.calendar_day set is_working = true where day = '2026-03-04'")
    seen.append(next_run(verbs, nightly))
    verbs.run("update pgdispatch.calendar set working_weekdays = '{sat}'")
    verbs.run("update pgdispatch.calendar_day set is_working = false")
    seen.append(next_run(verbs, nightly))
    verbs.run("delete from pgdispatch.calendar_day")
    verbs.run("update pgdispatch.calendar set working_weekdays = '{Sunday, tue}'")
    seen.append(next_run(verbs, nightly))

    assert seen == [at(3), at(5), at(4), at(7), at(3)]
    assert verbs.value("select working_weekdays from pgdispatch.calendar") == ["tue", "sun"]


def test_time_that_is_due_stays_due_when_the_calendar_changes(
    verbs: Verbs, clock: Clock, nightly: str
) -> None:
    """The clock was late, and somebody edits another day: nothing is lost."""
    task = verbs.task(schedule=nightly)
    clock.set(at(3, 7))

    free(verbs, 20)

    assert next_run(verbs, nightly) == at(3)
    assert run_clock(verbs) == 1
    assert skips(verbs, task) == [None]
    assert next_run(verbs, nightly) == at(4)


def test_clock_fires_and_backfill_makes_up_by_the_calendar(
    verbs: Verbs, clock: Clock, nightly: str
) -> None:
    """Neither on a free day; the preview of the backfill agrees."""
    verbs.task(schedule=nightly)
    free(verbs, 4, 5)
    for hours in range(12, 24 * 8, 12):
        clock.set(NOON + timedelta(hours=hours))
        run_clock(verbs)

    fired = verbs.values("select distinct scheduled_at from pgdispatch.occurrence order by 1")
    again = verbs.values(
        "select scheduled_at from pgdispatch.preview_backfill('nightly', %s, %s)", at(3), at(9, 7)
    )

    assert fired == again == [at(3), at(6), at(9)]


def test_moved_and_own_occurrence_of_one_day_are_one_run(verbs: Verbs, clock: Clock) -> None:
    """Saturday, Sunday and Monday fall together on Monday; the view shows what the clock does."""
    clock.set(NOON)
    verbs.run("insert into pgdispatch.calendar (name) values ('DE')")
    verbs.schedule("s", recurrence="daily at 06:00", calendar="DE", on_free_day="after")
    verbs.task(schedule="s")
    shown = verbs.value("select next_runs from pgdispatch.schedule_status")

    fired: list[datetime] = []
    while len(fired) < 5:
        fired.append(next_run(verbs, "s"))
        clock.set(fired[-1])
        assert tick(verbs) is not None

    assert fired == shown == [at(3), at(4), at(5), at(6), at(9)]


def test_calendar_in_use_is_not_deleted_and_follows_a_rename(verbs: Verbs, nightly: str) -> None:
    """The refusal names who uses it; the next run stays as it was."""
    free(verbs, 3)
    with pytest.raises(psycopg.Error) as refused:
        verbs.run("select pgdispatch.delete('calendar', 'DE')")
    verbs.run("update pgdispatch.schedule set next_run_at = '2030-01-01' where name = 'nightly'")

    verbs.run("select pgdispatch.rename('calendar', 'DE', 'BY')")

    assert refused.value.sqlstate == "JD004"
    assert refused.value.diag.message_detail == "used by schedule nightly"
    row = verbs.row("select calendar, next_run_at from pgdispatch.schedule")
    assert row == {"calendar": "BY", "next_run_at": datetime(2030, 1, 1, tzinfo=UTC)}
    assert verbs.values("select calendar from pgdispatch.calendar_day") == ["BY"]
    change(verbs, "schedule", "name", nightly, recurrence=None, calendar=None)
    verbs.run("select pgdispatch.delete('calendar', 'BY')")
    assert verbs.value("select count(*) from pgdispatch.calendar_day") == 0


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("insert into pgdispatch.calendar (name, time_zone) values ('x', 'Mars')", "time zone"),
        (
            "insert into pgdispatch.calendar (name, working_weekdays) values ('x', '{mond}')",
            "there",
        ),
        ("insert into pgdispatch.calendar_day (calendar, day) values ('DE', '1066-10-14')", "new"),
        (
            "insert into pgdispatch.calendar_day (calendar, day) values ('x', '2026-03-04')",
            "insert",
        ),
        ("update pgdispatch.schedule set calendar = null", "recurrence 'on working"),
        ("update pgdispatch.schedule set calendar = 'FR'", "calendar 'FR' does not exist"),
    ],
)
def test_what_is_wrong_is_refused_and_changes_nothing(
    verbs: Verbs, nightly: str, statement: str, message: str
) -> None:
    """A zone, a weekday, a day far off, and a calendar that there is not."""
    with pytest.raises(psycopg.Error) as refused:
        verbs.run(statement)

    assert (refused.value.diag.message_primary or "").startswith(message)
    assert next_run(verbs, nightly) == at(3)


def test_confined_people_see_the_calendars_of_their_schedules_only(
    verbs: Verbs, nightly: str
) -> None:
    """Neither the rows of another one, nor what is free in it."""
    verbs.run("insert into pgdispatch.calendar (name) values ('FR')")
    free(verbs, 4)
    free(verbs, 5, calendar="FR")
    verbs.run("insert into pgdispatch.site (name) values ('acme')")
    verbs.task(schedule=nightly, site="acme")
    with people_of(verbs, "acme", "cal_"), acting_as(verbs, "cal_acme_viewer"):
        seen = verbs.values("select name from pgdispatch.calendar")
        days = verbs.values("select day from pgdispatch.calendar_day")
        runs = verbs.value("select next_runs[1:2] from pgdispatch.schedule_status")
        with pytest.raises(psycopg.Error) as refused:
            verbs.value("select pgdispatch.next_run('daily at 06:00', 'UTC', now(), 'FR', 'skip')")
        with pytest.raises(psycopg.Error) as forbidden:
            verbs.run("update pgdispatch.calendar set time_zone = 'Europe/Paris'")

    assert (seen, days) == (["DE"], [date(2026, 3, 4)])
    assert runs == [at(3), at(5)]
    assert refused.value.sqlstate == "JD002"
    assert forbidden.value.sqlstate == "42501"
