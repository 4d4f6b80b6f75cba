"""What is in the hands of a backgrounder, as its supervisor sees it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from pgdispatch.node.channel_end import ChannelEnd
from pgdispatch.node.ending import Ending
from pgdispatch.node.slot import Begin, Slot

FACTS = {"type": "system"}
ENDED = {"is": "ended", "job": 7, "attempt": 1, "outcome": "succeeded"}


@dataclass
class End:
    """Takes the place of an end of a channel: keeps what goes there."""

    sent: list[str] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)
    over: asyncio.Future[None] = field(default_factory=asyncio.Future)
    released: int = 0

    def send(self, kind: str, **said: Any) -> None:
        """Keep it."""
        self.sent.append(kind)
        self.said.append(said)

    def end_sending(self) -> None:
        """Keep that no more comes."""
        self.sent.append("end")

    def release(self) -> None:
        """Count it."""
        self.released += 1


@dataclass
class Stage:
    """A slot whose process is there, its two channels, and the ends that it told of."""

    slot: Slot
    control: End
    jobs: End
    ended: list[Ending]


def stage() -> Stage:
    """Return a stage; inside an event loop."""
    ended: list[Ending] = []
    begin = Begin(name="n:1", dsn=None, apps=(), types=None, config=None)
    slot = Slot(1, begin, on_message=lambda *_: None, on_end=ended.append)
    control, jobs = End(), End()
    slot.child.ends = cast("list[ChannelEnd]", [control, jobs])
    slot.is_open = slot.was_ready = True
    return Stage(slot, control, jobs, ended)


def test_an_attempt_is_in_hand_until_its_end_is_known() -> None:
    """It runs until it has ended, and may be stopped so long."""

    async def play() -> None:
        set_up = stage()
        slot = set_up.slot
        slot.hand_over((7, 1), FACTS, "{}")
        slot.ask_to_stop("cancelled")
        slot.ask_to_stop("timed out")
        before = slot.attempt, slot.running, slot.settled.is_set()
        slot._hear_of_job(ENDED, None)
        between = slot.attempt, slot.running, slot.settled.is_set()
        slot.ask_to_stop("draining")
        slot.settle()

        assert before == ((7, 1), (7, 1), False)
        assert between == ((7, 1), None, False)
        assert (slot.attempt, slot.running, slot.settled.is_set()) == (None, None, True)
        assert [(one.attempt, one.backgrounder) for one in set_up.ended] == [((7, 1), "n:1")]
        assert (set_up.jobs.sent, set_up.control.sent) == (["run"], ["stop"])
        assert set_up.jobs.released == 1

    asyncio.run(play())


@pytest.mark.parametrize("wrong", [{"attempt": 2}, {"job": 8}, {"job": None}])
def test_the_end_of_another_attempt_kills_who_tells_of_it(wrong: dict[str, Any]) -> None:
    """And ends nothing."""

    async def play() -> None:
        set_up = stage()
        set_up.slot.hand_over((7, 1), FACTS, "{}")
        set_up.slot._hear_of_job({**ENDED, **wrong}, None)

        assert set_up.ended == []
        assert set_up.slot.killed_for == "nonsense"
        assert set_up.slot.running == (7, 1)

    asyncio.run(play())


def test_an_end_is_taken_once() -> None:
    """Whatever comes after it."""

    async def play() -> None:
        set_up = stage()
        set_up.slot.hand_over((7, 1), FACTS, "{}")
        for _ in range(2):
            set_up.slot._hear_of_job(ENDED, None)

        assert len(set_up.ended) == 1
        assert set_up.slot.killed_for == "nonsense"

    asyncio.run(play())


def test_who_is_to_end_gets_what_is_on_its_way_first() -> None:
    """The turn says when there is no more."""

    async def play() -> None:
        waiting, idle = stage(), stage()
        waiting.slot.is_asked_for = True
        for one in (waiting, idle):
            one.slot.end_after_job()

        assert (waiting.jobs.sent, idle.jobs.sent) == ([], ["end"])
        assert not waiting.slot.may_get_more
        assert waiting.slot.is_there

    asyncio.run(play())


def test_only_who_has_nothing_in_hand_is_asked_whether_it_hears() -> None:
    """Four times; an answer counts from the start."""

    async def play() -> None:
        set_up = stage()
        slot = set_up.slot
        calls = [slot.roll_call() for _ in range(4)]
        slot._hear_of_job({"is": "pong"}, None)
        calls += [slot.roll_call() for _ in range(3)]
        slot.hand_over((7, 1), FACTS, "{}")
        calls += [slot.roll_call() for _ in range(9)]

        assert calls == [True, True, True, False, True, True, True, *[True] * 9]
        assert set_up.jobs.sent == ["ping"] * 7 + ["run"]

    asyncio.run(play())


def test_progress_is_of_the_attempt_that_runs() -> None:
    """Not of one that has ended, nor of another's."""

    async def play() -> None:
        set_up = stage()
        said = {"is": "progress", "attempt": 1, "percent": 50, "note": None}
        set_up.slot.hand_over((7, 1), FACTS, "{}")
        set_up.slot._hear({**said, "job": 8}, None)
        none = set_up.slot.progress
        set_up.slot._hear({**said, "job": 7}, None)

        assert none is None
        assert set_up.slot.last_progress((7, 1)) == (50, None)
        assert set_up.slot.last_progress((7, 2)) is None

    asyncio.run(play())


def test_the_running_attempt_is_told_once_that_its_node_drains_and_when_it_does_no_more() -> None:
    """The next one is told for itself, and nobody without a job."""

    async def play() -> None:
        set_up = stage()
        slot = set_up.slot
        slot.tell_drained(is_drained=True)
        slot.hand_over((7, 1), FACTS, "{}")
        for is_drained in (False, True, True, False, True):
            slot.tell_drained(is_drained=is_drained)
        slot.end(Ending((7, 1), "succeeded"))
        slot.settle()
        slot.hand_over((8, 1), FACTS, "{}")
        slot.tell_drained(is_drained=False)
        slot.tell_drained(is_drained=True)

        assert set_up.control.sent == ["drained"] * 4
        told = [(said["attempt"], said["is_drained"]) for said in set_up.control.said]
        assert told == [((7, 1), True), ((7, 1), False), ((7, 1), True), ((8, 1), True)]

    asyncio.run(play())
