"""A forecast is made by one node at a time, shown while it is fresh, and judged by what happens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from pgdispatch.forecast.draws.past import forecast_history, read_past
from pgdispatch.forecast.making import make_due
from support.rights.two_sites import Sites, acting_as
from support.sessions.clock import Clock
from support.sessions.verbs import Verbs

HOUR = 3600
BEGIN = "select number from pgdispatch.begin_forecast(%s)"
KEEP = "select pgdispatch.keep_forecast(%s, 0, 0, 1, 1, '[]', '[]', '[]')"
STATE = "select * from pgdispatch.forecast_state"
LOOK = "select pgdispatch.look_at_forecast()"


@pytest.fixture
def task(verbs: Verbs, clock: Clock) -> int:
    """Add a task that runs each hour for some ten minutes and has for two days; it is 12:00."""
    verbs.schedule("hourly", recurrence="every 1 hours from 00:00 to 23:59")
    task = verbs.task(schedule="hourly", title="Sales")
    verbs.register(backgrounders=1)
    noon = clock.now
    for hour in range(48, 0, -1):
        clock.set(noon - timedelta(hours=hour))
        ran(verbs, clock, verbs.run_now(task), 600 + 10 * (hour % 5))
    clock.set(noon)
    return task


def ran(verbs: Verbs, clock: Clock, job: int, seconds: float) -> None:
    """Run a job that waits, for so many seconds."""
    assert verbs.claim() == job
    clock.advance(seconds)
    verbs.finish(job)


def made(verbs: Verbs, clock: Clock) -> None:
    """Make a forecast that is due, as a node does."""
    clock.advance(16 * 60)
    verbs.run("update pgdispatch.node set heartbeat_at = pgdispatch.now()")
    found = make_due(verbs.connection, "n")
    assert found is not None
    assert found.is_kept


def test_one_node_at_a_time_makes_it_when_it_is_due(verbs: Verbs, clock: Clock) -> None:
    """Each quarter of an hour, or each minute while somebody looks, and no gap in between."""
    verbs.run(
        "update pgdispatch.forecast_state set began_at = n, ended_at = n from pgdispatch.now() as n"
    )
    begun: list[list[int]] = []

    def begin(after: float) -> None:
        clock.advance(after)
        begun.append(verbs.values(BEGIN, "a"))
        if begun[-1]:
            verbs.run("select pgdispatch.end_forecast(%s, null)", begun[-1][0])

    begin(899)
    begin(2)
    verbs.run(LOOK)
    begin(59)
    begin(2)
    begin(61)
    begin(240)
    begin(61)
    begin(61)

    assert begun == [[], [1], [], [2], [3], [4], [], []]


def test_one_that_is_not_kept_is_taken_over_and_its_number_is_stale(
    verbs: Verbs, clock: Clock
) -> None:
    """After two minutes. Nor can it end the other one's."""
    clock.advance(10_000_000)
    first = verbs.value(BEGIN, "a")
    clock.advance(119)
    assert verbs.values(BEGIN, "b") == []
    clock.advance(2)

    second = verbs.value(BEGIN, "b")
    verbs.run("select pgdispatch.end_forecast(%s, 'late')", first)
    kept = [verbs.value(KEEP, number) for number in (first, second, second)]

    state = verbs.row(STATE)
    assert kept == [False, True, False]
    assert (state["node"], state["problem"], state["runs"]) == ("b", None, 1)


def test_a_long_one_is_followed_by_a_long_pause_and_a_huge_queue_by_none(
    verbs: Verbs, clock: Clock
) -> None:
    """A fifteenth of the time at most; it says why there is none."""
    clock.advance(10_000_000)
    number = verbs.value(BEGIN, "a")
    clock.advance(100)
    kept = verbs.value(KEEP, number)
    pause = verbs.row(STATE)["period"]
    clock.advance(1399)
    early = verbs.values(BEGIN, "a")
    clock.advance(2)
    verbs.run("insert into pgdispatch.job (type) select 'system' from generate_series(1, 50001)")

    late = verbs.values(BEGIN, "a")

    assert kept is True
    assert pause == timedelta(seconds=1500)
    assert early == late == []
    assert verbs.row(STATE)["problem"] == "more than 50000 jobs wait"


