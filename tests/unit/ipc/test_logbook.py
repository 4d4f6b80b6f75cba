"""What a backgrounder writes into its logbook, its supervisor reads, whatever happens to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pgdispatch.ipc.logbook import CAPACITY, Logbook, LogbookReader, News, Outcome, new_file


@pytest.fixture
def sides() -> Iterator[tuple[Logbook, LogbookReader]]:
    """Give both sides of a new logbook."""
    with new_file() as file:
        yield Logbook(file.fileno()), LogbookReader(file.fileno())


def test_nothing_runs_at_first(sides: tuple[Logbook, LogbookReader]) -> None:
    """Nor is there any news."""
    _, reader = sides

    assert reader.running is None
    assert reader.news() == News(begun=[], ended=[], told=[])


def test_an_attempt_runs_until_it_is_ended(sides: tuple[Logbook, LogbookReader]) -> None:
    """Numbers of jobs may be large."""
    logbook, reader = sides
    logbook.begin((2**40, 3), 0)

    before = reader.running
    logbook.end(Outcome.SUCCEEDED)

    assert before == (2**40, 3)
    assert reader.running is None


def test_news_are_told_once(sides: tuple[Logbook, LogbookReader]) -> None:
    """An attempt in hand has begun, and has not ended."""
    logbook, reader = sides
    logbook.begin((1, 1), 4)
    logbook.end(Outcome.SUCCEEDED)
    logbook.begin((2, 1), 5)

    first, second = reader.news(), reader.news()
    logbook.end(Outcome.SUCCEEDED)

    assert first == News(begun=[4, 5], ended=[(1, 1)], told=[])
    assert second == News(begun=[], ended=[], told=[])
    assert reader.news() == News(begun=[], ended=[(2, 1)], told=[])


def test_a_reader_that_comes_late_gets_what_is_left(
    sides: tuple[Logbook, LogbookReader],
) -> None:
    """The ring holds so many attempts; older ones are not counted."""
    logbook, reader = sides
    for job in range(CAPACITY + 10):
        logbook.begin((job, 1), 0)
        logbook.end(Outcome.SUCCEEDED)

    news = reader.news()

    assert news.ended == [(job, 1) for job in range(10, CAPACITY + 10)]
    assert len(news.begun) == CAPACITY
