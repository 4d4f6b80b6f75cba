"""`full_extract`: rebuild an extract from its query and switch readers over to it at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import Connection, sql

from pgdispatch.handlers.catalogue import Catalogue, definition_for
from pgdispatch.handlers.catalogue.definition import Extract
from pgdispatch.handlers.extract.files import ExtractFiles, part_name, parts_of
from pgdispatch.handlers.extract.parquet import Rows, describe, estimate, read_metadata, write
from pgdispatch.handlers.extract.watermark import Tracker
from pgdispatch.handlers.source_session import reading, subquery
from pgdispatch.handlers.storage import folder_for, partial_file, publish

if TYPE_CHECKING:
    from pgdispatch.handler import Context


def run(context: Context, catalogue: Catalogue) -> dict[str, Any]:
    """Write all rows of an extract's query, replacing what was there; returns rows, bytes, file.

    Until the last step readers see the old extract; a crash, an error or a stop leaves it as it
    was. Raises WrongStateError if another job replaced it meanwhile.
    """
    definition = definition_for(context.job, "extract", catalogue.extracts)
    storage = catalogue.folder()
    files = files_of(context, storage, definition)
    return rebuild(context, definition, files, storage, instead_of=files.current())


def files_of(context: Context, storage: Path, definition: Extract) -> ExtractFiles:
    """Return the files of `definition` for the job's site."""
    return ExtractFiles(folder_for(storage, context.job.site, "extracts", definition.name))


def rebuild(
    context: Context,
    definition: Extract,
    files: ExtractFiles,
    storage: Path,
    *,
    instead_of: Path | None,
) -> dict[str, Any]:
    """Write a new build and let it take the place of the build `instead_of`."""
    with files.new_build() as build:
        part = build / part_name(0)
        with partial_file(part) as partial:
            with reading(context, definition.source) as connection:
                rows = _rows(connection, definition, instead_of)
                tracker = tracker_for(definition, rows)
                count = write(context, connection, rows, partial, tracker)
            context.check_stop()
            publish(partial, part)
        files.switch(build, instead_of=instead_of)
        return {
            "rows": count,
            "bytes": part.stat().st_size,
            "file": str((files.folder / "current" / part.name).relative_to(storage)),
            "watermark": tracker.result().value if tracker is not None else None,
        }


def tracker_for(definition: Extract, rows: Rows) -> Tracker | None:
    """Return what follows the definition's watermark, or None if it has none."""
    return Tracker(definition.watermark, rows.columns) if definition.watermark else None


def _rows(connection: Connection[Any], definition: Extract, before: Path | None) -> Rows:
    query = subquery(definition.query, sql.SQL(""))
    expected = sum(read_metadata(part)[0] for part in parts_of(before)) if before else 0
    return Rows(
        query=query,
        columns=describe(connection, query),
        expected=expected or estimate(connection, query),
        batch_rows=definition.batch_rows,
    )
