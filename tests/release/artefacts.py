"""The source archive and the wheel: built twice, and looked through."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from packaging.metadata import Metadata
from trove_classifiers import classifiers

from release.report import Finding, WrongError, done, short, wrong
from release.source import Source
from release.work import Work
from support.links import lost
from support.wheels.build import BuildFailedError, build, export, unpack

SYSTEMD = "share/pgdispatch/systemd"
PLACES = {"worker/pgdispatch": "pgdispatch", "cli/pgdispatch_cli": "pgdispatch_cli",
          "sql": "pgdispatch/sql"}  # fmt: skip
OF_WHEELS = ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")


def build_twice(work: Work) -> Iterator[Finding]:
    """Build both from the commit, the wheel from the archive, in two places: the same bytes."""
    source, rounds = work.source, []
    try:
        for name in ("made", "again"):
            folder = work.folder / name
            origin = export(source.commit, work.folder / f"{name}-from", root=source.root)
            sdist = build(origin, "sdist", folder, epoch=source.epoch)
            tree = unpack(sdist, work.folder / ("tree" if name == "made" else "tree-again"))
            rounds.append((sdist, build(tree, "wheel", folder, epoch=source.epoch)))
    except BuildFailedError as error:
        raise WrongError(f"the build failed: {error}") from error
    for first, second in zip(*rounds, strict=True):
        if first.read_bytes() != second.read_bytes():
            raise WrongError(f"{first.name} is not the same if it is built again")
        if first not in (work.sdist, work.wheel):
            raise WrongError(f"built {first.name}, which is not what {source.version} is")
        work.made.append(first)
        yield done(f"{first.name}, {first.stat().st_size:,} bytes, twice the same")


def check_metadata(work: Work) -> Iterator[Finding]:
    """Read what an index reads: valid, and of this version."""
    found = read_metadata(work.wheel)
    told = {
        "the version": str(found.version) == work.source.version,
        "a licence expression": bool(found.license_expression),
        "a description in Markdown": bool(found.description)
        and (found.description_content_type or "").startswith("text/markdown"),
        "the oldest Python": found.requires_python is not None,
    }
    missing = [name for name, is_there in told.items() if not is_there]
    unknown = sorted(set(found.classifiers or []) - classifiers)
    if missing or unknown:
        raise WrongError(f"the metadata lack {short(missing)}; unknown: {short(unknown)}")
    extras = ", ".join(found.provides_extra or [])
    yield done(f"valid, Metadata-Version {found.metadata_version}; extras: {extras}")


def read_metadata(wheel: Path) -> Metadata:
    """Return the metadata of a wheel. Raises `WrongError` if they are not valid."""
    with zipfile.ZipFile(wheel) as packed:
        (name,) = [one for one in packed.namelist() if one.endswith(".dist-info/METADATA")]
        text = packed.read(name)
    try:
        return Metadata.from_email(text, validate=True)
    except ExceptionGroup as group:
        raise WrongError("; ".join(str(one) for one in group.exceptions)) from group


def pythons_of(wheel: Path) -> list[str]:
    """Return the minor versions of Python that a wheel says it supports, oldest first."""
    named = " ".join(read_metadata(wheel).classifiers or [])
    found = re.findall(r"Programming Language :: Python :: (3\.\d+)", named)
    return sorted(set(found), key=lambda minor: int(minor[2:]))


def check_links(work: Work) -> Iterator[Finding]:
    """Follow the links of each page in the archive, if they lead into it; ask nobody else."""
    pages = sorted(work.tree.rglob("*.md"))
    dead = [f"{page.relative_to(work.tree)}: {link}" for page in pages for link in lost(page)]
    if dead:
        raise WrongError(f"links lead nowhere: {short(dead)}")
    yield done(f"{len(pages)} pages of the archive; hosts were not asked")


def check_contents(work: Work) -> Iterator[Finding]:
    """Compare: the archive holds what is committed, the wheel what runs, and nothing else."""
    problems = [*archive_problems(work.source, work.sdist), *wheel_problems(work.tree, work.wheel)]
    if problems:
        yield wrong(short(problems, 10))
        return
    with zipfile.ZipFile(work.wheel) as packed:
        yield done(f"{len(packed.namelist())} files in the wheel, each as in the archive; no tests")


def archive_problems(source: Source, sdist: Path) -> Iterator[str]:
    """Yield what a source archive has too much of, or lacks."""
    wanted = set(source.git("ls-tree", "-r", "--name-only", "-z", source.commit).split("\0")) - {""}
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    yield from (f"not in the archive: {name}" for name in sorted(wanted - held))
    yield from (f"only in the archive: {name}" for name in sorted(held - wanted - {"PKG-INFO"}))


def wheel_problems(tree: Path, wheel: Path) -> Iterator[str]:
    """Yield what a wheel lacks of a tree, has too much of, has otherwise, or notes wrongly."""
    with zipfile.ZipFile(wheel) as packed:
        held = {name: packed.read(name) for name in packed.namelist()}
    (record,) = [name for name in held if name.endswith(".dist-info/RECORD")]
    info = record.removesuffix("RECORD")
    wanted = dict(files_of_wheel(tree, info.replace(".dist-info/", ".data/data/")))
    own = {f"{info}{name}" for name in OF_WHEELS}
    needed = {*wanted, *own, "pgdispatch/py.typed", "pgdispatch_cli/py.typed"}
    yield from (f"not in the wheel: {name}" for name in sorted(needed - held.keys()))
    yield from (f"only in the wheel: {name}" for name in sorted(held.keys() - wanted.keys() - own))
    yield from (
        f"not as in the archive: {name}"
        for name, content in wanted.items()
        if held.get(name, content) != content
    )
    noted = {row[0]: row[1] for row in csv.reader(io.StringIO(held[record].decode())) if row}
    yield from (
        f"wrong in RECORD: {name}"
        for name, content in held.items()
        if name != record and noted.get(name) != digest(content)
    )


def files_of_wheel(tree: Path, data: str) -> Iterator[tuple[str, bytes]]:
    """Yield where each file of a tree that runs has to be in a wheel, and what is in it."""
    for place, name in {**PLACES, "worker/systemd": f"{data}{SYSTEMD}"}.items():
        for path in (tree / place).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield f"{name}/{path.relative_to(tree / place)}", path.read_bytes()


def digest(content: bytes) -> str:
    """Return a digest as wheels note it."""
    packed = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
    return f"sha256={packed.decode().rstrip('=')}"
