"""What stands before every page: origin, host, token, limits, headers, cookies."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from pgdispatch.web.console.verbs import VERBS
from support.rights.two_sites import Possessions
from support.web.console import Console, open_console, password_of, token_in

pytestmark = pytest.mark.usefixtures("newest_only")
POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:",
    "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
}  # fmt: skip
ASKED = (
    "/",
    "/enter",
    "/nothing",
    "/static/nothing.js",
    "/do/cancel",
    "/enter/nothing",
    "/?part=1",
)
COOKIE = "pgdispatch"


def post(browser: httpx.Client, **headers: str) -> httpx.Response:
    """Cancel a job that there is not, with a token that is right."""
    token = token_in(browser.get("/").text)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return browser.post("/do/cancel", data={"_token": token, "job": "999"}, headers=given)


@pytest.mark.parametrize("path", ASKED)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_every_answer_has_the_safe_headers(console: Console, path: str, method: str) -> None:
    """Refusals and what there is not as well."""
    answer = httpx.request(method, console.address + path)

    headers = answer.headers
    assert set(headers["content-security-policy"].split("; ")) == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers


def test_files_never_change_under_their_names(console: Console) -> None:
    """So browsers need not ask again; the hash in the name does change."""
    page = httpx.get(f"{console.address}/enter").text
    for name in re.findall(r'"(/static/[^"]+)"', page):
        answer = httpx.get(console.address + name)

        assert re.search(r"\.[0-9a-f]{12}\.(js|css|svg)$", name)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "", "http://127.0.0.1:1", "http://localhost"]
)
def test_a_form_of_another_page_is_refused(console: Console, origin: str) -> None:
    """Whatever else is right."""
    with console.signed_in("all_operator") as browser:
        answer = post(browser, Origin=origin)

    assert answer.status_code == 403
    assert "does not come from a page of this console" in answer.text


def test_a_form_without_an_origin_is_refused(console: Console) -> None:
    """Browsers always send one."""
    with console.signed_in("all_operator") as browser:
        del browser.headers["origin"]
        answer = post(browser)

    assert answer.status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_form_that_the_browser_says_is_foreign_is_refused(console: Console, site: str) -> None:
    """If it says so at all."""
    with console.signed_in("all_operator") as browser:
        assert post(browser, Sec_Fetch_Site=site).status_code == 403
        assert post(browser, Sec_Fetch_Site="same-origin").status_code == 303


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil", ""])
def test_another_name_is_refused(console: Console, host: str) -> None:
    """Or a name that points here could be anybody's page."""
    answer = httpx.get(f"{console.address}/enter", headers={"Host": host})

    assert answer.status_code == 421
    assert "form" not in answer.text


def test_names_that_were_given_are_answered(
    two_sites: tuple[str, Possessions, Possessions], tmp_path: Path
) -> None:
    """With a port, in any case."""
    with open_console(two_sites[0], tmp_path, "--host", "jobs.example") as opened:
        answers = [
            httpx.get(f"{opened.address}/enter", headers={"Host": host}).status_code
            for host in ("jobs.example", "JOBS.example:8060", "localhost", "127.0.0.1:80")
        ]

    assert answers == [200] * 4


@pytest.mark.parametrize("token", ["", "x", "é" * 43])
def test_a_form_needs_the_token_of_its_session(console: Console, token: str) -> None:
    """One of another session will not do either."""
    with console.signed_in("all_operator") as other:
        stolen = token_in(other.get("/").text)
    with console.signed_in("all_operator") as browser:
        answers = [
            browser.post("/do/cancel", data={"_token": each, "job": "999"})
            for each in (token, stolen)
        ]
        answers.append(browser.post("/do/cancel", data={"job": "999"}))

    assert [answer.status_code for answer in answers] == [403] * 3


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_nothing_is_done_by_looking(console: Console, verb: str) -> None:
    """There is no GET of a verb, and none without signing in."""
    with console.signed_in("all_operator") as browser:
        looked = browser.get(f"/do/{verb}")
    outside = httpx.post(f"{console.address}/do/{verb}", headers={"Origin": console.address})

    assert (looked.status_code, outside.status_code) == (405, 403)


