"""The container image, built without a registry, and what is in it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from release.locked import locked_room
from release.report import Finding, LeftOutError, WrongError, done
from release.rooms import LIST
from release.work import Work
from support.image.image import (
    BuildFailedError,
    Image,
    build_image,
    buildah,
    missing_tools,
    remove_images,
)

NAME = "localhost/pgdispatch"


def build(work: Work) -> Iterator[Finding]:
    """Build the image on a base made here; it has the packages that were installed by digest."""
    if lacks := missing_tools():
        raise LeftOutError(f"the image needs {' and '.join(lacks)} here")
    folder = Path(tempfile.mkdtemp(prefix="pgdispatch-image-", dir="/var/tmp"))
    try:
        image = build_image(folder)
        _compare(image, locked_room(work).held(), work.source.version, folder)
        size = f"{image.added_bytes() / 1e6:.0f} MB above a base made here"
        yield done(f"{size}, with the packages of the locked file; {_digest(folder)}")
    except BuildFailedError as error:
        raise WrongError(f"the image was not built: {error}") from error
    finally:
        remove_images(folder)


def _digest(folder: Path) -> str:
    (made,) = json.loads(buildah(folder, "images", "--json", NAME))
    return str(made["digest"])


def _compare(image: Image, wanted: dict[str, str], version: str, folder: Path) -> None:
    """Raise `WrongError` unless the image has this version, and what production installs."""
    log = folder / "packages.json"
    node = image.run("python3", "-I", "-c", LIST, log_file=log, volumes={})
    if node.exit_status(60) != 0:
        raise WrongError(f"the image does not run: {node.log}")
    held = json.loads(node.log)
    if held.get("pgdispatch") != version:
        raise WrongError(f"the image has pgdispatch {held.get('pgdispatch')}")
    differing = {*held.items()} ^ {*wanted.items()}
    if differing:
        raise WrongError(f"the image and the locked file differ: {sorted(differing)}")
