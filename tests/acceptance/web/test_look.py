"""Each page in a real browser: nothing in its console, nothing too wide, nothing for some only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from pgdispatch.embedded import EmbeddedServer
from support.servers.embedded import install_schema, made_database
from support.web.browser import chromium, listen, sign_in, too_wide, violations
from support.web.console import Console, give_roles, open_console
from support.web.scene import Scene, make_scene, paths_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.usefixtures("newest_only")
PERSON = "all_operator"
DESK, PHONE = 1360, 390
FORMS = [
    (DESK, "light"),
    *(pytest.param(*form, marks=pytest.mark.long) for form in [(DESK, "dark"), (PHONE, "dark")]),
    pytest.param(PHONE, "light", marks=pytest.mark.long),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser, or skip the test."""
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def evening(
    browser: Browser, asking_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Console, Scene]]:
    """Give a console on an evening's scene."""
    assert browser.is_connected()  # first: without one there is no need of a scene
    with made_database(asking_server, "evening") as dsn:
        install_schema(dsn)
        with psycopg.connect(dsn, autocommit=True) as connection:
            scene = make_scene(connection)
            connection.execute("insert into pgdispatch.site (name) values ('acme')")
        give_roles(dsn)
        with open_console(dsn, tmp_path_factory.mktemp("evening")) as console:
            yield console, scene


def enter(browser: Browser, console: Console, **options: object) -> Page:
    """Sign in, in a window of its own; whoever calls this closes the context."""
    context = browser.new_context(**options)  # type: ignore[arg-type]  # what playwright takes
    context.set_default_timeout(100_000)
    page = context.new_page()
    sign_in(page, console.address, PERSON)
    return page


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("width", "scheme"), FORMS)
def test_pages_are_for_everybody(
    browser: Browser, evening: tuple[Console, Scene], width: int, scheme: str
) -> None:
    """By axe-core; and on a phone nothing is wider than that."""
    console, scene = evening
    page = enter(
        browser, console, viewport={"width": width, "height": 900}, color_scheme=scheme
    )  # fmt: skip
    said = listen(page)
    wrong = {}
    for name, path in paths_of(scene).items():
        page.set_viewport_size({"width": width, "height": 900})
        said.clear()
        answer = page.goto(f"{console.address}{path}")
        is_there = answer is not None and answer.ok
        wrong[name] = [*(said if is_there else []), *too_wide(page), *violations(page)]
        page.set_viewport_size({"width": PHONE, "height": 900})
        wrong[name] += too_wide(page)
    page.context.close()

    assert len(wrong) > 20
    assert {name: what for name, what in wrong.items() if what} == {}


def test_pages_read_without_a_script(
    browser: Browser, evening: tuple[Console, Scene], tmp_path: Path
) -> None:
    """And in print there is nothing to press."""
    console, scene = evening
    page = enter(browser, console, java_script_enabled=False)
    page.goto(f"{console.address}/job/{scene.jobs['waiting']}")
    assert "is at its limit: 3 of 3 run." in page.inner_text("main")
    page.click("text=Cancel job")
    assert "Cancel job" in page.inner_text("h1")
    page.goto(f"{console.address}/queue")
    page.emulate_media(media="print")
    buttons = page.locator("button").all()
    page.pdf(path=tmp_path / "queue.pdf")

    assert buttons != []
    assert not any(button.is_visible() for button in buttons)
    page.context.close()
