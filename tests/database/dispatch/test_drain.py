"""Thousands of jobs with two and three gates, drained by rivals: all end, once, within bounds."""

from __future__ import annotations

from random import Random

import pytest

from support.sessions.rivals import drain
from support.sessions.verbs import Verbs

JOBS = 2000
RIVALS = 8
OVERLAPS = """
with run as (
    select started_at, ended_at, gate, room
    from pgdispatch.job_history as h
    cross join lateral (
        select 'datasource/' || h.site || '/' || h.datasource, 1
        union all
        select 'schedule/' || h.schedule, 1 where h.is_serial
        union all
        select 'site/' || s.name, s.running_limit from pgdispatch.site as s
        where s.name = h.site and s.running_limit is not null
    ) as gate (gate, room)
    where gate is not null
),
change as (
    select gate, room, started_at as at, 1 as by from run
    union all
    select gate, room, ended_at, -1 from run
)
select * from (
    select gate, room,
        sum(by) over (partition by gate order by at, by rows unbounded preceding) as n
    from change
) as counted
where n > room
"""
OVERTAKEN = """
select count(*)
from pgdispatch.job_history as first
join pgdispatch.job_history as later
    on later.site = first.site
    and later.datasource is not distinct from first.datasource
    and later.schedule is not distinct from first.schedule
    and (later.priority, later.id) > (first.priority, first.id)
    and later.started_at < first.asked_at
"""


def fill(verbs: Verbs, gates: int) -> None:
    """Insert jobs at random, each with as many gates as said."""
    random = Random(gates)  # noqa: S311  # no secret
    verbs.register("n", backgrounders=RIVALS)
    # On a machine that is busy with other tests a rival may hold a gate longer than usual.
    verbs.run("update pgdispatch.setting set value = 60 where name = 'gate_wait_seconds'")
    for site, limit in (("red", 2), ("blue", 3)):
        verbs.site(site, limit)
    for number in range(4):
        verbs.schedule(f"serial {number}", "serial")
    rows = [
        (
            random.choice(["flow", "alert", "full_extract", "subscription"]),
            random.choice(["default", "red", "blue"] if gates == 2 else ["red", "blue"]),
            f"data {random.randrange(30)}",
            f"serial {random.randrange(4)}" if gates == 3 or random.random() < 0.5 else None,
            random.randrange(1, 101),
        )
        for _ in range(JOBS)
    ]
    with (
        verbs.connection.cursor() as cursor,
        cursor.copy(
            "copy pgdispatch.job (type, site, datasource, schedule, priority) from stdin"
        ) as copy,
    ):
        for row in rows:
            copy.write_row(row)


@pytest.mark.parametrize("gates", [pytest.param(2, marks=pytest.mark.newest_only), 3])
@pytest.mark.parametrize(
    "by_turns_of", [pytest.param(None, marks=pytest.mark.newest_only), 4], ids=["claims", "turns"]
)
def test_rivals_end_every_job_once_in_order_and_exceed_no_gate(
    verbs: Verbs, database: str, gates: int, by_turns_of: int | None
) -> None:
    """Nothing is left for the sweep, and of jobs with the same gates the better one is first.

    Eight backgrounders that claim, or four nodes that take turns. A job is overtaken if one behind
    it has started before anybody asked for it.
    """
    fill(verbs, gates)
    before = set(verbs.values("select id from pgdispatch.job"))

    rivals = RIVALS if by_turns_of is None else 4
    seen = drain(database, rivals, by_turns_of=by_turns_of)

    ended = verbs.values("select id from pgdispatch.job_history")
    assert sorted(ended) == sorted(before)
    assert set(verbs.values("select attempt from pgdispatch.job_history")) == {1}
    assert seen.looks > 10
    assert seen.most_running > 1
    assert seen.overfull == []
    assert verbs.rows(OVERLAPS) == []
    assert verbs.value(OVERTAKEN) == 0
    assert seen.swept == 0
