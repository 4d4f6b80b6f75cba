"""What the pages say of a waiting job is what the view queue says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from psycopg.rows import dict_row

from pgdispatch.errors import InvalidInputError
from pgdispatch.web.console.pages import (
    gates,
    history,
    job,
    now,
    queue,
    site,
    sites,
    statements,
    timeline,
)
from pgdispatch.web.console.pages.ladder import deciding
from pgdispatch.web.console.verbs import confirmation
from support.servers.embedded import Connect
from support.sessions.clock import Clock
from support.sessions.timetable import linked_task, run_linked
from support.sessions.verbs import Verbs
from support.sessions.waiting import any_queue
from support.web.looking import look

pytestmark = pytest.mark.usefixtures("newest_only")

BY = {
    "started": "first_started_at",
    "late": "delayed_for",
    "waited": "waited_for",
    "ran": "ran_for",
}
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
    for early, wait, run, fails in ((0, 5, 90, False), (0, 70, 5, True), (57, 60, 40, False)):
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
    times = "job, first_started_at as started_at, waited_for, delayed_for as late_for"
    view = f"select {times} from pgdispatch.background_task order by job"
    assert [
        {name: row[name] for name in ("job", "started_at", "waited_for", "late_for")}
        for row in sorted(found["late"], key=lambda row: row["job"])
    ] == link.execute(view.encode()).fetchall()
    assert len(set(map(tuple, wanted.values()))) == 4
    with pytest.raises(InvalidInputError, match="attempts cannot be sorted by late"):
        look(link, history, sort="late", backgrounder="n:1")


def test_how_it_failed_finds_attempts(database: str, connect: Connect) -> None:
    """Those that did not end their job, too; with an outcome only jobs; nothing else is a way."""
    verbs = Verbs(connect(database))
    again, failed = verbs.job(max_attempts=2), verbs.job()
    for _ in range(2):
        verbs.fail(verbs.claim() or 0)
    verbs.run("update pgdispatch.job set not_before = null, state = 'ready'")
    verbs.requeue(verbs.claim() or 0)
    verbs.cancel(again)
    link = connect(database, row_factory=dict_row)

    def found(**query: Any) -> list[tuple[int, int]]:
        return [(row["job"], row["attempt"]) for row in look(link, history, **query)["rows"]]

    assert found(failed_as="error") == [(failed, 1), (again, 1)]
    assert found(failed_as="given back") == [(again, 2)]
    assert found(failed_as="error", outcome="failed") == [(failed, 1)]
    with pytest.raises(InvalidInputError, match="failed_as is 'err'"):
        found(failed_as="err")


def test_the_question_before_a_retry_says_that_a_step_runs_alone(
    database: str, connect: Connect
) -> None:
    """And of which linked task it was one; of other jobs nothing of the kind."""
    verbs = Verbs(connect(database))
    linked = linked_task(verbs, verbs.task("flow"), verbs.task("flow"))
    step, other = run_linked(verbs, linked), verbs.job(title="Load")
    for _ in range(2):
        verbs.fail(verbs.claim() or 0)

    asked = confirmation(
        connect(database, row_factory=dict_row), "retry", {"job": [str(step), str(other)]}
    )

    assert asked.facts == (
        f"job {step}, a task, failed, a step of a linked task ({linked}): it alone is run again, "
        "none after it; Run now of the linked task runs all",
        f"job {other}, Load, failed",
    )


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


@pytest.fixture
def held(database: str, connect: Connect) -> tuple[Verbs, Any]:
    """Give a site at its limit of one, whose job has a datasource and a serial schedule."""
    verbs = Verbs(connect(database))
    verbs.register()
    verbs.site("acme", 1)
    verbs.schedule("chain", "serial")
    verbs.job(site="acme", schedule="chain", datasource="sales", title="holds")
    verbs.claim()
    for columns in ({"site": "acme", "datasource": "sales"}, {"schedule": "chain"},
                    {"site": "acme", "priority": 9}, {"site": "acme", "priority": 8},
                    {}):  # fmt: skip
        verbs.job(**columns)
    return verbs, connect(database, row_factory=dict_row)


def test_a_running_job_names_whom_names_it(held: tuple[Verbs, Any]) -> None:
    """Each job that the queue says waits for it, at whatever gate, though none is parked yet."""
    verbs, link = held
    (running,) = verbs.values("select job from pgdispatch.running")
    queued = {row["job"]: row["kind"] for row in verbs.rows("select * from pgdispatch.queue")}
    assert set(queued.values()) == {"datasource", "schedule", "site limit", "next"}
    assert verbs.value("select count(*) from pgdispatch.job where state = 'parked'") == 0

    behind = look(link, job, {"id": running})["behind"]

    told = {row["job"]: row["gate"].partition("/")[0] for row in behind}
    assert told == {
        number: kind.removesuffix(" limit") for number, kind in queued.items() if kind != "next"
    }
    verbs.claim("n:2")  # parks them
    parked = look(link, job, {"id": running})["behind"]
    assert {row["job"] for row in parked} == set(told)


def test_sites_queue_and_gates_agree_on_who_waits_for_room(held: tuple[Verbs, Any]) -> None:
    """Before and after a claim has come to them; a spent budget counts as the limit does."""
    verbs, link = held
    seen = []
    for spends in (False, True):
        if spends:
            verbs.run("update pgdispatch.site set daily_seconds = 5 where name = 'acme'")
            verbs.run("insert into pgdispatch.charge values ('acme', pgdispatch.now(), 60)")
            verbs.claim("n:2")
        kind = "site budget" if spends else "site limit"
        (row,) = [row for row in look(link, sites)["sites"] if row["site"] == "acme"]
        (gate,) = [row for row in look(link, gates)["gates"] if row["gate"] == "site/acme"]
        by_queue = [row["job"] for row in look(link, queue, why=kind)["rows"]]
        own = [one["job"] for one in look(link, site, {"site": "acme"})["overflow"]]
        seen.append((row["overflow"], gate["waiting"], len(by_queue)))
        assert own == by_queue

    assert seen[0] == (2, 2, 2)
    assert len(set(seen[1])) == 1


def test_all_that_run_are_counted(database: str, connect: Connect) -> None:
    """On the page of a site, though it lists some of them only."""
    verbs = Verbs(connect(database))
    verbs.register(backgrounders=70)
    verbs.site("acme", 60)
    for number in range(1, 61):
        verbs.job(site="acme")
        verbs.claim(f"n:{number}")

    seen = look(connect(database, row_factory=dict_row), site, {"site": "acme"})

    assert seen["site"]["running"] == 60
    assert len(seen["running"]) < 60


MANY = """
insert into pgdispatch.job_history (
    id, attempt, type, site, priority, args, max_attempts, created_by, inserted_by, created_at,
    run_now, is_serial, precedence, queued_at, type_rank, tie_first, tie_second, parked_gates,
    losses, failures, node, backgrounder, started_at, ended_at, outcome
)
select
    1000000 + n, 1, 'flow', 'default', 50, '{}', 1, 'x', 'x', at, false, false, 1, at, -1, 0, 0,
    '{}', 0, 0, 'n', 'n:1', at, at + interval '0.5 s', 'succeeded'
