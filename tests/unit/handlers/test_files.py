"""The storage folder: names, files that appear whole, and housekeeping that stays inside."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgdispatch.errors import WrongStateError
from pgdispatch.handlers import system
from pgdispatch.handlers.catalogue import Catalogue
from pgdispatch.handlers.catalogue.definition import Housekeeping
from pgdispatch.handlers.extract.files import ExtractFiles, parts_of
from pgdispatch.handlers.storage import folder_for, partial_file, publish, slug
from pgdispatch.testing import context

MONTH = 31 * 24 * 3600


def old(path: Path, age: float = MONTH) -> Path:
    """Make a file (with its folders) that was last written `age` seconds ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    os.utime(path, (time.time() - age,) * 2)
    return path


def old_folder(path: Path) -> Path:
    """Make a folder with one file, both old."""
    old(path / "part-000000.parquet")
    os.utime(path, (time.time() - MONTH,) * 2)
    return path


def catalogue(storage: Path) -> Catalogue:
    """Return a catalogue with nothing but housekeeping."""
    return Catalogue(
        path=Path("catalogue.toml"),
        storage=storage,
        housekeeping=Housekeeping(partials_for_hours=24, reports_for_days=30),
    )


@given(st.text(), st.text())
def test_a_slug_is_a_plain_file_name_of_its_own(name: str, other: str) -> None:
    """Whatever the name: no separators, no dots, never hidden; different for another name."""
    assert slug(name).replace("-", "").isalnum()
    assert slug(name).isascii()
    assert len(slug(name)) <= 49
    assert (slug(name) == slug(other)) == (name == other)


def test_a_slug_can_be_read() -> None:
    """People look for files by name."""
    assert slug("Flights by day").startswith("flights-by-day-")
    assert "/" not in slug("../../etc/passwd")


def test_a_partial_file_is_hidden_until_published(tmp_path: Path) -> None:
    """Then only the target is left."""
    target = tmp_path / "report.html"
    with partial_file(target) as partial:
        partial.write_text("all of it")
        seen_before = target.exists()
        publish(partial, target)

    assert not seen_before
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_partial_file_goes_when_its_writer_fails(tmp_path: Path) -> None:
    """Nothing is left behind."""
    with suppress(RuntimeError), partial_file(tmp_path / "report.html") as partial:
        partial.write_text("half of")
        raise RuntimeError

    assert list(tmp_path.iterdir()) == []


def test_publishing_never_overwrites(tmp_path: Path) -> None:
    """Two jobs that write the same part cannot both succeed."""
    target = tmp_path / "part"
    target.write_text("first")
    with partial_file(target) as partial:
        partial.write_text("second")
        with pytest.raises(FileExistsError):
            publish(partial, target)

    assert target.read_text() == "first"


def test_a_build_that_is_not_switched_to_is_removed(tmp_path: Path) -> None:
    """Readers go on with the old one."""
    files = ExtractFiles(tmp_path)
    with files.new_build() as first:
        files.switch(first, instead_of=None)
    with suppress(RuntimeError), files.new_build() as second:
        raise RuntimeError

    assert files.current() == first
    assert not second.exists()


def test_a_build_does_not_replace_a_newer_one(tmp_path: Path) -> None:
    """The job that began first and ends last is refused."""
    files = ExtractFiles(tmp_path)
    with files.new_build() as slow, files.new_build() as fast:
        files.switch(fast, instead_of=None)
        with pytest.raises(WrongStateError, match="changed by another job"):
            files.switch(slow, instead_of=None)

    assert files.current() == fast
    assert parts_of(fast) == []


def test_housekeeping_removes_what_crashes_left_and_old_reports(tmp_path: Path) -> None:
    """It tells what it removed, and keeps what is current, young or unknown to it."""
    extract = folder_for(tmp_path, "north", "extracts", "flights")
    reports = folder_for(tmp_path, "north", "reports", "daily")
    current = old_folder(extract / ".build-1")
    (extract / "current").symlink_to(current.name)
    gone = [
        old_folder(extract / ".build-2"),
        old(current / ".part-000001.parquet.1.partial"),
        old(reports / "old.html"),
        old(reports / ".new.html.1.partial"),
    ]
    kept = [
        current / "part-000000.parquet",
        old(extract / ".build-3" / "part-000000.parquet", age=60),
        old(reports / "young.html", age=60),
        old(reports / ".young.html.1.partial", age=60),
        old(reports / "notes.txt"),
    ]

    result = system.run(context("system"), catalogue(tmp_path))

    assert result["rows"] == 4
    assert set(result["removed"]) == {str(path.relative_to(tmp_path)) for path in gone}
    assert not any(path.exists() for path in gone)
    assert all(path.exists() for path in kept)


def test_housekeeping_never_leaves_the_storage_folder(tmp_path: Path) -> None:
    """It follows no link, wherever one leads."""
    storage, outside = tmp_path / "files", tmp_path / "outside"
    reports = folder_for(storage, "north", "reports", "daily")
    extract = folder_for(storage, "north", "extracts", "flights")
    kept = [
        old(outside / "old.html"),
        old(outside / "reports" / "daily" / "old.html"),
        old(storage / "old.html"),
    ]
    os.utime(old_folder(outside / "build"), (0, 0))
    (reports / "link.html").symlink_to(outside / "old.html")
    (reports.parent / "linked").symlink_to(outside)
    (storage / "linked-site").symlink_to(outside)
    (extract / ".build-linked").symlink_to(outside / "build")
    os.utime(extract / ".build-linked", (0, 0), follow_symlinks=False)

    result = system.run(context("system"), catalogue(storage))

    assert result["rows"] == 1  # the stale link itself
    assert (outside / "build" / "part-000000.parquet").exists()
    assert all(path.exists() for path in kept)


def test_housekeeping_of_an_empty_storage_removes_nothing(tmp_path: Path) -> None:
    """The folder need not even exist."""
    result = system.run(context("system"), catalogue(tmp_path / "none"))

    assert result == {"rows": 0, "bytes": 0, "removed": []}
