"""What waits for a target goes in one delivery, at most one each few minutes, none twice."""

from __future__ import annotations

from support.sessions.clock import Clock
from support.sessions.outbox import NODE, beat, delivery, reach, tell, tend, told
from support.sessions.timetable import set_to
from support.sessions.verbs import Verbs


def fail_job(verbs: Verbs) -> int:
    """Let a job fail."""
    job = verbs.job()
    verbs.claim("n:1", ["system"])
    verbs.fail(job)
    return job


def test_the_first_goes_at_once_and_the_others_together(verbs: Verbs, clock: Clock) -> None:
    """The next delivery is digest seconds later; it names all that came meanwhile."""
    mine = reach(verbs, "ops")
    tell(verbs, "failure")
    first = fail_job(verbs)
    assert tend(verbs) == 1
    sent = delivery(verbs)
    verbs.finish(sent["id"])
    more = [fail_job(verbs) for _ in range(3)]
    for _ in range(2):
        beat(verbs, clock, mine, 149)
        assert tend(verbs) == 0

    beat(verbs, clock, mine, 3)
    assert tend(verbs) == 1
    then = delivery(verbs)

    assert [notice["job"] for notice in sent["args"]["notices"]] == [first]
    assert [notice["job"] for notice in then["args"]["notices"]] == more
    assert sent["args"]["delivery"] != then["args"]["delivery"]
    assert told(verbs, "state") == [("delivered",)] + [("under way",)] * 3


def test_a_target_that_is_away_gets_no_second_delivery(verbs: Verbs, clock: Clock) -> None:
    """What comes meanwhile waits for the end of the first; why is said of it."""
    mine = reach(verbs, "ops")
    tell(verbs, "failure")
    fail_job(verbs)
    tend(verbs)
    verbs.fail(delivery(verbs)["id"])
    fail_job(verbs)
    beat(verbs, clock, mine, 400)

    assert tend(verbs) == 0
    assert told(verbs, "state", "reason") == [("under way", "boom"), ("waiting", None)]

    verbs.finish(delivery(verbs)["id"])
    beat(verbs, clock, mine, 2)
    assert tend(verbs) == 1
    assert told(verbs, "state", "reason") == [("delivered", None), ("under way", None)]


def test_one_that_fails_for_good_is_given_up_and_tells_of_itself_to_nobody(
    verbs: Verbs, clock: Clock
) -> None:
    """Cancelled by hand, or after its last attempt; one that was deleted is made anew."""
    mine = reach(verbs, "ops")
    tell(verbs, "failure")
    set_to(verbs, "notice_digest_seconds", 1)
    for _ in range(3):
        fail_job(verbs)
        beat(verbs, clock, mine, 10)
        tend(verbs)
    job = delivery(verbs)["id"]
    verbs.run("update pgdispatch.job set failures = 39 where id = %s", job)
    verbs.fail(job)
    beat(verbs, clock, mine, 10)
    tend(verbs)
    verbs.cancel(told(verbs, "delivery")[1][0], "not now")
    fail_job(verbs)
    beat(verbs, clock, mine, 10)
    tend(verbs)
    verbs.run("delete from pgdispatch.job where type = 'notice'")
    for _ in range(2):
        beat(verbs, clock, mine, 10)
        tend(verbs)

    assert told(verbs, "state", "reason") == [
        ("given up", "boom"), ("given up", "not now"), ("given up", "not now"),
        ("under way", None),
    ]  # fmt: skip
    assert len({notice for (notice,) in told(verbs, "notice")}) == 4