from generate_series(1, 2400) as n
cross join lateral (select pgdispatch.now() - interval '50 min' + n * interval '1 s') as a (at)
"""


def test_strips_say_nothing_of_what_was_not_read(database: str, connect: Connect) -> None:
    """Of a backgrounder that ran a job a second no hour is drawn idle, on neither page."""
    verbs = Verbs(connect(database))
    verbs.register()
    verbs.run("select pgdispatch.start_backgrounder('n:1', 1)")
    verbs.run("update pgdispatch.backgrounder set started_at = started_at - interval '5 hours'")
    verbs.run(MANY)
    link = connect(database, row_factory=dict_row)
    first, line = look(link, now), look(link, timeline)
    strips = [first["groups"][0].rows[0]["strip"], line["lanes"][0][1]]

    for seen, strip in zip((first, line), strips, strict=True):
        known = seen["known_from"]
        newest = verbs.value(
            "select ended_at from pgdispatch.job_history order by ended_at desc "
            "offset %s limit 1", statements.MOST_BARS - 1,
        )  # fmt: skip
        assert known == newest
        idle = [rect for rect in strip if rect.tone in ("thread", "held")]
        assert idle  # since its last run
        ago = (verbs.value("select pgdispatch.now()") - known) / timedelta(hours=1)
        assert min(rect.x for rect in idle) >= 100 * (1 - ago) - 1


def test_a_stretch_of_the_past_knows_what_waited_then(database: str, connect: Connect) -> None:
    """However much has ended since: an hour of yesterday is not drawn idle while jobs waited."""
    verbs = Verbs(connect(database))
    verbs.register()
    verbs.run("select pgdispatch.start_backgrounder('n:1', 1)")
    verbs.run("update pgdispatch.backgrounder set started_at = started_at - interval '5 days'")
    verbs.run(MANY)
    verbs.run(
        "insert into pgdispatch.job_history select (jsonb_populate_record(h, jsonb_build_object("
        "'id', 5, 'created_at', pgdispatch.now() - interval '27 h', 'started_at', "
        "pgdispatch.now() - interval '25 h 20 min', 'ended_at', pgdispatch.now() - "
        "interval '25 h 10 min'))).* from pgdispatch.job_history as h where id = 1000001"
    )
    at: Any = verbs.value("select pgdispatch.now()")
    link = connect(database, row_factory=dict_row)
    form = "%Y-%m-%dT%H:%M"

    line = look(link, timeline, **{
        "from": (at - timedelta(hours=26)).strftime(form),
        "to": (at - timedelta(hours=25)).strftime(form),
    })  # fmt: skip

    (_, strip, _) = line["lanes"][0]
    assert line["known_from"] is None
    assert [rect.tone for rect in strip] == ["held", "ok", "thread"]
