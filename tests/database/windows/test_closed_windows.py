"""Closed windows: what they hold, from when to when, and beside pauses and drains of people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from support.rights.two_sites import acting_as, people_of
from support.sessions.clock import NOON, Clock
from support.sessions.timetable import change, next_run, run_clock, skips
from support.sessions.verbs import Verbs


def window(verbs: Verbs, scope: str, target: str, **columns: Any) -> str:
    """Add a window from 13:00 to 15:00 of the clock's day, or as is said."""
    when = {"from_at": NOON + timedelta(hours=1), "to_at": NOON + timedelta(hours=3)}
    row = {"name": f"{scope} {target}", "scope": scope, "target": target, **when, **columns}
    names = ", ".join(row)
    verbs.run(
        f"insert into pgdispatch.closed_window ({names}) values ({', '.join(['%s'] * len(row))})",
        *row.values(),
    )
    return str(row["name"])


def at(clock: Clock, verbs: Verbs, minutes: float) -> None:
    """Let it be so many minutes after noon, and the clock have its turn."""
    clock.set(NOON + timedelta(minutes=minutes))
    run_clock(verbs)


def reason(verbs: Verbs, job: int) -> tuple[str, str]:
    """Return the kind and the reason of a waiting job, of which queue and why say the same."""
    row = verbs.row("select kind, reason from pgdispatch.why(%s)", job)
    assert row == verbs.row("select kind, reason from pgdispatch.queue where job = %s", job)
    return row["kind"], row["reason"]


@pytest.mark.parametrize(("scope", "target"), [("site", "default"), ("type", "system")])
def test_jobs_do_not_start_from_the_edge_to_the_edge_also_without_a_clock(
    verbs: Verbs, clock: Clock, scope: str, target: str
) -> None:
    """Those that run go on; the first claim after the end starts the best of them."""
    verbs.register(backgrounders=2)
    window(verbs, scope, target)
    jobs = [verbs.job(type="system", priority=n) for n in (5, 6, 7)]
    assert verbs.claim("n:1") == jobs[0]
    clock.set(NOON + timedelta(hours=1))

    assert verbs.claim("n:2") is None

    assert reason(verbs, jobs[1]) == ("closed", "closed until 15:00")
    verbs.finish(jobs[0])
    clock.set(NOON + timedelta(hours=3))
    assert verbs.claim("n:2") == jobs[1]


def test_pause_of_a_person_and_a_window_do_not_end_each_other(verbs: Verbs, clock: Clock) -> None:
    """Both must be over, whichever ends first; the reason is the one that holds for longer."""
    verbs.register()
    job = verbs.job()
    window(verbs, "site", "default", from_at=NOON - timedelta(hours=1))
    assert verbs.value("select pgdispatch.pause('site', 'default')")
    assert verbs.claim("n:1") is None
    assert reason(verbs, job)[0] == "paused"

    verbs.run("select pgdispatch.end_pause('site', 'default')")

    assert verbs.claim("n:1") is None
    assert reason(verbs, job) == ("closed", "closed until 15:00")
    verbs.run("select pgdispatch.pause('site', 'default', %s)", NOON + timedelta(hours=4))
    clock.set(NOON + timedelta(hours=3))
    assert verbs.claim("n:1") is None
    assert reason(verbs, job)[0] == "paused"
    clock.set(NOON + timedelta(hours=4))
    assert verbs.claim("n:1") == job


@pytest.mark.parametrize(
    "edit",
    [
        "delete from pgdispatch.closed_window",
        "update pgdispatch.closed_window set enabled = false",
        "update pgdispatch.closed_window set to_at = to_at - interval '150 min'",
        "update pgdispatch.closed_window set target = 'other'",
    ],
)
def test_open_window_that_is_taken_away_lets_go_at_once(
    verbs: Verbs, clock: Clock, edit: str
) -> None:
    """Deleted, disabled, shortened, or of another site."""
    verbs.site("other")
    verbs.register()
    job = verbs.job()
    window(verbs, "site", "default", from_at=NOON - timedelta(hours=1))
    clock.advance(60 * 60)
    assert verbs.claim("n:1") is None

    verbs.run(edit)

    assert verbs.claim("n:1") == job


