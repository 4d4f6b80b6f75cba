"""Take pictures of each page of the console in four forms, for people to look at.

Besides, it says what the browser's console, a page that is too wide, or axe-core complains of.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from playwright.sync_api import Browser

from pgdispatch.embedded import find_binaries
from support.servers.embedded import install_schema, made_database, open_server
from support.web.browser import chromium, listen, sign_in, too_wide, violations
from support.web.console import ask_for_passwords, open_console
from support.web.scene import Scene, make_scene, paths_of

PERSON = "all_operator"
FORMS = {
    "desktop-light": (1360, "light"),
    "desktop-dark": (1360, "dark"),
    "phone-light": (390, "light"),
    "phone-dark": (390, "dark"),
}


def main() -> int:
    """Take the pictures; return 1 if something is wrong with a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=Path(tempfile.gettempdir()) / "pictures")
    parser.add_argument("--only", nargs="*", help="names of pages: now, queue …")
    parser.add_argument("--forms", nargs="*", default=list(FORMS), choices=list(FORMS))
    chosen = parser.parse_args()
    chosen.to.mkdir(parents=True, exist_ok=True)
    with served() as (address, scene), chromium() as browser:
        paths = {
            name: path
            for name, path in paths_of(scene).items()
            if not chosen.only or name in chosen.only
        }
        complaints = list(take(browser, address, paths, chosen.to, chosen.forms))
    sys.stdout.writelines(f"{complaint}\n" for complaint in complaints)
    return 1 if complaints else 0


@contextmanager
def served() -> Iterator[tuple[str, Scene]]:
    """Give the address of a console on an evening's scene, and the scene."""
    with (
        open_server(find_binaries()) as server,
        made_database(server, "evening") as dsn,
        tempfile.TemporaryDirectory() as folder,
    ):
        ask_for_passwords(server)
        install_schema(dsn)
        with psycopg.connect(dsn, autocommit=True) as connection:
            scene = make_scene(connection)
            connection.execute("select pgdispatch.grant_role(%s, 'operator')", [PERSON])
            connection.execute("analyze")
        with open_console(dsn, Path(folder)) as console:
            yield console.address, scene


def take(
    browser: Browser, address: str, paths: dict[str, str], folder: Path, forms: list[str]
) -> Iterator[str]:
    """Take each page in each form; yield what is wrong with it."""
    state = None
    for form in forms:
        width, scheme = FORMS[form]
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
            storage_state=state,
            timezone_id="Europe/Berlin",
        )
        page = context.new_page()
        if state is None:
            sign_in(page, address, PERSON)
            state = context.storage_state()
        said = listen(page)
        for name, path in paths.items():
            said.clear()
            page.goto(f"{address}{path}")
            page.screenshot(path=folder / f"{name}-{form}.png", full_page=True)
            yield from (
                f"{name} {form}: {one}" for one in [*said, *too_wide(page), *violations(page)]
            )
        context.close()
