"""Who may in: by a password, by the word of a proxy, by a token; and until when."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from support.cli.command import run_command
from support.nodes.processes import wait_until
from support.rights.two_sites import TRACE, Possessions
from support.web.console import Console, open_console, password_of, token_in

pytestmark = pytest.mark.usefixtures("newest_only")
Furnished = tuple[str, Possessions, Possessions]
CONNECTIONS = """
select count(*) from pg_stat_activity where application_name = 'pgdispatch web' and usename = %s
"""


def enter(console: Console, user: str, password: str) -> httpx.Response:
    """Try to sign in."""
    fields = {"user": user, "password": password}
    return httpx.post(f"{console.address}/enter", data=fields, headers={"Origin": console.address})


def connections(dsn: str, person: str) -> int:
    """Return how many connections of consoles there are as somebody."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(CONNECTIONS, [person]).fetchone()
    return 0 if row is None else int(row[0])


def test_wrong_passwords_and_unknown_names_are_refused_alike(console: Console) -> None:
    """Nobody learns who there is; and there is no cookie."""
    answers = [
        enter(console, user, password)
        for user, password in (("all_viewer", "wrong"), ("nobody", "wrong"), ("all_viewer", ""))
    ]
    texts = {re.sub(r'value="[^"]*"', "", answer.text) for answer in answers}

    assert [answer.status_code for answer in answers] == [403] * 3
    assert len(texts) == 1
    assert "does not let you in by that name and password" in answers[0].text
    assert all("set-cookie" not in answer.headers for answer in answers)


@pytest.mark.parametrize("user", ["all_producer", "never heard of"])
def test_five_wrong_passwords_are_refused_for_a_minute(console: Console, user: str) -> None:
    """Then not even the right one is tried; others get in."""
    wrong = [enter(console, user, "wrong").text for _ in range(5)]
    right = enter(console, user, password_of("all_producer"))
    other = enter(console, "all_viewer", password_of("all_viewer"))

    assert all("too many tries" not in text for text in wrong)
    assert right.status_code == 403
    assert "too many tries" in right.text
    assert other.status_code == 303


def test_a_database_that_asks_for_no_password_lets_nobody_in(console: Console) -> None:
    """Or anybody could come as its superuser."""
    answer = enter(console, "pgdispatch", "anything")

    assert answer.status_code == 403
    assert "asks for no password" in answer.text


def test_each_person_has_one_connection_until_they_sign_out(
    two_sites: Furnished, console: Console
) -> None:
    """However many pages they look at."""
    dsn = two_sites[0]
    with console.signed_in("acme_operator") as browser:
        for _ in range(3):
            token = token_in(browser.get("/").text)
        during = connections(dsn, "acme_operator")
        left = browser.post("/leave", data={"_token": token})
        after = browser.get("/")

    assert during == 1
    assert (left.status_code, after.status_code) == (303, 303)
    wait_until(lambda: connections(dsn, "acme_operator") == 0)


def test_no_more_people_get_in_than_there_is_room_for(two_sites: Furnished, tmp_path: Path) -> None:
    """Until one of them signs out."""
    with (
        open_console(two_sites[0], tmp_path, "--max-people", "1") as opened,
        opened.signed_in("all_viewer") as browser,
    ):
        second = enter(opened, "all_operator", password_of("all_operator"))
        browser.post("/leave", data={"_token": token_in(browser.get("/").text)})
        third = enter(opened, "all_operator", password_of("all_operator"))

    assert (second.status_code, third.status_code) == (503, 303)
    assert "1 people have signed in already" in second.text


def test_the_password_is_nowhere_but_in_memory(two_sites: Furnished, tmp_path: Path) -> None:
    """Neither in the log nor in the cookie nor on a page."""
    with open_console(two_sites[0], tmp_path, "--log-level", "debug") as opened:
        enter(opened, "all_viewer", "a wrong one")
        with opened.signed_in("all_viewer") as browser:
            page = browser.get("/").text + str(browser.cookies.jar)
        said = opened.log

    assert "all_viewer signed in from 127.0.0.1" in said
    assert not re.search("passw.rd|a wrong one", said + page.replace("password", ""))