def test_window_comes_again_although_the_clock_was_away(verbs: Verbs, clock: Clock) -> None:
    """It is rolled on by the clock; overlapping windows are open until the last is over."""
    verbs.register()
    window(
        verbs, "site", "default",
        recurrence="daily at 22:00", lasts="8 hours", from_at=None, to_at=None,
    )  # fmt: skip
    late = {"from_at": NOON + timedelta(hours=17), "to_at": NOON + timedelta(hours=19)}
    window(verbs, "site", "default", name="longer", **late)
    job = verbs.job()
    seen = []
    for hours in (10.5, 17.9, 18.5, 19, 34.5, 42.5):
        at(clock, verbs, 60 * hours)
        claimed = verbs.claim("n:1")
        if claimed is not None:
            verbs.finish(claimed)
            job = verbs.job()
        seen.append(claimed is not None)

    assert seen == [False, False, False, True, False, True]
    assert job is not None


def test_window_over_a_change_over_night_ends_by_the_clocks_of_its_zone(
    verbs: Verbs, clock: Clock
) -> None:
    """Eight hours from 22:00 on are seven on the night to the 29th of March 2026 in Berlin."""
    clock.set(datetime(2026, 3, 28, 12, tzinfo=UTC))
    name = window(
        verbs, "site", "default",
        recurrence="daily at 22:00", lasts="8 hours", time_zone="Europe/Berlin",
        from_at=None, to_at=None,
    )  # fmt: skip

    row = verbs.row(
        "select opens_at, closes_at from pgdispatch.closed_window where name = %s", name
    )

    assert row == {
        "opens_at": datetime(2026, 3, 28, 21, tzinfo=UTC),
        "closes_at": datetime(2026, 3, 29, 4, tzinfo=UTC),
    }


def test_node_takes_nothing_from_drain_before_on_and_a_drain_of_a_person_stays(
    verbs: Verbs, clock: Clock
) -> None:
    """Within one turn of the clock; the next turn is due at the edge."""
    verbs.register()
    job = verbs.job(type="system")
    window(verbs, "node", "n", drain_before="30 min")
    assert verbs.value("select wait from pgdispatch.tick()") == 30 * 60

    at(clock, verbs, 30)

    assert verbs.claim("n:1") is None
    verbs.run("update pgdispatch.node set heartbeat_at = pgdispatch.now()")
    assert reason(verbs, job) == ("paused", "paused until 15:00 (n closed)")
    assert verbs.value("select state from pgdispatch.window_status") == "draining"
    verbs.run("update pgdispatch.node set is_drained = true")
    at(clock, verbs, 180)
    verbs.run("update pgdispatch.node set heartbeat_at = pgdispatch.now()")
    assert verbs.claim("n:1") is None
    assert reason(verbs, job) == ("paused", "paused (n drained)")
    verbs.run("update pgdispatch.node set is_drained = false")
    assert verbs.claim("n:1") == job


def test_times_of_a_schedule_within_a_window_are_skipped_as_closed(
    verbs: Verbs, clock: Clock
) -> None:
    """The next run, the view and what the clock does agree; each task knows why."""
    schedule = verbs.schedule("hourly", recurrence="every hour")
    task = verbs.task(schedule=schedule)
    window(verbs, "schedule", schedule, to_at=NOON + timedelta(hours=3, minutes=1))
    shown = verbs.value("select next_runs[1:2] from pgdispatch.schedule_status")

    assert [run.hour for run in shown] == [16, 17]
    assert [
        (row["run_at"], row["note"])
        for row in verbs.rows("select * from pgdispatch.preview_schedule('hourly', %s, 2)", NOON)
    ] == [
        (shown[0], None),
        (shown[1], None),
        (None, "closed (window schedule hourly), left out: 3 times"),
    ]
    for minutes in range(0, 300, 20):
        at(clock, verbs, minutes)
    assert skips(verbs, task) == ["closed"] * 3 + [None]
    verbs.run("delete from pgdispatch.closed_window")
    assert next_run(verbs, schedule) == NOON + timedelta(hours=5)


