"""What one version of the package brings along: SQL files, and the steps from older schemas."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from pgdispatch.errors import PgdispatchError

LEVEL = 12  # nodes have forecasts made, and metrics of them told
OLDEST_LEVEL = 1
BLOCK = re.compile(r"^do \$\$.*?^end \$\$;", re.MULTILINE | re.DOTALL)
STEP_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


@dataclass(frozen=True)
class Step:
    """One file of `sql/versions`: changes the tables of the release before it."""

    number: int
    name: str
    text: str


@dataclass(frozen=True)
class Package:
    """The SQL of one version: `scripts` make a fresh schema, `steps` change the tables of old ones.

    `level` is what its workers and commands expect of a schema; its schema also serves those that
    expect any level from `oldest_level` on.
    """

    version: str
    scripts: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    level: int = LEVEL
    oldest_level: int = OLDEST_LEVEL

    @property
    def digest(self) -> str:
        """The SHA-256 over all SQL files: what identifies a schema."""
        total = hashlib.sha256()
        for name, text in self.scripts:
            total.update(f"{name}\n{text}\n".encode())
        return total.hexdigest()

    @property
    def newest_step(self) -> int:
        """The number of the last step; 0 if there is none."""
        return self.steps[-1].number if self.steps else 0

    @property
    def roles(self) -> list[str]:
        """The roles that have a page."""
        pages = [name.removeprefix("roles/").removesuffix(".sql") for name, _ in self.part("roles")]
        return [f"pgdispatch_{page}" for page in pages if page != "public"]

    @property
    def role_makers(self) -> list[tuple[str, str]]:
        """The blocks that make roles where they are not there, each with the name of its page."""
        return [
            (name, block)
            for name, text in self.part("roles")
            for block in BLOCK.findall(text)
            if "create role" in block
        ]

    def part(self, folder: str) -> list[tuple[str, str]]:
        """Return name and text of the scripts of one folder."""
        return [(name, text) for name, text in self.scripts if name.startswith(f"{folder}/")]


def read_steps(folder: Traversable) -> tuple[Step, ...]:
    """Return the steps in a folder, in order. Raises `PgdispatchError` if one is out of place."""
    if not folder.is_dir():
        return ()
    files = [entry for entry in folder.iterdir() if entry.name.endswith(".sql")]
    steps = tuple(_step(entry) for entry in sorted(files, key=lambda entry: entry.name))
    _check_numbers(step.number for step in steps)
    return steps


def is_older(version: str, *, than: str) -> bool:
    """Tell whether one version comes before another, as Python orders them."""
    from packaging.version import Version  # noqa: PLC0415  # installers alone need it

    return Version(version) < Version(than)


def _step(entry: Traversable) -> Step:
    found = STEP_NAME.fullmatch(entry.name)
    if found is None:
        raise PgdispatchError(
            f"sql/versions/{entry.name} is no name for a version file",
            hint="name it like 0001_what_it_does.sql",
        )
    return Step(int(found[1]), entry.name, entry.read_text(encoding="utf-8"))


def _check_numbers(numbers: Iterable[int]) -> None:
    for expected, number in enumerate(numbers, 1):
        if number != expected:
            raise PgdispatchError(
                f"sql/versions has a file {number:04} where {expected:04} should be",
                hint="number the files 0001, 0002, … without gaps or doubles",
            )
