"""Sessions of the console, by a clock in our hands: when they end, and who may try again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from pgdispatch.web.console.login import Login
from pgdispatch.web.console.sessions import IDLE, LIFE, TRIES, TRIES_LAST, FullError, Sessions


@dataclass
class Clock:
    """A clock that stands still."""

    now: float = 1000.0

    def __call__(self) -> float:
        """Return what it shows."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Give a clock."""
    return Clock()


def test_a_session_ends_when_nobody_has_asked_for_half_an_hour(clock: Clock) -> None:
    """Each request of a person puts that off."""
    sessions = Sessions(2, clock)
    sessions.add("a", Login("ann", ""))
    for _ in range(3):
        clock.now += IDLE - 1
        assert sessions.find("a") is not None

    clock.now += IDLE + 1

    assert sessions.find("a") is None


def test_pages_that_ask_by_themselves_keep_no_session_alive(clock: Clock) -> None:
    """A tab that was left open is no person."""
    sessions = Sessions(2, clock)
    sessions.add("a", Login("ann", ""))
    clock.now += IDLE - 1
    assert sessions.find("a", is_person=False) is not None

    clock.now += 2

    assert sessions.find("a", is_person=False) is None


def test_a_session_ends_after_half_a_day(clock: Clock) -> None:
    """However busy the person is."""
    sessions = Sessions(2, clock)
    sessions.add("a", Login("ann", ""))
    for _ in range(int(LIFE / IDLE)):
        clock.now += IDLE
        assert sessions.find("a") is not None

    clock.now += 1

    assert sessions.find("a") is None


def test_sessions_that_have_ended_make_room(clock: Clock) -> None:
    """And nobody gets in as long as there is none."""

    async def enter() -> None:
        sessions = Sessions(1, clock)
        sessions.add("a", Login("ann", ""))
        with pytest.raises(FullError, match="1 people have signed in already"):
            sessions.add("b", Login("bob", ""))
        clock.now += IDLE + 1
        sessions.add("b", Login("bob", ""))

        assert sessions.find("b") is not None
        assert sessions.find("a") is None

    asyncio.run(enter())


def test_there_is_no_session_without_a_name(clock: Clock) -> None:
    """Nor one that somebody makes up."""
    sessions = Sessions(2, clock)
    sessions.add("a", Login("ann", ""))

    assert [sessions.find(name) for name in (None, "", "b", "A")] == [None] * 4


def test_five_tries_a_minute_are_all(clock: Clock) -> None:
    """Of one name from one address; then it takes until the first of them is a minute old."""
    sessions = Sessions(2, clock)

    assert [sessions.may_try("ann", "x") for _ in range(TRIES + 1)] == [True] * TRIES + [False]
    assert sessions.may_try("bob", "x")
    assert sessions.may_try("ann", "y")
    clock.now += TRIES_LAST - 1
    assert not sessions.may_try("ann", "x")
    clock.now += 1
    assert sessions.may_try("ann", "x")


def test_tries_that_count_no_more_are_forgotten(clock: Clock) -> None:
    """Names that are made up fill no memory for longer."""
    sessions = Sessions(2, clock)
    for number in range(1000):
        sessions.may_try(str(number), "x")
    clock.now += TRIES_LAST

    sessions.may_try("ann", "x")

    assert len(sessions._tries) == 1


def test_who_gets_in_may_try_again(clock: Clock) -> None:
    """The right password ends the count."""
    sessions = Sessions(2, clock)
    for _ in range(TRIES):
        sessions.may_try("ann", "x")
    sessions.forget_tries("ann", "x")

    assert sessions.may_try("ann", "x")