def test_the_cookie_is_for_this_console_only(console: Console) -> None:
    """Scripts do not see it, other sites do not send it."""
    with console.browser(Origin=console.address) as browser:
        fields = {"user": "all_viewer", "password": password_of("all_viewer")}
        cookie = browser.post("/enter", data=fields).headers["set-cookie"]

    assert re.fullmatch(
        rf"{COOKIE}=[\w-]{{43}}; HttpOnly; Max-Age=43200; Path=/; SameSite=strict", cookie
    )


def test_behind_https_the_cookie_is_for_https_only(
    two_sites: tuple[str, Possessions, Possessions], tmp_path: Path
) -> None:
    """And browsers hold it to its name, which says so."""
    paths = {("", "127.0.0.1"): f"__Host-{COOKIE}", ("/jobs", "127.0.0.0/8"): f"__Secure-{COOKIE}"}
    for (base, proxy), name in paths.items():
        options = ("--trust-from", proxy, "--host", "jobs.example", "--base-path", base)
        with open_console(two_sites[0], tmp_path, *options) as opened:
            cookie = httpx.post(
                f"{opened.address}{base}/enter",
                data={"user": "all_viewer", "password": password_of("all_viewer")},
                headers={
                    "Origin": "https://jobs.example",
                    "X-Forwarded-Proto": "https",
                    "X-Forwarded-Host": "jobs.example",
                },
            ).headers["set-cookie"]

        assert cookie.startswith(f"{name}=")
        assert f"Path={base}/;" in cookie
        assert cookie.endswith("; Secure")


def test_what_a_stranger_says_of_a_proxy_does_not_count(console: Console) -> None:
    """Only those in --trust-from are believed."""
    answer = httpx.get(
        f"{console.address}/enter",
        headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
    )

    assert answer.status_code == 200


def test_a_session_that_somebody_brings_along_is_not_taken_over(console: Console) -> None:
    """Signing in makes a new one, and ends the one before."""
    with console.browser(Origin=console.address) as browser:
        browser.cookies.set(COOKIE, "A" * 43, domain="127.0.0.1")
        fields = {"user": "all_viewer", "password": password_of("all_viewer")}
        browser.post("/enter", data=fields)
        first = browser.cookies[COOKIE]
        browser.post("/enter", data=fields)
        second = browser.cookies[COOKIE]
        before = httpx.get(console.address, headers={"Cookie": f"{COOKIE}={first}"})

    assert len({"A" * 43, first, second}) == 3
    assert before.status_code == 303


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"job=1&" * 12000, 413),
        (b"&".join(b"x%d=1" % number for number in range(40)), 400),
        (b"&".join(b"job=%d" % number for number in range(1001)), 400),
        (b"job=%ff%fe", 400),
        (b"\xff\xfe=1", 400),
    ],
)
def test_a_form_that_is_too_large_is_refused(console: Console, body: bytes, status: int) -> None:
    """Before anything is asked of the database."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    with console.signed_in("all_operator") as browser:
        answer = browser.post("/do/cancel", content=body, headers=headers)

    assert answer.status_code == status


def test_what_is_no_form_is_refused(console: Console) -> None:
    """Pages of others can send no other kind without asking first."""
    with console.signed_in("all_operator") as browser:
        answer = browser.post("/do/cancel", json={"job": 1})

    assert answer.status_code == 415


@pytest.mark.parametrize(
    "back",
    ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/a\r\nX: y", "/é", ""],
)
def test_nobody_is_sent_elsewhere(console: Console, back: str) -> None:
    """The way back is a path of ours, or the first page."""
    with console.browser(Origin=console.address) as browser:
        fields = {"user": "all_viewer", "password": password_of("all_viewer"), "back": back}
        answer = browser.post("/enter", data=fields)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_a_long_address_is_refused(console: Console) -> None:
    """In its size and in its parts; a number in it has an end, too."""
    with console.signed_in("all_viewer") as browser:
        long = browser.get("/", params={"x": "y" * 9000})
        many = browser.get("/", params={f"x{number}": "y" for number in range(40)})
        number = browser.get("/job/" + "9" * 5000)

    assert [answer.status_code for answer in (long, many, number)] == [414, 400, 414]
