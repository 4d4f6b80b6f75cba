"""`subscription`: render a report, keep it as an HTML file, and send it by mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import Connection

from pgdispatch.delivery import mail
from pgdispatch.errors import PgdispatchError
from pgdispatch.handlers import extra
from pgdispatch.handlers.catalogue import Catalogue, definition_for
from pgdispatch.handlers.catalogue.definition import Section, Subscription
from pgdispatch.handlers.source_session import reading, statement
from pgdispatch.handlers.storage import folder_for, partial_file, publish

if TYPE_CHECKING:
    from pgdispatch.handler import Context

SHIPPED = Path(__file__).with_name("report.html")


@dataclass(frozen=True)
class Filled:
    """A section with its rows; `cut` tells that there were more than its limit."""

    heading: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    cut: bool


def run(context: Context, catalogue: Catalogue) -> dict[str, Any]:
    """Render a subscription's report, write it, send it; returns rows, file and sent.

    All sections see one snapshot. The file is there before the mail goes out; if the mail fails
    the job fails and the file stays, and a further attempt sends the mail anew.
    """
    definition = definition_for(context.job, "subscription", catalogue.subscriptions)
    storage = catalogue.folder()
    sections = []
    with reading(context, definition.source) as connection:
        for number, section in enumerate(definition.sections):
            context.check_stop()
            context.progress(80 * number / len(definition.sections), section.heading)
            sections.append(_fill(connection, section))
    now = datetime.now(UTC)
    context.progress(80, "render")
    html = render(context, definition, sections, now)
    folder = folder_for(storage, context.job.site, "reports", definition.name)
    job = context.job
    report = folder / f"{now:%Y%m%dT%H%M%SZ}-job-{job.id}-{job.attempt}.html"
    with partial_file(report) as partial:
        partial.write_text(html, encoding="utf-8")
        publish(partial, report)
    context.check_stop()
    context.progress(90, "send")
    text = f"{definition.title}\n\nThis report is in the HTML part of the message.\n"
    sent = mail.send(catalogue.mail, definition.recipients, definition.title, text, html)
    rows = sum(len(section.rows) for section in sections)
    return {"rows": rows, "file": str(report.relative_to(storage)), "sent": sent}


def render(
    context: Context, definition: Subscription, sections: Sequence[Filled], now: datetime
) -> str:
    """Return the report as HTML; values are escaped whatever the template says of them.

    A template gets title, sections (heading, columns, rows, cut), job and generated_at, and the
    filter `show`. Raises PgdispatchError if it is wrong.
    """
    jinja2 = extra.module("jinja2")
    template = definition.template or SHIPPED
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(template.parent),
        autoescape=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["show"] = show
    values = {
        "title": definition.title,
        "sections": sections,
        "job": context.job,
        "generated_at": now,
    }
    try:
        return str(environment.get_template(template.name).render(values))
    except jinja2.TemplateError as error:
        raise PgdispatchError(
            f'subscription "{definition.name}": template {template.name}: {error}',
            hint="a template may use: title, sections, job, generated_at",
        ) from error


def show(value: Any) -> str:
    """Return a value as a report shows it: nothing for null, whole seconds, few digits.

    A numeric of up to six decimals is exact; one of more (an average) is shown as a float is.
    """
    if value is None:
        return ""
    if isinstance(value, Decimal) and value.is_finite():
        if -int(value.as_tuple().exponent) <= 6:
            return f"{value:,}"
        value = float(value)
    if isinstance(value, float):
        return f"{value:,.2f}" if value == 0 or abs(value) >= 1 else f"{value:.3g}"
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return str(value)


def _fill(connection: Connection[Any], section: Section) -> Filled:
    with connection.cursor("section") as cursor:
        cursor.execute(statement(section.query))
        rows = cursor.fetchmany(section.limit + 1)
        columns = tuple(column.name for column in cursor.description or ())
    return Filled(section.heading, columns, rows[: section.limit], len(rows) > section.limit)
