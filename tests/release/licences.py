"""Whether a package may be handed on with the image, by what it says of its licence."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

RULES = Path(__file__).with_name("licences.toml")
OWN = "pgdispatch"


@dataclass(frozen=True)
class Rules:
    """The table of licences.toml."""

    allowed: frozenset[str]
    named: Mapping[str, str]
    meant: Mapping[str, str]


def read_rules() -> Rules:
    """Return the table."""
    found = tomllib.loads(RULES.read_text(encoding="utf-8"))
    return Rules(frozenset(found["allowed"]), found["named"], found["meant"])


def problems_of(name: str, told: Sequence[str | None], rules: Rules) -> Iterator[str]:
    """Yield what is wrong with the licence of a package.

    `told` is what it says: as an expression first, else in words. The first of them that is an
    expression, or has a meaning in the table, counts.
    """
    expression = next((found for text in told if (found := read(text, rules))), None)
    if expression is None:
        yield f"{name} does not say in known words what its licence is: {list(filter(None, told))}"
    elif name in rules.named:
        if rules.named[name] != expression:
            yield f"{name} is under {expression}, not under {rules.named[name]}"
    elif not is_allowed(expression, rules.allowed):
        yield f"{name} is under {expression}"


def read(text: str | None, rules: Rules) -> str | None:
    """Return a licence as an expression of SPDX; None: it cannot be told."""
    if not text:
        return None
    try:
        return str(canonicalize_license_expression(rules.meant.get(text, text)))
    except InvalidLicenseExpression:
        return None


def is_allowed(expression: str, allowed: frozenset[str]) -> bool:
    """Tell whether all that an expression asks for is allowed. Of alternatives, one has to be."""
    if "(" in expression or (" AND " in expression and " OR " in expression):
        return False  # to be named, as it takes a person to read it
    if " OR " in expression:
        return any(one in allowed for one in expression.split(" OR "))
    return all(one in allowed for one in expression.split(" AND "))
