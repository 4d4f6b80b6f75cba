"""Budgets, retries and linked tasks, drained by rivals while the days go by."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from support.sessions.clock import NOON
from support.sessions.rivals import drain
from support.sessions.verbs import Claimed, Verbs

JOBS = 1200
LINKED_TASKS = 40
STEPS = 4
RIVALS = 8
SITES: dict[str, dict[str, Any]] = {
    "red": {"limit": 2, "daily_seconds": 40},
    "blue": {"limit": 3, "daily_seconds": 60, "over_budget": "cancel"},
    "green": {"limit": None, "daily_seconds": 50},
}
SPENT_AT_START = """
select c.site, c.started_at
from pgdispatch.charge as c
join pgdispatch.site as s on s.name = c.site
where s.daily_seconds <= (
    select sum(p.seconds)
    from pgdispatch.charge as p
    where p.site = c.site
        and p.started_at >= date_trunc('day', c.started_at, 'UTC')
        and p.started_at + make_interval(secs => p.seconds) < c.started_at
)
"""
SPENT_ON_SEVERAL_DAYS = """
select site
from (
    select
        c.site,
        sum(c.seconds) >= s.daily_seconds as is_spent
    from pgdispatch.charge as c
    join pgdispatch.site as s on s.name = c.site
    group by c.site, s.daily_seconds, date_trunc('day', c.started_at, 'UTC')
) as day
where is_spent
group by site
having count(*) > 1
"""
BROKEN_RUNS = f"""
select r.id
from pgdispatch.linked_run as r
join pgdispatch.job_history as h on h.linked_run = r.id
join pgdispatch.linked_task_step as s on s.linked_task = r.linked_task and s.step = h.step
group by r.id
having count(*) <> max(h.step)
    or (max(h.step) < {STEPS}) <> bool_or(
        h.step < {STEPS}
        and (h.outcome = 'cancelled' or (h.outcome = 'failed' and s.stop_on_failure))
    )
"""
CANCELLED = r"""
select distinct
    site,
    cancelled_by,
    regexp_replace(cancel_reason, '\d{4}-\d\d-\d\d', 'DAY') as cancel_reason
from pgdispatch.job_history where outcome = 'cancelled'
"""
WRONG_TRIES = """
select id from pgdispatch.job_history
where outcome <> 'cancelled'
    and (attempt > max_attempts or (outcome = 'failed' and attempt < max_attempts))
"""


def fails(claimed: Claimed) -> bool:
    """Choose a fifth of all attempts."""
    return (claimed.id + 3 * claimed.attempt) % 5 == 0


def fill(verbs: Verbs) -> None:
    """Add jobs with all kinds of gates, and linked tasks of the same sites."""
    random = Random(4)  # noqa: S311  # no secret
    verbs.register("n", backgrounders=RIVALS)
    verbs.run("update pgdispatch.node set heartbeat_at = 'infinity'")
    verbs.run("update pgdispatch.setting set value = '-1' where name = 'suspend_after_failures'")
    for site, limits in SITES.items():
        verbs.site(site, **limits)
    for number in range(3):
        verbs.schedule(f"serial {number}", "serial")
    verbs.schedule("linked")
    for _ in range(JOBS):
        verbs.job(
            random.choice(["flow", "alert", "full_extract"]),
            site=random.choice(sorted(SITES)),
            datasource=random.choice([None, *(f"data {n}" for n in range(9))]),
            schedule=random.choice([None, "serial 0", "serial 1", "serial 2"]),
            priority=random.randrange(1, 101),
            max_attempts=random.randrange(1, 4),
        )
    for number in range(LINKED_TASKS):
        site = sorted(SITES)[number % 3]
        linked = verbs.add("linked_task", title="a run", site=site, schedule="linked")
        for step in range(1, STEPS + 1):
            task = verbs.task("flow", site=site, datasource=f"data {number % 9}")
            verbs.add(
                "linked_task_step", "step", linked_task=linked, step=step, task=task,
                stop_on_failure=random.random() < 0.5,
            )  # fmt: skip


@pytest.mark.usefixtures("clock", "newest_only")
def test_rivals_end_every_job_and_every_linked_run_within_budgets(
    verbs: Verbs, database: str
) -> None:
    """Each day's budget is spent, nothing starts beyond it, and nothing is left behind."""
    fill(verbs)
    assert verbs.fire("linked", NOON) == LINKED_TASKS
    before = set(verbs.values("select id from pgdispatch.job"))

    seen = drain(database, RIVALS, fails=fails, turns_clock=True)

    ended = verbs.values("select id from pgdispatch.job_history")
    assert len(ended) == len(set(ended))
    assert before <= set(ended)
    assert verbs.value("select count(*) from pgdispatch.linked_run") == LINKED_TASKS
    assert verbs.rows(BROKEN_RUNS) == []
    assert verbs.values(WRONG_TRIES) == []
    assert verbs.rows(SPENT_AT_START) == []
    assert [tuple(row.values()) for row in verbs.rows(CANCELLED)] == [
        ("blue", "pgdispatch", "site budget spent (refill DAY 00:00 UTC)")
    ]
    assert {"red", "green"} <= set(verbs.values(SPENT_ON_SEVERAL_DAYS))
    assert seen.most_running > 1
    assert seen.overfull == []
    assert seen.swept == 0
