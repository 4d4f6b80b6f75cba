"""What a process may say of the end of its attempt, and in which forms the database is told."""

from __future__ import annotations

from typing import Any

import pytest

from pgdispatch.node.channel_end import NonsenseError
from pgdispatch.node.ending import Ending, read_ending

SAID = {"is": "ended", "job": 7, "attempt": 2, "outcome": "succeeded"}


def told(ending: Ending, *refusals: str) -> list[Ending]:
    """Return all forms of an ending, each refused with the next of these, or the last."""
    given: list[str] = []
    forms = []
    for form in ending.forms(given):
        forms.append(form)
        given.append(refusals[min(len(given), len(refusals) - 1)])
    return forms


def test_what_a_process_says_is_taken() -> None:
    """What it leaves out is null."""
    whole = {**SAID, "log": "l", "percent": 50, "note": "half", "leaves": True, "bytes": 9}

    full, bare = read_ending(whole, '{"a":"é"}'.encode()), read_ending(SAID, None)

    assert full == Ending((7, 2), "succeeded", None, '{"a":"é"}', "l", 50, "half", size=10)
    assert bare == Ending((7, 2), "succeeded")


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "lost"},
        {"outcome": "killed"},
        {"outcome": ["succeeded"]},
        {"outcome": None},
        {"error": 1},
        {"log": ["l"]},
        {"note": {}},
        {"percent": "50"},
    ],
)
def test_what_is_no_ending_is_nonsense(wrong: dict[str, Any]) -> None:
    """As is what only a supervisor can know."""
    with pytest.raises(NonsenseError):
        read_ending({**SAID, **wrong}, None)


def test_a_result_that_is_no_text_is_nonsense() -> None:
    """Whether it is JSON is for the database to say."""
    with pytest.raises(NonsenseError):
        read_ending(SAID, b"\xff")


def test_a_success_is_told_with_less_and_less_before_it_becomes_a_failure() -> None:
    """Without its note, its log, its result; the last refusal is its error; then it is a loss."""
    ending = Ending((7, 2), "succeeded", result="{}", log="l", percent=50, note="n")

    forms = told(ending, "one", "two", "thrée", "four", "five", "six", "seven")

    assert forms[0] is ending
    assert [(form.outcome, form.result, form.log, form.note) for form in forms[1:6]] == [
        ("succeeded", "{}", "l", None),
        ("succeeded", "{}", None, None),
        ("succeeded", '{"not_stored": "thr?e"}', "l", None),
        ("succeeded", '{"not_stored": "four"}', None, None),
        ("error", None, "l", "n"),
    ]
    assert forms[5].error == "its end was not kept: five"
    assert [(form.outcome, form.error) for form in forms[6:]] == [
        ("error", "its end was not kept: five (its end was not kept: six)"),
        ("lost", None),
    ]


def test_what_a_handler_wants_becomes_the_next_best() -> None:
    """A database that does not know the word takes a failure, or a return."""
    forms = {
        outcome: told(Ending((7, 2), outcome, error="e", result="30"), "no", "no")
        for outcome in ("failed", "retry", "snoozed")
    }

    assert [form.outcome for form in forms["failed"]] == ["failed", "error", "lost"]
    assert [form.outcome for form in forms["retry"]] == ["retry", "error", "lost"]
    assert [form.outcome for form in forms["snoozed"]] == ["snoozed", "given back", "lost"]


def test_a_failure_keeps_its_kind_and_what_is_given_back_becomes_a_loss_at_once() -> None:
    """There is nothing to leave out of it."""
    late = told(Ending((7, 2), "timed out", error="tröt"), "no")
    back = told(Ending((7, 2), "not begun"), "no")
    stopped = told(Ending((7, 2), "given back", error="stöpped", log="l"), "no", "no")

    assert [(form.outcome, form.error) for form in late] == [
        ("timed out", "tröt"),
        ("timed out", "tr?t (its end was not kept: no)"),
        ("lost", None),
    ]
    assert [form.outcome for form in back] == ["not begun", "lost"]
    assert [(form.outcome, form.error, form.log) for form in stopped] == [
        ("given back", "stöpped", "l"),
        ("given back", "st?pped (its end was not kept: no)", None),
        ("lost", None, None),
    ]
