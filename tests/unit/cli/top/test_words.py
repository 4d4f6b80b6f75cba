"""What the screen says: the sentence of its first line, and spans of time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pgdispatch_cli.top.panes import fits
from pgdispatch_cli.top.words import counted, sentence, short_span


def processes(*states: str) -> list[Any]:
    """Return backgrounders that are so."""
    return [{"status": state, "node": "n"} for state in states]


def waiting(*kinds: str) -> list[Any]:
    """Return jobs that wait because of that."""
    return [{"kind": kind} for kind in kinds]


@pytest.mark.parametrize(
    ("busy", "queue", "said"),
    [
        (("busy", "idle"), (), "1 of 2 backgrounders busy, nothing waits"),
        (("busy",), ("next",),
         "1 of 1 backgrounder busy, 1 job waits; 1 starts as soon as one is free"),
        (("lost", "busy"), ("site limit",), "1 of 1 backgrounder busy, 1 job waits"),
        (("idle",), ("next", "next"),
         "The backgrounder is idle, 2 jobs wait; 2 start as soon as one that takes them is free"),
        (("idle", "drained"), (), "All 2 backgrounders are idle, nothing waits"),
        (("stopped",), ("next", "next"), "No backgrounder is up, 2 jobs wait"),
        ((), (), "No node has been up yet, nothing waits"),
    ],
)  # fmt: skip
def test_sentence_says_what_runs_and_waits(
    busy: tuple[str, ...], queue: tuple[str, ...], said: str
) -> None:
    """What is lost or stopped does not count as one that could run something."""
    found = sentence(processes(*busy), waiting(*queue), len(queue))

    assert found == said


def test_sentence_counts_no_further_than_was_read() -> None:
    """Who would start is not said of a queue of which only the head is known."""
    up, head = processes("idle"), waiting("next", "next")

    assert sentence(up, head, 2).endswith("2 start as soon as one that takes them is free")
    assert sentence(up, head, 3).endswith("3 jobs wait")
    assert sentence(up, head, 10_000, is_more=True).endswith("more than 10,000 jobs wait")


def test_sentence_for_people_of_some_sites_is_about_their_jobs() -> None:
    """They are not told how many backgrounders there are."""
    assert sentence(processes("busy"), [], 0, is_confined=True) == "1 job runs, nothing waits"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"), (59.2, "59 s"), (60, "1 min"), (299, "4 min 59 s"), (300, "5 min"),
        (3540, "59 min"), (3600, "1 h"), (93600, "1 d 2 h"), (-3, "0 s"),
    ],
)  # fmt: skip
def test_span_has_two_units_only_where_they_serve(seconds: float, text: str) -> None:
    """Below five minutes, and from an hour on."""
    assert short_span(timedelta(seconds=seconds)) == text


def test_kinds_are_counted_the_most_frequent_first() -> None:
    """Equal ones in their order."""
    assert counted(["time", "next", None, "next"]) == "next 2 · time 1"


@pytest.mark.parametrize(
    ("words", "is_found"), [("", True), ("SALES acme", True), ("sales globex", False), ("42", True)]
)
def test_filter_wants_every_word_somewhere(words: str, is_found: bool) -> None:
    """In whatever column, upper or lower case."""
    assert fits({"title": "Sales", "site": "acme", "job": 42, "reason": None}, words) == is_found
