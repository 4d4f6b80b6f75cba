"""Source archives and wheels, built as whoever packages this would build them."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

from support.checkout import ROOT

EPOCH = "SOURCE_DATE_EPOCH"
FORMS = {"sdist": "*.tar.gz", "wheel": "*.whl"}
TIMEOUT = 100


class BuildFailedError(Exception):
    """The build backend refused; the text is the end of what it wrote."""


def build(tree: Path, target: str, into: Path, *, epoch: int | None = None) -> Path:
    """Build one target of a tree into an empty folder, and return the file.

    `target`: sdist or wheel. `epoch`: what the files in it are dated, in seconds since 1970.
    """
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(into)]
    environment = os.environ | ({} if epoch is None else {EPOCH: str(epoch)})
    done = subprocess.run(
        command,
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    if done.returncode != 0:
        raise BuildFailedError("\n".join((done.stdout + done.stderr).splitlines()[-20:]))
    (made,) = into.glob(FORMS[target])
    return made


def export(commit: str, into: Path, *, root: Path = ROOT) -> Path:
    """Write the files of a commit into a folder, and return it: no others, none as edited since."""
    into.mkdir(parents=True, exist_ok=True)
    command = ["git", "-C", str(root), "archive", "--format=tar", commit]
    packed = subprocess.run(command, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(into, filter="data")
    return into


def unpack(sdist: Path, into: Path) -> Path:
    """Unpack a source archive into a folder, and return the one folder that it holds."""
    into.mkdir(parents=True, exist_ok=True)
    with tarfile.open(sdist) as archive:
        archive.extractall(into, filter="data")
    (tree,) = into.iterdir()
    return tree
