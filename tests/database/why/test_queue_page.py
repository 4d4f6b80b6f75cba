"""A page of the queue shows what the view shows, from any place, and says how far it has looked."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from support.rights.two_sites import Sites, acting_as
from support.sessions.clock import Clock
from support.sessions.verbs import Verbs
from support.sessions.waiting import any_queue

PAGE_ONLY = ("looked_at", "is_complete", "previous", "next")
FILTERS = {
    "site": "site",
    "type": "type",
    "schedule": "schedule",
    "datasource": "datasource",
    "task": "task",
    "kind": "kind",
    "by": "created_by",
}
CROWD = """
insert into pgdispatch.job (
    type, site, priority, created_by, inserted_by, created_at, is_serial, precedence, queued_at,
    type_rank, tie_first, tie_second, state, max_attempts
)
select 'flow', 'globex', 1, 'x', 'x', pgdispatch.now(), false, 1, pgdispatch.now(), -1, 0, 0,
    'ready', 1
from generate_series(1, %s)
"""
NO_PLACES = ("5", "[]", '"x"', "{}", '{"id": 5}', "null")


def page(verbs: Verbs, **asked: Any) -> list[dict[str, Any]]:
    """Return the rows of a page; keys may be given as they came."""
    names = ", ".join(f"p_{name} => %s" for name in asked)
    values = [json.dumps(one) if isinstance(one, dict) else one for one in asked.values()]
    return verbs.rows(f"select * from pgdispatch.queue_page({names})", *values)


def shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what of the rows of a page the view has, too."""
    return [
        {name: value for name, value in row.items() if name not in PAGE_ONLY}
        for row in rows
        if row["job"] is not None
    ]


def walk(verbs: Verbs, key: dict[str, Any] | None = None, **asked: Any) -> list[dict[str, Any]]:
    """Return all that the pages from the front show, or before a place, in the queue's order."""
    way, towards = ("after", "next") if key is None else ("before", "previous")
    found: list[dict[str, Any]] = []
    while rows := page(verbs, **({} if key is None else {way: key}), **asked):
        assert len({json.dumps([row[name] for name in PAGE_ONLY]) for row in rows}) == 1
        found = [*found, *shown(rows)] if way == "after" else [*shown(rows), *found]
        key = rows[0][towards]
        assert rows[0]["is_complete"] == (key is None)
        if key is None:
            break
    return found


@pytest.mark.parametrize("seed", range(4))
def test_pages_agree_with_the_queue(verbs: Verbs, clock: Clock, seed: int) -> None:
    """In all columns of all jobs, to the back and to the front again, whatever is in a page."""
    any_queue(verbs, clock, seed)
    queue = verbs.rows("select * from pgdispatch.queue")
    last = page(verbs, limit=len(queue) - 1)[0]["next"]

    assert walk(verbs, limit=1000) == queue
    assert walk(verbs, limit=7) == queue
    assert walk(verbs, last, limit=7) == queue[:-2]
    assert walk(verbs, page(verbs, after=last)[0]["previous"], limit=7) == queue[:-1]


@pytest.mark.usefixtures("newest_only")
@pytest.mark.parametrize("look_at", [3, 5_000])
@pytest.mark.parametrize("name", FILTERS)
def test_filtered_pages_agree_with_the_queue(
    verbs: Verbs, clock: Clock, name: str, look_at: int
) -> None:
    """Each value that is there, and one that is not; however short each look is."""
    any_queue(verbs, clock, 1)
    queue = verbs.rows("select * from pgdispatch.queue")
    values = {row[FILTERS[name]] for row in queue} - {None}
    end = {**key_of(verbs, queue[-1]["job"]), "id": 2**62}

    assert len(values) > 1 or name == "by"
    for value in values:
        wanted = [row for row in queue if row[FILTERS[name]] == value]
        assert walk(verbs, limit=2, look_at=look_at, **{name: value}) == wanted
        assert walk(verbs, end, limit=2, look_at=look_at, **{name: value}) == wanted
    if name not in {"kind", "task"}:
        nothing: dict[str, Any] = {name: "none such"}
        assert walk(verbs, look_at=look_at, **nothing) == []


def key_of(verbs: Verbs, job: int) -> dict[str, Any]:
    """Return the key of a job's place."""
    found = verbs.value(
        "select pgdispatch.place_key(j) from pgdispatch.job as j where id = %s", job
    )
    assert isinstance(found, dict)
    return found


@pytest.mark.usefixtures("clock")
def test_a_look_that_finds_nothing_says_how_far_it_came(verbs: Verbs) -> None:
    """In one row without a job; and no row once all was looked at."""
    jobs = [verbs.job() for _ in range(5)]

    (row,) = page(verbs, type="flow", look_at=3)
    rest = page(verbs, type="flow", look_at=3, after=row["next"])

    assert {name for name, value in row.items() if value is not None} == {
        "looked_at", "is_complete", "next",
    }  # fmt: skip
    assert (row["looked_at"], row["is_complete"]) == (3, False)
    assert row["next"] == key_of(verbs, jobs[2])
    assert rest == []


