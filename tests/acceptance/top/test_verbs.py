"""What the screen changes: only after it has asked once more, and only what one's role allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from psycopg.conninfo import make_conninfo

from support.top.screen import on_loop, open_screen

from .conftest import Evening

pytestmark = pytest.mark.usefixtures("newest_only")

MARKS = ("p priority…", "C cancel…", "N run now…", "E on/off…", "R resume…", "D drain…")
VIEWER: dict[str, set[str]] = {name: set() for name in ("1", "2", "3", "5", "6")}
OPERATOR = {
    "1": {"C cancel…", "D drain…"},
    "2": {"p priority…", "C cancel…"},
    "3": {"N run now…", "R resume…"},
    "5": {"N run now…", "E on/off…"},
    "6": {"D drain…"},
}
SITE_OPERATOR = {**VIEWER, "1": {"C cancel…"}, "2": {"p priority…", "C cancel…"}}
SITE_OPERATOR["3"] = {"N run now…", "R resume…"}


@pytest.fixture
def people(evening: Evening) -> Iterator[Evening]:
    """Give an evening with people of each role, named `top_ROLE`; retail and finance are theirs."""
    verbs = evening.verbs
    names = ("viewer", "operator", "site_viewer", "site_operator", "producer", "nobody")
    for name in names:
        verbs.run(f"drop role if exists top_{name}")
        verbs.run(f"create role top_{name} login")
        role, sites = name.removeprefix("site_"), ["finance"] if name.startswith("site") else None
        if name != "nobody":
            verbs.run("select pgdispatch.grant_role(%s, %s, %s)", f"top_{name}", role, sites)
    suspend(evening)
    yield evening
    for name in names:
        verbs.run(f"drop owned by top_{name}")
        verbs.run(f"drop role top_{name}")


def suspend(evening: Evening) -> None:
    """Suspend the task of the job that failed, which is of the site finance."""
    task, job = evening.tasks["Payroll"], evening.jobs["broken"]
    evening.verbs.run(
        "insert into pgdispatch.suspension (task, failures, job, suspended_at) "
        "values (%s, 3, %s, pgdispatch.now())", task, job,
    )  # fmt: skip


def as_role(evening: Evening, role: str) -> str:
    """Return the connection string of somebody who has a role."""
    return make_conninfo(evening.dsn, user=f"top_{role}")


@on_loop
async def test_capital_letter_asks_once_more_and_no_is_the_first_answer(evening: Evening) -> None:
    """Nothing has happened before the second yes."""
    job = evening.jobs["New rows"]
    async with open_screen(evening.dsn) as screen:
        await screen.pilot.press("C")
        await screen.until(lambda: f"Cancel job {job}, New rows?" in screen.text)
        asked = screen.text
        await screen.pilot.press("enter")
        await screen.until(lambda: screen.app.screen is screen.app.main)
        after_no = evening.verbs.state(job)
        await screen.pilot.press("C")
        await screen.until(lambda: "Cancel job" in screen.text)
        await screen.answer("y")

    assert "It waits: it ends at once." in asked
    assert (after_no, evening.verbs.state(job)) == ("waiting", "cancelled")
    assert screen.told == [f"job {job} cancelled"]
    assert evening.verbs.values(
        "select cancelled_by from pgdispatch.job_history where outcome = 'cancelled'"
    ) == ["tester"]


@on_loop
async def test_priority_is_asked_for_and_set(evening: Evening) -> None:
    """A number that is none is not taken."""
    job = evening.jobs["Rates"]
    async with open_screen(evening.dsn) as screen:
        await screen.go_to("job", job)
        await screen.pilot.press("p")
        await screen.until(lambda: "It has 30" in screen.text)
        await screen.pilot.press("0", "enter")
        refused = screen.text
        await screen.pilot.press("backspace", "5")
        await screen.answer("enter")

    assert "between 1 (highest) and 100" in refused
    assert evening.verbs.value("select priority from pgdispatch.job where id = %s", job) == 5


@dataclass(frozen=True)
class Case:
    """A key under a row of a pane, what is told, and a look that then finds one row."""

    pane: str
    field: str
    value: str
    key: str
    told: str
    look: str


CASES = (
    Case("1", "job", "Cash", "C", "job 3 is running and has been asked to stop",
         "running where cancel_requested_at is not null"),
    Case("1", "backgrounder", "web-1:1", "D", "node web-1 takes no new jobs",
         "node where is_drained"),
    Case("6", "node", "etl-1", "D", "node etl-1 takes no new jobs", "node where is_drained"),
    Case("3", "job", "broken", "R", "task 2 resumed", "task where streak_since is not null"),
    Case("3", "job", "broken", "N", "job 9 queued", "job where run_now"),
    Case("5", "schedule", "evening", "N",
         "schedule evening: 1 job queued, 1 passed over\ntask 2: suspended",
         "job where run_now and title = 'Ledger'"),
    Case("5", "schedule", "evening", "E", "schedule evening is off",
         "schedule where not enabled"),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.pane + case.key)
@on_loop
async def test_every_verb_does_what_it_says(people: Evening, case: Case) -> None:
    """As an operator; what it tells is what has happened."""
    async with open_screen(as_role(people, "operator")) as screen:
        await screen.press(case.pane)
        await screen.go_to(case.field, people.jobs.get(case.value, case.value))
        await screen.pilot.press(case.key)
        await screen.until(lambda: screen.app.screen is not screen.app.main)
        await screen.answer("y")

    assert screen.told == [case.told]
    assert people.verbs.value(f"select count(*) from pgdispatch.{case.look}") == 1


@on_loop
async def test_drained_node_is_resumed_by_another_key(people: Evening) -> None:
    """D has nothing to do there any more, and is not listed."""
    people.verbs.run("update pgdispatch.node set is_drained = true where name = 'etl-1'")
    async with open_screen(as_role(people, "operator"), pane="nodes") as screen:
        keys = screen.keys
        await screen.pilot.press("R")
        await screen.until(lambda: screen.app.screen is not screen.app.main)
        await screen.answer("y")

    assert "R resume…" in keys
    assert "D drain…" not in keys
    assert screen.told == ["node etl-1 takes jobs"]


@pytest.mark.parametrize(
    ("role", "listed"),
    [
        ("viewer", VIEWER),
        ("operator", OPERATOR),
        ("site_viewer", VIEWER),
        ("site_operator", SITE_OPERATOR),
    ],
)
@on_loop
async def test_keys_that_a_role_does_not_allow_are_not_listed_and_do_nothing(
    people: Evening, role: str, listed: dict[str, set[str]]
) -> None:
    """In every pane, under a row of which something could be done."""
    found, opened = {}, []
    async with open_screen(as_role(people, role)) as screen:
        for pane, marks in listed.items():
            await screen.press(pane)
            found[pane] = {mark for mark in MARKS if mark in screen.keys}
            for key in {mark[0] for mark in MARKS} - {mark[0] for mark in marks}:
                await screen.press(key)
                opened += [(pane, key)] if screen.app.screen is not screen.app.main else []

    assert found == listed
    assert opened == []


@on_loop
async def test_read_only_has_no_verbs_whoever_it_is(people: Evening) -> None:
    """Nor could its connection change anything."""
    async with open_screen(people.dsn, is_read_only=True) as screen:
        keys = ""
        for pane in OPERATOR:
            await screen.press(pane)
            keys += screen.keys

    assert not [mark for mark in MARKS if mark in keys]


@pytest.mark.parametrize(
    ("pane", "key", "taken"),
    [
        ("2", "C", "execute on function pgdispatch.cancel(bigint, text, text)"),
        ("2", "p", "execute on function pgdispatch.set_priority(bigint, integer)"),
        ("3", "N", "execute on function pgdispatch.run_now(bigint, text)"),
        ("3", "R", "execute on function pgdispatch.resume(bigint)"),
        ("5", "N", "execute on function pgdispatch.run_now_schedule(text, text)"),
        ("5", "E", "update on pgdispatch.schedule"),
        ("6", "D", "update (is_drained) on pgdispatch.node"),
    ],
)
@on_loop
async def test_refusal_is_shown_in_the_words_of_the_database(
    people: Evening, pane: str, key: str, taken: str
) -> None:
    """It decides, whatever the screen believes: here the right is taken away meanwhile."""
    async with open_screen(as_role(people, "operator")) as screen:
        await screen.press(pane)
        await screen.pilot.press(key)
        await screen.until(lambda: screen.app.screen is not screen.app.main)
        people.verbs.run(f"revoke {taken} from pgdispatch_operator")
        try:
            await screen.pilot.press("7") if key == "p" else None
            await screen.answer("enter" if key == "p" else "y")
        finally:
            people.verbs.run(f"grant {taken} to pgdispatch_operator")
        keys = screen.keys

    assert screen.told[0].startswith("permission denied for ")
    assert "ask for a role that may: pgdispatch_operator to change" in screen.told[0]
    assert f"{key} " not in keys


@on_loop
async def test_refusal_of_a_verb_comes_with_its_hint(people: Evening) -> None:
    """Run Now of a task that has a job already."""
    people.verbs.run_now(people.tasks["Payroll"])
    async with open_screen(as_role(people, "operator"), pane="ended") as screen:
        await screen.pilot.press("N")
        await screen.until(lambda: screen.app.screen is not screen.app.main)
        await screen.answer("y")

    assert screen.told[0].startswith("task 2 already has job 9\nit is waiting\nwait for that job")


@on_loop
async def test_what_a_schedule_passes_over_is_told(people: Evening) -> None:
    """With why; and that nothing was started is an error."""
    verbs = people.verbs
    ledger, payroll = people.tasks["Ledger"], people.tasks["Payroll"]
    job = verbs.run_now(ledger)
    async with open_screen(as_role(people, "operator"), pane="schedules") as screen:
        await screen.pilot.press("N")
        await screen.until(lambda: screen.app.screen is not screen.app.main)
        asked = screen.text
        await screen.answer("y")
        (notice,) = screen.app._notifications

    assert "flows keep their priority" in " ".join(asked.split())
    assert screen.told[0].splitlines()[0] == "nothing of schedule evening was started"
    assert f"task {ledger}: has job {job}" in screen.told[0]
    assert f"task {payroll}: suspended" in screen.told[0]
    assert notice.severity == "error"


@on_loop
async def test_people_of_a_site_see_their_jobs_and_no_nodes(people: Evening) -> None:
    """The database decides what there is; the screen says why a pane is empty."""
    async with open_screen(as_role(people, "site_viewer")) as screen:
        first, queue = screen.text, screen.rows()
        await screen.press("6")
        nodes = screen.text

    assert "2 jobs run, 2 jobs wait" in first
    assert len(queue) == 2
    assert "Orders" not in first
    assert "nodes belong to all sites; ask an operator" in nodes
