"""On which line of a TOML file something stands.

`tomllib` does not say. The file is known to be right, as `tomllib` has read it; so it is enough to
tell headers and keys from what is in strings, brackets and comments.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator

from pgdispatch_cli.estate.kinds import Path

STRING = (
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
)
SKIPPED = re.compile(rf"{STRING}|#[^\n]*|[^\"'#\[\]{{}}\n]+", re.DOTALL)
KEY = re.compile(rf"((?:{STRING}|[^=\"'\n])+?)=", re.DOTALL)
HEADER = re.compile(rf"(\[\[?)((?:{STRING}|[^\]\"'])+)\]\]?", re.DOTALL)


def lines_of(text: str) -> dict[Path, int]:
    """Return the line, from 1 on, on which each header, key and what is above them comes first."""
    found: dict[Path, int] = {}
    for at, line in places(text):
        for end in range(1, len(at) + 1):
            found.setdefault(at[:end], line)
    return found


def places(text: str) -> Iterator[tuple[Path, int]]:
    """Yield where each header and each key of a table stands; tables of a list count from 0."""
    text = text.replace("\r\n", "\n")
    lists: Counter[Path] = Counter()
    prefix: Path = ()
    at, line, counted = 0, 1, 0
    while at < len(text):
        if text[at] in " \t\n":
            at += 1
            continue
        if text[at] == "#":
            at = end_of_line(text, at)
            continue
        line += text.count("\n", counted, at)
        counted = at
        header = HEADER.match(text, at) if text[at] == "[" else None
        if header:
            prefix = within(parts(header[2]), lists)
            if header[1] == "[[":
                lists[prefix] += 1
                prefix = (*prefix, lists[prefix] - 1)
            yield prefix, line
            at = header.end()
            continue
        key = KEY.match(text, at)
        if key is None:
            return
        yield (*prefix, *parts(key[1])), line
        at = end_of_value(text, key.end())


def within(names: Path, lists: Counter[Path]) -> Path:
    """Return the path of a header: a list above it is meant by its last table."""
    path: Path = ()
    for place, name in enumerate(names):
        path = (*path, name)
        if place < len(names) - 1 and path in lists:
            path = (*path, lists[path] - 1)
    return path


def parts(key: str) -> Path:
    """Return the names of a dotted key."""
    found: dict[str, object] | object = tomllib.loads(f"{key.strip()} = 0")
    names: list[str] = []
    while isinstance(found, dict):
        ((name, found),) = found.items()
        names.append(name)
    return tuple(names)


def end_of_value(text: str, at: int) -> int:
    """Return where the line ends on which a value ends that begins at `at`."""
    depth = 0
    while at < len(text):
        skipped = SKIPPED.match(text, at)
        if skipped:
            at = skipped.end()
            continue
        if text[at] == "\n" and depth == 0:
            return at
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(text[at], 0)
        at += 1
    return at


def end_of_line(text: str, at: int) -> int:
    """Return where the line ends."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end
