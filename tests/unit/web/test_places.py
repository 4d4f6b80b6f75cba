"""A place in the queue goes into an address and comes back as it was."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgdispatch.errors import InvalidInputError
from pgdispatch.web.console.asked import Asked, Rights, cursor_of
from pgdispatch.web.console.pages.queue import place_in_query, place_of

places = st.fixed_dictionaries(
    {
        "precedence": st.integers(0, 1),
        "priority": st.integers(0, 100),
        "queued_at": st.datetimes().map(str) | st.just("infinity"),
        "type_rank": st.integers(-1, 1000),
        "tie_first": st.floats(0, 1e9) | st.just("Infinity"),
        "tie_second": st.floats(0, 1e12),
        "id": st.integers(1, 2**63 - 1),
    }
)


def asked(text: str) -> Asked:
    """Return a question with a place."""
    return Asked({}, {"after": text}, Rights(), "UTC")


@given(places)
def test_a_place_comes_back_as_it_was(place: dict[str, Any]) -> None:
    """To the last digit."""
    text = place_in_query(place)

    assert text is not None
    assert place_of(asked(text), "after") == place


@pytest.mark.parametrize("values", [[], [5], ["x"], ["[]"], ["5"], ["null"], ["{}", "{}"]])
def test_what_is_no_place_is_refused(values: list[object]) -> None:
    """In words."""
    with pytest.raises(InvalidInputError, match="after is no place in the queue"):
        place_of(asked(cursor_of(values)), "after")


def test_nowhere_is_nowhere() -> None:
    """The front of the queue has no place before it."""
    assert place_in_query(None) is None
    assert place_of(asked(""), "after") is None
