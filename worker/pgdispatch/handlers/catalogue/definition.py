"""What a catalogue holds: sources, mail, and the definitions that jobs name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pgdispatch.errors import InvalidInputError

Condition = Literal["above", "at_least", "below", "at_most", "equals", "differs_from"]


@dataclass(frozen=True)
class Source:
    """A PostgreSQL database that queries run in; exactly one of `dsn` and `dsn_env` is set."""

    name: str
    dsn: str | None = None
    dsn_env: str | None = None

    def conninfo(self) -> str:
        """Return the connection string; raises InvalidInputError if its variable is not set."""
        if self.dsn is not None:
            return self.dsn
        value = os.environ.get(self.dsn_env or "")
        if not value:
            raise InvalidInputError(
                f'source "{self.name}": the environment variable {self.dsn_env} is not set',
                hint=f"set {self.dsn_env} to a connection string where the worker is started",
            )
        return value


@dataclass(frozen=True)
class Extract:
    """A query whose rows go to Parquet files; `watermark` names the column that only grows."""

    name: str
    sites: tuple[str, ...]
    source: Source
    query: str
    watermark: str | None
    batch_rows: int


@dataclass(frozen=True)
class Step:
    """One step of a flow; `sql` may hold several statements."""

    name: str
    sql: str


@dataclass(frozen=True)
class Flow:
    """SQL steps that run in one transaction; `result` is (schema, table), replaced at the end."""

    name: str
    sites: tuple[str, ...]
    source: Source
    steps: tuple[Step, ...]
    result: tuple[str, str] | None


@dataclass(frozen=True)
class Alert:
    """A query that returns one value, and the condition under which people are told."""

    name: str
    sites: tuple[str, ...]
    source: Source
    query: str
    condition: Condition
    threshold: float | str | bool
    recipients: tuple[str, ...]
    subject: str | None


@dataclass(frozen=True)
class Section:
    """One query of a report; at most `limit` of its rows are shown."""

    heading: str
    query: str
    limit: int


@dataclass(frozen=True)
class Subscription:
    """A report: its sections, its template (None: the one shipped) and who gets it."""

    name: str
    sites: tuple[str, ...]
    source: Source
    title: str
    sections: tuple[Section, ...]
    recipients: tuple[str, ...]
    template: Path | None


@dataclass(frozen=True)
class Housekeeping:
    """How long files are kept; None keeps reports for ever."""

    partials_for_hours: float = 24
    reports_for_days: float | None = None