def test_a_connection_that_was_lost_is_made_anew(two_sites: Furnished, console: Console) -> None:
    """The person notices nothing."""
    with console.signed_in("all_viewer") as browser:
        browser.get("/")
        with psycopg.connect(two_sites[0], autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'pgdispatch web' and usename = 'all_viewer'"
            )
        assert browser.get("/").status_code == 200


def test_whoever_has_the_address_gets_in_once_and_only_looks(
    two_sites: Furnished, tmp_path: Path
) -> None:
    """Without sign-in; the log has the address of the next one."""
    with open_console(two_sites[0], tmp_path, "--auth", "none", "--read-only") as opened:
        stranger = httpx.get(opened.address)
        with opened.browser(Origin=opened.address) as browser:
            entered = browser.get(opened.entrance)
            page = browser.get("/")
            acted = browser.post("/do/cancel", data={"job": "1", "_token": "x"})
            asked = browser.get("/confirm/cancel?job=1")
        again = httpx.get(opened.entrance)
        (following,) = re.findall(r"the next one enters by (\S+)", opened.log)
        third = httpx.get(following)

    assert [stranger.status_code, again.status_code] == [403, 403]
    assert [entered.status_code, page.status_code, third.status_code] == [303, 200, 303]
    assert [acted.status_code, asked.status_code] == [404, 404]


def test_an_operator_cannot_slip_on_a_console_that_only_looks(
    two_sites: Furnished, tmp_path: Path
) -> None:
    """There is no verb, and the session itself is read only."""
    with (
        open_console(two_sites[0], tmp_path, "--read-only") as opened,
        opened.signed_in("all_operator") as browser,
    ):
        token = token_in(browser.get("/").text)
        acted = browser.post("/do/cancel", data={"job": "1", "_token": token})
        with psycopg.connect(two_sites[0]) as connection:
            found = connection.execute(CONNECTIONS, ["all_operator"]).fetchone()

    assert (acted.status_code, found) == (404, (1,))


WRONG_OPTIONS = {
    "without sign-in the console only looks": ("--auth", "none"),
    "without sign-in the console serves this machine only": (
        *("--auth", "none", "--read-only", "--listen", "0.0.0.0:0", "--host", "x", "--insecure"),
    ),
    "passwords would cross the network in the clear": ("--listen", "0.0.0.0:0", "--host", "x"),
    "under which names people reach the console is not told": (
        *("--listen", "0.0.0.0:0", "--insecure"),
    ),
    "who is to say which user asks is not told": ("--auth", "proxy", "--user-header", "X-User"),
    "--user-header counts with --auth proxy only": ("--user-header", "X-User"),
    "'proxy' is no address to trust": ("--trust-from", "proxy"),
    "'10.0.0.5/8' is no address to trust": ("--trust-from", "10.0.0.5/8"),
    "'jobs' is no path to be under": ("--base-path", "jobs"),
    "'nowhere' is not an address to listen on": ("--listen", "nowhere"),
}


@pytest.mark.parametrize("words", WRONG_OPTIONS)
def test_what_is_not_safe_is_not_served(words: str) -> None:
    """Nor what makes no sense."""
    done = run_command("host=/nowhere", "web", *WRONG_OPTIONS[words])

    assert done.status in (1, 2)
    assert words in done.err


LAST_CHANGE = "select changed_by, said_by, what from pgdispatch.change order by id desc limit 1"
PROXIED = ("--auth", "proxy", "--user-header", "X-Remote-User", "--trust-from")


@pytest.fixture(scope="module")
def web_login(two_sites: Furnished) -> str:
    """Give the DSN of a login of the console's own, which may become two people of sites."""
    dsn = two_sites[0]
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("drop role if exists web_login")
        connection.execute("create role web_login login password 'of the console'")
        connection.execute("grant acme_viewer, acme_operator to web_login")
    return f"{dsn} user=web_login password='of the console'"


