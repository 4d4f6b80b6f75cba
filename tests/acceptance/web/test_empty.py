"""Where there is nothing, a page says what to do."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from support.servers.embedded import Connect
from support.sessions.verbs import Verbs
from support.web.console import open_console

NEW = {
    "/": ("No node has been up yet, nothing waits", "Start one: <code>pgdispatch worker</code>",
          "Nothing waits."),
    "/queue": ("Nothing waits.",),
    "/queue?site=none": ("None that waits fits.",),
    "/history": ("Nothing ended in this range.",),
    "/timeline": ("No backgrounder was up, and none has run a job.",),
    "/gates": ("No gate is full.", "No datasource or serial schedule is busy"),
    "/late": ("No scheduled job has ended in that time.",),
    "/schedules": ("There is none. Add one: <code>pgdispatch schedule add</code>",),
    "/calendars": ("There is none. Add one: <code>pgdispatch calendar add</code>",
                   "There is none. Add one: <code>pgdispatch window add</code>"),
    "/calendar/DE": ("there is no calendar DE",),
    "/tasks": ("None. Add one: pgdispatch task add",),
    "/tasks?site=none": ("None fits.",),
    "/contracts": ("There is none. Add one: <code>pgdispatch contract add</code>",),
    "/linked": ("There is none. Add one: <code>pgdispatch linked-task add</code>",),
    "/nodes": ("No node has been up yet. Start one: <code>pgdispatch worker</code>",),
    "/job/5": ("there is no job 5", "the history is empty"),
    "/node/n": ("there is no node n",),
    "/schedule/nightly": ("there is no schedule nightly",),
    "/site/acme": ("there is no site acme",),
    "/task/5": ("there is no task 5",),
    "/type/5": ("there is no job type 5",),
    "/contract/5": ("there is no contract 5",),
    "/linked/5": ("there is no linked task 5",),
}  # fmt: skip
WRONG = {
    "/history?from=yesterday": "from is no time",
    "/history?outcome=lucky": "outcome is &#39;lucky&#39;",
    "/history?before=x": "before is no place in this list",
    "/queue?after=x": "after is no place in this list",
    "/queue?why=moon": "why is &#39;moon&#39;",
    "/timeline?from=2026-01-01T00:00&to=2025-01-01T00:00": "the stretch is too short or too long",
    "/schedules/": "there is no such page",
}


def pages(dsn: str, folder: Path, paths: list[str]) -> dict[str, str]:
    """Return pages as a console that only looks shows them."""
    with (
        open_console(dsn, folder, "--auth", "none", "--read-only") as console,
        httpx.Client(base_url=console.address, timeout=20) as browser,
    ):
        browser.get(console.entrance)
        return {path: browser.get(path).text for path in paths}


@pytest.mark.long
@pytest.mark.usefixtures("newest_only")
def test_a_new_installation_says_what_to_do(database: str, tmp_path: Path) -> None:
    """On every page, as is asked for what there is not."""
    found = pages(database, tmp_path, list(NEW))

    missing = {path: [text for text in texts if text not in found[path]]
               for path, texts in NEW.items()}  # fmt: skip
    assert {path: texts for path, texts in missing.items() if texts} == {}


@pytest.mark.long
@pytest.mark.usefixtures("newest_only")
def test_a_wrong_address_is_told_in_plain_words(database: str, tmp_path: Path) -> None:
    """Whatever is wrong with it."""
    found = pages(database, tmp_path, list(WRONG))

    assert {path: text for path, text in WRONG.items() if text not in found[path]} == {}


@pytest.mark.long
@pytest.mark.usefixtures("newest_only")
def test_idle_backgrounders_are_counted_where_nothing_waits(
    database: str, connect: Connect, tmp_path: Path
) -> None:
    """Who has nothing to do is good news."""
    verbs = Verbs(connect(database))
    verbs.register()
    for number in range(1, 4):
        verbs.run("select pgdispatch.start_backgrounder(%s, 1)", f"n:{number}")
    verbs.run("update pgdispatch.node set backgrounders = 3 where name = 'n'")

    page = pages(database, tmp_path, ["/"])["/"]

    assert "All 3 backgrounders are idle, nothing waits" in page
    assert "Nothing waits. 3 backgrounders are idle." in page
