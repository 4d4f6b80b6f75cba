"""How high rows are is chosen on a page, and stays so."""

from __future__ import annotations

import pytest

from support.web.console import Console

pytestmark = pytest.mark.usefixtures("newest_only")


def test_rows_stay_as_high_as_they_were_asked_for(console: Console) -> None:
    """On all pages, until something else is asked for; nonsense is as it was."""
    with console.signed_in("all_viewer") as browser:
        before = browser.get("/queue").text
        asked = browser.get("/queue?site=acme&density=compact")
        after = browser.get("/tasks").text
        odd = browser.get("/tasks?density=tiny").text

    assert "data-density" not in before
    assert '<body data-density="compact">' in asked.text
    assert '<body data-density="compact">' in after
    assert "?site=acme&amp;density=comfortable" in asked.text
    assert "data-density" not in odd