@pytest.mark.usefixtures("clock")
def test_a_page_goes_on_from_a_job_that_has_started(verbs: Verbs) -> None:
    """A key is a place, and stays where it is."""
    verbs.register()
    jobs = [verbs.job() for _ in range(6)]
    before = page(verbs, limit=2)
    for number in (1, 2, 3):
        verbs.claim(f"n:{number}")

    after = page(verbs, limit=2, after=before[0]["next"])

    assert [row["job"] for row in before] == jobs[:2]
    assert [(row["position"], row["job"]) for row in after] == [(1, jobs[3]), (2, jobs[4])]


@pytest.mark.usefixtures("clock")
def test_pages_agree_with_the_queue_behind_the_thousandth_place(verbs: Verbs) -> None:
    """Up to there the jobs that could start are counted, behind it those that are ready."""
    verbs.register()
    verbs.run(
        """
        insert into pgdispatch.job (type, datasource, priority)
        select 'system', case when n % 3 = 0 then 'sales' end, 1 + n % 100
        from generate_series(1, 1200) as n
    """.replace("%", "%%")
    )
    for number in range(30):
        verbs.claim(f"n:{1 + number}")
    queue = verbs.rows("select * from pgdispatch.queue")
    end = key_of(verbs, queue[-1]["job"])

    assert walk(verbs, limit=400) == queue
    assert walk(verbs, end, limit=300) == queue[:-1]


@pytest.mark.parametrize("order", ["history", "created"])
def test_a_page_reads_keys_under_odd_settings(verbs: Verbs, clock: Clock, order: str) -> None:
    """No digit of a run time is lost in a key, nor the zone of a time."""
    verbs.run("update pgdispatch.setting set value = %s where name = 'tie_break'", order)
    any_queue(verbs, clock, 3)
    verbs.run("update pgdispatch.job set tie_first = tie_first + 1.0 / 3 where tie_first > 0")
    queue = verbs.values("select job from pgdispatch.queue")
    for setting in ("extra_float_digits = -15", "timezone = 'Asia/Kolkata'"):
        verbs.run(f"set {setting}")

    assert [row["job"] for row in walk(verbs, limit=1)] == queue


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"limit": 0}, "a page of 0 jobs is not to be had"),
        ({"limit": 1001}, "a page of 1001 jobs is not to be had"),
        ({"limit": None}, "a page of null jobs is not to be had"),
        ({"look_at": 0}, "it cannot look at 0 jobs"),
        ({"look_at": 100_001}, "it cannot look at 100001 jobs"),
        ({"after": "{}", "before": "{}"}, "not both"),
        ({"kind": "weather"}, "there is no kind of reason 'weather'"),
        *(
            ({way: key}, "no place in the queue")
            for way in ("after", "before")
            for key in NO_PLACES
        ),
    ],
)
def test_a_page_that_makes_no_sense_is_refused(
    verbs: Verbs, asked: dict[str, Any], words: str
) -> None:
    """With what to give instead."""
    with pytest.raises(psycopg.Error, match=words) as refused:
        page(verbs, **asked)

    assert refused.value.sqlstate == "JD001"
    assert refused.value.diag.message_hint


def test_pages_of_the_confined_agree_with_their_queue(sites: Sites) -> None:
    """Places count their own jobs, and keys are those of their own."""
    verbs, acme, _ = sites
    for priority in (1, 20, 99):
        verbs.job(site="globex", priority=priority)
        verbs.job(site="acme", priority=priority)
    with acting_as(verbs, "acme_viewer"):
        queue = verbs.rows("select * from pgdispatch.queue")
        own = set(verbs.values("select id from pgdispatch.job"))
        rows = page(verbs, limit=2)
        walked = walk(verbs, limit=2)
        back = walk(verbs, rows[0]["next"], limit=1)

    without = [{**row, "waits_for": None} for row in queue]
    assert [{**row, "waits_for": None} for row in walked] == without
    assert [row["job"] for row in back] == [queue[0]["job"]]
    assert len(queue) >= 4
    assert acme.jobs["waiting"] in {row["job"] for row in queue}
    assert rows[0]["next"]["id"] in own
    assert {row["job"] for row in walked} <= own


def test_the_confined_look_among_ten_thousand_of_all(sites: Sites) -> None:
    """What is behind more than that has no place; how far one looks is not theirs to say."""
    verbs, _, _ = sites
    near = verbs.job(site="acme", priority=1)
    verbs.run("alter table pgdispatch.job disable trigger user")
    verbs.run(CROWD, 10_000)
    verbs.run("alter table pgdispatch.job enable trigger user")
    far = verbs.job(site="acme", priority=99)
    verbs.run("update pgdispatch.job set priority = 100 where site = 'acme' and state <> 'running' "
              "and id <> all (%s)", [near, far])  # fmt: skip

    with acting_as(verbs, "acme_viewer"):
        first = page(verbs, look_at=1)
        second = page(verbs, after=first[0]["next"])
        words = verbs.row('select "position", reason from pgdispatch.why(%s)', far)

    assert [(row["position"], row["job"]) for row in first] == [(1, near)]
    assert [(row["job"], row["is_complete"], row["looked_at"], row["next"]) for row in second] == [
        (None, False, 0, None)
    ]
    assert words == {
        "position": None, "reason": "next in line behind more than 10000 of all sites",
    }  # fmt: skip
