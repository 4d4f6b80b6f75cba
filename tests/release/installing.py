"""The wheel, installed into clean environments of each Python, and tried there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from release.artefacts import pythons_of, read_metadata
from release.report import Finding, WrongError, done, left_out, wrong
from release.rooms import HANDLE, Room, interpreters, make_room
from release.smoke import try_out
from release.work import Work


def install_everywhere(work: Work) -> Iterator[Finding]:
    """Install it on each Python: alone, with all extras, and with the oldest of what it needs."""
    wanted = pythons_of(work.wheel)
    here = interpreters(work, wanted)
    for minor in wanted:
        if minor not in here:
            yield left_out(f"Python {minor} is not on this machine")
            continue
        for name, fill in FILLINGS.items():
            yield _try(work, f"{minor} {name}", here[minor], fill)


def _try(work: Work, name: str, python: Path, fill: Callable[[Room], str]) -> Finding:
    try:
        room = make_room(work, name.replace(" ", "-"), python)
        tried = fill(room)
        room.check()
        return done(f"Python {name}: {len(room.held())} packages, uv pip check, {tried}")
    except WrongError as error:
        return wrong(f"Python {name}: {error}")


def _bare(room: Room) -> str:
    """Install the wheel as it is: what handlers and their tests need."""
    room.install(str(room.work.wheel))
    room.say(HANDLE)
    return "a handler tried"


def _newest(room: Room) -> str:
    """Install the wheel with all extras, and the newest of everything."""
    extras = ",".join(read_metadata(room.work.wheel).provides_extra or [])
    room.install(f"pgdispatch[{extras}] @ {room.work.wheel.as_uri()}")
    try_out(room)
    return "a job"


def _oldest(room: Room) -> str:
    """Install all extras, and the oldest of what pyproject.toml names, as far as that says."""
    work, minor = room.work, room.say("import platform; print(platform.python_version())").strip()
    listed = room.folder / "oldest.txt"
    compiling = ("pip", "compile", "--quiet", "--all-extras", "--resolution", "lowest-direct")
    to = ("--python-version", minor, "--no-header", "--no-annotate", "--output-file", str(listed))
    work.call_uv(*compiling, *to, "pyproject.toml", cwd=work.tree)
    room.install("--requirements", str(listed))
    room.install("--no-deps", str(work.wheel))
    try_out(room)
    return "a job"


FILLINGS = {"alone": _bare, "newest": _newest, "oldest": _oldest}
