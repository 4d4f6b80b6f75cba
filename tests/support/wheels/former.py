"""Former versions, as the history of this repository has them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from packaging.version import Version

from pgdispatch.schema.release import LEVEL
from pgdispatch.version import VERSION
from support.checkout import ROOT, git, is_clone

FIRST = "55be0514182673dbf9c4b0437537c2128f14dc42"  # 0.1.0, which has no tag: as its dump is
LEVEL_FILE = "worker/pgdispatch/schema/release.py"
STEPS = "sql/versions/"
NO_HISTORY = "there is no history of git here to build it from"


@dataclass(frozen=True)
class Former:
    """A version to be built anew. `goes_by_level`: its nodes ask whether a schema serves them.

    Those of 0.1.0 want the very schema that came with them.
    """

    name: str
    commit: str
    goes_by_level: bool


def last_release() -> Former | None:
    """Return the newest release before this version; None: its commit is not here."""
    for tag in released():
        if Version(tag) < Version(VERSION):
            return Former(tag, f"v{tag}", goes_by_level=True)
    return Former("0.1.0", FIRST, goes_by_level=False) if is_here(FIRST) else None


def former_level() -> Former | None:
    """Return the newest state whose nodes expect a lower level of the schema; None: none is here.

    Only one whose steps of the schema are still the same counts: until a release is out, a step
    may be edited, and nobody can be at the one that was.
    """
    if not is_here("HEAD"):
        return None
    asked = ("--first-parent", "--format=%H", r"-GLEVEL = [0-9]", "--", LEVEL_FILE)
    changes = git(ROOT, "log", *asked)
    for commit in chain.from_iterable((f"{one}", f"{one}^1") for one in changes.split()):
        if is_here(commit) and 0 < level_of(commit) < LEVEL and steps(commit) <= steps("HEAD"):
            return Former(f"level {level_of(commit)}", commit, goes_by_level=True)
    return None


def released() -> Iterator[str]:
    """Yield the versions that have a tag in the history of this one, newest first."""
    if is_here("HEAD"):
        tags = git(ROOT, "tag", "--list", "v[0-9]*", "--merged", "HEAD").split()
        yield from sorted((tag.removeprefix("v") for tag in tags), key=Version, reverse=True)


def level_of(commit: str) -> int:
    """Return what the nodes of a commit expect of a schema; 0: they know no levels."""
    if not git(ROOT, "ls-tree", commit, LEVEL_FILE):
        return 0
    found = re.search(r"^LEVEL = (\d+)", git(ROOT, "show", f"{commit}:{LEVEL_FILE}"), re.MULTILINE)
    return int(found[1]) if found else 0


def steps(commit: str) -> set[str]:
    """Return the files of the steps of a commit, each with what is in it."""
    return set(git(ROOT, "ls-tree", commit, STEPS).splitlines())


def is_here(commit: str) -> bool:
    """Tell whether there is such a commit: not in a source archive, nor in a shallow clone."""
    if not is_clone():
        return False
    command = ["git", "-C", str(ROOT), "cat-file", "-e", f"{commit}^{{commit}}"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
