"""A schema serves the nodes of every level that it says it serves, and each level is written down.

`fixtures/level_N.txt` has the statements that the nodes of a level send. That of a level that has
been released is never edited.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pgdispatch.database import statements
from pgdispatch.schema.release import LEVEL, OLDEST_LEVEL
from support.servers.embedded import Connect

FIXTURES = Path(__file__).parent / "fixtures"


def sent(level: int) -> dict[str, str]:
    """Return the statements of a level by their name."""
    lines = (FIXTURES / f"level_{level}.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines)


@pytest.mark.parametrize("level", range(OLDEST_LEVEL, LEVEL + 1))
def test_statements_of_every_level_served_are_understood(
    level: int, database: str, connect: Connect
) -> None:
    """The functions are there, with these arguments and columns."""
    connection = connect(database)

    for name, statement in sent(level).items():
        connection.execute(f"prepare s_{name} as {statement}")

    assert len(sent(level)) > 20


def test_statements_that_nodes_send_are_those_of_the_level() -> None:
    """A change of one needs another LEVEL in release.py, and a file for it."""
    ours = {
        name: text
        for name, text in vars(statements).items()
        if isinstance(text, str) and text.startswith("select") and "$1" in text
    }

    assert ours.items() <= sent(LEVEL).items()
    assert sent(LEVEL) == {name: getattr(statements, name) for name in sent(LEVEL)}
