"""What the steps of a release hand on to one another."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pgdispatch.embedded import EmbeddedServer
from release.report import WrongError
from release.source import Source
from support.checkout import ROOT

OURS = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "UV_PROJECT_ENVIRONMENT", "PYTHONPYCACHEPREFIX")
PATIENCE = 900.0  # seconds that a program may take: some fetch a lot


@dataclass
class Work:
    """One run of the command.

    `folder` is for whatever is of no use later, outside of the checkout. `tree` is the unpacked
    source archive. `made`: the files to be handed out.
    """

    source: Source
    folder: Path
    uv: Path
    server: EmbeddedServer
    made: list[Path] = field(default_factory=list)

    @property
    def sdist(self) -> Path:
        """The source archive."""
        return self.folder / "made" / f"pgdispatch-{self.source.version}.tar.gz"

    @property
    def wheel(self) -> Path:
        """The wheel."""
        return self.folder / "made" / f"pgdispatch-{self.source.version}-py3-none-any.whl"

    @property
    def tree(self) -> Path:
        """The source archive, unpacked."""
        return self.folder / "tree" / f"pgdispatch-{self.source.version}"

    @cached_property
    def outside(self) -> Path:
        """A folder with nothing of the checkout in it or above it."""
        made = self.folder / "outside"
        made.mkdir()
        return made

    def call_uv(self, *arguments: str, cwd: Path | None = None) -> str:
        """Run uv outside of the checkout, and return what it printed."""
        return call([str(self.uv), "--no-progress", *arguments], cwd=cwd or self.outside)


def call(command: list[str], *, cwd: Path, more: Mapping[str, str] | None = None) -> str:
    """Run a program without anything of our own environment of Python, and return its output.

    Raises `WrongError` with the end of what it wrote if it fails.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in OURS and not name.startswith(("PG", "COLUMNS", "FORCE_COLOR"))
    }
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**kept, **(more or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise WrongError(f"{Path(command[0]).name} {' '.join(command[1:4])} …: {said}")
    return done.stdout


def find_uv() -> Path | None:
    """Return the uv that runs us, that of the checkout, or that of the machine."""
    places = [os.environ.get("UV"), str(ROOT / ".uv" / "bin" / "uv"), shutil.which("uv")]
    return next((Path(place) for place in places if place and Path(place).exists()), None)
