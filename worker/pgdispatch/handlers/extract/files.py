"""The files of one extract: a folder of parts that is replaced as a whole and grows by parts.

    current -> .build-3f2a…/          readers open current/*.parquet
    .build-3f2a…/part-000000.parquet  a full extract
    .build-3f2a…/part-000001.parquet  what an incremental extract appended

Both steps are one atomic operation: a full extract switches the link, an incremental one links a
new part. The watermark is kept inside the part itself, so that data and watermark cannot differ,
wherever a crash falls. A reader that lists `current` in the instant of a switch may have to list
it again.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pgdispatch.errors import WrongStateError
from pgdispatch.handlers.storage import publish, sync_folder

CURRENT = "current"
BUILD = ".build-"
SUFFIX = ".parquet"


@dataclass(frozen=True)
class ExtractFiles:
    """The files of one extract below `folder`."""

    folder: Path

    def current(self) -> Path | None:
        """Return the build that readers see now, or None before the first one."""
        try:
            return self.folder / os.readlink(self.folder / CURRENT)
        except FileNotFoundError:
            return None

    @contextmanager
    def new_build(self) -> Iterator[Path]:
        """Yield an empty build, which is removed at the end unless it has become the current."""
        build = self.folder / f"{BUILD}{secrets.token_hex(8)}"
        build.mkdir()
        try:
            yield build
        finally:
            if self.current() != build:
                shutil.rmtree(build, ignore_errors=True)

    def switch(self, build: Path, *, instead_of: Path | None) -> None:
        """Let readers see `build`, and remove the build that it replaces.

        Raises WrongStateError if another job has replaced it meanwhile: what is older must not
        win over what is newer.
        """
        sync_folder(build)
        if self.current() != instead_of:
            raise _changed_meanwhile(self.folder)
        if instead_of is None:
            try:
                os.symlink(build.name, self.folder / CURRENT)
            except FileExistsError as error:
                raise _changed_meanwhile(self.folder) from error
        else:
            link = self.folder / f"{build.name}.link"
            os.symlink(build.name, link)
            os.replace(link, self.folder / CURRENT)
        sync_folder(self.folder)
        if instead_of is not None:
            shutil.rmtree(instead_of, ignore_errors=True)

    def append(self, partial: Path, part: Path) -> None:
        """Let readers see one more part of a build.

        Raises WrongStateError if another job has appended or replaced meanwhile.
        """
        try:
            publish(partial, part)
        except (FileExistsError, FileNotFoundError) as error:
            raise _changed_meanwhile(self.folder) from error


def parts_of(build: Path) -> list[Path]:
    """Return the parts of a build, oldest first."""
    return sorted(build.glob(f"part-*{SUFFIX}"))


def part_name(number: int) -> str:
    """Return the file name of a build's part; the first is 0."""
    return f"part-{number:06d}{SUFFIX}"


def _changed_meanwhile(folder: Path) -> WrongStateError:
    return WrongStateError(
        f"extract {folder.name} was changed by another job meanwhile",
        detail="nothing was written",
        hint="give the jobs of one extract the same datasource, so that they never run at once",
    )
