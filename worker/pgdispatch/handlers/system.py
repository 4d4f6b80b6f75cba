"""`system`: housekeeping in the storage folder."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pgdispatch.handlers.catalogue import Catalogue
from pgdispatch.handlers.extract.files import BUILD, ExtractFiles
from pgdispatch.handlers.storage import PARTIAL

if TYPE_CHECKING:
    from pgdispatch.handler import Context

HOUR = 3600.0
NAMED = 100  # so many removed files are named in the result


@dataclass(frozen=True)
class Limits:
    """Files last written before these instants (Unix time) go; `report` None keeps reports."""

    partial: float
    report: float | None


def run(context: Context, catalogue: Catalogue) -> dict[str, Any]:
    """Remove what crashed jobs left half-written, and old reports; returns rows, bytes, removed.

    It looks at the folders that the handlers make, of all sites, and at nothing else: it follows
    no link and never leaves the storage folder. Current extracts are kept whatever their age.
    """
    storage = catalogue.folder()
    kept, now = catalogue.housekeeping, time.time()
    days = kept.reports_for_days
    limits = Limits(
        partial=now - kept.partials_for_hours * HOUR,
        report=None if days is None else now - days * 24 * HOUR,
    )
    removed, size = [], 0
    for path in _old(storage, limits):
        context.check_stop()
        size += _remove(path)
        removed.append(str(path.relative_to(storage)))
        context.log(f"removed {removed[-1]}")
    return {"rows": len(removed), "bytes": size, "removed": removed[:NAMED]}


def _old(storage: Path, limits: Limits) -> Iterator[Path]:
    for site in _folders(storage):
        for extract in _folders(site / "extracts"):
            yield from _old_of_extract(extract, limits)
        for report in _folders(site / "reports"):
            yield from _old_reports(report, limits)


def _old_of_extract(folder: Path, limits: Limits) -> Iterator[Path]:
    current = ExtractFiles(folder).current()
    for path in sorted(folder.iterdir()):
        if not path.name.startswith(BUILD):
            continue
        if path == current:
            yield from _partials(path, limits)
        elif _written(path) < limits.partial:
            yield path


def _old_reports(folder: Path, limits: Limits) -> Iterator[Path]:
    yield from _partials(folder, limits)
    if limits.report is None:
        return
    for path in sorted(folder.glob("*.html")):
        if _is_file(path) and _written(path) < limits.report:
            yield path


def _partials(folder: Path, limits: Limits) -> Iterator[Path]:
    for path in sorted(folder.glob(f".*{PARTIAL}")):
        if _is_file(path) and _written(path) < limits.partial:
            yield path


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir() or folder.is_symlink():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _written(path: Path) -> float:
    """Return when `path`, or the newest file in it, was last written; now if it is gone."""
    try:
        own = path.lstat().st_mtime
        if path.is_symlink() or not path.is_dir():
            return own
        return max([own, *(entry.lstat().st_mtime for entry in path.iterdir())])
    except FileNotFoundError:
        return time.time()


def _remove(path: Path) -> int:
    if path.is_dir() and not path.is_symlink():
        size = sum(entry.lstat().st_size for entry in path.iterdir())
        shutil.rmtree(path, ignore_errors=True)
        return size
    try:
        size = path.lstat().st_size
        os.unlink(path)
    except FileNotFoundError:
        return 0
    return size
