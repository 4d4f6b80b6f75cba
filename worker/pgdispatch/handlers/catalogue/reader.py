"""Turn the tables of a catalogue file into definitions; what is wrong is refused by its key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pgdispatch.delivery.mail import read_addresses
from pgdispatch.errors import InvalidInputError
from pgdispatch.handlers.catalogue.catalogue import Catalogue
from pgdispatch.handlers.catalogue.definition import (
    Alert,
    Condition,
    Extract,
    Flow,
    Section,
    Source,
    Step,
    Subscription,
)
from pgdispatch.handlers.catalogue.settings import (
    path_in,
    read_housekeeping,
    read_mail,
    read_source,
    read_storage,
)
from pgdispatch.host.toml_table import Table

RESULT = re.compile(r"([a-z_][a-z0-9_$]*)\.([a-z_][a-z0-9_$]*)")
ORDERED = ("above", "at_least", "below", "at_most")


def load_catalogue(path: Path | str) -> Catalogue:
    """Read and check a catalogue file.

    Raises InvalidInputError naming the file, the table and the key that is wrong.
    """
    path = Path(path)
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InvalidInputError(
            f"catalogue {path} cannot be read: {error.strerror}",
            hint="PGDISPATCH_CATALOGUE names the file",
        ) from error
    except ValueError as error:  # TOMLDecodeError, UnicodeDecodeError
        raise InvalidInputError(f"catalogue {path} is not valid TOML: {error}") from error
    return _read(path, values)


def _read(path: Path, values: Mapping[str, Any]) -> Catalogue:
    """Return the catalogue that `values`, the parsed file `path`, describes."""
    top = Table(path, "top level", values)
    reader = _Reader(top)
    catalogue = Catalogue(
        path=path,
        storage=reader.storage,
        mail=reader.mail,
        housekeeping=read_housekeeping(top),
        sources=reader.sources,
        extracts={name: reader.extract(name, t) for name, t in top.named_tables("extract")},
        flows={name: reader.flow(name, t) for name, t in top.named_tables("flow")},
        alerts={name: reader.alert(name, t) for name, t in top.named_tables("alert")},
        subscriptions={
            name: reader.subscription(name, t) for name, t in top.named_tables("subscription")
        },
    )
    top.end()
    return catalogue


class _Reader:
    """Read definitions, which refer to the sources, the mail server and the storage folder."""

    def __init__(self, top: Table) -> None:
        self.storage = read_storage(top)
        self.mail = read_mail(top)
        self.sources = {name: read_source(name, t) for name, t in top.named_tables("source")}

    def extract(self, name: str, table: Table) -> Extract:
        definition = Extract(
            name=name,
            sites=table.texts("sites"),
            source=self._source_of(table),
            query=table.query("query"),
            watermark=table.optional_text("watermark"),
            batch_rows=table.integer("batch_rows", default=10_000, least=1, most=1_000_000),
        )
        self._need_storage(table)
        table.end()
        return definition

    def flow(self, name: str, table: Table) -> Flow:
        definition = Flow(
            name=name,
            sites=table.texts("sites"),
            source=self._source_of(table),
            steps=_steps(table),
            result=_result(table),
        )
        table.end()
        return definition

    def alert(self, name: str, table: Table) -> Alert:
        condition, threshold = _condition(table)
        definition = Alert(
            name=name,
            sites=table.texts("sites"),
            source=self._source_of(table),
            query=table.query("query"),
            condition=condition,
            threshold=threshold,
            recipients=self._recipients(table),
            subject=_line(table, "subject"),
        )
        table.end()
        return definition

    def subscription(self, name: str, table: Table) -> Subscription:
        definition = Subscription(
            name=name,
            sites=table.texts("sites"),
            source=self._source_of(table),
            title=_line(table, "title") or name,
            sections=_sections(table),
            recipients=self._recipients(table),
            template=_template(table),
        )
        self._need_storage(table)
        table.end()
        return definition

    def _source_of(self, table: Table) -> Source:
        name = table.text("source")
        if name not in self.sources:
            known = ", ".join(sorted(self.sources)) or "none"
            table.refuse("source", f'names "{name}", which is no source', f"sources: {known}")
        return self.sources[name]

    def _recipients(self, table: Table) -> tuple[str, ...]:
        recipients = read_addresses(table, "recipients")
        if recipients and self.mail is None:
            table.refuse("recipients", "needs a mail server", "add [mail] to the catalogue")
        return recipients

    def _need_storage(self, table: Table) -> None:
        if self.storage is None:
            top = Table(table.path, "[storage]", {})
            top.refuse("folder", f"is missing; {table.title} needs it")


def _steps(table: Table) -> tuple[Step, ...]:
    value = table.value("steps")
    if not isinstance(value, list) or not value:
        table.refuse("steps", "must be a list of SQL texts, or of tables with name and sql")
    steps = []
    for number, entry in enumerate(value, start=1):
        fields = {"sql": entry} if isinstance(entry, str) else entry
        if not isinstance(fields, dict):
            table.refuse("steps", f"has a step {number} that is neither a text nor a table")
        step = Table(table.path, f"{table.title}, step {number}", fields)
        steps.append(Step(step.optional_text("name") or f"step {number}", step.query("sql")))
        step.end()
    return tuple(steps)


def _result(table: Table) -> tuple[str, str] | None:
    text = table.optional_text("result")
    if text is None:
        return None
    match = RESULT.fullmatch(text)
    if match is None:
        table.refuse("result", "must be schema.table, in lower case and without quotes")
    return match[1], match[2]


def _condition(table: Table) -> tuple[Condition, float | str | bool]:
    given = {key: table.value(key) for key in get_args(Condition)}
    given = {key: value for key, value in given.items() if value is not None}
    if len(given) != 1:
        table.refuse("above", f"or one of its kind must be given once: {_known_conditions()}")
    ((condition, threshold),) = given.items()
    is_number = isinstance(threshold, int | float) and not isinstance(threshold, bool)
    if condition in ORDERED and not is_number:
        table.refuse(condition, "must be a number")
    if not is_number and not isinstance(threshold, str | bool):
        table.refuse(condition, "must be a number, a text, true or false")
    return condition, threshold


def _known_conditions() -> str:
    return ", ".join(get_args(Condition))


def _sections(table: Table) -> tuple[Section, ...]:
    sections = []
    for section in table.list_of_tables("sections"):
        sections.append(
            Section(
                heading=section.text("heading"),
                query=section.query("query"),
                limit=section.integer("limit", default=1000, least=1, most=100_000),
            )
        )
        section.end()
    if not sections:
        table.refuse("sections", "is missing", 'add: sections = [{heading = "…", query = "…"}]')
    return tuple(sections)


def _template(table: Table) -> Path | None:
    text = table.optional_text("template")
    if text is None:
        return None
    path = path_in(table, text)
    if not path.is_file():
        table.refuse("template", f"names {path}, which is no file")
    return path


def _line(table: Table, key: str) -> str | None:
    text = table.optional_text(key)
    if text is not None and not text.isprintable():
        table.refuse(key, "must be one line")
    return text
