"""Each page, as each role: what it shows, and what of others it does not."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from functools import cache

import httpx
import pytest
from psycopg.conninfo import make_conninfo

from pgdispatch.embedded import find_binaries
from pgdispatch.web.console.verbs import VERBS
from support.rights.two_sites import TRACE, Possessions
from support.web.console import Console, password_of
from support.web.walking import (
    UNKNOWN_THINGS,
    addresses,
    statements_in,
    things_of,
    verbs_in,
)

Furnished = tuple[str, Possessions, Possessions]
pytestmark = pytest.mark.usefixtures("newest_only")
BY_SITES = {
    *("retry", "cancel", "set-priority", "run-now", "resume", "republish", "enable-task"),
    *("pause", "end-pause", "rename", "delete", "contract", "enable-contract"),
}
MAY: dict[str, set[str]] = {
    "all_viewer": set(),
    "all_operator": set(VERBS),
    "acme_viewer": set(),
    "acme_operator": BY_SITES,
}
CONFINED = ("acme_viewer", "acme_operator")
NAMES_OF_ALL = re.compile(
    r"/confirm/(?:rename|delete|run-now)\?[^>]*\b(?:site|schedule|type|node)="
)
MARK = "-- the end of a panel --"


Pages = dict[str, httpx.Response]


@pytest.fixture(scope="module")
def seen(two_sites: Furnished, console: Console) -> Callable[[str], Pages]:
    """Give what each person sees: every page, read once."""

    @cache
    def pages_of(person: str) -> Pages:
        with console.signed_in(person) as browser:
            return {path: browser.get(path) for path in addresses(things_of(two_sites[1]))}

    return pages_of


@pytest.mark.parametrize("person", MAY)
def test_every_page_is_for_everybody_who_may_look(
    seen: Callable[[str], Pages], person: str
) -> None:
    """But those about nodes, of which people of a site are told that they are not for them."""
    found = seen(person)

    wrong = {path: page.status_code for path, page in found.items() if page.status_code != 200}
    for_all = {path for path in wrong if person in CONFINED and path.startswith("/node")}
    assert set(wrong) - for_all == set(), {path: found[path].text for path in wrong}
    assert all(person in page.text for page in found.values())
    without_sql = [path for path, page in found.items() if not statements_in(page.text)]
    assert person in CONFINED or without_sql == []


@pytest.mark.parametrize("person", MAY)
def test_no_page_has_a_button_that_the_database_would_refuse(
    seen: Callable[[str], Pages], person: str
) -> None:
    """It is not there, rather than grey."""
    offered = {path: verbs_in(page.text) - MAY[person] for path, page in seen(person).items()}

    of_all = {path: NAMES_OF_ALL.findall(page.text) for path, page in seen(person).items()}
    assert {path: verbs for path, verbs in offered.items() if verbs} == {}
    assert any(of_all.values()) is (person == "all_operator")


@pytest.mark.parametrize("person", CONFINED)
def test_people_of_a_site_see_nothing_of_another(seen: Callable[[str], Pages], person: str) -> None:
    """Neither names nor numbers, on no page, in no panel, in no SQL."""
    found = {path: TRACE.findall(page.text) for path, page in seen(person).items()}

    assert {path: traces for path, traces in found.items() if traces} == {}


@pytest.mark.parametrize("person", MAY)
def test_the_sql_of_each_panel_works_as_it_stands(
    two_sites: Furnished, seen: Callable[[str], Pages], person: str
) -> None:
    """For the same person, copied into psql, whose own commands begin with a backslash."""
    own = make_conninfo(two_sites[0], user=person, password=password_of(person))
    statements = [
        statement for page in seen(person).values() for statement in statements_in(page.text)
    ]
    lines = [f"{statement}\n\\echo {MARK}" for statement in dict.fromkeys(statements)]
    done = run_psql(own, "\n".join(lines))

    assert len(lines) > 20
    assert done.stderr == ""
    assert done.stdout.count(MARK) == len(lines)


def run_psql(dsn: str, text: str) -> subprocess.CompletedProcess[str]:
    """Give lines to psql, which goes on after an error as at a prompt."""
    return subprocess.run(
        [find_binaries().folder / "psql", "-X", "-q", "-d", dsn, "-f", "-"],
        input=text, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("person", CONFINED)
def test_what_belongs_to_another_site_is_as_if_it_were_not_there(
    two_sites: Furnished, console: Console, person: str
) -> None:
    """The same words as for what there is not, so that nobody learns what there is."""
    theirs, nowhere = things_of(two_sites[2]), UNKNOWN_THINGS
    with console.signed_in(person) as browser:
        for kind, things in theirs.items():
            if kind in ("node", "type"):  # for nobody who is confined; for everybody
                continue
            of_theirs = addresses({**nowhere, kind: things[:1]}, only_of_things=True)
            of_nobody = addresses(nowhere, only_of_things=True)
            for path, other in zip(of_theirs, of_nobody, strict=True):
                if not path.startswith(f"/{kind}/"):
                    continue
                seen, unseen = browser.get(path), browser.get(other)
                assert seen.status_code == unseen.status_code, path
                assert plain(seen.text, things[0]) == plain(unseen.text, nowhere[kind][0]), path


def plain(page: str, thing: str) -> str:
    """Return a page without the name of a thing, and the secrets of its forms."""
    bare = re.sub(r'value="[^"]{43}"', "", page)
    return re.sub(r'"[0-9T:.+-]{19,}"|\b\d\d:\d\d:\d\d\b', "", bare.replace(thing, "THING"))


def test_pages_of_things_tell_who_made_them(seen: Callable[[str], Pages]) -> None:
    """A panel on each; nodes, jobs and what comes with the package were made by nobody's edit."""
    panels = {
        path: re.search(r'id="changes".*?</section>', page.text, re.DOTALL)
        for path, page in seen("all_viewer").items()
        if path.count("/") > 1
    }

    told = {path: "<td>add" in found[0] for path, found in panels.items() if found}
    assert {path.split("/")[1] for path in told} == {
        *("site", "schedule", "calendar", "task", "linked", "contract", "node", "job", "type"),
    }
    assert [path for path in told if not told[path]] == [
        path for path in told if path.startswith(("/node", "/job", "/type"))
    ]


