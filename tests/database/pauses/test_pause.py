"""What is paused waits, keeps its place, and holds back nobody else (semantics 10)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from support.rights.two_sites import Sites, acting_as
from support.sessions.clock import NOON, Clock
from support.sessions.due import drain, fill, in_order
from support.sessions.verbs import Claimed, Verbs

SCOPES = [("all", None), ("site", "acme"), ("type", "flow"), ("schedule", "nightly")]
SOON = NOON + timedelta(seconds=60)
PAUSED = "select scope, name, paused_by, reason, until, waiting from pgdispatch.paused"


def pause(verbs: Verbs, scope: str, name: str | None = None, **said: Any) -> bool:
    """Pause something; `said`: further parameters of the SQL function, without their `p_`."""
    more = "".join(f", p_{key} => %s" for key in said)
    query = f"select pgdispatch.pause(%s, %s{more})"
    return bool(verbs.value(query, scope, name, *said.values()))


def end_pause(verbs: Verbs, scope: str, name: str | None = None) -> timedelta:
    """End a pause."""
    lasted: timedelta = verbs.value("select pgdispatch.end_pause(%s, %s)", scope, name)
    return lasted


@pytest.mark.parametrize(("scope", "name"), SCOPES)
def test_paused_jobs_wait_others_go_on_and_places_are_kept(
    verbs: Verbs, scope: str, name: str | None
) -> None:
    """Whatever runs goes on, and may be ended; Run Now is no way around it."""
    verbs.site("acme")
    verbs.schedule("nightly")
    concerned: dict[str, Any] = {
        "type": "flow",
        "site": "acme",
        "schedule": "nightly",
        "priority": 50,
    }
    running, *waiting = (verbs.job(**concerned) for _ in range(4))
    others = [verbs.job("alert") for _ in range(2)] if scope != "all" else []
    assert verbs.claim("n:1") == running

    assert pause(verbs, scope, name)

    started = [verbs.claim(f"n:{number}") for number in range(2, 5)]
    assert started == [*others, *[None] * (3 - len(others))]
    better = verbs.job(**{**concerned, "priority": 1})
    assert verbs.finish(running, claim=True) is None
    end_pause(verbs, scope, name)
    assert [verbs.claim(f"m:{number}") for number in range(5)] == [better, *waiting, None]
    assert verbs.sweep() == 0


def test_pause_ends_by_itself_and_its_jobs_start_in_order(verbs: Verbs, clock: Clock) -> None:
    """At that instant, with no process of a clock; no call turns many; others between them."""
    verbs.site("acme")
    fill(verbs, 1500, state="ready", gate="site/acme", width=50)
    fill(verbs, 100, state="ready", lowest=2, width=99)
    pause(verbs, "site", "acme", until=SOON)
    waiting = verbs.job(site="acme", priority=1)
    assert verbs.claim("m:1") not in (None, waiting)
    clock.set(SOON - timedelta(milliseconds=1))
    assert verbs.claim("m:2") is not None
    clock.set(SOON)
    expected = in_order(verbs)

    done = drain(verbs, len(expected))

    assert done.started == expected
    assert done.most_ready <= 64
    assert verbs.values("select waiting from pgdispatch.paused") == []
    assert verbs.sweep() == 0


def test_jobs_of_two_pauses_wait_until_both_have_ended(verbs: Verbs, clock: Clock) -> None:
    """The reason is the wider one, as long as that holds."""
    verbs.run("set timezone = 'UTC'")
    verbs.site("acme")
    job = verbs.job("flow", site="acme")
    pause(verbs, "type", "flow", reason="new\n  driver", by="bob")
    pause(verbs, "site", "acme", until=SOON, reason="database move", by="alice")
    reason = "select reason from pgdispatch.queue"
    seen = verbs.values(reason)
    assert verbs.claim("n:1") is None
    clock.set(SOON)
    assert verbs.claim("n:1") is None

    assert [*seen, *verbs.values(reason)] == [
        "paused (site acme, by alice, until 12:01: database move)",
        "paused (type flow, by bob: new driver)",
    ]
    assert verbs.values("select needs_person from pgdispatch.queue") == [True]
    end_pause(verbs, "type", "flow")
    assert verbs.claim("n:1") == job


def test_pause_set_anew_has_the_time_and_reason_given_then(verbs: Verbs, clock: Clock) -> None:
    """It began when it began; that its first time comes does not end it."""
    verbs.site("acme")
    job = verbs.job(site="acme")
    assert pause(verbs, "site", "acme", until=SOON, by="alice")
    clock.advance(1)
    assert not pause(verbs, "site", "acme", until=SOON + timedelta(hours=1), reason="x", by="bob")
    assert verbs.claim("n:1") is None
    clock.set(SOON)

    assert verbs.claim("n:1") is None
    assert [tuple(row.values()) for row in verbs.rows(PAUSED)] == [
        ("site", "acme", "bob", "x", SOON + timedelta(hours=1), 1)
    ]
    assert end_pause(verbs, "site", "acme") == SOON - NOON
    assert verbs.values(
        "select what || ' ' || coalesce(said_by, '') from pgdispatch.change "
        "where kind = 'site' and site = 'acme' and what like '%%pause' "
        "order by id"
    ) == ["pause alice", "pause bob", "end pause "]
    assert verbs.claim("n:1") == job


def test_pause_that_has_ended_begins_anew(verbs: Verbs, clock: Clock) -> None:
    """Although nobody has looked at it since."""
    assert pause(verbs, "all", until=SOON)
    clock.set(SOON + timedelta(hours=1))

    assert pause(verbs, "all")
    clock.advance(5)

    assert end_pause(verbs, "all") == timedelta(seconds=5)


def test_people_of_a_site_do_not_touch_a_pause_that_is_set_against_it(sites: Sites) -> None:
    """They are told by whom and why; their own they change and end."""
    verbs = sites[0]
    pause(verbs, "site", "acme", reason="unpaid", by="alice")
    for act in ("pause('site', 'acme', p_reason => 'ours')", "end_pause('site', 'acme')"):
        with (
            acting_as(verbs, "acme_operator"),
            pytest.raises(psycopg.Error) as refused,
            verbs.connection.transaction(),
        ):
            verbs.run(f"select pgdispatch.{act}")
        assert refused.value.sqlstate == "JD009"
        assert str(refused.value.diag.message_detail).endswith(": unpaid")
    of_acme = "select reason from pgdispatch.paused where scope = 'site' and name = 'acme'"
    assert verbs.values(of_acme) == ["unpaid"]
    end_pause(verbs, "site", "acme")

    with acting_as(verbs, "acme_operator"):
        pause(verbs, "site", "acme", reason="ours")
        pause(verbs, "site", "acme", reason="still ours")
        end_pause(verbs, "site", "acme")

    assert verbs.values(of_acme) == []


def test_clock_that_goes_back_leaves_the_end_of_a_pause_where_it_is(
    verbs: Verbs, clock: Clock
) -> None:
    """It is a time that a person has set."""
    verbs.site("acme")
    job = verbs.job(site="acme")
    pause(verbs, "site", "acme", until=SOON)
    clock.set(NOON - timedelta(hours=1))
    verbs.run("select pgdispatch.set_back_times()")
    assert verbs.claim("n:1") is None
    clock.set(SOON)

    assert verbs.claim("n:1") == job


def test_job_that_moves_to_its_pause_hands_on_what_others_wait_for(verbs: Verbs) -> None:
    """Parked at its full site it stood in for those of its datasource, which are not paused."""
    verbs.site("acme", 2)
    first, on_sales = verbs.job(site="acme"), verbs.job(site="acme", datasource="sales")
    assert [verbs.claim("n:1"), verbs.claim("n:2")] == [first, on_sales]
    verbs.job(site="acme", datasource="sales", priority=2)
    other = verbs.job("alert", site="acme", datasource="sales", priority=3)
    assert verbs.claim("n:3") is None
    verbs.finish(on_sales)
    urgent = verbs.job(site="acme", priority=1)
    assert verbs.claim("n:2") == urgent
    verbs.job(site="acme", priority=1)
    assert verbs.claim("n:3") is None
    verbs.run("select pgdispatch.pause('type', 'system')")

    verbs.finish(first)

    assert verbs.claim("n:1") == other
    assert verbs.sweep() == 0


@pytest.mark.usefixtures("newest_only")
def test_many_paused_jobs_at_a_gate_give_its_room_to_another(verbs: Verbs) -> None:
    """A thousand that are parked at their site's limit; they move on in few calls."""
    verbs.site("acme", 1)
    running = verbs.job("alert", site="acme", priority=1)
    assert verbs.claim("n:1") == running
    fill(verbs, 1000, state="parked", gate="site/acme", width=50)
    other = verbs.job("alert", site="acme", priority=100)
    assert verbs.claim("n:2") is None
    pause(verbs, "type", "system")

    got, calls = verbs.finish(running, claim=True), 1
    while got and got.verdict == "again":
        got, calls = verbs.ask("n:1"), calls + 1

    assert got == Claimed("run", other, 1)
    assert calls <= 8
    expected = [job for job in in_order(verbs) if job != other]
    end_pause(verbs, "type", "system")
    assert verbs.finish(other) is None
    assert drain(verbs, 1000).started == expected
    assert verbs.sweep() == 0


