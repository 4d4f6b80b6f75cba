"""Read one TOML table key by key: every value is checked, and unknown keys are refused."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from pgdispatch.errors import InvalidInputError


@dataclass(frozen=True)
class Table:
    """A table of the file `path`; `title` is how it is written there, such as `[mail]`.

    `file` is what kind of file that is, for people.
    """

    path: Path
    title: str
    values: Mapping[str, Any]
    known: set[str] = field(default_factory=set)
    file: str = "catalogue"

    def text(self, key: str) -> str:
        """Return a text that must be there and not be empty."""
        value = self.optional_text(key)
        return value if value is not None else self._missing(key)

    def optional_text(self, key: str) -> str | None:
        """Return a text that is not empty, or None."""
        value = self._take(key)
        if value is not None and not (isinstance(value, str) and value.strip()):
            self.refuse(key, "must be a text that is not empty")
        return value

    def optional_query(self, key: str) -> str | None:
        """Return SQL without the semicolon that ends it, or None."""
        value = self.optional_text(key)
        return value.strip().removesuffix(";").rstrip() if value is not None else None

    def query(self, key: str) -> str:
        """Return SQL that must be there, without the semicolon that ends it."""
        return self.optional_query(key) or self._missing(key)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; empty if the key is not there."""
        value = self._take(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            self.refuse(key, "must be a list of texts")
        return tuple(value)

    def number(self, key: str, *, default: float | None, least: float = 0) -> float | None:
        """Return a number of at least `least`, or `default`."""
        value = self._take(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not value >= least:
            self.refuse(key, f"must be a number of at least {least:g}")
        return float(value)

    def integer(self, key: str, *, default: int, least: int, most: int) -> int:
        """Return a whole number between `least` and `most`, or `default`."""
        value = self._take(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.refuse(key, f"must be a whole number from {least} to {most}")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.refuse(key, "must be true or false")
        return value

    def value(self, key: str) -> Any:
        """Return whatever is there, or None; the caller checks it."""
        return self._take(key)

    def table(self, key: str) -> Table | None:
        """Return the table below `key`, or None."""
        value = self._take(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.refuse(key, "must be a table")
        return Table(self.path, f"[{key}]", value)

    def named_tables(self, key: str) -> Iterator[tuple[str, Table]]:
        """Yield the tables `[key."name"]` with their names."""
        value = self._take(key) or {}
        if not isinstance(value, dict):
            self.refuse(key, f'must hold tables, such as [{key}."name"]')
        for name, entry in value.items():
            if not isinstance(entry, dict) or not (name.strip() and name.isprintable()):
                self.refuse(key, f'"{name}" must be a table with a name: [{key}."name"]')
            yield name, Table(self.path, f'[{key}."{name}"]', entry)

    def list_of_tables(self, key: str) -> list[Table]:
        """Return the tables of a list `[[….key]]`; empty if the key is not there."""
        value = self._take(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.refuse(key, "must be a list of tables")
        return [
            Table(self.path, f"{self.title}, {key} {number}", entry)
            for number, entry in enumerate(value, start=1)
        ]

    def end(self) -> None:
        """Refuse keys that nothing has asked for."""
        for key in self.values:
            if key not in self.known:
                near = difflib.get_close_matches(key, self.known, n=1)
                guess = f'did you mean "{near[0]}"? ' if near else ""
                self.refuse(key, "is not known", f"{guess}known: {', '.join(sorted(self.known))}")

    def refuse(self, key: str, complaint: str, hint: str | None = None) -> NoReturn:
        """Raise InvalidInputError naming the file, the table and the key."""
        raise InvalidInputError(
            f'{self.file} {self.path}: {self.title}: key "{key}" {complaint}', hint=hint
        )

    def _take(self, key: str) -> Any:
        self.known.add(key)
        return self.values.get(key)

    def _missing(self, key: str) -> NoReturn:
        near = difflib.get_close_matches(key, self.values.keys() - self.known, n=1)
        guess = f'"{near[0]}" is there: did you mean "{key}"?' if near else None
        self.refuse(key, "is missing", guess or f"add it to {self.title}")
