"""What production installs and the image ships: by version and digest, each licence known."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator

from release.artefacts import pythons_of
from release.licences import problems_of, read_rules
from release.report import Finding, WrongError, done, short, wrong
from release.rooms import Room, make_room, newest_interpreter
from release.smoke import try_out
from release.work import Work

NAME = "locked"
LICENCES = """
import importlib.metadata, json
print(json.dumps({
    one.name: [
        one.metadata.get("License-Expression"),
        one.metadata.get("License"),
        *[c.split(" :: ")[-1] for c in one.metadata.get_all("Classifier") or []
          if c.startswith("License :: ") and not c.endswith(":: OSI Approved")],
    ]
    for one in importlib.metadata.distributions()
}))
"""


def extras_of_image(dockerfile: str) -> list[str]:
    """Return the extras that the image always has, as its Dockerfile installs them."""
    (line,) = re.findall(r"^RUN .*uv sync .*--no-editable.*$", dockerfile, re.MULTILINE)
    return re.findall(r"(?<!\+)--extra (\w+)", line)


def lock(work: Work) -> Iterator[Finding]:
    """Write the requirements with their digests from uv.lock, and install by them alone."""
    made = work.folder / "made" / f"pgdispatch-{work.source.version}-requirements.txt"
    extras = extras_of_image((work.tree / "docker" / "Dockerfile").read_text(encoding="utf-8"))
    chosen = [word for extra in extras for word in ("--extra", extra)]
    form = ("--no-emit-project", "--no-header", "--no-annotate", "--format=requirements.txt")
    told = work.call_uv("export", "--quiet", "--locked", "--no-dev", *form, *chosen, cwd=work.tree)
    digest = hashlib.sha256(work.wheel.read_bytes()).hexdigest()
    own = f"pgdispatch=={work.source.version} \\\n    --hash=sha256:{digest}\n"
    made.write_text(told + own)
    work.made.append(made)
    room = make_room(work, NAME, newest_interpreter(work, pythons_of(work.wheel)))
    beside = ("--find-links", str(made.parent))
    room.install("--require-hashes", *beside, "--requirements", str(made))
    room.check()
    try_out(room)
    count = len(re.findall(r"^[\w.-]+==", made.read_text(), re.MULTILINE))
    yield done(f"{made.name}: {count} packages with {', '.join(extras)}, by digest; check, a job")


def locked_room(work: Work) -> Room:
    """Return the environment that was installed by digest. Raises `WrongError` without one."""
    room = Room(work, work.folder / "rooms" / NAME)
    if not room.command.exists():
        raise WrongError("nothing was installed by digest")
    return room


def check_licences(work: Work) -> Iterator[Finding]:
    """Ask each package of the image for its licence; those with conditions have to be named."""
    told: dict[str, list[str | None]] = json.loads(locked_room(work).say(LICENCES))
    rules = read_rules()
    problems = [line for name in sorted(told) for line in problems_of(name, told[name], rules)]
    if problems:
        yield wrong(short(problems, 20))
        return
    named = sorted(f"{name} {rules.named[name]}" for name in told if name in rules.named)
    yield done(f"{len(told)} packages may be handed on; with conditions: {', '.join(named)}")
