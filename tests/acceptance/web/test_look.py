"""Each page in a real browser: nothing in its console, nothing too wide, nothing for some only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgdispatch.embedded import EmbeddedServer
from support.servers.embedded import install_schema
from support.web.browser import chromium, listen, sign_in, wrong_with
from support.web.console import Console, give_roles, open_console
from support.web.scene import Scene, make_scene, paths_of

PERSON = "all_operator"
FORMS = [(1360, "light"), (1360, "dark"), (390, "light"), (390, "dark")]


@pytest.fixture(scope="module")
def evening(
    asking_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Console, Scene]]:
    """Give a console on an evening's scene."""
    asking_server.create_database("evening")
    dsn = asking_server.dsn("evening")
    install_schema(dsn)
    with psycopg.connect(dsn, autocommit=True) as connection:
        scene = make_scene(connection)
        connection.execute("insert into pgdispatch.site (name) values ('acme')")
    give_roles(dsn)
    with open_console(dsn, tmp_path_factory.mktemp("evening")) as console:
        yield console, scene


@pytest.mark.usefixtures("newest_only")
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("width", "scheme"), FORMS)
def test_pages_are_for_everybody(evening: tuple[Console, Scene], width: int, scheme: str) -> None:
    """By axe-core, light and dark, on a desk and on a phone."""
    console, scene = evening
    wrong = {}
    with chromium() as browser:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        page = context.new_page()
        sign_in(page, console.address, PERSON)
        said = listen(page)
        for name, path in paths_of(scene).items():
            said.clear()
            answer = page.goto(f"{console.address}{path}")
            is_there = answer is not None and answer.ok
            wrong[name] = [*(said if is_there else []), *wrong_with(page)]

    assert {name: what for name, what in wrong.items() if what} == {}


@pytest.mark.usefixtures("newest_only")
def test_pages_read_without_a_script(evening: tuple[Console, Scene], tmp_path: Path) -> None:
    """And in print there is nothing to press."""
    console, scene = evening
    with chromium() as browser:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        sign_in(page, console.address, PERSON)
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