def test_none_is_made_if_the_setting_says_so_and_why_one_failed_is_kept(
    verbs: Verbs, clock: Clock
) -> None:
    """Until the next one is kept."""
    clock.advance(10_000_000)
    verbs.run("update pgdispatch.setting set value = '-1' where name = 'forecast_seconds'")
    off = verbs.values(BEGIN, "a")
    verbs.run("update pgdispatch.setting set value = '2' where name = 'forecast_seconds'")

    verbs.run("select pgdispatch.end_forecast(%s, 'it broke')", verbs.value(BEGIN, "a"))

    assert off == []
    assert verbs.row(STATE)["problem"] == "it broke"
    with pytest.raises(psycopg.Error, match="cannot be '0'"):
        verbs.run("update pgdispatch.setting set value = '0' where name = 'forecast_seconds'")


def test_jobs_occurrences_and_schedules_are_forecast_until_that_is_stale(
    verbs: Verbs, clock: Clock, task: int
) -> None:
    """What waits behind what runs starts at its end; what no node takes does not: it says why."""
    running = verbs.run_now(task)
    verbs.claim()
    waiting, never = verbs.job(datasource="x"), verbs.job("flow", priority=90)
    verbs.run("update pgdispatch.node set types = '{system,full_extract}'")
    made(verbs, clock)

    rows = verbs.rows("select * from pgdispatch.forecast order by job, scheduled_at")
    runs = verbs.rows("select * from pgdispatch.schedule_forecast order by scheduled_at")
    of_jobs = verbs.rows("select * from pgdispatch.job_forecasts(%s)", [waiting, 999])
    load = verbs.rows("select * from pgdispatch.load_ahead")
    clock.advance(45 * 60 + 5)

    one, two, three, *coming = rows
    assert [row["job"] for row in rows[:3]] == [running, waiting, never]
    assert [row["state"] for row in rows[:4]] == ["running", "waiting", "waiting", "coming"]
    assert (one["starts_at"], two["title"], one["title"]) == (None, None, "Sales")
    assert clock.now > two["starts_at"] >= one["ends_early_at"]
    assert two["starts_early_at"] <= two["starts_at"] <= two["starts_late_at"] < two["until"]
    assert (three["starts_at"], three["beyond"]) == (None, "no node takes flows")
    assert {row["task"] for row in coming} == {task}
    assert len(coming) == 12
    assert all(row["late_chance"] <= 0.2 and row["skipped_chance"] == 0 for row in coming)
    assert all(
        timedelta(minutes=9) < row["ends_at"] - row["starts_at"] < timedelta(minutes=13)
        for row in coming[:10]
    )
    assert [run["scheduled_at"] for run in runs] == [row["scheduled_at"] for row in coming]
    assert (runs[0]["last_task"], runs[0]["last_chance"], runs[0]["site"]) == (task, 1.0, None)
    assert [row["starts_at"] for row in of_jobs] == [two["starts_at"]]
    assert len(load) == 97
    assert 0.1 < load[0]["busy"] <= load[0]["busy_high"] <= 1.001
    assert load[0]["backgrounders"] == 1
    for view in ("forecast", "schedule_forecast", "load_ahead"):
        assert verbs.rows(f"select * from pgdispatch.{view}") == []


def test_forecasts_are_noted_and_compared_with_what_happened(
    verbs: Verbs, clock: Clock, task: int
) -> None:
    """Once their whole horizon has passed; what somebody has disturbed does not count."""
    verbs.run("update pgdispatch.setting set value = '1' where name = 'forecast_hours'")
    first, second = verbs.job(), verbs.job()
    made(verbs, clock)
    noted = verbs.rows("select * from pgdispatch.forecast_check order by job, scheduled_at")
    ran(verbs, clock, first, 30)
    ran(verbs, clock, second, 30)
    clock.set(datetime(2026, 3, 2, 13, 0, 5, tzinfo=UTC))
    while verbs.value("select jobs from pgdispatch.tick()") is not None:
        pass
    (coming,) = verbs.values("select id from pgdispatch.job")
    ran(verbs, clock, coming, 600)
    verbs.run("update pgdispatch.site set max_running_jobs = 5")
    clock.advance(1000)

    made(verbs, clock)

    rows = verbs.rows(
        "select * from pgdispatch.forecast_check where known_at is not null order by job"
    )
    quality = verbs.rows("select * from pgdispatch.forecast_quality")
    assert [row["job"] for row in noted] == [first, second, None]
    assert [row["job"] for row in rows] == [first, second, None]
    assert [row["started"] for row in rows[:2]] == [pytest.approx(0), pytest.approx(30)]
    assert [row["was_disturbed"] for row in rows] == [False, False, False]
    assert (rows[2]["task"], rows[2]["ended"] - rows[2]["started"]) == (task, pytest.approx(600))
    assert {row["state"] for row in quality} == {"waiting", "coming"}
    assert all(row["n"] in (1, 2) and 0 <= row["held"] <= 1 for row in quality)
    metrics = verbs.rows("select * from pgdispatch.forecast_metrics()")
    assert {row["name"] for row in metrics} == {"age", "error", "coverage"}