@pytest.mark.parametrize(
    ("act", "code", "message"),
    [
        ("pause('foo')", "JD001", "'foo' cannot be paused"),
        ("pause(null)", "JD001", "null cannot be paused"),
        ("pause('all', 'x')", "JD001", "everything has no name"),
        ("pause('site')", "JD001", "which site? it needs a name"),
        ("pause('site', 'none')", "JD002", "site 'none' does not exist"),
        ("pause('type', 'none')", "JD002", "type 'none' does not exist"),
        ("pause('schedule', 'none')", "JD002", "schedule 'none' does not exist"),
        ("pause('all', p_until => 'epoch')", "JD001", "the pause would end at 1970"),
        ("pause('all', p_until => 'infinity')", "JD001", "the pause would end at infinity"),
        ("end_pause('all')", "JD002", "everything is not paused"),
        ("end_pause('site', 'none')", "JD002", "site none is not paused"),
    ],
)
def test_bad_input_is_refused_and_changes_nothing(
    verbs: Verbs, act: str, code: str, message: str
) -> None:
    """With what was wrong, and what to do."""
    with pytest.raises(psycopg.Error) as refused:
        verbs.run(f"select pgdispatch.{act}")

    assert refused.value.sqlstate == code
    assert str(refused.value).startswith(message)
    assert refused.value.diag.message_hint
    assert verbs.values("select gate from pgdispatch.deferral") == []
    assert verbs.rows(PAUSED) == []


@pytest.mark.parametrize(
    ("scope", "kind", "of_job"),
    [
        ("site", "site", {"site": "other"}),
        ("schedule", "schedule", {"schedule": "other"}),
        ("type", "job type", {"type": "other"}),
    ],
)
def test_pause_follows_a_rename_and_ends_with_what_is_deleted(
    verbs: Verbs, clock: Clock, scope: str, kind: str, of_job: dict[str, str]
) -> None:
    """So that it holds up nothing that has that name later."""
    verbs.add(kind.replace(" ", "_"), "name", name="first")
    pause(verbs, scope, "first", until=SOON)
    assert verbs.claim("n:1") is None

    verbs.run("select pgdispatch.rename(%s, 'first', 'other')", kind)
    job = verbs.job(**of_job)
    waiting = verbs.claim("n:1")
    clock.set(SOON)

    assert (waiting, verbs.claim("n:1")) == (None, job)
    verbs.finish(job)
    pause(verbs, scope, "other")
    verbs.run("select pgdispatch.delete(%s, 'other')", kind)
    verbs.add(kind.replace(" ", "_"), "name", name="other")
    later = verbs.job(**of_job)
    assert verbs.rows(PAUSED) == []
    assert verbs.claim("n:1") == later