def test_a_delivery_that_was_given_up_is_retried_when_its_type_is_named(
    verbs: Verbs, clock: Clock
) -> None:
    """Else the look passes it over; its notices are under way again, then delivered."""
    mine = reach(verbs, "ops")
    tell(verbs, "failure")
    fail_job(verbs)
    tend(verbs)
    job = delivery(verbs)["id"]
    verbs.run("update pgdispatch.job set failures = 39 where id = %s", job)
    verbs.fail(job)
    beat(verbs, clock, mine, 10)
    tend(verbs)
    assert told(verbs, "state") == [("given up",)]
    find = "select refused from pgdispatch.find_ended('failed', p_type => %s) where job = %s"
    assert verbs.value(find, None, job) == "delivers notices; name the type to retry it"
    assert verbs.value(find, "notice", job) is None

    verbs.run("select pgdispatch.retry_job(%s)", job)
    tend(verbs)
    assert told(verbs, "state", "reason") == [("under way", None)]
    verbs.finish(delivery(verbs)["id"])
    beat(verbs, clock, mine, 10)
    tend(verbs)
    assert told(verbs, "state", "reason") == [("delivered", None)]


def test_what_no_live_node_has_waits_and_says_so(verbs: Verbs, clock: Clock) -> None:
    """Until a node has it."""
    tell(verbs, "failure", "pager")
    mine = reach(verbs, "ops")
    fail_job(verbs)
    assert tend(verbs) == 0
    assert told(verbs, "state", "reason") == [("waiting", "no live node has the target pager")]

    verbs.run("select pgdispatch.report_targets(%s, %s, '{ops,pager}')", NODE, mine)
    clock.advance(2)

    assert tend(verbs) == 1


def test_a_storm_is_one_delivery(verbs: Verbs, clock: Clock) -> None:
    """Of which the first hundred are told in full, and the others counted."""
    mine = reach(verbs, "ops")
    tell(verbs, "failure")
    verbs.run("insert into pgdispatch.job (type) select 'system' from generate_series(1, 150)")
    for _ in range(3):
        started = verbs.turn(list(range(1, 51)))
        verbs.turn([], [(row["id"], row["attempt"], "error") for row in started])
    beat(verbs, clock, mine, 2)

    assert tend(verbs) == 1
    args = delivery(verbs)["args"]
    assert (args["count"], len(args["notices"])) == (150, 100)


def test_deliveries_need_no_place_of_a_tenant(verbs: Verbs, clock: Clock) -> None:
    """The default site may be full, or have spent its budget."""
    assert clock
    reach(verbs, "ops")
    tell(verbs, "failure")
    fail_job(verbs)
    verbs.run("update pgdispatch.site set max_running_jobs = 0, daily_seconds = 0")
    set_to(verbs, "site_max_running_jobs", 0)

    tend(verbs)

    assert delivery(verbs)["args"]["count"] == 1


def test_a_pause_of_everything_holds_them_and_is_named(verbs: Verbs, clock: Clock) -> None:
    """They are jobs as others are; what was tried once says why it failed."""
    assert clock
    reach(verbs, "ops")
    tell(verbs, "failure")
    fail_job(verbs)
    tend(verbs)
    assert told(verbs, "state", "reason") == [("under way", None)]
    verbs.run("select pgdispatch.pause('site', 'default')")
    assert told(verbs, "reason") == [(None,)]

    verbs.run("select pgdispatch.pause('type', 'notice')")
    assert told(verbs, "reason") == [("type notice is paused",)]
    verbs.run("select pgdispatch.pause('all')")
    assert told(verbs, "reason") == [("everything is paused",)]
    assert verbs.claim("n:1", ["notice"]) is None


def test_a_test_goes_at_once(verbs: Verbs, clock: Clock) -> None:
    """Beside others, and does not put them off."""
    mine = reach(verbs, "ops")
    tell(verbs, "failure")
    for _ in range(2):
        verbs.run("select pgdispatch.test_notice('ops')")
        beat(verbs, clock, mine, 2)
        assert tend(verbs) == 1
    fail_job(verbs)
    beat(verbs, clock, mine, 2)

    assert tend(verbs) == 1


def test_old_notices_are_forgotten(verbs: Verbs, clock: Clock) -> None:
    """Delivered or not, after notice_keep_days."""
    tell(verbs, "failure")
    fail_job(verbs)
    clock.advance(20 * 86400)
    fail_job(verbs)
    clock.advance(11 * 86400)

    verbs.run("select pgdispatch.forget()")

    assert len(told(verbs)) == 1
