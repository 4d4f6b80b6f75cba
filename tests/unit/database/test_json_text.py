"""JSON that PostgreSQL holds is read, or kept as text where Python cannot read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pgdispatch.database.json_text import DEEPEST, read_json, read_shallow_json, write_json


@pytest.mark.parametrize("read", [read_json, read_shallow_json])
def test_json_is_read(read: Callable[[bytes], Any]) -> None:
    """Of every kind."""
    assert read(b'{"a": [1, {"b": null}, "\xc3\xa9"]}') == {"a": [1, {"b": None}, "é"]}
    assert read(b"null") is None


@pytest.mark.parametrize("text", ["\x00", "\\\x00", "\ud800"])
def test_what_postgresql_cannot_store_is_not_written(text: str) -> None:
    """As a key or as a value."""
    with pytest.raises(ValueError, match=r"NUL|surrogates"):
        write_json({"a": text})
    with pytest.raises(ValueError, match=r"NUL|surrogates"):
        write_json({text: 1})


@pytest.mark.parametrize("text", ["9" * 5000, "[" * 100_000 + "]" * 100_000])
def test_what_python_cannot_read_stays_text(text: str) -> None:
    """So that it can be shown, or refused, by whoever expected something else."""
    assert read_json(text.encode()) == read_shallow_json(text.encode()) == text


def test_what_is_nested_deep_is_shown_as_text() -> None:
    """It could be read, but not always be written again."""
    deep = "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1)
    shallow = "[" * DEEPEST + "]" * DEEPEST

    assert read_shallow_json(deep.encode()) == deep
    assert isinstance(read_shallow_json(shallow.encode()), list)
