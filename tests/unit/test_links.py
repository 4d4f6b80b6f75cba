"""What the pages name is there: links between them, and files of the tree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.checkout import ROOT
from support.links import lost
from support.pages import PAGES

NAMED = re.compile(r"(?<![\w/.])(?:tests|worker|cli)/[\w/.]*\w")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """To a file or folder, and to a heading in it."""
    assert list(lost(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_named_files_are_there(page: Path) -> None:
    """Those that a command runs, for example; only the changelog speaks of what was."""
    named = set(NAMED.findall(page.read_text(encoding="utf-8")))

    gone = {name for name in named if not (ROOT / name).exists()}
    assert page.name == "CHANGELOG.md" or gone == set()
