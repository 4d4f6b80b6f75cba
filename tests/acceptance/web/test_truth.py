"""What the pages say of a waiting job is what the view queue says."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg.rows import dict_row

from pgdispatch.web.console.pages import job, now, queue
from pgdispatch.web.console.pages.ladder import deciding
from support.servers.embedded import Connect
from support.sessions.clock import Clock
from support.sessions.verbs import Verbs
from support.sessions.waiting import any_queue
from support.web.looking import look

pytestmark = pytest.mark.usefixtures("newest_only")

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
