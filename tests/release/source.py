"""What is to be released: a commit, its version, and what the changelog says of it."""

from __future__ import annotations

import re
import runpy
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from support.checkout import git, is_clone

VERSION_FILE = "worker/pgdispatch/version.py"
UNRELEASED = "not released yet"
SECTION = re.compile(
    r"^## \[(?P<version>[^\]]+)\] - (?P<when>[^\n]+)\n(?P<notes>.*?)(?=^## \[|\Z)",
    re.MULTILINE | re.DOTALL,
)


class RefusedError(Exception):
    """There is nothing to release here, or not yet. `hint` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Source:
    """A commit and what it calls itself.

    `epoch`: when it was committed, in seconds since 1970. `notes`: its section of the changelog.
    """

    root: Path
    commit: str
    epoch: int
    version: str
    is_out: bool
    notes: str

    @property
    def tag(self) -> str:
        """How git is told of the release."""
        return f"v{self.version}"

    def git(self, *arguments: str) -> str:
        """Return what git prints in its folder."""
        return git(self.root, *arguments)


def find_source(root: Path, *, is_rehearsal: bool) -> Source:
    """Return what the tree in `root` would be released as.

    Raises `RefusedError` if it is no clean tree of git, is not out (unless that is to be
    rehearsed), was released before, or has no section of the changelog to match.
    """
    _check_clean(root)
    told = runpy.run_path(str(root / VERSION_FILE))
    release, version, is_out = told["RELEASE"], told["VERSION"], told["IS_OUT"]
    if not is_out and not is_rehearsal:
        raise RefusedError(
            f"{VERSION_FILE} says that {release} is not out",
            f"set IS_OUT = True there and the date in CHANGELOG.md, and commit both; or try "
            f"{version} with --rehearse",
        )
    _check_new(root, release)
    return Source(
        root=root,
        commit=git(root, "rev-parse", "HEAD").strip(),
        epoch=int(git(root, "log", "-1", "--format=%ct")),
        version=version,
        is_out=is_out,
        notes=_notes((root / "CHANGELOG.md").read_text(encoding="utf-8"), release, is_out),
    )


def _check_clean(root: Path) -> None:
    if not is_clone(root):
        raise RefusedError("this is no clone of git", "a release is made from a commit: clone it")
    changed = git(root, "status", "--porcelain").splitlines()
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise RefusedError(
            f"the tree is not as it was committed: {changed[0][3:]}{more}",
            "commit, stash or remove what git status names",
        )


def _check_new(root: Path, release: str) -> None:
    tags = git(root, "tag", "--list", "v[0-9]*").split()
    newest = max((Version(tag[1:]) for tag in tags), default=Version("0"))
    if Version(release) <= newest:
        raise RefusedError(
            f"{release} does not come after {newest}, which has a tag",
            f"set RELEASE in {VERSION_FILE} to what comes next",
        )


def _notes(changelog: str, release: str, is_out: bool) -> str:
    found = SECTION.search(changelog)
    if found is None or found["version"] != release:
        first = "none" if found is None else f"[{found['version']}]"
        raise RefusedError(
            f"the first section of CHANGELOG.md is {first}, not [{release}]",
            "say there what is new for users",
        )
    is_dated = re.fullmatch(r"\d{4}-\d\d-\d\d", found["when"]) is not None
    if is_out != is_dated or is_out == (found["when"] == UNRELEASED):
        raise RefusedError(
            f"CHANGELOG.md says of {release}: {found['when']}",
            f"the day as 2026-01-31 once it is out, before that: {UNRELEASED}",
        )
    if not found["notes"].strip():
        raise RefusedError(f"CHANGELOG.md says nothing of {release}", "say what is new for users")
    return found["notes"].strip() + "\n"
