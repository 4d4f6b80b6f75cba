"""The form in which the result of a handler is kept."""

from __future__ import annotations

import json
from collections import namedtuple
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from pgdispatch.backgrounder.result_form import to_json

Pair = namedtuple("Pair", ("first", "second"))
CYCLE: dict[str, Any] = {}
CYCLE["me"] = [CYCLE]


class Color(Enum):
    """A value that is none of JSON's."""

    RED = "red"


class Level(IntEnum):
    """A number by another name."""

    HIGH = 3


@dataclass
class Figures:
    """What a typed handler returns."""

    month: date
    total: Decimal


class Wordless:
    """What cannot even say what it is."""

    def __str__(self) -> str:
        raise RuntimeError

    __repr__ = __str__


class Broken(Mapping[str, Any]):
    """A mapping that cannot be read."""

    def __getitem__(self, _: str) -> Any:
        raise OSError

    def __iter__(self) -> Iterator[str]:
        return iter(["part"])

    def __len__(self) -> int:
        return 1


def kept(result: Any) -> tuple[Any, list[str]]:
    """Return what is kept of a result, and what is told of it."""
    told: list[str] = []
    text = to_json(result, told.append)
    return None if text is None else json.loads(text), told


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (datetime(2030, 1, 31, 22, 0, tzinfo=UTC), "2030-01-31T22:00:00+00:00"),
        (date(2030, 1, 31), "2030-01-31"),
        (time(22, 0), "22:00:00"),
        (timedelta(minutes=1.5), 90.0),
        (Decimal("12.50"), "12.50"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Path("/a/b"), "/a/b"),
        (b"\xff\0", "/wA="),
        (Color.RED, "red"),
        (Level.HIGH, 3),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (Figures(date(2030, 1, 1), Decimal(1)), {"month": "2030-01-01", "total": "1"}),
        ({3, 1, 2}, [1, 2, 3]),
        (Pair(1, None), [1, None]),
        ({Color.RED: 1, 2: 2, None: 3, True: 4, date(2030, 1, 1): 5, 0.5: 6},
         {"red": 1, "2": 2, "null": 3, "true": 4, "2030-01-01": 5, "0.5": 6}),
    ],
)  # fmt: skip
def test_a_value_has_its_documented_form(value: Any, form: Any) -> None:
    """Nothing is told, wherever it is."""
    assert kept({"value": [value, Decimal(1)]}) == ({"value": [form, "1"]}, [])


def test_a_result_that_is_no_object_is_the_value_of_one() -> None:
    """No result is none."""
    assert kept(42) == ({"value": 42}, [])
    assert kept([Color.RED]) == ({"value": ["red"]}, [])
    assert kept(Figures(date(2030, 1, 1), Decimal(1)))[0] == {"month": "2030-01-01", "total": "1"}
    assert kept(None) == (None, [])
    assert kept({}) == ({}, [])


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (Wordless(), f"of type {__name__}.Wordless"),
        (CYCLE, {"me": [{"not_stored": "a part of itself"}]}),
        (Broken(), "OSError when it was read"),
        (10**5000, "ValueError when it was read"),
        (iter(()), "of type tuple_iterator"),
    ],
    ids=["object", "cycle", "mapping", "number", "iterator"],
)
def test_in_the_place_of_what_has_no_form_is_why(value: Any, why: Any) -> None:
    """The rest is kept, and the log says where."""
    found, told = kept({"rows": [1, value]})

    assert found == {"rows": [1, why if isinstance(why, dict) else {"not_stored": why}]}
    (line,) = told
    assert line.startswith("result.rows[1]")
    assert " is not stored: " in line


def test_of_much_that_has_no_form_the_first_is_told() -> None:
    """A log is no place for a thousand lines about a result."""
    found, told = kept({"rows": [object()] * 1000, object(): 1})

    assert len(found["rows"]) == 1000
    assert (len(told), told[-1]) == (21, "nor are 981 other parts of the result")


def test_what_is_nested_without_end_is_cut() -> None:
    """It would be too much for the stack of whoever reads it."""
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    found, told = kept({"deep": deep})

    assert "nested more than 100 deep" in json.dumps(found)
    assert len(told) == 1
