"""Which PostgreSQL versions the test run takes of those that a machine has."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgdispatch.embedded import Binaries
from support.servers import embedded
from support.servers.embedded import choose, installed_versions


def on_machine(*versions: int) -> dict[int, Binaries]:
    """Return what a machine with these versions has."""
    return {version: Binaries(Path(f"/pg{version}"), version) for version in versions}


@pytest.mark.parametrize(
    ("asked", "there", "taken", "missing"),
    [
        ("ends", (15, 18), [15, 18], []),
        ("ends", (15, 17, 18, 19), [15, 19], []),
        ("all", (15, 17, 18, 19), [15, 17, 18, 19], []),
        ("19", (15, 18, 19), [19], []),
        ("ends", (18,), [18], [15]),
        ("ends", (), [], [15]),
    ],
)
def test_the_oldest_and_the_newest_are_taken_unless_others_are_asked_for(
    asked: str, there: tuple[int, ...], taken: list[int], missing: list[int]
) -> None:
    """A new one by itself; the oldest that is supported is told of where it is missing."""
    found = choose(asked, on_machine(*there))

    assert [version for version, binaries in found.items() if binaries] == taken
    assert [version for version, binaries in found.items() if not binaries] == missing


@pytest.mark.parametrize("asked", ["16", "newest", ""])
def test_a_version_that_is_not_there_is_refused(asked: str) -> None:
    """With those that are."""
    with pytest.raises(pytest.UsageError, match=r"this machine has \[15, 18\]"):
        choose(asked, on_machine(15, 18))


def test_each_place_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PGDISPATCH_PG_BIN first; what is too old or no PostgreSQL is passed over."""
    for name, version in (("mine", "19.0"), ("other", "19.1"), ("old", "14.9"), ("lts", "16.3")):
        (tmp_path / name).mkdir()
        for program in ("initdb", "postgres"):
            path = tmp_path / name / program
            path.write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'")
            path.chmod(0o755)
    folders = [tmp_path / name for name in ("lts", "other", "old", "nothing")]
    monkeypatch.setenv("PGDISPATCH_PG_BIN", str(tmp_path / "mine"))
    monkeypatch.setattr(embedded, "installed_folders", lambda: iter(folders))
    installed_versions.cache_clear()

    found = installed_versions()
    installed_versions.cache_clear()

    assert [(version, one.folder.name) for version, one in found.items()] == [
        (16, "lts"),
        (19, "mine"),
    ]
