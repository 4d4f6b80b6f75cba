"""Each page in a real browser: nothing in its console, nothing too wide, nothing for some only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from pgdispatch.embedded import EmbeddedServer
from support.servers.embedded import install_schema, made_database
from support.sessions.verbs import Verbs
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
    context = browser.new_context(**options)
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
        wrong[name] += ["escaped ends of lines"] * ("\\n" in page.inner_text("main"))
        page.set_viewport_size({"width": PHONE, "height": 900})
        wrong[name] += too_wide(page)
    page.context.close()

    assert len(wrong) > 20
    assert {name: what for name, what in wrong.items() if what} == {}


def test_a_late_job_is_followed_and_changed_by_keys_alone(
    browser: Browser, evening: tuple[Console, Scene]
) -> None:
    """From the queue to the job that holds it; then another priority, and its cancellation."""
    console, scene = evening
    page = enter(browser, console)
    said = listen(page)
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/queue")
    page.keyboard.press("j")
    assert focused(page) == "New rows: General ledger"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/job/{scene.jobs['running']}")
    page.go_back()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/job/*")

    page.keyboard.press("p")
    page.locator("dialog[open]").wait_for()
    page.keyboard.type("7")  # the field has the focus, and what is in it gives way
    page.keyboard.press("Enter")
    page.locator(".notice.done").wait_for()
    assert figure(page, "Priority") == "7"
    page.keyboard.press("c")
    page.locator("dialog[open]").wait_for()
    assert focused(page) == "Leave it"
    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement.textContent.trim() === 'Cancel job'")
    page.keyboard.press("c")
    page.locator("dialog[open]").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("h1 ~ .chip", has_text="cancelled").wait_for()
    page.keyboard.press("?")
    assert focused(page) == "Close"
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="hidden")
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/queue")
    page.keyboard.press("j")
    row = focused(page)
    page.keyboard.press("c")
    assert f", {row}, " in page.locator("dialog[open] .about").inner_text()
    page.keyboard.press("Escape")
    page.goto(f"{console.address}/history")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "site"
    page.locator("#live", has_text="waits while you write").wait_for()
    assert said == []
    page.context.close()


def test_a_page_in_use_tells_how_its_job_went_on(
    browser: Browser, evening: tuple[Console, Scene], asking_server: EmbeddedServer
) -> None:
    """A button has the focus, and the SQL of a panel is open; then the job ends."""
    console, _ = evening
    page = enter(browser, console)
    with psycopg.connect(asking_server.dsn("evening"), autocommit=True) as connection:
        verbs = Verbs(connection)
        number = verbs.job(site="retail", title="comes and goes", priority=99)
        page.goto(f"{console.address}/job/{number}")
        page.locator("#ladder .sql summary").click()
        page.locator(".verbs >> text=Cancel job").focus()
        verbs.cancel(number)
    page.locator("h1 ~ .chip", has_text="cancelled").wait_for()
    page.locator("#live", has_text="this page has changed").wait_for()

    assert "cancelled" in page.inner_text("#answer")
    assert page.locator("#ladder .sql[open]").count() == 1
    assert page.evaluate("document.activeElement.id") == "main"
    page.locator("#live >> text=reload").click()
    page.locator("#ladder").wait_for(state="detached")
    page.context.close()


def test_a_node_and_a_schedule_are_changed_by_mouse(
    browser: Browser, evening: tuple[Console, Scene]
) -> None:
    """Each says first what will happen, and then what has."""
    console, _ = evening
    page = enter(browser, console)
    said = listen(page)
    for path, button, answer in (
        ("/node/reports-1", "Drain node", "drained"),
        ("/schedule/half-hourly stock", "Make it serial", "one at a time"),
    ):
        page.goto(f"{console.address}{path}")
        page.click(f"text={button}")
        page.locator("dialog[open] button:not([data-close])").last.click()
        page.locator(".notice").wait_for()
        assert page.locator(".notice.done").count() == 1, page.inner_text(".notice")
        assert answer in page.inner_text("main")

    assert said == []
    page.context.close()


@pytest.mark.long
def test_what_changes_is_shown_but_nothing_that_is_in_use(
    browser: Browser, evening: tuple[Console, Scene], asking_server: EmbeddedServer
) -> None:
    """A panel keeps its focus and what is open in it; it is renewed when it is left."""
    console, _ = evening
    page = enter(browser, console)
    link = page.locator("#queue .title a").first
    before = link.inner_text()
    link.focus()
    with (
        psycopg.connect(asking_server.dsn("evening"), autocommit=True) as connection,
        page.expect_response(lambda answer: "part=1" in answer.url and answer.status == 200),
    ):
        Verbs(connection).job(site="retail", title="a newcomer", priority=1)
    page.wait_for_timeout(0)  # lets the page take the answer in
    assert focused(page) == before
    page.locator("#queue .sql summary").click()
    page.evaluate("document.activeElement.blur()")
    with page.expect_response(lambda answer: "part=1" in answer.url):
        pass
    assert page.locator("#queue .sql[open]").count() == 1
    assert page.locator("text=a newcomer").count() == 0
    page.locator("#queue .sql summary").click()
    page.evaluate("document.activeElement.blur()")

    page.locator("#queue >> text=a newcomer").wait_for()
    page.context.close()


def test_new_ends_come_in_above_a_row_that_is_in_use(
    browser: Browser, evening: tuple[Console, Scene], asking_server: EmbeddedServer
) -> None:
    """The history follows: a tick and the focus stay where they are."""
    console, _ = evening
    page = enter(browser, console)
    page.goto(f"{console.address}/history")
    box, before = page.locator("#ended input[name=job]").first, page.locator("#ended tbody tr")
    box.check()
    number, rows = box.get_attribute("value"), before.count()
    with psycopg.connect(asking_server.dsn("evening"), autocommit=True) as connection:
        verbs = Verbs(connection)
        verbs.cancel(verbs.job(site="retail", title="the newest"))
        page.locator("#ended tbody tr", has_text="the newest").wait_for()
        page.evaluate("document.activeElement.blur()")
        verbs.cancel(verbs.job(site="retail", title="newer still"))
        page.locator("#ended tbody tr", has_text="newer still").wait_for()

    shown = page.locator("#ended tbody tr").all_inner_texts()
    assert [("newer still" in shown[0]), ("the newest" in shown[1])] == [True, True]
    assert len(shown) == rows + 2
    assert page.locator("#ended input:checked").get_attribute("value") == number
    page.context.close()


def test_a_site_is_paused_renamed_and_deleted_by_keys_alone(
    browser: Browser, evening: tuple[Console, Scene]
) -> None:
    """The question names what goes along, and the safe answer has the focus."""
    console, _ = evening
    page = enter(browser, console)
    said = listen(page)
    page.goto(f"{console.address}/site/acme")
    page.locator("#pause-reason").focus()
    page.keyboard.type("database move")
    page.keyboard.press("Enter")
    page.locator(".notice.done").wait_for()
    assert "It is paused by all_operator" in page.inner_text("#answer")
    page.locator("#pause button", has_text="Resume").press("Enter")
    page.locator("text=paused no longer").wait_for()
    page.locator(".verbs >> text=Rename").press("Enter")
    page.locator("dialog[open]").wait_for()
    page.keyboard.type("ajax")
    page.keyboard.press("Enter")
    page.wait_for_url("**/site/ajax")
    page.locator(".verbs >> text=Delete").press("Enter")
    page.locator("dialog[open] >> text=history stays").wait_for()
    assert focused(page) == "Leave it"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sites")

    assert "site ajax is deleted" in page.inner_text(".notice.done")
    assert said == []
    page.context.close()


def focused(page: Page) -> str:
    """Return the text of what has the focus."""
    return str(page.evaluate("document.activeElement.textContent")).strip()


def figure(page: Page, name: str) -> str:
    """Return a figure of a job's page."""
    return str(page.locator(".figures div", has_text=name).locator("dd").inner_text())


def test_pages_read_without_a_script(
    browser: Browser, evening: tuple[Console, Scene], tmp_path: Path
) -> None:
    """And in print there is nothing to press."""
    console, scene = evening
    page = enter(browser, console, java_script_enabled=False)
    page.goto(f"{console.address}/job/{scene.jobs['waiting']}")
    assert "is at its limit: 3 of 3 run." in page.inner_text("main")
    dead = page.locator(".zones, [data-keys], [data-copy]").all()
    assert dead != []
    assert not any(one.is_visible() for one in dead)
    page.click("text=Cancel job")
    assert "Cancel job" in page.inner_text("h1")
    page.goto(f"{console.address}/queue")
    page.emulate_media(media="print")
    buttons = page.locator("button").all()
    page.pdf(path=tmp_path / "queue.pdf")

    assert buttons != []
    assert not any(button.is_visible() for button in buttons)
    page.context.close()
