"""The live screen: what it shows, where its keys lead, and what stays as it was."""

from __future__ import annotations

import pytest

from pgdispatch_cli.top.job_screen import JobScreen
from support.top.screen import on_loop, open_screen

from .conftest import Evening

pytestmark = pytest.mark.usefixtures("newest_only")


@on_loop
async def test_screen_says_what_runs_what_waits_and_why(evening: Evening) -> None:
    """In a sentence first; each glyph has its word beside it."""
    async with open_screen(evening.dsn) as screen:
        first, second = (line.strip() for line in screen.text.splitlines()[:2])
        upper, lower = screen.rows("upper"), screen.rows()

    assert first.startswith("2 of 5 backgrounders busy, 5 jobs wait; 1 starts as soon as one that")
    assert second.startswith("✕ node lost-1 lost since")
    assert [row.split()[:4] for row in upper[:2]] == [
        ["etl-1:1", str(evening.jobs["Ledger"]), "●", "Ledger"],
        ["etl-1:2", str(evening.jobs["Cash"]), "●", "Cash"],
    ]
    assert "22 min / 10 min" in upper[0]
    assert "○ idle, takes alert" in upper[3]
    assert f"‖ datasource busy (job {evening.jobs['Ledger']})" in lower[0]
    assert "‖ site limit (2 of 2 running)" in lower[1]
    assert "▶ next in line behind 0" in lower[2]
    assert "▲ no node takes thumbnails" in lower[4]


@on_loop
async def test_a_pause_and_attempts_are_told(evening: Evening) -> None:
    """Who paused what and why, above the panes; each attempt on the page of its job."""
    verbs, job = evening.verbs, evening.jobs["Orders"]
    verbs.run("select pgdispatch.pause('site', 'finance', null, 'a move', 'alice')")
    verbs.run("update pgdispatch.job set max_attempts = 2 where id = %s", job)
    verbs.claim("etl-1:3")
    verbs.fail(job)
    async with open_screen(evening.dsn) as screen:
        above = screen.text.splitlines()[1]
        await screen.go_to("job", job)
        await screen.press("enter")
        page = screen.text

    assert "▲ site finance paused by alice: a move" in above
    assert "attempts" in page
    assert " 1  error       etl-1:3" in page


@on_loop
async def test_log_of_a_running_job_is_on_its_page(evening: Evening) -> None:
    """As far as it has come."""
    job = evening.jobs["Ledger"]
    evening.verbs.run(
        "insert into pgdispatch.job_log values "
        "(pgdispatch.now(), %s, 1, 'finance', 1, 1, 'row 5000 of 9000')", job,
    )  # fmt: skip
    async with open_screen(evening.dsn) as screen:
        await screen.press("1")
        await screen.go_to("job", job)
        await screen.press("enter")
        page = screen.text

    assert "It runs on etl-1:1" in page
    assert "row 5000 of 9000" in page


@on_loop
async def test_titles_cannot_steer_the_terminal(evening: Evening) -> None:
    """Control characters are pictures, marks of direction are replaced."""
    async with open_screen(evening.dsn) as screen:
        await screen.go_to("job", evening.jobs["Orders"])
        shown = screen.rows()[2]
        await screen.press("enter")
        page = screen.text

    assert "Orders␛[2J�" in shown
    assert "Orders␛[2J�" in page
    assert not {"\x1b", "\u202e"} & set(shown + page)


@on_loop
async def test_numbers_and_tab_go_from_pane_to_pane(evening: Evening) -> None:
    """Tab goes to the next in their order, and from the last to the first."""
    names = []
    async with open_screen(evening.dsn) as screen:
        for key in ("3", "4", "5", "6", "tab", "tab", "shift+tab", "shift+tab"):
            await screen.press(key)
            names.append((screen.app.main.pane, len(screen.rows()) > 0))

    assert names == [
        *((name, True) for name in ("ended", "gates", "schedules", "nodes")),
        *((name, True) for name in ("backgrounders", "queue", "backgrounders", "nodes")),
    ]


@on_loop
async def test_enter_opens_the_job_and_escape_goes_back(evening: Evening) -> None:
    """With the sentence, the ladder and the gates."""
    async with open_screen(evening.dsn) as screen:
        await screen.press("enter")
        page = screen.text
        await screen.press("escape")
        back = screen.app.screen

    assert "‖ It waits, place 1, for 2 min: datasource busy" in page
    assert "2 priority        decides" in page
    assert "datasource/finance/Ledger" in page
    assert "12 min over usual" in page
    assert back is screen.app.main


@on_loop
async def test_page_of_a_job_follows_it_to_its_end(evening: Evening) -> None:
    """From the queue to the history."""
    job = evening.jobs["New rows"]
    async with open_screen(evening.dsn) as screen:
        await screen.press("enter")
        evening.verbs.cancel(job, "wrong month")
        await screen.look()
        page = screen.text
        evening.verbs.run("delete from pgdispatch.job_history where id = %s", job)
        await screen.look()
        gone = screen.text

    assert "○ It was cancelled at" in page
    assert "wrong month" in page
    assert f"job {job} is not there" in gone


