"""The database goes away under the screen, and comes back."""

from __future__ import annotations

import pytest

from support.servers.tcp_proxy import open_proxy
from support.top.screen import on_loop, open_screen

from .conftest import Evening

pytestmark = pytest.mark.usefixtures("newest_only")


@on_loop
async def test_lost_database_leaves_the_last_screen_dimmed(evening: Evening) -> None:
    """It says since when, tries again, and goes on by itself."""
    with open_proxy(evening.dsn) as proxy:
        async with open_screen(proxy.dsn(evening.dsn)) as screen:
            before = screen.rows()
            proxy.shut()
            await screen.look()
            away, kept, text = screen.app.main.has_class("away"), screen.rows(), screen.text
            proxy.open()
            await screen.look()
            back = screen.text

    assert away
    assert kept == before
    assert "✕ no answer since 12:32:00, trying again" in text
    assert "no answer" not in back


@on_loop
async def test_verb_says_that_the_database_is_away(evening: Evening) -> None:
    """Nothing has been changed then."""
    with open_proxy(evening.dsn) as proxy:
        async with open_screen(proxy.dsn(evening.dsn)) as screen:
            await screen.pilot.press("C")
            await screen.until(lambda: "Cancel job" in screen.text)
            proxy.shut()
            await screen.answer("y")

    assert screen.told[0].startswith("the database cannot be reached")
    assert evening.verbs.state(evening.jobs["New rows"]) == "waiting"


@on_loop
async def test_connection_that_does_not_answer_is_given_up(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next look is over a new one."""
    monkeypatch.setattr("pgdispatch_cli.top.app.PATIENCE", 0.5)
    with open_proxy(evening.dsn) as proxy:
        async with open_screen(proxy.dsn(evening.dsn)) as screen:
            proxy.play_dead()
            await screen.look()
            away = screen.app.main.has_class("away")
            monkeypatch.undo()
            await screen.look()
            back = screen.app.main.has_class("away")
            proxy.cut(with_dead=True)

    assert (away, back) == (True, False)


@on_loop
async def test_pane_that_takes_too_long_says_so_and_the_others_are_there(evening: Evening) -> None:
    """Somebody holds a table that one of the panes needs."""
    verbs = evening.verbs
    async with open_screen(evening.dsn) as screen:
        with verbs.connection.transaction():
            verbs.run("lock table pgdispatch.suspension in access exclusive mode")
            await screen.press("3")
            text = screen.text

    assert "✕ canceling statement due to lock timeout" in text
    assert "2 of 5 backgrounders busy" in text


@on_loop
async def test_looks_are_read_only_and_short_of_patience(evening: Evening) -> None:
    """Of one moment each, under a name of their own."""
    seen = """
        select application_name, state from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()
    """
    async with open_screen(evening.dsn) as screen:
        await screen.look()
        sessions = evening.verbs.rows(seen)
        with screen.app.session._transaction(is_read_only=True) as connection:
            settings = [
                connection.execute(f"show {name}").fetchone()
                for name in (
                    "transaction_isolation",
                    "transaction_read_only",
                    "lock_timeout",
                    "jit",
                )
            ]

    assert sessions == [{"application_name": "pgdispatch top", "state": "idle"}]
    assert settings == [("repeatable read",), ("on",), ("500ms",), ("off",)]


@on_loop
async def test_look_that_fails_otherwise_says_why(evening: Evening) -> None:
    """The database is there, but it is not the schema any more that the screen knows."""
    async with open_screen(evening.dsn) as screen:
        evening.verbs.run("alter view pgdispatch.status rename to processes")
        await screen.look()
        text = screen.text

    assert "✕ since 12:32:00: " in text
    assert "no answer" not in text
