"""Amounts of memory."""

from __future__ import annotations

import pytest

from pgdispatch.errors import InvalidInputError
from pgdispatch.host.memory_size import megabytes, memory_limit


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("512MB", 512 << 20),
        ("2gb", 2 << 30),
        (" 0.5 TB ", 1 << 39),
        ("131072kB", 128 << 20),
        ("67108864B", 64 << 20),
    ],
)
def test_an_amount_is_read_as_postgresql_writes_it(text: str, limit: int) -> None:
    """In units of 1024."""
    assert memory_limit(text, where="memory") == limit


@pytest.mark.parametrize("text", ["", "512", "MB", "-1GB", "1e3MB", "1GB 2MB", "٣GB", "1 EB"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    """With the form that it should have."""
    with pytest.raises(InvalidInputError, match="is not an amount of memory") as caught:
        memory_limit(text, where="memory")

    assert caught.value.hint == "write for example 512MB or 2GB"


def test_a_limit_that_no_job_could_keep_is_refused() -> None:
    """The process alone would be over it."""
    with pytest.raises(InvalidInputError, match="63MB is too little") as caught:
        memory_limit("63MB", where="memory")

    assert caught.value.hint == "give 64 MB or more"


def test_megabytes_are_whole() -> None:
    """Nobody wants to read more."""
    assert megabytes(530 * (1 << 20) + 7) == "531 MB"
