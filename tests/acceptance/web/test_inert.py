"""Texts full of markup, of directions and of control characters come out as texts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgdispatch.embedded import EmbeddedServer
from support.rights.two_sites import Possessions
from support.servers.embedded import install_schema, made_database
from support.sessions.verbs import Verbs
from support.web.console import Console, give_roles, open_console
from support.web.walking import Reading, Things, addresses, things_of

pytestmark = pytest.mark.usefixtures("newest_only")
EVIL = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"' onmouseover=alert(3) x='\"&lt;b&gt;"
    "{{ 7*7 }}{% raw %}\u202egnp.exe\u2066\u200b\x1b[2J\x07\x85\u2028-->]]></textarea></pre>"
)
ALERT = "alert("
ENDS = {"Cc", "Cf", "Zl", "Zp"}  # what moves the cursor, or turns the direction


@pytest.fixture
def evil(asking_server: EmbeddedServer, tmp_path: Path) -> Iterator[tuple[Console, Things]]:
    """Give a console on a database in which every text that may be evil is."""
    with made_database(asking_server, "evil") as dsn:
        install_schema(dsn)
        with psycopg.connect(dsn, autocommit=True) as connection:
            verbs = Verbs(connection)
            verbs.site("acme")
            give_roles(dsn)
            own = furnish_with_evil(verbs)
        with open_console(dsn, tmp_path) as opened:
            yield (
                opened,
                {**things_of(own), "schedule": [EVIL], "calendar": [EVIL[:100]], "site": ["acme"]},
            )


def furnish_with_evil(verbs: Verbs) -> Possessions:
    """Put an evil text wherever a text can be."""
    verbs.register("n", backgrounders=4)
    verbs.schedule(EVIL, recurrence="daily at 02:30")
    verbs.run("insert into pgdispatch.calendar (name) values (%s)", EVIL[:100])
    verbs.run(
        "insert into pgdispatch.calendar_day (calendar, day, name)"
        " values (%s, pgdispatch.now()::date, %s)",
        EVIL[:100],
        EVIL[:200],
    )
    verbs.run("update pgdispatch.schedule set calendar = %s where name = %s", EVIL[:100], EVIL)
    verbs.run(
        "insert into pgdispatch.closed_window (name, scope, target, from_at, to_at, reason)"
        " values (%s, 'schedule', %s, '2099-01-01', '2099-01-02', %s)",
        EVIL[:200],
        EVIL,
        EVIL,
    )
    texts = {"site": "acme", "title": EVIL, "schedule": EVIL, "datasource": EVIL}
    own = Possessions("acme")
    document = psycopg.types.json.Jsonb({EVIL.replace("\x85", ""): [EVIL]})
    own.task = own.idle_task = verbs.task(**texts, args=document)
    own.flow = verbs.task("flow", **texts)
    own.linked_task = verbs.add("linked_task", site="acme", title=EVIL, schedule=EVIL)
    own.contract = verbs.add(
        "contract", site="acme", name=EVIL, note=EVIL, datasource=EVIL, max_age="1 day"
    )
    verbs.add("linked_task_step", "step", linked_task=own.linked_task, step=1, task=own.flow)
    for state in ("ended", "running", "waiting"):
        own.jobs[state] = verbs.job(**texts, args=document, created_by=EVIL, priority=1)
        if state != "waiting":
            verbs.claim(f"n:{1 if state == 'ended' else 2}")
        if state == "ended":
            verbs.run("select pgdispatch.fail(%s, 1, %s)", own.jobs[state], f"{EVIL}\n{EVIL}")
    verbs.run("select pgdispatch.progress(%s, 1, 5, %s)", own.jobs["running"], EVIL)
    return own


def test_texts_of_rows_are_inert_on_every_page(evil: tuple[Console, Things]) -> None:
    """No element, no attribute and no direction comes from one of them."""
    console, things = evil
    seen = 0
    with console.signed_in("all_operator") as browser:
        for path in addresses(things):
            page = browser.get(path)
            read = Reading(page.text)
            seen += read.text.count(ALERT)

            assert page.status_code == 200, (path, page.text)
            assert read.elements.count("script") == page.text.count('.js" defer></script>') == 1
            assert "img" not in read.elements
            assert [name for name, _ in read.attributes if name.startswith("on")] == []
            wrong = {each for each in page.text if unicodedata.category(each) in ENDS} - {"\n"}
            assert wrong == set(), path
    assert seen > 2


def test_notices_and_questions_are_inert(evil: tuple[Console, Things]) -> None:
    """They repeat what was asked."""
    console, _ = evil
    with console.signed_in("all_operator") as browser:
        asked = browser.get("/confirm/run-now", params={"schedule": EVIL[:200]})
        wrong = browser.get("/confirm/drain", params={"node": EVIL, "back": EVIL})

        for page in (asked, wrong, browser.get("/", params={"x": EVIL})):
            read = Reading(page.text)
            assert read.elements.count("script") == 1
            assert [name for name, _ in read.attributes if name.startswith("on")] == []
