"""When a node takes a turn, what goes with it, and when it pauses."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pgdispatch.database.session import AwayError, Session
from pgdispatch.errors import NodeNameTakenError, PgdispatchError
from pgdispatch.ipc.attempt import Attempt
from pgdispatch.ipc.tally import Tally
from pgdispatch.node import turns as module
from pgdispatch.node.channel_end import LARGE
from pgdispatch.node.ending import Ending
from pgdispatch.node.endings import Endings
from pgdispatch.node.slot import Slot
from pgdispatch.node.turns import MOST_BYTES, MOST_ENDINGS, PATIENCE, Turns

Answer = list[dict[str, Any]] | Exception
NONE = dict.fromkeys(
    (
        *("type", "site", "title", "datasource", "schedule", "task", "priority"),
        *("created_by", "traceparent"),
    )
)


@dataclass
class Process:
    """Takes the place of a slot and its process: keeps what it is handed."""

    number: int
    types: tuple[str, ...] = ("system",)
    is_there: bool = True
    is_ending: bool = False
    is_asked_for: bool = False
    is_idle: bool = False
    attempt: Attempt | None = None
    type: str = "system"
    is_told_no_more: bool = False
    got: list[Attempt] = field(default_factory=list)

    @property
    def begin(self) -> Process:
        """What has its name."""
        return self

    @property
    def name(self) -> str:
        """Its name."""
        return f"n:{self.number}"

    @property
    def may_get_more(self) -> bool:
        """Whether it may."""
        return self.is_there and not self.is_ending

    def hand_over(self, attempt: Attempt, *_: object) -> None:
        """Keep it."""
        self.attempt = attempt
        self.got.append(attempt)

    def settle(self) -> None:
        """Have nothing in hand."""
        self.attempt = None

    def end_jobs(self) -> None:
        """Hear that there is no more."""
        self.is_told_no_more = True


class Database:
    """Answers the turns one after another, then with nothing; keeps what it was asked."""

    has_encoding = True

    def __init__(self, answers: Iterator[Answer]) -> None:
        self.answers = answers
        self.asked: list[dict[str, Any]] = []

    async def call(self, _: str, *values: Any) -> list[dict[str, Any]]:
        """Give the next answer."""
        names = (
            *("node", "incarnation", "free", "types", "jobs", "attempts", "outcomes"),
            *("errors", "results", "logs", "progress", "notes", "is_unsure"),
        )
        self.asked.append(dict(zip(names, values, strict=True)))
        answer = next(self.answers, [])
        if isinstance(answer, Exception):
            raise answer
        return answer

    insist = call


class Row(dict[str, Any]):
    """A row as asyncpg has it: its values are what it yields."""

    def __iter__(self) -> Iterator[Any]:
        """Yield the values."""
        return iter(self.values())


def run(number: int, job: int) -> Row:
    """Return the row that starts a job."""
    start = {"verdict": "run", "backgrounder": f"n:{number}", "id": job, "attempt": 1}
    return Row({**start, **NONE, "scheduled_at": None, "args": "{}", "reason": None})


def said(verdict: str, job: int | None = None, **more: object) -> Row:
    """Return another row."""
    return Row({"verdict": verdict, "id": job, "attempt": 1, **more})


@dataclass
class Table:
    """The turns of one node, with its processes and its database, both of which are ours."""

    turns: Turns
    database: Database
    pauses: list[float]
    doubts: list[None]

    def ends(self, *jobs: int, size: int = 0) -> None:
        """Let attempts end that processes had in hand, or nobody."""
        for job in jobs:
            holder = next((one for one in self.processes() if one.attempt == (job, 1)), None)
            ending = Ending((job, 1), "succeeded", size=size)
            if holder is not None:
                ending.backgrounder, ending.on_settled = holder.name, holder.settle
            self.turns.end(ending)

    def processes(self) -> list[Process]:
        """Return the processes."""
        return cast("list[Process]", list(self.turns.slots.values()))

    def take(self, times: int = 1) -> list[dict[str, Any]]:
        """Take so many turns; return what was asked by all so far."""

        async def go() -> None:
            for _ in range(times):
                await self.turns.take()

        asyncio.run(go())
        return self.database.asked


Lay = Callable[..., Table]


@pytest.fixture
def lay(monkeypatch: pytest.MonkeyPatch) -> Lay:
    """Give a function that lays a table; nobody waits there."""

    def lay(*answers: Answer, processes: tuple[Process, ...] = ()) -> Table:
        pauses: list[float] = []
        doubts: list[None] = []

        async def wait_for(_: object, seconds: float) -> None:
            pauses.append(seconds)

        monkeypatch.setattr(module, "wait_for", wait_for)
        database = Database(iter(answers))
        session = cast("Session", database)
        turns = Turns(
            node="n",
            incarnation=None,
            session=session,
            tally=Tally(),
            endings=Endings(session),
            on_idle=lambda: None,
            on_doubt=lambda: doubts.append(None),
        )
        turns.slots = {one.number: cast("Slot", one) for one in processes}
        return Table(turns, database, pauses, doubts)

    return lay


def test_no_turn_is_taken_without_anything_to_ask_or_to_say(lay: Lay) -> None:
    """As when all are at work, or there is nobody."""
    busy = Process(1, attempt=(7, 1))

    assert lay().take() == []
    assert lay(processes=(busy, Process(2, is_there=False))).take() == []


def test_endings_go_with_those_that_are_free_by_them(lay: Lay) -> None:
    """The job that comes back is handed to its process."""
    table = lay([run(1, 9)], processes=(Process(2, attempt=(8, 1)), Process(1, attempt=(7, 1))))
    table.ends(7)

    (asked,) = table.take()

    assert (asked["jobs"], asked["free"], asked["outcomes"]) == ([7], [1], ["succeeded"])
    assert (asked["errors"], asked["results"], asked["is_unsure"]) == (None, None, False)
    assert table.turns.ended == {}
    assert [one.got for one in table.processes()] == [[], [(9, 1)]]


def test_a_turn_is_bounded_and_the_rest_goes_with_the_next(lay: Lay) -> None:
    """In number, and in size."""
    many, heavy = lay(), lay()
    many.ends(*range(MOST_ENDINGS + 1))
    heavy.ends(1, 2, 3, size=MOST_BYTES // 2)

    number = [len(asked["jobs"]) for asked in many.take(2)]

    assert number == [MOST_ENDINGS, 1]
    assert heavy.turns.due.is_set()


def test_a_large_ending_goes_by_itself_and_every_other_turn_only(lay: Lay) -> None:
    """The others are not to wait for more than one."""
    table = lay(processes=(Process(5),))
    table.ends(1, 2, size=LARGE + 1)
    table.ends(3)

    asked = table.take(4)

    assert [one["jobs"] for one in asked] == [[1], [3], [2], []]
    assert [one["free"] for one in asked] == [[], [5], [], [5]]


def test_it_pauses_after_many_turns_in_vain(lay: Lay) -> None:
    """Whoever holds what it needs gets time to let go."""
    contended: Answer = [said("contended")]
    few = lay(*[contended] * PATIENCE, processes=(Process(1),))
    many = lay(*[contended] * (PATIENCE + 2), processes=(Process(1),))
    few.take(PATIENCE)
    many.take(PATIENCE + 2)

    assert (len(few.pauses), len(many.pauses)) == (0, 2)


def test_it_does_not_pause_as_long_as_something_is_done(lay: Lay) -> None:
    """Jobs are parked, or started, or ended."""
    parked = lay(*[[said("again")]] * 3 * PATIENCE, processes=(Process(1),))
    parked.take(3 * PATIENCE)
    ending = lay(*[[said("contended")]] * 3 * PATIENCE, processes=(Process(1),))
    for job in range(3 * PATIENCE):
        ending.ends(job)
        ending.take()

    assert parked.pauses == ending.pauses == []
    assert parked.turns.due.is_set()


def test_who_gets_nothing_is_idle_unless_it_is_asked_again(lay: Lay) -> None:
    """The database is to announce what comes for it."""
    again = lay([said("again")], processes=(Process(1),))
    nothing = lay([run(1, 9)], processes=(Process(1), Process(2)))
    again.take()
    nothing.take()

    assert [one.is_idle for one in again.processes()] == [False]
    assert [one.is_idle for one in nothing.processes()] == [False, True]
    assert not nothing.turns.due.is_set()


def test_what_is_held_is_sent_again_and_what_is_stale_is_dropped(
    lay: Lay, caplog: pytest.LogCaptureFixture
) -> None:
    """The first goes again in a moment, and later each time; neither is a reason to ask at once."""
    answer = [said("held", 1), said("stale", 2, reason="it waits")]
    table = lay(
        answer,
        [said("held", 1)],
        processes=(Process(1, attempt=(1, 1)), Process(2, attempt=(2, 1))),
    )
    table.ends(1, 2)
    table.turns.due.clear()
    pauses = []

    async def go() -> None:
        await table.turns.take()
        assert list(table.turns.ended) == [(1, 1)]
        assert [one.attempt for one in table.processes()] == [(1, 1), None]
        for _ in range(2):
            assert not table.turns.due.is_set()
            pauses.append(table.turns.ended[1, 1].pause)
            await table.turns.due.wait()
            table.turns.due.clear()
            await table.turns.take()

    asyncio.run(go())

    assert caplog.messages == ["n:2: result dropped: job 2 is not running as attempt 1 (it waits)"]
    assert [one["jobs"] for one in table.database.asked] == [[1, 2], [1], [1]]
    assert pauses == [0.01, 0.02]
    assert table.turns.ended == {}


def test_after_a_lost_answer_all_is_sent_again_and_the_free_are_in_doubt(
    lay: Lay, caplog: pytest.LogCaptureFixture
) -> None:
    """What is stale then is no news; and once it was answered, nothing is in doubt."""
    stale = [said("stale", 7, reason="it has ended")]
    table = lay(AwayError(), stale, processes=(Process(1, attempt=(7, 1)), Process(2)))
    table.ends(7)

    asked = table.take(3)

    assert [one["is_unsure"] for one in asked] == [False, True, False]
    assert [one["jobs"] for one in asked] == [[7], [7], []]
    assert caplog.messages == []
    assert len(table.pauses) == 1


def test_a_job_for_a_process_that_is_gone_goes_back_with_the_next_turn(lay: Lay) -> None:
    """It, or another by now, has it not."""
    gone = Process(1)
    table = lay([run(1, 9)], processes=(gone,))
    answer = table.database.call

    async def die(*values: Any) -> list[dict[str, Any]]:
        rows = await answer(*values)
        gone.is_there = False
        return rows

    table.database.call = die  # type: ignore[method-assign,assignment]
    asked = table.take(2)

    assert (asked[1]["jobs"], asked[1]["outcomes"], asked[1]["free"]) == ([9], ["not begun"], [])
    assert gone.got == []


def test_a_process_that_is_to_end_during_a_turn_runs_what_it_gets(lay: Lay) -> None:
    """And then hears that there is no more, as does one that gets nothing."""
    one, other = Process(1), Process(2)
    table = lay([run(1, 9)], processes=(one, other))
    answer = table.database.call

    async def retire(*values: Any) -> list[dict[str, Any]]:
        assert one.is_asked_for
        one.is_ending = other.is_ending = True
        return await answer(*values)

    table.database.call = retire  # type: ignore[method-assign,assignment]
    table.take()

    assert one.got == [(9, 1)]
    assert (one.is_told_no_more, other.is_told_no_more) == (True, True)
    assert len(table.take()) == 1


def test_who_serves_other_types_is_asked_for_by_itself(lay: Lay) -> None:
    """As after a new version of the application; the endings go with the first."""
    table = lay(processes=(Process(1), Process(2, types=("flow",)), Process(3)))
    table.ends(7)

    asked = table.take()

    assert [(one["free"], one["types"], one["jobs"]) for one in asked] == [
        ([1, 3], ("system",), [7]),
        ([2], ("flow",), []),
    ]


def test_a_refused_turn_is_parted_and_what_is_refused_again_is_told_with_less(lay: Lay) -> None:
    """The others of it are taken as they are."""
    no = PgdispatchError("no")
    table = lay(no, [], no, [], processes=(Process(5),))
    table.ends(1, 2)

    asked = table.take()

    assert [(one["jobs"], one["outcomes"], one["free"]) for one in asked] == [
        ([1, 2], ["succeeded"] * 2, [5]),
        ([1], ["succeeded"], []),
        ([2], ["succeeded"], []),
        ([2], ["error"], []),
    ]
    assert asked[-1]["errors"] == ["its end was not kept: no"]
    assert table.turns.ended == {}


def test_what_is_refused_in_every_form_waits_and_holds_up_nobody(
    lay: Lay, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told of once."""
    refused = [PgdispatchError("never")] * 5
    table = lay(*refused, processes=(Process(1, attempt=(7, 1)), Process(2)))
    table.ends(7)
    table.take()

    later = table.take()[-1]

    assert (later["jobs"], later["free"]) == ([], [2])
    assert list(table.turns.ended) == [(7, 1)]
    assert caplog.messages[-1] == "n:1: job 7 cannot be ended: never"


