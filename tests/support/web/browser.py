"""A real browser on the console: what it complains of, and what somebody who cannot see would."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from support.web.console import password_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = "/usr/bin/chromium"
OPTIONS = ("--no-sandbox",)  # it refuses to have one as root
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give a browser; skip the test where there is none, or no way to drive it."""
    api = pytest.importorskip("playwright.sync_api", reason="uv sync --group browser")
    if shutil.which(CHROMIUM) is None:
        pytest.skip(f"there is no {CHROMIUM}")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        yield browser
        browser.close()


def listen(page: Page) -> list[str]:
    """Return a list that grows by what the browser's console says."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def sign_in(page: Page, address: str, person: str) -> None:
    """Come in by the door."""
    page.goto(f"{address}/enter")
    page.fill("[name=user]", person)
    page.fill("[name=password]", password_of(person))
    page.click("main button")
    page.wait_for_url(f"{address}/")


def too_wide(page: Page) -> list[str]:
    """Return that a page is wider than its window, if it is."""
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return [f"{wide} px too wide"] if wide > 0 else []


def violations(page: Page) -> Iterator[str]:
    """Yield what of a page is not for everybody, by axe-core."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415  # of a group

    found = Axe().run(page, options={"runOnly": LEVELS, "resultTypes": ["violations"]})
    for violation in found.response["violations"]:
        nodes = [node["html"][:120] for node in violation["nodes"][:3]]
        yield f"axe {violation['id']}: {violation['help']}: {nodes}"
