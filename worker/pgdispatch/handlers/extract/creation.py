"""`extract_creation`: build an extract for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgdispatch.errors import WrongStateError
from pgdispatch.handlers.catalogue import Catalogue, definition_for
from pgdispatch.handlers.extract.files import parts_of
from pgdispatch.handlers.extract.full import files_of, rebuild
from pgdispatch.handlers.extract.parquet import read_metadata

if TYPE_CHECKING:
    from pgdispatch.handler import Context


def run(context: Context, catalogue: Catalogue) -> dict[str, Any]:
    """Build an extract that is not there yet; returns what `full_extract` returns.

    Raises WrongStateError if it is there already: nothing that people read is replaced by a
    creation. A second attempt of the job that made it (its node was lost before it could
    report) succeeds.
    """
    definition = definition_for(context.job, "extract", catalogue.extracts)
    storage = catalogue.folder()
    files = files_of(context, storage, definition)
    current = files.current()
    if current is None:
        return rebuild(context, definition, files, storage, instead_of=None)
    part = parts_of(current)[0]
    rows, notes = read_metadata(part)
    if notes.get("job") != str(context.job.id) or context.job.attempt == 1:
        raise WrongStateError(
            f'extract "{definition.name}" of site "{context.job.site}" exists already',
            detail=f"made by job {notes.get('job', 'unknown')}",
            hint="refresh it with full_extract or incremental_extract",
        )
    context.log("an earlier attempt of this job has made the extract")
    return {
        "rows": rows,
        "bytes": part.stat().st_size,
        "file": str((files.folder / "current" / part.name).relative_to(storage)),
    }
