"""Programs that the tests need and that come as Debian packages, found or fetched.

What the machine lacks is downloaded and unpacked into a folder of the test's, not installed: no
service starts, and nothing of the machine changes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PLACES = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
TIMEOUT = 120


class MissingProgramError(Exception):
    """This machine lacks a program and could not fetch it; the text says what to install."""


@dataclass(frozen=True)
class Program:
    """Where a program is, and what its environment has to say."""

    path: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def find_or_fetch(name: str, *, package: str, folder: Path) -> Program:
    """Return the program `name` of this machine, else of `package`, unpacked under `folder`.

    `folder` has to be open to the account that is to run it. Raises MissingProgramError.
    """
    found = shutil.which(name, path=PLACES)
    if found is not None:
        return Program(Path(found))
    try:
        fetch(package, folder)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        raise MissingProgramError(
            f"no {name} here, and it could not be fetched; run: apt-get install {package} "
            f"({said.strip().splitlines()[-1]})"
        ) from error
    unpacked = shutil.which(name, path=f"{folder}/usr/bin:{folder}/usr/sbin")
    if unpacked is None:
        raise MissingProgramError(f"the package {package} holds no {name}")
    libraries = {str(path.parent) for path in folder.glob("usr/lib/**/*.so*")}
    return Program(Path(unpacked), {"LD_LIBRARY_PATH": ":".join(sorted(libraries))})


def fetch(package: str, folder: Path) -> None:
    """Download a package, with those of its needs that are not installed, and unpack them all."""
    lists, archives = folder / "lists", folder / "archives"
    for made in (lists, archives):
        (made / "partial").mkdir(parents=True)
    options = {
        "Debug::NoLocking": "1",
        "APT::Sandbox::User": "",
        "Dir::State::Lists": lists,
        "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "",
        "Dir::Cache::archives": archives,
    }
    apt = ["apt-get", "-q", "-y", *(f"-o{name}={value}" for name, value in options.items())]
    step([*apt, "update"])
    step([*apt, "--download-only", "--no-install-recommends", "install", package])
    for archive in archives.glob("*.deb"):
        step(["dpkg-deb", "--extract", str(archive), str(folder)])


def step(command: list[str]) -> None:
    """Run one command; raises OSError or subprocess.SubprocessError."""
    subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=True)