def test_health_ticks_off_only_what_is_well(seen: Callable[[str], Pages]) -> None:
    """A check that found something is marked as its findings are."""
    page = seen("all_viewer")["/health"].text
    chip = re.compile(r'<span class="chip (ok|warn)">\s*<svg.*?</svg>([^<]+)</span>', re.DOTALL)
    chips = chip.findall(page)
    found = set(re.findall(r'<span class="box">([^<]+)</span>', page))

    assert found
    assert {name for colour, name in chips if colour == "warn"} == found
    assert "ok" in dict(chips)


def test_somebody_without_a_role_is_told_how_to_get_one(console: Console) -> None:
    """In a command to copy."""
    with console.signed_in("stranger") as browser:
        page = browser.get("/")

    assert page.status_code == 403
    assert "stranger has no role here" in page.text
    assert "pgdispatch grant stranger viewer" in page.text


def test_nobody_sees_a_page_without_signing_in(two_sites: Furnished, console: Console) -> None:
    """But goes to the door, and from there to where they wanted to go."""
    wrong = []
    for path in addresses(things_of(two_sites[1])):
        page = httpx.get(f"{console.address}{path}?x=1")
        if page.status_code != 303 or not page.headers["location"].startswith("/enter?back="):
            wrong.append(path)

    assert wrong == []
    door = httpx.get(f"{console.address}/?site=acme").headers["location"]
    assert door == "/enter?back=%2F%3Fsite%3Dacme"


def test_a_page_that_has_not_changed_is_not_sent_again(
    two_sites: Furnished, console: Console
) -> None:
    """Its panels have a mark, by which the browser asks again, and no frame; they are packed."""
    with console.signed_in("all_viewer") as browser:
        for path in addresses(things_of(two_sites[1])):
            part = browser.get(path, params={"part": "1"})
            again = browser.get(
                path, params={"part": "1"}, headers={"If-None-Match": part.headers["etag"]}
            )

            assert part.headers["content-encoding"] == "gzip"
            assert "<html" not in part.text
            assert "data-hash" in part.text
            assert (again.status_code, again.text) == (304, ""), path
            assert 2 <= int(again.headers["x-ask-again"]) <= 90


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America%2FNew_York"])
def test_times_are_in_the_zone_of_the_browser(console: Console, zone: str) -> None:
    """Which it says in a cookie, quoted or not."""
    with console.signed_in("all_viewer") as browser:
        browser.cookies.set("pgdispatch-zone", zone)
        page = browser.get("/")

    assert zone.replace("%2F", "/") in page.text


@pytest.mark.parametrize(
    "zone", ["../../etc/passwd", "Nowhere/At_All", "x" * 5000, "%00", "Europe", "localtime", ""]
)
def test_zones_that_there_are_not_count_as_utc(console: Console, zone: str) -> None:
    """The database has to know them, too."""
    with console.signed_in("all_viewer") as browser:
        page = browser.get("/", headers={"Cookie": f"pgdispatch-zone={zone}; {cookies(browser)}"})

    assert page.status_code == 200
    assert "UTC" in page.text


def cookies(browser: httpx.Client) -> str:
    """Return the cookies of a browser as a header has them."""
    return "; ".join(f"{each.name}={each.value}" for each in browser.cookies.jar)