def test_times_of_a_schedule_within_a_window_can_be_one_at_its_end(
    verbs: Verbs, clock: Clock
) -> None:
    """Also when it is added while a time is due, and when it ends where a time is."""
    schedule = verbs.schedule("hourly", recurrence="every hour")
    task = verbs.task(schedule=schedule)
    clock.set(NOON + timedelta(hours=1))
    name = window(verbs, "schedule", schedule, run_at_end=True)
    assert next_run(verbs, schedule) == NOON + timedelta(hours=3)
    change(verbs, "closed_window", "name", name, to_at=NOON + timedelta(minutes=210))

    for minutes in range(60, 300, 30):
        at(clock, verbs, minutes)
        for job in verbs.values("select id from pgdispatch.job"):
            verbs.run("select pgdispatch.cancel(%s)", job)

    fired = verbs.values(
        "select scheduled_at from pgdispatch.occurrence where task = %s order by 1", task
    )
    assert [(run - NOON).total_seconds() / 60 for run in fired] == [210, 240]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"target": "nope"}, "site 'nope' does not exist"),
        ({"scope": "all"}, "'all' cannot be closed"),
        ({"to_at": None}, "a closed window needs a recurrence"),
        ({"recurrence": "daily at 22:00"}, "a closed window needs a recurrence"),
        ({"to_at": NOON}, "a window cannot be closed from"),
        ({"to_at": "infinity"}, "a window cannot be closed from"),
        ({"drain_before": "1 hour"}, "a site is not drained"),
        ({"run_at_end": True}, "a site has no times"),
        ({"time_zone": "Mars"}, "time zone 'Mars' does not exist"),
        (
            {"from_at": None, "to_at": None, "recurrence": "daily at 22:00", "lasts": "32 days"},
            "a window cannot last 32 days",
        ),
        (
            {"from_at": None, "to_at": None, "recurrence": "on working days at 22:00",
             "lasts": "1 hour"},
            "recurrence 'on working days at 22:00' needs a calendar",
        ),
    ],
)  # fmt: skip
def test_window_that_makes_no_sense_is_refused(
    verbs: Verbs, clock: Clock, columns: dict[str, Any], message: str
) -> None:
    """With what is wrong."""
    assert clock.now == NOON
    with pytest.raises(psycopg.Error) as refused:
        window(verbs, **{"scope": "site", "target": "default", **columns})

    assert (refused.value.diag.message_primary or "").startswith(message)


def test_windows_follow_renames_and_are_noted(verbs: Verbs, clock: Clock) -> None:
    """Of a site that is deleted they stay, and close nothing."""
    assert clock.now == NOON
    verbs.site("acme")
    window(verbs, "site", "acme", reason="stocktaking")

    verbs.run("select pgdispatch.rename('site', 'acme', 'ajax')")

    assert verbs.value("select target from pgdispatch.closed_window") == "ajax"
    verbs.run("select pgdispatch.delete('site', 'ajax')")
    assert verbs.value("select count(*) from pgdispatch.closed_window") == 1
    noted = verbs.rows("select what, site from pgdispatch.change where kind = 'closed window'")
    assert noted == [{"what": "add", "site": "acme"}]


def test_people_of_a_site_close_their_site_and_leave_what_others_have_closed(
    verbs: Verbs, clock: Clock
) -> None:
    """They see it, and the types that are closed."""
    assert clock.now == NOON
    for site in ("acme", "globex"):
        verbs.site(site)
        window(verbs, "site", site)
    window(verbs, "type", "flow")
    with people_of(verbs, "acme", "win_"), acting_as(verbs, "win_acme_operator"):
        window(verbs, "site", "acme", name="own")
        verbs.run("update pgdispatch.closed_window set reason = 'mine'")
        verbs.run("delete from pgdispatch.closed_window where name <> 'own'")
        seen = verbs.rows("select closed_window, reason from pgdispatch.window_status")
        refused = []
        for scope, target in (("site", "globex"), ("type", "flow"), ("schedule", "x")):
            with pytest.raises(psycopg.Error) as error:
                window(verbs, scope, target, name="no")
            refused.append(error.value.sqlstate)

    assert {(row["closed_window"], row["reason"]) for row in seen} == {
        ("own", "mine"),
        ("site acme", None),
        ("type flow", None),
    }
    assert refused == ["JD002", "JD009", "JD009"]
