"""One version, one schema: between releases it moves with the steps of the schema."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pgdispatch.schema.installer import package
from pgdispatch.schema.release import is_older
from pgdispatch.version import IS_OUT, RELEASE, VERSION, how_to_get, noted, on_the_way
from support.checkout import ROOT


def test_the_version_moves_with_the_steps_until_the_release() -> None:
    """Without tags: a clone that has none makes the same one."""
    step = package().newest_step

    assert (RELEASE if IS_OUT else f"{RELEASE}.dev{step}") == VERSION
    assert package().version == VERSION


def test_the_changelog_says_what_the_version_says() -> None:
    """Whoever releases sets both, the version in one place."""
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    newest = next(line for line in lines if line.startswith("## ["))

    assert newest.startswith(f"## [{RELEASE}]")
    assert newest.endswith("not released yet") is not IS_OUT


def test_what_leads_to_a_release_comes_before_it() -> None:
    """In the order of its steps, and after the release before."""
    versions = ["0.1.0", on_the_way("0.2.0", 9), on_the_way("0.2.0", 10), "0.2.0", "0.10.0"]

    assert all(is_older(one, than=other) for one, other in pairwise(versions))
    assert not any(is_older(other, than=one) for one, other in pairwise(versions))
    assert not is_older("0.2", than="0.2.0")


@pytest.mark.parametrize(
    ("version", "step", "meant"),
    [
        ("0.1.0", 0, "0.1.0"),
        ("0.2.0", 11, "0.2.0.dev11"),
        ("0.2.0", 12, "0.2.0"),
        ("0.3.0", 11, "0.3.0"),
        ("0.2.0.dev11", 11, "0.2.0.dev11"),
    ],
)
def test_what_called_itself_0_2_0_too_early_is_told_from_the_release(
    version: str, step: int, meant: str
) -> None:
    """Up to step 11 there was no other name."""
    assert noted(version, step) == meant


def test_a_refusal_names_what_can_be_installed() -> None:
    """An index has releases only."""
    assert "pip install --upgrade 'pgdispatch>=0.2.0'" in how_to_get("0.2.0")
    assert "checkout that calls itself 0.2.0.dev12" in how_to_get("0.2.0.dev12")
