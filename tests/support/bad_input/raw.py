"""Send bytes to PostgreSQL as they are: also what is no text, and whatever the column's type."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import pq
from psycopg.adapt import Dumper

TEXT_OID = 25
ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


class Raw:
    """A literal of unknown type, as psql would send it."""

    def __init__(self, text: str) -> None:
        """Take a text; lone surrogates become bytes that are no UTF-8."""
        self.sent = encoded(text)


class RawZero(Raw):
    """A text with a zero byte, which can be sent in the binary format only."""


class _Literal(Dumper):
    oid = 0

    def dump(self, obj: Raw) -> bytes:
        return obj.sent


class _Binary(_Literal):
    oid = TEXT_OID
    format = pq.Format.BINARY


def speak_raw(connection: psycopg.Connection[Any]) -> None:
    """Let a connection send such values."""
    connection.adapters.register_dumper(Raw, _Literal)
    connection.adapters.register_dumper(RawZero, _Binary)


def raw(text: str | None) -> Raw | None:
    """Return a text as a parameter."""
    if text is None:
        return None
    return RawZero(text) if "\x00" in text else Raw(text)


def copied(values: list[str | None]) -> bytes:
    """Return one line of COPY's text format."""
    cells = ("\\N" if value is None else value.translate(ESCAPES) for value in values)
    return encoded("\t".join(cells) + "\n")


def encoded(text: str) -> bytes:
    """Return a text in UTF-8, and its lone surrogates as bytes that UTF-8 does not have."""
    return text.encode("utf-8", "surrogatepass")
