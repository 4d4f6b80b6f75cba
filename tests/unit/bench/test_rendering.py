"""The SQL files under another name: nothing in them reaches the real schema."""

from __future__ import annotations

import re

import pytest

from pgdispatch.bench.rendering import check_name, scripts
from pgdispatch.errors import InvalidInputError
from pgdispatch.schema.other_schema import render

SCRIPTS = dict(scripts("elsewhere"))


def test_scripts_name_neither_the_schema_nor_its_locks() -> None:
    """A role's name may stay: it is no schema's."""
    ours = re.compile(r"\bpgdispatch\b|\b1885824\d\d\d\b")

    assert [name for name, text in SCRIPTS.items() if ours.search(text)] == []


def test_no_script_makes_a_role() -> None:
    """Roles belong to the whole cluster and would stay."""
    assert not any("create role" in text for text in SCRIPTS.values())


def test_channel_and_locks_are_replaced_alike() -> None:
    """The same lock gets the same number everywhere."""
    text = "perform pg_notify('pgdispatch', 'ready'), pg_advisory_lock(1885824105, 1);"

    assert render(text, "x") == "perform pg_notify('x', 'ready'), pg_advisory_lock(1885825105, 1);"


@pytest.mark.parametrize("name", ["pgdispatch", "", "Big", "two words", "pg_mine", 'a"b', "x" * 64])
def test_schema_is_refused(name: str) -> None:
    """Neither the real one nor what could not stand in the files."""
    with pytest.raises(InvalidInputError):
        check_name(name)