@pytest.fixture(scope="module")
def proxied(web_login: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """Give a console behind a proxy."""
    folder = tmp_path_factory.mktemp("proxied")
    with open_console(web_login, folder, *PROXIED, "127.0.0.1") as opened:
        yield opened


def test_whom_the_proxy_names_sees_what_is_theirs(proxied: Console) -> None:
    """Without signing in; each as they are."""
    page = httpx.get(proxied.address, headers={"X-Remote-User": "acme_viewer"})

    assert page.status_code == 200
    assert "acme" in page.text
    assert TRACE.search(page.text) is None


def test_one_login_is_people_of_a_site_and_people_of_all(
    two_sites: Furnished, tmp_path: Path
) -> None:
    """Each is confined as they are, whoever else it may become, and named for what they do."""
    dsn, acme, globex = two_sites
    with psycopg.connect(dsn, autocommit=True) as connection:
        (version,) = connection.execute("show server_version_num").fetchone() or (0,)
        option = " with inherit false, set true" if int(version) >= 160000 else ""
        connection.execute("create role shared_login login noinherit password 'of the console'")
        for person in ("all_viewer", "acme_operator"):
            connection.execute(f"grant {person} to shared_login{option}".encode())
    shared = f"{dsn} user=shared_login password='of the console'"
    with (
        open_console(shared, tmp_path, *PROXIED, "127.0.0.1") as opened,
        opened.browser(Origin=opened.address) as browser,
    ):
        browser.headers["X-Remote-User"] = "acme_operator"
        own, theirs = (browser.get(f"/site/{each.site}") for each in (acme, globex))
        form = browser.get(f"/confirm/cancel?job={acme.jobs['waiting']}")
        fields = {"_token": token_in(form.text), "job": str(globex.jobs["waiting"])}
        browser.post("/do/cancel", data=fields)
        notice = browser.get(f"/site/{acme.site}").text
        mine = {"job": str(acme.jobs["waiting"]), "priority": "33"}
        browser.post("/do/set-priority", data={**fields, **mine})
        browser.headers["X-Remote-User"] = "all_viewer"
        seen = [browser.get(f"/site/{each.site}").status_code for each in (acme, globex)]

    assert (own.status_code, theirs.status_code, seen) == (200, 404, [200, 200])
    with psycopg.connect(dsn) as connection:
        done = connection.execute(LAST_CHANGE).fetchone()
    assert done == ("shared_login", "acme_operator", "set priority")
    assert 'class="notice refused"' in notice
    assert TRACE.search(own.text + re.sub(r"7770000\d+", "", notice)) is None


@pytest.mark.parametrize("name", ["web_login", "all_viewer", "none", "nobody at all", "", "a" * 99])
def test_the_proxy_cannot_name_just_anybody(proxied: Console, name: str) -> None:
    """The console becomes nobody whom it was not granted, and never itself."""
    page = httpx.get(proxied.address, headers={"X-Remote-User": name})

    assert page.status_code == 403
    assert "acme" not in page.text


@pytest.mark.parametrize("headers", [[], [("X-Remote-User", "acme_viewer")] * 2])
def test_the_proxy_has_to_name_exactly_one(
    proxied: Console, headers: list[tuple[str, str]]
) -> None:
    """Two are one that somebody has added."""
    assert httpx.get(proxied.address, headers=headers).status_code == 403


def test_a_name_that_does_not_come_from_the_proxy_is_forged(web_login: str, tmp_path: Path) -> None:
    """Requests from elsewhere are refused, whatever they say of where they come from."""
    with open_console(web_login, tmp_path, *PROXIED, "10.0.0.5") as opened:
        page = httpx.get(
            opened.address,
            headers={"X-Remote-User": "acme_viewer", "X-Forwarded-For": "10.0.0.5"},
        )

    assert page.status_code == 403
    assert "by way of its proxy only" in page.text


def test_below_a_path_everything_is_below_it(two_sites: Furnished, tmp_path: Path) -> None:
    """Links, forms, files, ways back and the cookie."""
    with (
        open_console(two_sites[0], tmp_path, "--base-path", "/jobs") as opened,
        opened.browser(Origin=opened.address) as browser,
    ):
        door = browser.get("/jobs/?site=acme")
        form = browser.get(door.headers["location"])
        fields = {
            "user": "all_viewer",
            "password": password_of("all_viewer"),
            "back": "/?site=acme",
        }
        entered = browser.post("/jobs/enter", data=fields)
        page = browser.get(entered.headers["location"])
        outside = browser.get("/")

    assert door.headers["location"] == "/jobs/enter?back=%2F%3Fsite%3Dacme"
    assert entered.headers["location"] == "/jobs/?site=acme"
    assert (page.status_code, outside.status_code) == (200, 404)
    for text in (form.text, page.text):
        assert not [
            path
            for path in re.findall(r'(?:href|src|action)="([^"#]+)"', text)
            if not path.startswith("/jobs/")
        ]
