"""What may be released: a clean commit that says it is out, with its section of the changelog."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from release.source import RefusedError, find_source
from support.checkout import git

NAMED = ("-c", "user.name=tests", "-c", "user.email=tests@localhost")
DATED = "# Changelog\n\n## [0.9.0] - 2026-01-31\n\n### Added\n\n- All.\n\n## [0.8.0] - 2026-01-01\n"
VERSION = 'RELEASE = "0.9.0"\nIS_OUT = {is_out}\nVERSION = RELEASE if IS_OUT else "0.9.0.dev7"\n'
Edit = Callable[[Path], object]

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def commit(root: Path) -> None:
    """Commit whatever is there."""
    git(root, "add", "--all")
    git(root, *NAMED, "commit", "--quiet", "--allow-empty", "--message", "all")


def say_out(root: Path, *, is_out: bool) -> None:
    """Write the version's file."""
    (root / "worker" / "pgdispatch" / "version.py").write_text(VERSION.format(is_out=is_out))


def change_log(root: Path, old: str, new: str) -> None:
    """Put other words into the changelog."""
    page = root / "CHANGELOG.md"
    page.write_text(page.read_text().replace(old, new))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a clone whose commit is ready to be released."""
    git(tmp_path, "init", "--quiet")
    (tmp_path / "worker" / "pgdispatch").mkdir(parents=True)
    (tmp_path / ".gitignore").write_text("__pycache__/\n")
    (tmp_path / "CHANGELOG.md").write_text(DATED)
    say_out(tmp_path, is_out=True)
    commit(tmp_path)
    return tmp_path


def test_a_commit_that_is_out_is_found_with_its_notes(root: Path) -> None:
    """Of the changelog, its own section only."""
    found = find_source(root, is_rehearsal=False)

    assert (found.version, found.tag, found.is_out) == ("0.9.0", "v0.9.0", True)
    assert found.notes == "### Added\n\n- All.\n"
    assert git(root, "cat-file", "-t", found.commit) == "commit\n"


def test_what_is_not_out_can_only_be_rehearsed(root: Path) -> None:
    """Under the name that it has on the way."""
    say_out(root, is_out=False)
    change_log(root, "2026-01-31", "not released yet")
    commit(root)

    with pytest.raises(RefusedError, match=r"says that 0\.9\.0 is not out"):
        find_source(root, is_rehearsal=False)

    assert find_source(root, is_rehearsal=True).version == "0.9.0.dev7"


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda root: git(root, "tag", "v0.9.0"), "0.9.0 does not come after 0.9.0"),
        (lambda root: git(root, "tag", "v0.10.0"), "0.9.0 does not come after 0.10.0"),
        (lambda root: change_log(root, "[0.9.0]", "[0.9.1]"), r"is \[0.9.1\], not \[0.9.0\]"),
        (lambda root: change_log(root, "## [", "## "), "CHANGELOG.md is none"),
        (lambda root: change_log(root, "2026-01-31", "not released yet"), "says of 0.9.0: not re"),
        (lambda root: change_log(root, "2026-01-31", "soon"), "says of 0.9.0: soon"),
        (lambda root: change_log(root, "### Added\n\n- All.\n", ""), "says nothing of 0.9.0"),
        (lambda root: say_out(root, is_out=False), "says that 0.9.0 is not out"),
    ],
    ids=["has a tag", "is older", "another", "none", "not dated", "soon", "empty", "not out"],
)
def test_a_commit_that_does_not_say_the_same_everywhere_is_refused(
    root: Path, edit: Edit, message: str
) -> None:
    """Before anything is built."""
    edit(root)
    commit(root)

    with pytest.raises(RefusedError, match=message):
        find_source(root, is_rehearsal=False)


@pytest.mark.parametrize(
    "edit",
    [lambda root: (root / "stray").touch(), lambda root: change_log(root, "All", "Most")],
    ids=["a file more", "a file changed"],
)
def test_a_tree_that_is_not_as_committed_is_refused(root: Path, edit: Edit) -> None:
    """What would be built is not what the commit says."""
    edit(root)

    with pytest.raises(RefusedError, match="the tree is not as it was committed: "):
        find_source(root, is_rehearsal=True)


def test_a_source_archive_is_refused(root: Path) -> None:
    """A release is made from a commit."""
    shutil.rmtree(root / ".git")

    with pytest.raises(RefusedError, match="no clone"):
        find_source(root, is_rehearsal=True)