@on_loop
async def test_b_jumps_to_the_job_in_the_way(evening: Evening) -> None:
    """To its backgrounder; from a gate to who holds it; to its page if it is filtered away."""
    async with open_screen(evening.dsn) as screen:
        await screen.press("b")
        at = (screen.app.main.pane, screen.row["job"])
        await screen.press("4", "g", "b")
        holder = screen.row["job"]
        await screen.press("2", "slash", *"rows", "enter", "g", "b")
        page = screen.app.screen

    assert at == ("backgrounders", evening.jobs["Ledger"])
    assert holder == evening.jobs["Ledger"]
    assert isinstance(page, JobScreen)
    assert page.job == evening.jobs["Ledger"]


@on_loop
async def test_filter_takes_letters_that_are_keys_elsewhere(evening: Evening) -> None:
    """All of the words have to be there, in whatever column; Esc shows everything again."""
    async with open_screen(evening.dsn) as screen:
        await screen.press("slash", *"retail", "space", *"next")
        found = screen.rows()
        heading = screen.text
        await screen.press("enter", "escape")
        everything = screen.rows()

    assert len(found) == 1
    assert "Orders" in found[0]
    assert "/retail next: 1 of 5" in heading
    assert len(everything) == 5


@on_loop
async def test_s_goes_from_site_to_site(evening: Evening) -> None:
    """And after the last one back to all."""
    sites = []
    async with open_screen(evening.dsn) as screen:
        for _ in range(4):
            await screen.press("s")
            shown = {row["site"] for row in screen.app.looked.queue}
            sites.append((screen.app.site, shown))
        await screen.press("s", "s")
        queue = screen.text
        await screen.press("6")
        nodes = next(line for line in screen.text.splitlines() if "6 Nodes" in line)

    assert "site finance" in queue
    assert "site finance" not in nodes
    assert sites == [
        ("default", set()),
        ("finance", {"finance"}),
        ("retail", {"retail"}),
        (None, {"finance", "retail"}),
    ]


@on_loop
async def test_cursor_stays_on_its_job_when_others_come_before_it(evening: Evening) -> None:
    """And in its place when that job goes."""
    job = evening.jobs["Rates"]
    async with open_screen(evening.dsn) as screen:
        await screen.go_to("job", job)
        evening.verbs.set_priority(evening.jobs["Thumbs"], 1)
        await screen.look()
        stayed = screen.row["job"], screen.row["position"]
        evening.verbs.cancel(job)
        await screen.look()
        after = screen.row["position"]

    assert stayed == (job, 3)
    assert after == 3


@on_loop
async def test_cursor_stays_on_its_job_when_the_terminal_changes_its_size(evening: Evening) -> None:
    """The columns are laid out anew."""
    async with open_screen(evening.dsn) as screen:
        await screen.go_to("job", evening.jobs["Rates"])
        await screen.pilot.resize_terminal(80, 24)
        await screen.until(lambda: len(screen.rows()[0]) < 80)
        row = screen.row["job"]

    assert row == evening.jobs["Rates"]


@on_loop
async def test_more_of_a_long_queue_is_read_where_it_is_wanted(evening: Evening) -> None:
    """Near the end of what was read, and for a filter."""
    evening.verbs.run(
        "insert into pgdispatch.job (type, title, priority) "
        "select 'system', 'Job the ' || number || 'th', 90 from generate_series(1, 300) as number"
    )
    async with open_screen(evening.dsn) as screen:
        head, heading = len(screen.rows()), screen.text
        await screen.press("G", "G")
        end = screen.row["position"]
        await screen.press("g")
        again = len(screen.rows())
        await screen.press("slash", *"299th")
        found = screen.rows()

    assert (head, end, again) == (200, 305, 200)
    assert "2 Queue  305  of the first 200:" in heading
    assert len(found) == 1
    assert "Job the 299th" in found[0]


@on_loop
async def test_space_stops_it_and_lets_it_go_on(evening: Evening) -> None:
    """It says so meanwhile."""
    async with open_screen(evening.dsn) as screen:
        await screen.pilot.press("space")
        paused = screen.text
        await screen.pilot.press("space")
        await screen.until(lambda: "paused" not in screen.text)

    assert "‖ paused, space goes on" in paused


@on_loop
async def test_pane_says_why_it_is_empty(evening: Evening) -> None:
    """What is filtered is not what is not there."""
    async with open_screen(evening.dsn, site="default") as screen:
        filtered = screen.text
        evening.verbs.run(
            "select pgdispatch.cancel(id) from pgdispatch.job where state <> 'running'"
        )
        await screen.press("escape")
        everything = screen.text

    assert "nothing fits the filter" in filtered
    assert "nothing waits" in everything


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (200, 50)])
@on_loop
async def test_every_size_shows_what_counts(evening: Evening, size: tuple[int, int]) -> None:
    """Columns fold away, the reason does not."""
    async with open_screen(evening.dsn, size=size) as screen:
        shown = screen.text

    assert len(shown.split("\n")) == size[1]
    assert max(map(len, shown.split("\n"))) <= size[0]
    assert "‖ data" in shown
