"""The document that a simulation begins with: what is in it where nothing is as usual."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from pgdispatch.forecast.plan import Edit, Plan
from pgdispatch.forecast.rules.dispatching import simulate
from pgdispatch.forecast.run import MICROS, Fate, Run, Subject
from pgdispatch.forecast.snapshot import forecast_input, read_plan
from support.sessions.clock import Clock
from support.sessions.verbs import Verbs


class Minutes:
    """Draws: each attempt takes so many minutes; what runs takes so many more."""

    def __init__(self, minutes: float = 1) -> None:
        self.micros = round(minutes * 60 * MICROS)

    def attempt(self, subject: Subject, attempt: int, started_at: int, ran: int) -> Fate:
        """Say how an attempt goes."""
        del subject, attempt, started_at
        return Fate(ran + self.micros)


def plan_of(verbs: Verbs, hours: float = 12) -> Plan:
    """Return what is known now."""
    return read_plan(forecast_input(verbs.connection, hours))


def scheduled(run: Run) -> list[tuple[int | None, int | None]]:
    """Return tasks and times of the jobs that were created, times in minutes from the beginning."""
    return [
        (job.task, ((job.scheduled_at or 0) - run.made_at) // (60 * MICROS))
        for job in run.jobs
        if job.job is None
    ]


def bypass(verbs: Verbs, query: str, *values: Any) -> None:
    """Write what the triggers would refuse, or fill in."""
    verbs.run("alter table pgdispatch.schedule disable trigger user")
    verbs.run(query, *values)
    verbs.run("alter table pgdispatch.schedule enable trigger user")


@pytest.mark.parametrize("hours", ["null", "-1", "193", "'nan'"])
def test_other_hours_are_refused(verbs: Verbs, hours: str) -> None:
    """With a hint that says which are taken."""
    with pytest.raises(psycopg.Error) as refused:
        verbs.run(f"select pgdispatch.forecast_input({hours})")

    assert refused.value.sqlstate == "JD001"


def test_a_document_of_a_later_form_is_refused(verbs: Verbs) -> None:
    """A worker of this version must not read half of what a newer schema says."""
    document = forecast_input(verbs.connection, 0) | {"version": 2}

    with pytest.raises(ValueError, match="version 2"):
        read_plan(document)


def test_a_schedule_whose_zone_has_gone_leaves_the_others_alone(verbs: Verbs, clock: Clock) -> None:
    """Overdue or not: the clock cannot fire it either."""
    for name in ("sound", "overdue", "coming"):
        verbs.schedule(name)
        verbs.task("system", schedule=name)
        verbs.run(
            "update pgdispatch.schedule set recurrence = 'every 15 minutes' where name = %s", name
        )
    bypass(verbs, "update pgdispatch.schedule set time_zone = 'No/Where' where name <> 'sound'")
    late = clock.now - timedelta(minutes=5)
    bypass(verbs, "update pgdispatch.schedule set next_run_at = %s where name = 'overdue'", late)

    plan = plan_of(verbs, 1)

    runs = {one.name: (len(one.runs), one.firing) for one in plan.schedules}
    assert runs == {"sound": (4, None), "overdue": (0, None), "coming": (0, None)}


def test_a_fire_that_is_half_done_goes_on_after_the_last_task(verbs: Verbs, clock: Clock) -> None:
    """And what somebody has fired early gets no second job."""
    verbs.schedule("s")
    verbs.run("update pgdispatch.schedule set recurrence = 'every 1 hour' where name = 's'")
    tasks = [verbs.task("system", schedule="s") for _ in range(3)]
    verbs.fire("s", clock.now + timedelta(hours=1), early=True)
    verbs.register("n", 4)
    verbs.drain("n:1")
    query = "update pgdispatch.schedule set firing_for = %s, fired_task = %s, fired_linked_task = 0"
    bypass(verbs, query, [clock.now], tasks[1])

    run = simulate(plan_of(verbs, 2), Minutes())

    assert scheduled(run) == [(tasks[2], 0), *((task, 120) for task in tasks)]


def test_jobs_of_a_silent_node_are_lost_and_start_elsewhere(verbs: Verbs, clock: Clock) -> None:
    """What nobody holds any more is taken back at once; a node of its own goes on."""
    verbs.register("n", 1)
    verbs.register("m", 1)
    jobs = [verbs.job(), verbs.job()]
    verbs.claim("n:1")
    verbs.claim("m:1")
    verbs.run("update pgdispatch.node set heartbeat_at = %s where name = 'n'", clock.now
              - timedelta(hours=1))  # fmt: skip

    run = simulate(plan_of(verbs), Minutes())

    told = {job.job: ((job.began_at or 0) - run.made_at) // MICROS for job in run.jobs}
    assert told == {jobs[0]: 60, jobs[1]: 0}


def test_a_drain_with_an_end_gives_jobs_back(verbs: Verbs) -> None:
    """They start again once the node takes jobs."""
    verbs.register("n", 1)
    job = verbs.job()
    verbs.claim("n:1")
    verbs.run("select pgdispatch.drain('n', '10 min')")
    plan = plan_of(verbs)
    back = plan.made_at + 1800 * MICROS
    plan = replace(plan, edits=(Edit(back, "node", "n", {"is_drained": False}),))

    run = simulate(plan, Minutes(20))

    (told,) = run.jobs
    assert (told.job, told.began_at, told.outcome) == (job, back, "succeeded")


def test_a_cancelled_job_that_runs_is_not_tried_again(verbs: Verbs) -> None:
    """It ends as cancelled if it fails, and a site's pause holds the other."""
    verbs.register("n", 2)
    verbs.site("s", None)
    job, other = verbs.job(max_attempts=3), verbs.job(site="s")
    verbs.run("select pgdispatch.pause('site', 's')")
    verbs.claim("n:1")
    verbs.cancel(job)

    class Failing(Minutes):
        def attempt(self, subject: Subject, attempt: int, started_at: int, ran: int) -> Fate:
            fate = super().attempt(subject, attempt, started_at, ran)
            return Fate(fate.micros, "error")

    run = simulate(plan_of(verbs), Failing())

    told = {one.job: (one.outcome, one.started_at is None) for one in run.jobs}
    assert told == {job: ("cancelled", False), other: (None, True)}


def test_a_retry_waits_for_half_of_the_longest_delay_unless_drawn(verbs: Verbs) -> None:
    """And a draw beyond timeout and grace is cut there."""
    verbs.register("n", 1)
    job = verbs.job(max_attempts=2, timeout=timedelta(minutes=1))

    run = simulate(plan_of(verbs), Minutes(600))

    (told,) = run.jobs
    assert (told.job, told.outcome) == (job, "failed")
    assert (told.began_at or 0) - run.made_at == (60 + 1800 + 15) * MICROS
