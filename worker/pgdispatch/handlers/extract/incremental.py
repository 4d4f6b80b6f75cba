"""`incremental_extract`: append the rows past the watermark."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import Connection, sql

from pgdispatch.errors import InvalidInputError, WrongStateError
from pgdispatch.handlers.catalogue import Catalogue, definition_for
from pgdispatch.handlers.catalogue.definition import Extract
from pgdispatch.handlers.extract import parquet
from pgdispatch.handlers.extract.files import ExtractFiles, part_name, parts_of
from pgdispatch.handlers.extract.full import files_of, rebuild
from pgdispatch.handlers.extract.watermark import Tracker, Watermark
from pgdispatch.handlers.source_session import reading, subquery
from pgdispatch.handlers.storage import partial_file

if TYPE_CHECKING:
    from pgdispatch.handler import Context


def run(context: Context, catalogue: Catalogue) -> dict[str, Any]:
    """Append the rows whose watermark is past the greatest one read so far, as a new part.

    Returns rows (0: nothing new, no part was made), bytes, file and watermark. The first run
    reads all. Rows that come later with a watermark that is not past it are not seen, nor are
    changed and deleted rows: a `full_extract` gets them. Raises WrongStateError if the query's
    columns have changed or another job changed the extract meanwhile.
    """
    definition = definition_for(context.job, "extract", catalogue.extracts)
    if definition.watermark is None:
        raise InvalidInputError(
            f'extract "{definition.name}" has no watermark',
            hint='add watermark = "column" to it, or run a full_extract',
        )
    storage = catalogue.folder()
    files = files_of(context, storage, definition)
    build = files.current()
    if build is None:
        return rebuild(context, definition, files, storage, instead_of=None)
    parts = parts_of(build)
    before = _watermark_of(definition, parts[-1])
    part = build / part_name(len(parts))
    result = _append(context, definition, files, part, before)
    if result["rows"]:
        shown = files.folder / "current" / part.name
        result |= {"bytes": part.stat().st_size, "file": str(shown.relative_to(storage))}
    return result


def _append(
    context: Context, definition: Extract, files: ExtractFiles, part: Path, before: Watermark
) -> dict[str, Any]:
    with partial_file(part) as partial:
        with reading(context, definition.source) as connection:
            rows = _rows(connection, definition, before)
            _check_columns(definition, rows, part.parent / part_name(0))
            tracker = Tracker(before.column, rows.columns)
            count = parquet.write(context, connection, rows, partial, tracker)
        context.check_stop()
        if count:
            files.append(partial, part)
    return {"rows": count, "watermark": tracker.result(before).value}


def _rows(connection: Connection[Any], definition: Extract, before: Watermark) -> parquet.Rows:
    query = subquery(definition.query, before.condition())
    return parquet.Rows(
        query=query,
        columns=parquet.describe(connection, subquery(definition.query, sql.SQL(""))),
        expected=parquet.estimate(connection, query),
        batch_rows=definition.batch_rows,
    )


def _watermark_of(definition: Extract, part: Path) -> Watermark:
    _, notes = parquet.read_metadata(part)
    if "watermark" in notes:
        watermark = Watermark.decode(notes["watermark"])
        if watermark.column == definition.watermark:
            return watermark
    raise WrongStateError(
        f'extract "{definition.name}" was built without the watermark "{definition.watermark}"',
        hint="run a full_extract once",
    )


def _check_columns(definition: Extract, rows: parquet.Rows, first: Path) -> None:
    if not parquet.schema(rows.columns).equals(parquet.read_schema(first)):
        raise WrongStateError(
            f'the columns of extract "{definition.name}" have changed since it was built',
            hint="run a full_extract once",
        )