CHECKED = """
insert into pgdispatch.forecast_check (
    made_at, site, state, due, until, starts_early, starts, starts_late, starts_widened,
    ends_widened, skipped_chance, late_after, known_at, started, was_skipped, was_disturbed
)
select pgdispatch.now() - interval '1 day', 'default', 'waiting', 0, 3600, 100, 200, 340, 0, 0, 0,
    600, now(), 340 + 300 * (g %% 10 >= 5)::integer, false, %s
from generate_series(0, %s) as g
"""


def test_intervals_are_widened_by_the_miss_that_four_of_five_stay_within(
    verbs: Verbs, clock: Clock
) -> None:
    """In lengths of the interval and a minute; of fewer than forty nothing is learnt."""
    assert clock
    verbs.run(CHECKED, False, 38)
    few = verbs.rows("select * from pgdispatch.forecast_calibration()")
    verbs.run(CHECKED, True, 500)
    disturbed = verbs.rows("select * from pgdispatch.forecast_calibration()")
    verbs.run(CHECKED, False, 99)

    rows = verbs.rows("select * from pgdispatch.forecast_calibration() order by lead nulls last")

    assert few == disturbed == []
    assert [(row["state"], row["what"], row["lead"]) for row in rows] == [
        ("waiting", "starts", "under 15 min"),
        ("waiting", "starts", None),
    ]
    assert [row["widened"] for row in rows] == [pytest.approx(1.0), pytest.approx(1.0)]
    assert verbs.row("select held from pgdispatch.forecast_quality")["held"] < 0.6


def test_old_ones_are_forgotten(verbs: Verbs, clock: Clock) -> None:
    """With what else is forgotten each hour, after two weeks."""
    verbs.run(CHECKED, False, 3)
    clock.advance(12 * 24 * HOUR)
    verbs.run("select pgdispatch.forget()")
    kept = verbs.value("select count(*) from pgdispatch.forecast_check")
    clock.advance(2 * 24 * HOUR)

    verbs.run("select pgdispatch.forget()")

    assert kept == 4
    assert verbs.value("select count(*) from pgdispatch.forecast_check") == 0


def test_the_past_is_one_row_a_task(verbs: Verbs, clock: Clock, task: int) -> None:
    """Newest first, without the level of half days; what nobody had scheduled by day."""
    seldom = verbs.task("flow")
    clock.advance(-20 * 24 * HOUR)
    ran(verbs, clock, verbs.run_now(seldom), 120)
    clock.advance(20 * 24 * HOUR - 120)

    past = read_past(forecast_history(verbs.connection, 12))

    assert len(past.tasks[task].times) == 40
    assert all(590 < seconds < 650 for seconds in past.tasks[task].times)
    assert past.tasks[seldom].times == (120.0,)
    assert past.types["full_extract"].successes == 48
    assert len(past.types["full_extract"].levels) == 21
    assert past.recent[0] == 2
    assert len(past.halves) == 4
    assert [len(day.jobs) for day in past.days][:2] == [12, 12]
    assert [facts[2:4] for facts in past.days[0].jobs][:1] == [("default", task)]


def test_people_of_a_site_see_its_part_and_may_not_read_the_past(sites: Sites) -> None:
    """Of a run of a schedule their jobs; the load is of all sites."""
    verbs, acme, _ = sites

    def seen(user: str) -> dict[str, list[Any]]:
        with acting_as(verbs, user):
            return {
                "sites": verbs.values("select site from pgdispatch.schedule_forecast"),
                "jobs": verbs.values(
                    "select job from pgdispatch.job_forecasts(array(select job from "
                    "pgdispatch.forecast))"
                ),
            }

    own, everything = seen("acme_viewer"), seen("all_viewer")

    assert own == {"sites": ["acme"], "jobs": [acme.jobs["waiting"]]}
    assert everything["sites"] == [None, None]
    assert len(everything["jobs"]) == 2
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        verbs.run("set local role acme_viewer; select pgdispatch.forecast_history()")
