"""What the pages say of a waiting job is what the view queue says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from psycopg.rows import dict_row

from pgdispatch.errors import InvalidInputError
from pgdispatch.web.console.pages import history, job, now, queue
from pgdispatch.web.console.pages.ladder import deciding
from support.servers.embedded import Connect
from support.sessions.clock import Clock
from support.sessions.verbs import Verbs
from support.sessions.waiting import any_queue
from support.web.looking import look

pytestmark = pytest.mark.usefixtures("newest_only")

BY = {"started": "started_at", "late": "delayed_for", "waited": "waited_for", "ran": "ran_for"}
SHOWN = ("position", "job", "reason", "kind", "blocker", "decided_by")


@pytest.fixture
def waiting(database: str, connect: Connect, request: pytest.FixtureRequest) -> Any:
    """Fill a random queue, and give a connection to it."""
    verbs = Verbs(connect(database))
    any_queue(verbs, Clock(verbs.connection), request.param)
    return connect(database, row_factory=dict_row)


def shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the columns that pages show of the queue."""
    return [{name: row[name] for name in SHOWN} for row in rows]


@pytest.mark.parametrize(
    "waiting", [0, *(pytest.param(n, marks=pytest.mark.long) for n in (1, 2, 3))], indirect=True
)
def test_place_reason_and_criterion_are_those_of_the_queue(waiting: Any) -> None:
    """For each job that waits: its own page, its neighbours, and the ladder against the first."""
    rows = waiting.execute("select * from pgdispatch.queue").fetchall()
    assert len(rows) > 30
    for place, row in enumerate(rows):
        found = look(waiting, job, {"id": row["job"]})

        assert found["place"]["position"] == row["position"] == place + 1
        assert found["place"]["reason"] == row["reason"]
        assert found["place"]["kind"] == row["kind"]
        assert shown(found["around"]) == shown(rows[max(place - 3, 0) : place + 4])
        if place:
            assert found["other"]["id"] == rows[place - 1]["job"]
            assert deciding(found["rungs"]) == rows[place - 1]["decided_by"]
        else:
            assert found["rungs"] == ()


def test_the_history_is_sorted_as_the_view_has_it(database: str, connect: Connect) -> None:
    """By each of its times, most first; of attempts not by what they do not have."""
    verbs = Verbs(connect(database))
    clock = Clock(verbs.connection)
    verbs.register()
    for early, wait, run, fails in ((0, 5, 90, False), (0, 60, 5, True), (57, 60, 40, False)):
        number = verbs.job(max_attempts=2, not_before=clock.now + timedelta(seconds=early))
        clock.advance(wait)
        verbs.claim()
        clock.advance(run)
        if fails:
            verbs.fail(number)
            clock.advance(3600)
            verbs.claim()
        verbs.finish(number)
    link = connect(database, row_factory=dict_row)
    view = "select job from pgdispatch.background_task order by {} desc nulls last, job desc"
    wanted = {
        sort: [row["job"] for row in link.execute(view.format(column).encode()).fetchall()]
        for sort, column in BY.items()
    }

    found = {sort: look(link, history, sort=sort)["rows"] for sort in BY}

    assert {sort: [row["job"] for row in rows] for sort, rows in found.items()} == wanted
    assert len(set(map(tuple, wanted.values()))) == 4
    with pytest.raises(InvalidInputError, match="attempts cannot be sorted by late"):
        look(link, history, sort="late", backgrounder="n:1")


@pytest.mark.parametrize("waiting", [1], indirect=True)
def test_a_full_gate_of_a_job_is_the_reason_that_it_waits_for(waiting: Any) -> None:
    """And a job that is next in line has room at all of its gates."""
    for row in waiting.execute("select * from pgdispatch.queue").fetchall():
        gates = {
            gate.kind: gate.is_full for gate in look(waiting, job, {"id": row["job"]})["gates"]
        }

        if row["kind"] in ("datasource", "schedule"):
            assert gates[row["kind"]]
        elif row["kind"] == "site limit":
            assert gates["site"]
        elif row["kind"] == "next":
            assert not any(gates.values())


@pytest.mark.parametrize("waiting", [2], indirect=True)
def test_the_pages_of_the_queue_are_the_queue(waiting: Any) -> None:
    """From the front to the back, and the first page shows its head."""
    rows = waiting.execute("select * from pgdispatch.queue").fetchall()
    found, after = [], ""
    while after is not None:
        page = look(waiting, queue, after=after)
        found += page["rows"]
        after = page["next"]

    assert shown(found) == shown(rows)
    assert shown(look(waiting, now)["head"]) == shown(rows[: now.HEAD])


@pytest.mark.parametrize("waiting", [3], indirect=True)
@pytest.mark.parametrize("why", ["next", "time", "site limit", "datasource"])
def test_a_reason_is_a_filter(waiting: Any, why: str) -> None:
    """Of the same kind as the chips say."""
    rows = waiting.execute("select * from pgdispatch.queue where kind = %s", [why]).fetchall()

    assert shown(look(waiting, queue, why=why)["rows"]) == shown(rows)
    counted = dict(look(waiting, now)["kinds"])
    assert counted.get(why, 0) == len(rows)
