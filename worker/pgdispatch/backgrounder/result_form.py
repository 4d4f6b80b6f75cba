"""The form in which the result of a handler is kept: JSON that PostgreSQL can hold.

| returned | kept |
| --- | --- |
| None, bool, int, float, str; list, tuple | as JSON has them |
| NaN, infinity | the text `NaN`, `Infinity`, `-Infinity` |
| datetime, date, time | ISO 8601 |
| timedelta | seconds |
| Decimal, UUID, Path | text |
| bytes | base64 |
| Enum | its value |
| a dataclass, a mapping | an object; keys are texts |
| set | a list, sorted where that can be |
| anything else at the top | `{"value": …}` |

In the place of what has no form is `{"not_stored": "why"}`: a job whose work is done does not fail
for what it says of it.
"""

from __future__ import annotations

import base64
import json
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

from pgdispatch.database.json_text import write_json
from pgdispatch.handler import storable

NOT_STORED = "not_stored"
LARGEST = 255 << 20  # bytes: jsonb holds no more; of a longer message the server hears nothing
DEEPEST = 100
MOST_TOLD = 20
LONGEST_PLACE = 200
PLAIN = (bool, int, str, type(None))


def to_json(result: Any, tell: Callable[[str], None]) -> str | None:
    """Return a result as it is kept; None if there is none. `tell` is called with what is not."""
    if result is None:
        return None
    try:
        text = write_json(result) if type(result) is dict else None
    except (TypeError, ValueError, RecursionError):
        text = None
    text = text or _in_its_form(result, tell)
    if len(text) > LARGEST:
        why = f"it has {len(text)} bytes as JSON, and {LARGEST >> 20} MB may be kept"
        tell(f"the result is not stored: {why}")
        return write_json({NOT_STORED: why})
    return text


def _in_its_form(result: Any, tell: Callable[[str], None]) -> str:
    form = Form()
    try:
        value = form.of(result, "result")
        text = write_json(value if isinstance(value, dict) else {"value": value})
    except (TypeError, ValueError, RecursionError, MemoryError) as error:
        form.missing = [f"result is not stored: {type(error).__name__}"]
        text = write_json({NOT_STORED: type(error).__name__})
    for line in form.missing[:MOST_TOLD]:
        tell(line)
    if len(form.missing) > MOST_TOLD:
        tell(f"nor are {len(form.missing) - MOST_TOLD} other parts of the result")
    return text


@dataclass
class Form:
    """Puts one result into its form; `missing` says of each part that has none why."""

    missing: list[str] = field(default_factory=list)
    _inside: list[int] = field(default_factory=list)

    def of(self, value: Any, place: str) -> Any:
        """Return what JSON can hold. The methods of the value are the handler's code, too."""
        if isinstance(value, Enum):
            value = value.value
        if id(value) in self._inside:
            return self._not_stored(place, "a part of itself")
        if len(self._inside) >= DEEPEST:
            return self._not_stored(place, f"nested more than {DEEPEST} deep")
        self._inside.append(id(value))
        try:
            return self._of(value, place)
        except Exception as error:
            return self._not_stored(place, f"{type(error).__name__} when it was read")
        finally:
            self._inside.pop()

    def _of(self, value: Any, place: str) -> Any:
        if isinstance(value, (*PLAIN, float)):
            return self._plain(value, place)
        if is_dataclass(value) and not isinstance(value, type):
            value = {each.name: getattr(value, each.name) for each in fields(value)}
        if isinstance(value, Mapping):
            return dict(self._items(value, place))
        if isinstance(value, (set, frozenset)):
            value = _in_order(value)
        if isinstance(value, (list, tuple)):
            return [self.of(each, f"{place}[{number}]") for number, each in enumerate(value)]
        one = _one_piece(value)
        if one is None:
            return self._not_stored(place, f"of type {_name(value)}")
        return self._plain(one, place)

    def _items(self, value: Mapping[Any, Any], place: str) -> Iterator[tuple[str, Any]]:
        for key, part in value.items():
            name = self._key(key)
            if name is None:
                self._not_stored(place, f"has a key of type {_name(key)}")
            else:
                yield self._plain(name, place), self.of(part, f"{place}.{name}")

    def _key(self, key: Any) -> str | None:
        if isinstance(key, Enum):
            key = key.value
        if isinstance(key, str):
            return str(key)
        if isinstance(key, (bool, type(None))):
            return json.dumps(key)
        one = _number(key) if isinstance(key, float) else _one_piece(key)
        return None if one is None else str(one)

    def _plain(self, value: Any, place: str) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return int(str(int(value)))  # which has no more digits than can be written
        if isinstance(value, float):
            return _number(value)
        if not isinstance(value, str):
            return value
        text = storable(value)
        if text != value:
            self.missing.append(f"{place[:LONGEST_PLACE]} has characters that are not stored")
        return text

    def _not_stored(self, place: str, why: str) -> dict[str, str]:
        said = storable(why)
        self.missing.append(storable(f"{place[:LONGEST_PLACE]} is not stored: {said}"))
        return {NOT_STORED: said}


def _number(value: float) -> float | str:
    if value != value:  # noqa: PLR0124  # so it is with NaN
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return float(value)


def _one_piece(value: Any) -> str | float | None:
    """Return a value that has no parts, as a text or a number; None if there is no form for it."""
    if hasattr(type(value), "__index__"):  # an int, or one of numpy, for example
        return operator.index(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (Decimal, UUID, PurePath)):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(value).decode()
    return None


def _in_order(value: set[Any] | frozenset[Any]) -> list[Any]:
    try:
        return sorted(value)
    except TypeError:
        return list(value)


def _name(value: Any) -> str:
    kind = type(value)
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
