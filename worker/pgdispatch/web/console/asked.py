"""What a page was asked: its path, its query, by whom; each value checked, in plain words."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pgdispatch.errors import InvalidInputError

LONGEST = 500  # characters of a text, unless told otherwise
DEEPEST = 32  # values of a cursor
BIGGEST = 2**63 - 1


@dataclass(frozen=True)
class Rights:
    """What a person may do. `sites`: those that they are confined to; None: they are not.

    `sees_all`: whatever anybody who is not confined sees, so that they can share what was read.
    """

    verbs: frozenset[str] = frozenset()
    sites: tuple[str, ...] | None = None
    sees_all: bool = False

    @property
    def is_read_only(self) -> bool:
        """Whether there is nothing that the person may do but look."""
        return not self.verbs

    def may(self, verb: str) -> bool:
        """Tell whether the person may do `verb`, as in the path /do/VERB."""
        return verb in self.verbs


@dataclass(frozen=True)
class Asked:
    """The path's parts and the query of a request, and whose it is.

    `zone`: the IANA name of the time zone that times are to be shown in.
    """

    path: Mapping[str, str]
    query: Mapping[str, str]
    rights: Rights
    zone: str

    def number(self, name: str, low: int = 0, high: int = BIGGEST) -> int | None:
        """Return a whole number; None if there is none. Raises `InvalidInputError`."""
        found = self._found(name)
        return None if found is None else whole_number(name, found, low, high)

    def word(self, name: str, choices: Collection[str]) -> str | None:
        """Return one of `choices`; None if there is none. Raises `InvalidInputError`."""
        found = self._found(name)
        return None if found is None else one_of(name, found, choices)

    def text(self, name: str, longest: int = LONGEST) -> str | None:
        """Return a text; None if there is none. Raises `InvalidInputError`."""
        found = self._found(name)
        return None if found is None else short_text(name, found, longest)

    def cursor(self, name: str) -> list[Any] | None:
        """Return the values that `cursor_of` made a text of; None if there is none.

        Raises `InvalidInputError` for what it cannot have made; who uses them checks the rest.
        """
        found = self._found(name)
        if found is None:
            return None
        try:
            values = json.loads(base64.urlsafe_b64decode(short_text(name, found, 4000) + "=="))
        except (binascii.Error, UnicodeError, ValueError, RecursionError):
            values = None
        flat = isinstance(values, list) and len(values) <= DEEPEST
        if not flat or any(isinstance(value, (list, dict, float)) for value in values):
            raise InvalidInputError(
                f"{name} is no place in this list", hint="begin with the first page"
            )
        return list(values)

    def _found(self, name: str) -> str | None:
        return self.path.get(name) or self.query.get(name) or None


def cursor_of(values: Sequence[Any]) -> str:
    """Return a text, good for a URL, from which `Asked.cursor` has the values again.

    Texts, whole numbers, booleans and None; anything else becomes its text.
    """
    text = json.dumps(list(values), default=str, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def whole_number(name: str, text: str, low: int, high: int) -> int:
    """Return the number that a text is, from `low` to `high`. Raises `InvalidInputError`."""
    digits = text.removeprefix("-")
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= 19
    if not is_number or not low <= int(text) <= high:
        limits = f"a whole number from {low}" + ("" if high == BIGGEST else f" to {high}")
        raise InvalidInputError(f"{name} is {shown(text)}", hint=f"it is {limits}")
    return int(text)


def one_of(name: str, text: str, choices: Collection[str]) -> str:
    """Return a text if it is one of `choices`. Raises `InvalidInputError`."""
    if text not in choices:
        hint = f"it is one of: {', '.join(choices)}"
        raise InvalidInputError(f"{name} is {shown(text)}", hint=hint)
    return text


def short_text(name: str, text: str, longest: int) -> str:
    """Return a text that the database can take, and not a longer one. Raises as above."""
    if len(text) > longest:
        raise InvalidInputError(
            f"{name} is too long", detail=f"it has {len(text)} characters, up to {longest} will do"
        )
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidInputError(f"{name} is no text") from None
    if "\0" in text:
        raise InvalidInputError(f"{name} has a character that no text can have")
    return text


def shown(text: str) -> str:
    """Return a text in quotes, cut short."""
    return repr(text if len(text) <= 60 else f"{text[:59]}…")
