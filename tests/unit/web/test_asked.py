"""What a page is asked: values of a query, in plain words if they are wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgdispatch.errors import InvalidInputError
from pgdispatch.web.console.asked import BIGGEST, DEEPEST, Asked, Rights, cursor_of

plain = st.none() | st.booleans() | st.integers() | st.text()


def asked(**query: str) -> Asked:
    """Return a question."""
    return Asked({}, query, Rights(), "UTC")


@given(st.lists(plain, max_size=DEEPEST))
def test_a_cursor_comes_back_as_it_was(values: list[object]) -> None:
    """Whatever an order may have."""
    text = cursor_of(values)

    assert text.isascii()
    assert set(text) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
    assert asked(after=text).cursor("after") == values


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda data: data.decode("latin-1")))
def test_any_other_cursor_is_refused(text: str) -> None:
    """In words, or it is one."""
    try:
        found = asked(after=text).cursor("after")
    except InvalidInputError:
        return

    assert found is None or isinstance(found, list)


@pytest.mark.parametrize("values", [{"a": 1}, [[1]], [{}], [1.5], ["x"] * 33])
def test_a_cursor_holds_plain_values_only(values: object) -> None:
    """No lists in lists, and not too many."""
    text = cursor_of(values if isinstance(values, list) else [values])

    with pytest.raises(InvalidInputError, match="after is no place in this list"):
        asked(after=text).cursor("after")


def test_what_is_not_there_is_none() -> None:
    """So is what is empty, as a form sends it."""
    empty = asked(x="")

    assert [empty.number("x"), empty.text("x"), empty.cursor("x"), empty.word("y", ["a"])] == [
        None
    ] * 4


@pytest.mark.parametrize(
    "text", ["-1", "101", "1.5", "1e2", "0x1", "1_0", " 5", "٣", "five", "9" * 400, "--5", "-"]
)
def test_a_number_is_whole_and_within_limits(text: str) -> None:
    """Or it is refused with the limits."""
    with pytest.raises(InvalidInputError) as refused:
        asked(x=text).number("x", 1, 100)

    assert refused.value.hint == "it is a whole number from 1 to 100"
    assert len(refused.value.message) < 100


def test_numbers_go_as_far_as_those_of_the_database() -> None:
    """And no further."""
    assert asked(x=str(BIGGEST)).number("x") == BIGGEST
    with pytest.raises(InvalidInputError):
        asked(x=str(BIGGEST + 1)).number("x")


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 501])
def test_a_text_is_one_that_the_database_can_take(text: str) -> None:
    """Not too long, either."""
    with pytest.raises(InvalidInputError):
        asked(x=text).text("x")


def test_a_word_is_one_of_those_that_there_are() -> None:
    """Which the refusal names."""
    assert asked(x="a").word("x", ("a", "b")) == "a"
    with pytest.raises(InvalidInputError) as refused:
        asked(x="c").word("x", ("a", "b"))
    assert refused.value.hint == "it is one of: a, b"
