"""What an edit altered, in words: of the columns `before` and `after` of `pgdispatch.change`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

INSTANT = re.compile(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?([+-]\d\d(?::\d\d)?)$")
Facts = Mapping[str, Any] | None


def differences(before: Facts, after: Facts) -> str:
    """Return what differs: `priority 50 → 10`; of what is new or gone its values.

    Names and values are as in the row; texts may be of any length, and of several lines.
    """
    old, new = before or {}, after or {}
    if before is None or after is None:
        return ", ".join(f"{name} {value_text(value)}" for name, value in {**old, **new}.items())
    return ", ".join(
        f"{name} {value_text(old.get(name))} → {value_text(new.get(name))}"
        for name in {**old, **new}
    )


def value_text(value: object) -> str:
    """Return a value of JSON for people: `none` for null, instants to the second, text as it is."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return INSTANT.sub(r"\1 \2\3", value)
    return json.dumps(value, ensure_ascii=False)
