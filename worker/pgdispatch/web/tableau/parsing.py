"""What clients send: small XML, without anything that refers to something else.

A document type, which is where entities come from, is refused before it is read on. Elements are
counted, and so is their depth; how long the text may be is for whoever reads the request to bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from pgdispatch.web.tableau.errors import RefusedError

ELEMENTS, DEPTH = 500, 20
MALFORMED = "the request is no XML of a kind that is read here"


class _Builder:
    """Builds elements without their namespaces, as long as there are not too many."""

    def __init__(self) -> None:
        self._tree = TreeBuilder()
        self._elements = self._depth = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._elements += 1
        self._depth += 1
        if self._elements > ELEMENTS or self._depth > DEPTH:
            raise RefusedError(400, "400000", "the request has too many elements")
        names = {_bare(name): value for name, value in attributes.items()}
        self._tree.start(_bare(tag), names)

    def end(self, tag: str) -> None:
        self._depth -= 1
        self._tree.end(_bare(tag))

    def data(self, text: str) -> None:
        self._tree.data(text)

    def close(self) -> Element:
        return self._tree.close()


def parse(body: bytes) -> Element:
    """Return the request's element, whose tags have no namespace. Raises `RefusedError`.

    An empty request is one that asks for nothing in particular.
    """
    if not body.strip():
        return Element("tsRequest")
    builder = _Builder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise RefusedError(400, "400000", MALFORMED, str(error)) from None
    root = builder.close()
    if root.tag != "tsRequest":
        raise RefusedError(400, "400000", "the request is no <tsRequest>")
    return root


def child(parent: Element, tag: str) -> Element:
    """Return the element that a request has to have. Raises `RefusedError`."""
    found = parent.find(tag)
    if found is None:
        raise RefusedError(400, "400000", f"the request has no <{tag}>")
    return found


def _refuse(*_: object) -> None:
    raise RefusedError(400, "400000", MALFORMED, "it has a document type")


def _bare(name: str) -> str:
    return name.rpartition("}")[2]