def test_a_turn_that_only_asks_and_is_refused_is_told_once_and_pauses(
    lay: Lay, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Endings go on meanwhile."""
    now = [100.0]
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    no = PgdispatchError("nobody may run")
    table = lay(no, [], no, no, processes=(Process(1),))
    table.take(2)
    table.ends(7)
    table.take()
    for _ in range(2):
        now[0] += 100
        table.take()

    assert [(one["free"], one["jobs"]) for one in table.database.asked] == [
        ([1], []),
        ([], [7]),
        ([1], []),
        ([1], []),
    ]
    assert caplog.messages.count("n: gets no job: nobody may run") == 1


def test_who_has_lost_its_name_asks_the_heartbeat(lay: Lay) -> None:
    """No ending is refused by that."""
    table = lay(NodeNameTakenError("held by another"), processes=(Process(1),))
    table.ends(7)

    asked = table.take(2)

    assert len(table.doubts) == len(table.pauses) == 1
    assert [one["outcomes"] for one in asked] == [["succeeded"]] * 2


def test_a_node_that_has_lost_its_name_for_good_keeps_no_ending(lay: Lay) -> None:
    """Else its processes' ends would wait for ever."""
    process = Process(1, attempt=(7, 1))
    table = lay(processes=(process,))
    table.ends(7)

    table.turns.give_up()

    assert (table.turns.ended, process.attempt) == ({}, None)
    assert table.turns.endings.pending[7, 1].outcome == "lost"


def test_nothing_is_taken_once_it_is_stopped(lay: Lay) -> None:
    """Whatever the reason would be."""
    table = lay(processes=(Process(1),))
    table.turns.stop()

    work: Awaitable[None] = table.turns.serve()
    asyncio.run(asyncio.wait_for(work, 5))

    assert table.database.asked == []
