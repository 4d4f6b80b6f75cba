"""Clean environments, each with an interpreter of its own, in which what was built is tried."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from release.report import WrongError
from release.work import Work, call

HANDLE = """
from pgdispatch import Handlers
from pgdispatch.testing import context, run
handlers = Handlers()
handlers.register("system")(lambda context: {"rows": 1})
assert run(context("system"), handlers).result == {"rows": 1}
"""
LIST = """
import importlib.metadata, json
print(json.dumps({one.name: one.version for one in importlib.metadata.distributions()}))
"""


@dataclass(frozen=True)
class Room:
    """An environment of Python in a folder, outside of the checkout."""

    work: Work
    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def command(self) -> Path:
        """Its `pgdispatch`."""
        return self.folder / "bin" / "pgdispatch"

    def install(self, *arguments: str) -> None:
        """Install into it, by uv."""
        self.work.call_uv("pip", "install", "--quiet", "--python", str(self.python), *arguments)

    def check(self) -> None:
        """Raise `WrongError` if what is in it does not fit together."""
        self.work.call_uv("pip", "check", "--python", str(self.python))

    def held(self) -> dict[str, str]:
        """Return the distributions in it, with their versions."""
        found: dict[str, str] = json.loads(self.say(LIST))
        return found

    def say(self, code: str) -> str:
        """Return what a piece of Python prints in it."""
        return call([str(self.python), "-I", "-c", code], cwd=self.work.outside)


def make_room(work: Work, name: str, python: Path) -> Room:
    """Make an empty environment."""
    folder = work.folder / "rooms" / name
    work.call_uv("venv", "--quiet", "--no-project", "--python", str(python), str(folder))
    return Room(work, folder)


def interpreters(work: Work, wanted: Collection[str]) -> dict[str, Path]:
    """Return the newest interpreter of each minor version that this machine has, of `wanted`.

    Those that uv finds, and those of pyenv, which it does not see behind pyenv's shims. None is
    fetched.
    """
    found = dict[str, tuple[tuple[int, ...], Path]]()
    for version, path in (*_of_uv(work), *_of_pyenv()):
        minor = ".".join(map(str, version[:2]))
        if minor in wanted and version > found.get(minor, ((), path))[0]:
            found[minor] = version, path
    return {minor: found[minor][1] for minor in sorted(found, key=lambda one: int(one[2:]))}


def _of_uv(work: Work) -> Iterator[tuple[tuple[int, ...], Path]]:
    listed = work.call_uv("python", "list", "--only-installed", "--output-format", "json")
    for one in json.loads(listed):
        if (one["implementation"], one["variant"]) == ("cpython", "default"):
            parts = one["version_parts"]
            yield (parts["major"], parts["minor"], parts["patch"]), Path(one["path"])


def _of_pyenv() -> Iterator[tuple[tuple[int, ...], Path]]:
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for path in sorted(root.glob("versions/*/bin/python")):
        parts = path.parents[1].name.split(".")
        if all(part.isdecimal() for part in parts):
            yield tuple(map(int, parts)), path


def newest_interpreter(work: Work, wanted: Collection[str]) -> Path:
    """Return the newest interpreter here of `wanted`. Raises `WrongError` if there is none."""
    found = interpreters(work, wanted)
    if not found:
        raise WrongError("no Python that is supported is here")
    return list(found.values())[-1]
