"""What is asked of a list: filters, an order and a page, in the words of Tableau's clients."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pgdispatch.web.tableau.errors import RefusedError
from pgdispatch.web.tableau.statements import (
    CHOICE,
    INSTANT,
    NUMBER,
    Field,
    Listing,
    condition,
)

USUAL, MOST = 100, 1000  # rows of a page
FURTHEST = 10**9
NEXT = re.compile(r"(?:^|,)([A-Za-z]+):([a-z]+):")
OPERATORS = frozenset(("eq", "gt", "gte", "lt", "lte", "in", "has", "cieq"))
MOST_FILTERS, MOST_VALUES = 20, 200


@dataclass(frozen=True)
class Page:
    """Which page is asked for."""

    number: int = 1
    size: int = USUAL

    @property
    def offset(self) -> int:
        """How many rows come before it."""
        return (self.number - 1) * self.size


@dataclass(frozen=True)
class Asked:
    """The conditions and the order that are asked for; `values` are those of the conditions."""

    conditions: str = ""
    order: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


def page_of(query: Mapping[str, str], usual: int = USUAL) -> Page:
    """Return the page that a query asks for, `usual` rows if it does not say how many.

    Raises `RefusedError`.
    """
    number = _whole(query.get("pageNumber"), 1, "400006", "page number")
    size = _whole(query.get("pageSize"), usual, "400007", "page size")
    if size > max(usual, MOST):
        raise RefusedError(403, "403014", f"a page has {MOST} rows at most, not {size}")
    return Page(number, size)


def asked_of(listing: Listing, query: Mapping[str, str]) -> Asked:
    """Return the conditions and the order that a query asks for. Raises `RefusedError`."""
    conditions, values = [], {}
    for number, (name, operator, text) in enumerate(_filters(query.get("filter", ""))):
        asked = _field(listing, name)
        if operator not in asked.operators:
            raise _strange(f"{name} cannot be filtered by {operator}", asked.operators)
        read = _values(name, operator, text, asked)
        if asked.kind == CHOICE:
            ways = (f"({asked.choices[value]})" for value in read)
            conditions.append(f"({' or '.join(ways)})")
            continue
        values[f"filter_{number}"] = read
        conditions.append(condition(asked, operator, f"filter_{number}"))
    return Asked(" and ".join(conditions), ", ".join(_order(listing, query)), values)


def _filters(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield field, operator and value; a value may have commas and colons in it."""
    found = [match for match in NEXT.finditer(text) if match[2] in OPERATORS]
    if text and (not found or found[0].start() != 0):
        raise _strange("the filter cannot be read", ["field:operator:value"])
    if not found:
        return
    if len(found) > MOST_FILTERS:
        raise _strange("the filter has too many parts", [f"{MOST_FILTERS} at most"])
    ends = [match.start() for match in found[1:]] + [len(text)]
    for match, end in zip(found, ends, strict=True):
        yield match[1], match[2], text[match.end() : end]


def _order(listing: Listing, query: Mapping[str, str]) -> Iterator[str]:
    for part in query.get("sort", "").split(","):
        name, _, direction = part.partition(":")
        if not part:
            continue
        if direction not in ("asc", "desc"):
            raise _strange(f"{part!r} is no order", ["field:asc", "field:desc"])
        yield f"{_field(listing, name).expression} {direction}"


def _field(listing: Listing, name: str) -> Field:
    found = listing.fields.get(name)
    if found is None:
        raise _strange(f"there is no field {name[:60]!r} to ask for", listing.fields)
    return found


def _values(name: str, operator: str, text: str, asked: Field) -> Any:
    """Return the value of a filter, or the list of them, of the field's kind."""
    texts = [text]
    if operator == "in":
        if not (text.startswith("[") and text.endswith("]")):
            raise _strange(f"{name} needs a list", ["[a,b]"])
        texts = [each.strip() for each in text[1:-1].split(",")][:MOST_VALUES]
    if any("\0" in each for each in texts):
        raise _strange(f"{name} has a character that no text has", ["another"])
    read = [_value(name, each, asked) for each in texts]
    return read if operator == "in" or asked.kind == CHOICE else read[0]


def _value(name: str, text: str, asked: Field) -> Any:
    if asked.kind == CHOICE and text not in asked.choices:
        raise _strange(f"{name} cannot be {text[:60]!r}", asked.choices)
    if asked.kind == NUMBER:
        if not re.fullmatch(r"-?\d{1,9}", text, re.ASCII):
            raise _strange(f"{name} cannot be {text[:60]!r}", ["a whole number"])
        return int(text)
    if asked.kind == INSTANT:
        return _instant(name, text)
    return text


def _instant(name: str, text: str) -> datetime:
    """Return an instant in UTC, without a zone, as the views have it."""
    try:
        read = datetime.fromisoformat(re.sub(r" (\d\d:?\d\d)$", r"+\1", text.strip()))
        zoned = read if read.tzinfo else read.replace(tzinfo=UTC)
        return zoned.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise _strange(f"{name} cannot be {text[:60]!r}", ["2026-01-31T02:30:00Z"]) from None


def _whole(text: str | None, usual: int, code: str, what: str) -> int:
    if text is None:
        return usual
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not 1 <= int(text) <= FURTHEST:
        raise RefusedError(400, code, f"{text[:60]!r} is no {what}")
    return int(text)


def _strange(message: str, choices: object) -> RefusedError:
    told = ", ".join(str(choice) for choice in choices)  # type: ignore[attr-defined]
    return RefusedError(400, "400008", message, f"what is understood: {told}")
