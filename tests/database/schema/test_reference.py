"""The page that lists tables, views and functions says what their comments say."""

from __future__ import annotations

from reference.page import COMMAND, PAGE, written
from support.servers.embedded import Connect


def test_the_reference_is_as_the_comments_are(database: str, connect: Connect) -> None:
    """Nobody writes a comment twice."""
    is_current = PAGE.read_text(encoding="utf-8") == written(connect(database))

    assert is_current, f"sql/{PAGE.name} is stale; write it anew: {COMMAND}"
