"""What an edit altered, in words."""

from __future__ import annotations

import pytest

from pgdispatch.database.differences import Facts, differences


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"priority": 50}, {"priority": None}, "priority 50 → none"),
        (None, {"enabled": True, "args": {"é": 1}}, 'enabled yes, args {"é": 1}'),
        ({"title": "a\nb"}, None, "title a\nb"),
        (None, {"until": "2030-01-31T22:00:00.5+05:30"}, "until 2030-01-31 22:00:00+05:30"),
        (None, {"title": "2030-01-31T22:00 in words"}, "title 2030-01-31T22:00 in words"),
    ],
)
def test_what_differs_is_said_of_each_value(before: Facts, after: Facts, words: str) -> None:
    """Of what is new or gone its value; instants are short."""
    assert differences(before, after) == words
