"""XML as Tableau's clients read it: elements, times, and text that XML can have at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, tostring

NAMESPACE = "http://tableau.com/api"
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
HEAD = b"<?xml version='1.0' encoding='UTF-8'?>"


def element(tag: str, *children: Element, **attributes: object) -> Element:
    """Return an element; attributes that are null are left out."""
    made = Element(
        tag, {name: text_of(value) for name, value in attributes.items() if value is not None}
    )
    made.extend(children)
    return made


def with_text(tag: str, text: object) -> Element:
    """Return an element that has text alone."""
    made = Element(tag)
    made.text = text_of(text)
    return made


def text_of(value: object) -> str:
    """Return a value as XML can have it: times in UTC, and a mark for each character it cannot."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return as_utc(value).strftime("%Y-%m-%dT%H:%M:%SZ")
    return NO_XML.sub(UNKNOWN, str(value))


def as_utc(value: datetime) -> datetime:
    """Return an instant in UTC, which one without a zone is in already."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def document(children: Iterable[Element]) -> bytes:
    """Return a whole answer."""
    root = Element("tsResponse", {"xmlns": NAMESPACE})
    root.extend(children)
    return HEAD + tostring(root, encoding="unicode").encode()
