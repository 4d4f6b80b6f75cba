"""Jobs that may start again all at once are met in their order, in bounded numbers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.bad_input.effort import IS_LONG
from support.sessions.clock import NOON, Clock
from support.sessions.due import drain, fill, in_order, narrow
from support.sessions.generations import step_to
from support.sessions.verbs import Verbs

MANY = 1_200_000 if IS_LONG else 200_000
STARTS = MANY if IS_LONG else 200
MOST = 128  # what one call may make ready: 64 due ones, or what a few sites get
SOON = NOON + timedelta(seconds=60)
LATER = NOON + timedelta(days=1)

pytestmark = pytest.mark.timeout(7200 if IS_LONG else 120)


@pytest.mark.usefixtures("newest_only")
def test_jobs_due_at_one_instant_start_in_order_and_no_call_turns_many(
    verbs: Verbs, clock: Clock
) -> None:
    """Beside others that are ready; HYPOTHESIS_PROFILE=long runs 1.2 million to the last."""
    fill(verbs, MANY, not_before=SOON)
    fill(verbs, 100, state="ready", lowest=2, width=99)
    clock.set(SOON)
    expected = in_order(verbs, STARTS)

    done = drain(verbs, STARTS)

    assert done.started == expected
    assert done.most_ready <= MOST


@pytest.mark.usefixtures("newest_only")
def test_jobs_let_in_when_a_limit_is_taken_away_start_in_order_and_no_call_turns_many(
    verbs: Verbs,
) -> None:
    """Nor does the change itself; others keep their places between them."""
    verbs.site("acme", 0)
    fill(verbs, MANY, state="parked", gate="site/acme")
    fill(verbs, 100, state="ready", lowest=2, width=99)
    expected = in_order(verbs, STARTS)

    verbs.limit("acme", None)
    waiting = verbs.value("select count(*) from pgdispatch.job where state = 'parked'")
    done = drain(verbs, STARTS)

    assert waiting == MANY
    assert done.started == expected
    assert done.most_ready <= MOST


def test_due_jobs_are_found_behind_many_whose_time_has_not_come(verbs: Verbs, clock: Clock) -> None:
    """Each of those is passed by once, not by each claim."""
    fill(verbs, MANY // 10, not_before=LATER, width=1)
    fill(verbs, MANY // 10, not_before=SOON, lowest=50, width=50)
    clock.set(SOON)
    expected = verbs.values(
        "select id from pgdispatch.job where priority >= 50 order by priority, queued_at limit 100"
    )

    done = drain(verbs, 100)

    assert done.started == expected
    assert done.most_ready <= MOST


@pytest.mark.parametrize("limit", [1, 16, 40])
def test_raised_limit_lets_the_best_in_and_no_more(verbs: Verbs, limit: int) -> None:
    """The rest is parked again, and each end lets the next one in; few are met in vain."""
    verbs.site("acme", 0)
    fill(verbs, 500, state="parked", gate="site/acme")
    expected = in_order(verbs)

    verbs.limit("acme", limit)
    started = [verbs.claim(f"n:{number}") for number in range(limit + 1)]

    assert started == [*expected[:limit], None]
    assert verbs.finish(expected[0]) is None
    assert verbs.claim("n:0") == expected[limit]
    assert verbs.sweep() == 0
    assert verbs.value("select count(*) from pgdispatch.due") <= 5


def test_many_sites_are_let_in_a_bounded_number_at_a_time(verbs: Verbs) -> None:
    """Nothing starts before all of them have been looked at."""
    for number in range(150):
        verbs.site(f"site {number}", 0)
        verbs.job(site=f"site {number}", priority=1 + (149 - number) % 100)
    assert verbs.claim() is None
    expected = in_order(verbs)

    verbs.run("update pgdispatch.site set max_running_jobs = -1")
    done = drain(verbs, 150)

    assert done.started == expected
    assert done.most_ready <= MOST


def test_job_that_is_due_after_the_others_takes_its_place_between_them(
    verbs: Verbs, clock: Clock
) -> None:
    """While many are being met in their order."""
    fill(verbs, 300, not_before=SOON, lowest=50, width=1)
    clock.set(SOON)
    assert len(drain(verbs, 100).started) == 100

    better = verbs.job(priority=1, not_before=SOON + timedelta(seconds=5))
    assert verbs.claim("n:2") != better
    clock.advance(5)

    assert verbs.claim("n:3") == better


def test_second_wave_is_met_in_order_with_the_rest_of_the_first(verbs: Verbs, clock: Clock) -> None:
    """The order is begun anew."""
    fill(verbs, 300, not_before=SOON, lowest=50, width=50)
    fill(verbs, 300, not_before=SOON + timedelta(seconds=5))
    clock.set(SOON)
    drain(verbs, 100)
    clock.advance(5)
    expected = in_order(verbs)

    assert drain(verbs, 500).started == expected


@pytest.mark.parametrize(
    "change",
    [
        "select pgdispatch.set_priority({}, 1)",
        "update pgdispatch.job set queued_at = 'epoch', priority = 1 where id = {}",
        "update pgdispatch.job set not_before = null, priority = 1 where id = {}",
    ],
)
def test_due_job_that_gets_a_better_place_is_found_there(
    verbs: Verbs, clock: Clock, change: str
) -> None:
    """Up to where the others have been met, too."""
    fill(verbs, 300, not_before=SOON, lowest=50, width=50)
    clock.set(SOON)
    drain(verbs, 100)
    last = in_order(verbs)[-1]

    verbs.run(change.format(last))

    assert verbs.claim("n:2") == last


def test_time_of_a_job_that_is_brought_forward_counts_at_once(verbs: Verbs, clock: Clock) -> None:
    """Although all of that time have been made ready before."""
    job = verbs.job(not_before=LATER)
    clock.set(SOON)
    verbs.job(not_before=SOON + timedelta(seconds=1))
    clock.advance(100)
    verbs.drain()

    verbs.run("update pgdispatch.job set not_before = %s where id = %s", NOON, job)

    assert verbs.claim() == job


@pytest.mark.parametrize("is_first", [True, False])
def test_clock_that_goes_back_keeps_no_job_waiting_for_ever(
    verbs: Verbs, clock: Clock, is_first: bool
) -> None:
    """The first claim that sees it go back, or else the sweep, has all looked at anew."""
    verbs.job(not_before=LATER)
    clock.set(LATER + timedelta(seconds=1))
    verbs.drain()
    clock.set(NOON)
    job = verbs.job(not_before=SOON)
    if is_first:
        assert verbs.claim() is None
    clock.set(LATER + timedelta(seconds=2))
    if not is_first:
        verbs.sweep()

    assert verbs.claim() == job


def test_sweep_finds_a_due_job_that_was_written_past_the_triggers(
    verbs: Verbs, clock: Clock
) -> None:
    """A restore of one table, say."""
    verbs.job(not_before=SOON)
    clock.set(LATER)
    verbs.drain()
    fill(verbs, 1, not_before=SOON)
    assert verbs.claim() is None

    verbs.sweep()

    assert verbs.claim() is not None


def test_jobs_beyond_the_open_generation_come_back_in_bounded_numbers(verbs: Verbs) -> None:
    """After a restore; each look goes on where the last one ended."""
    step_to(verbs, "steady", older=False)
    fill(verbs, 1200, state="ready")
    verbs.run("update pgdispatch.job set generation = 7")
    verbs.run("select setval('pgdispatch.ready_generation', 7)")
    expected, left = in_order(verbs, 100), []
    for _ in range(4):
        verbs.sweep()
        left.append(verbs.value("select count(*) from pgdispatch.job where generation = 7"))

    assert left == [700, 200, 0, 0]
    assert drain(verbs, 100).started == expected


def test_few_due_jobs_leave_no_trace(verbs: Verbs, clock: Clock) -> None:
    """They are made ready at once, and the table due gets a row a minute at most."""
    rows = []
    for _ in range(5):
        verbs.job(not_before=clock.now + timedelta(seconds=10))
        clock.advance(10)
        verbs.drain()
        rows.append(verbs.value("select count(*) from pgdispatch.due"))

    assert rows == [1, 1, 1, 1, 1]


def test_narrowed_bounds_keep_the_order_of_everything_at_once(verbs: Verbs, clock: Clock) -> None:
    """Ready ones, due ones and those of a site that is unparked, with every bound at its least."""
    narrow(verbs)
    verbs.site("acme", 0)
    fill(verbs, 60, not_before=SOON)
    fill(verbs, 30, not_before=LATER)
    fill(verbs, 60, state="parked", gate="site/acme")
    fill(verbs, 60, state="ready")
    clock.set(SOON)
    verbs.limit("acme", None)
    expected = [job for job in in_order(verbs) if verbs.column(job, "not_before") in (None, SOON)]

    assert verbs.drain() == expected
