"""Kinds of values on the command line, and what becomes of them."""

from __future__ import annotations

from datetime import time
from types import SimpleNamespace
from typing import Any, cast

import click
import psycopg
import pytest

from pgdispatch.errors import InvalidInputError
from pgdispatch_cli.changing import cleared
from pgdispatch_cli.commands.linked_task.steps import step_of
from pgdispatch_cli.commands.node.add import replacing
from pgdispatch_cli.commands.node.list import types_taken
from pgdispatch_cli.connection import show_warning
from pgdispatch_cli.parameters import budget, limit, names, priority, time_of_day


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        *((limit, "4", 4), (limit, "0", 0), (limit, "none", -1), (limit, "None", -1)),
        *((budget, "28800", 28800), (budget, "8h", 28800), (budget, "none", -1)),
        (budget, "0.5s", 1),
        *((time_of_day, "06:30", time(6, 30)), (time_of_day, "6:30", time(6, 30))),
        *((names, "flow, alert,", ["flow", "alert"]), (names, "flow", ["flow"])),
        *((priority, "1", 1), (priority, "0", 0), (priority, "-5", -5), (priority, "101", 101)),
        *((step_of, "12", (12, True)), (step_of, "12:go-on", (12, False))),
    ],
)
def test_value_is_read_as_people_write_it(read: Any, text: str, value: object) -> None:
    """What the database refuses with a hint of its own is let through to it."""
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text"),
    [
        *((limit, "-1"), (limit, "x"), (limit, "9" * 12), (limit, "٣")),
        *((budget, "x"), (budget, "-1"), (budget, "9" * 12)),
        *((time_of_day, "24:00"), (time_of_day, "6"), (time_of_day, "06:30:10")),
        *((names, " ,"), (priority, "x"), (priority, "1.5"), (priority, "")),
        *((step_of, "x"), (step_of, "12:"), (step_of, "12:stop"), (step_of, "0")),
    ],
)
def test_what_is_no_such_value_is_wrong_usage(read: Any, text: str) -> None:
    """Before the database is asked."""
    with pytest.raises(click.BadParameter):
        read(text)


@pytest.mark.parametrize("text", ["40000", "-40000", "9" * 19])
def test_priority_that_no_column_holds_is_refused_in_the_words_of_the_database(text: str) -> None:
    """PostgreSQL would speak of smallint."""
    with pytest.raises(InvalidInputError, match="is not between 1 and 100") as refused:
        priority(text)

    assert refused.value.hint == "use 1 (highest) to 100"


def test_options_to_clear_become_nulls_of_their_columns() -> None:
    """What is set and cleared at once is wrong usage."""
    clearable = {"max-running": "max_running_jobs"}

    assert cleared({"refill_at": 1}, ["max-running"], clearable) == {
        "refill_at": 1,
        "max_running_jobs": None,
    }
    with pytest.raises(click.UsageError, match="max-running cannot be both set and cleared"):
        cleared({"max_running_jobs": 3}, ["max-running"], clearable)


def test_limit_of_types_takes_the_place_of_one_of_the_other_kind() -> None:
    """Clearing one leaves the other alone."""
    assert replacing({"only_types": ["flow"]}) == {"only_types": ["flow"], "except_types": None}
    assert replacing({"except_types": None}) == {"except_types": None}
    assert replacing({"backgrounders": 2}) == {"backgrounders": 2}
    with pytest.raises(click.UsageError, match="exclude each other"):
        replacing({"only_types": ["flow"], "except_types": ["alert"]})


def test_types_of_a_node_are_said_for_people() -> None:
    """No limit is all; a list without a name is none."""
    assert [types_taken(types) for types in (None, [], ["flow", "alert"])] == [
        *("all", "none", "flow, alert")
    ]


@pytest.mark.parametrize(
    ("severity", "written"),
    [("WARNING", "warning: too many\nhint: take fewer\n"), ("NOTICE", "")],
)
def test_warning_of_the_database_reaches_standard_error(
    severity: str, written: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A notice does not: it is for people at psql."""
    notice = SimpleNamespace(
        severity_nonlocalized=severity, message_primary="too many", message_hint="take fewer"
    )

    show_warning(cast("psycopg.errors.Diagnostic", notice))

    assert capsys.readouterr().err == written
