"""What the console ships: a small script, and nothing of others."""

from __future__ import annotations

import re

from pgdispatch.web.console import rendering
from pgdispatch.web.console.pages import PAGES

MOST_LINES = 200
ELSEWHERE = re.compile(r"https?://(?!www\.w3\.org/)|@import|eval\(|new Function|innerHTML")


def test_the_script_is_small() -> None:
    """Whoever reads it needs a quarter of an hour."""
    script = (rendering.STATIC / "console.js").read_text(encoding="utf-8")

    assert len(script.splitlines()) <= MOST_LINES


def test_nothing_is_fetched_from_elsewhere() -> None:
    """No address of others, and nothing that the policy would refuse."""
    found = {
        path.name: ELSEWHERE.findall(path.read_text(encoding="utf-8"))
        for folder in (rendering.STATIC, rendering.HERE / "templates")
        for path in folder.iterdir()
    }

    assert {name: words for name, words in found.items() if words} == {}


def test_templates_have_no_style_or_script_of_their_own() -> None:
    """The policy forbids both."""
    for path in (rendering.HERE / "templates").iterdir():
        text = path.read_text(encoding="utf-8")

        assert re.findall(r"\sstyle=|\son[a-z]+=|<style|javascript:", text) == [], path.name
        assert re.findall(r"<script(?! src=)", text) == [], path.name
        assert "| safe" not in text
        assert "|safe" not in text


def test_files_are_served_under_names_that_change_with_them() -> None:
    """Each under one."""
    names = [path.name for path in rendering.STATIC.iterdir()]
    served = {rendering.static_name(name) for name in names}

    assert served == set(rendering.static_files())
    assert len(served) == len(names)


def test_each_page_has_a_template_and_each_template_a_page() -> None:
    """Or it would be found out when somebody opens it."""
    pages = {page.TEMPLATE for page in PAGES}
    shared = {"base.html", "part.html", "macros.html", "confirm.html", "enter.html", "refused.html"}
    there = {path.name for path in (rendering.HERE / "templates").iterdir()}

    assert pages | shared == there
    assert [page.TITLE for page in PAGES if page.TITLE] == [
        "Now", "Queue", "History", "Timeline", "Gates", "Ahead", "Schedules", "Tasks",
        "Contracts", "Sites", "Nodes", "Health",
    ]  # fmt: skip
