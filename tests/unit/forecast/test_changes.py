"""What people type for a what-if, what it does to a forecast's input, and the commands for it."""

from __future__ import annotations

from typing import Any

import pytest

from pgdispatch.errors import ConfigurationError, InvalidInputError
from pgdispatch.forecast.questions.applying import applied, commands
from pgdispatch.forecast.questions.changes import READERS, moved, read
from pgdispatch.forecast.run import MICROS

HOUR = 3600 * MICROS


def document() -> dict[str, Any]:
    """Return an input with one of everything that can be changed, as forecast_input gives it."""
    return {
        "made_at": 0,
        "until": 12 * HOUR,
        "nodes": [
            {"name": "etl-1", "backgrounders": 4, "types": None},
            {"name": "etl-2", "backgrounders": 2, "types": None},
        ],
        "sites": [
            {"name": "north", "running_limit": 3, "seconds_limit": 3600},
            {"name": "south", "running_limit": None, "seconds_limit": None},
        ],
        "schedules": [
            {
                "name": "nightly",
                "priority": 50,
                "is_serial": False,
                "recurrence": "daily at 02:30",
                "runs": [HOUR, 11 * HOUR + 1],
            }
        ],
        "tasks": {
            "columns": ["id", "schedule", "priority"],
            "rows": [[1, "nightly", 50], [2, "nightly", None], [3, "other", 50]],
        },
        "jobs": {
            "columns": ["id", "schedule", "priority", "is_running", "node"],
            "rows": [
                [7, "nightly", 50, True, "etl-2"],
                [8, "nightly", 50, False, None],
                [9, "nightly", 0, False, None],
            ],
        },
    }


@pytest.mark.parametrize(
    ("what", "text", "where", "expected", "command"),
    [
        ("backgrounders", "etl-1=+2", ("nodes", 0, "backgrounders"), 6,
         "pgdispatch node change etl-1 --backgrounders 6"),
        ("backgrounders", "etl-1=-9", ("nodes", 0, "backgrounders"), 0,
         "pgdispatch node change etl-1 --backgrounders 0"),
        ("with-node", "etl-3=8", ("nodes", 2, "backgrounders"), 8,
         "pgdispatch node add etl-3 --backgrounders 8"),
        ("without-node", "etl-2", ("jobs", "rows", 0, 4), None, "pgdispatch node drain etl-2"),
        ("limit", "north=8", ("sites", 0, "running_limit"), 8,
         "pgdispatch site change north --max-running 8"),
        ("limit", "south=+1", ("sites", 1, "running_limit"), None,
         "pgdispatch site change south --max-running none"),
        ("limit", "north=none", ("sites", 0, "running_limit"), None,
         "pgdispatch site change north --max-running none"),
        ("budget", "north=+1h", ("sites", 0, "seconds_limit"), 7200,
         "pgdispatch site change north --daily-seconds 7200"),
        ("execution", "nightly=serial", ("schedules", 0, "is_serial"), True,
         "pgdispatch schedule change nightly --execution serial"),
        ("move", "nightly=+1h", ("schedules", 0, "runs"), [2 * HOUR],
         "pgdispatch schedule change nightly --recurrence 'daily at 03:30'"),
        ("move", "nightly=-2h", ("schedules", 0, "runs"), [9 * HOUR + 1],
         "pgdispatch schedule change nightly --recurrence 'daily at 00:30'"),
        ("schedule-priority", "nightly=10", ("tasks", "rows"),
         [[1, "nightly", 10], [2, "nightly", None], [3, "other", 50]],
         "pgdispatch schedule change nightly --priority 10"),
        ("schedule-priority", "nightly=10", ("jobs", "rows", 2, 2), 0,
         "pgdispatch schedule change nightly --priority 10"),
        ("priority", "8=10", ("jobs", "rows", 1, 2), 10, "pgdispatch set-priority 8 10"),
    ],
)  # fmt: skip
def test_a_change_is_made_in_the_input_and_said_as_a_command(
    what: str, text: str, where: tuple[Any, ...], expected: object, command: str
) -> None:
    """What was given stays as it is."""
    given, change = document(), read(what, text)

    found: Any = applied([change], given)
    for step in where:
        found = found[step]

    assert found == expected
    assert commands(change, given)[0] == command
    assert given == document()


@pytest.mark.parametrize(
    ("what", "text"),
    [
        *((what, text) for what in READERS if what != "without-node"
          for text in ("", "etl-1", "=5", "x=", "x=y", "x=1e9", "x=٣")),
        ("backgrounders", "x=none"), ("with-node", "x=0"), ("with-node", "x=+1"),
        ("priority", "x=0"), ("priority", "x=101"), ("execution", "x=Serial"),
        ("move", "x=1h"), ("move", "x=+8d"), ("budget", "x=-"), ("limit", "x=9999999"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_an_example(what: str, text: str) -> None:
    """The example can be read."""
    with pytest.raises(ConfigurationError) as refused:
        read(what, text)

    example = (refused.value.hint or "").removeprefix("for example: ").split()
    assert str(read(what, example[1])) == f"{what} {example[1]}"


@pytest.mark.parametrize(
    ("what", "text", "hint"),
    [
        ("backgrounders", "etl-9=1", "etl-1, etl-2"),
        ("without-node", "etl-9", "etl-1, etl-2"),
        ("with-node", "etl-1=1", "--backgrounders"),
        ("limit", "nowhere=1", "north, south"),
        ("budget", "south=+1h", "--daily-seconds"),
        ("move", "never=+1h", "nightly"),
        ("priority", "7=10", "pgdispatch queue"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(what: str, text: str, hint: str) -> None:
    """A job that runs has no place in the queue."""
    with pytest.raises(InvalidInputError) as refused:
        applied([read(what, text)], document())

    assert hint in (refused.value.hint or "")


@pytest.mark.parametrize(
    ("recurrence", "seconds", "expected"),
    [
        ("weekly on mon at 23:30", 1800, None),
        ("weekly on mon at 22:30", 3600, "weekly on mon at 23:30"),
        ("every 2 hours from 06:15 to 20:15", -900, "every 2 hours from 06:00 to 20:00"),
        ("cron 0 2 * * *", 3600, None),
        ("daily at 2:30", 90, None),
        (None, 3600, None),
    ],
)
def test_words_are_moved_if_they_can_say_it(
    recurrence: str | None, seconds: int, expected: str | None
) -> None:
    """Not over midnight, where other days would be meant; not by parts of a minute."""
    assert moved(recurrence, seconds) == expected
