"""Each page, as each role: what it shows, and what of others it does not."""

from __future__ import annotations

import re

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

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
    *("cancel", "set-priority", "run-now", "resume", "republish", "enable-task"),
    *("pause", "end-pause"),
}
MAY: dict[str, set[str]] = {
    "all_viewer": set(),
    "all_operator": set(VERBS),
    "acme_viewer": set(),
    "acme_operator": BY_SITES,
}
CONFINED = ("acme_viewer", "acme_operator")


@pytest.mark.parametrize("person", MAY)
def test_every_page_is_for_everybody_who_may_look(
    two_sites: Furnished, console: Console, person: str
) -> None:
    """But those about nodes, of which people of a site are told that they are not for them."""
    with console.signed_in(person) as browser:
        found = {path: browser.get(path) for path in addresses(things_of(two_sites[1]))}

    wrong = {path: page.status_code for path, page in found.items() if page.status_code != 200}
    for_all = {path for path in wrong if person in CONFINED and path.startswith("/node")}
    assert set(wrong) - for_all == set(), {path: found[path].text for path in wrong}
    assert all(person in page.text for page in found.values())


@pytest.mark.parametrize("person", MAY)
def test_no_page_has_a_button_that_the_database_would_refuse(
    two_sites: Furnished, console: Console, person: str
) -> None:
    """It is not there, rather than grey."""
    with console.signed_in(person) as browser:
        offered = {
            path: verbs_in(browser.get(path).text) - MAY[person]
            for path in addresses(things_of(two_sites[1]))
        }

    assert {path: verbs for path, verbs in offered.items() if verbs} == {}


@pytest.mark.parametrize("person", CONFINED)
def test_people_of_a_site_see_nothing_of_another(
    two_sites: Furnished, console: Console, person: str
) -> None:
    """Neither names nor numbers, on no page, in no panel, in no SQL."""
    with console.signed_in(person) as browser:
        found = {
            path: TRACE.findall(browser.get(path).text)
            for path in addresses(things_of(two_sites[1]))
        }

    assert {path: traces for path, traces in found.items() if traces} == {}


@pytest.mark.parametrize("person", CONFINED)
def test_what_belongs_to_another_site_is_as_if_it_were_not_there(
    two_sites: Furnished, console: Console, person: str
) -> None:
    """The same words as for what there is not, so that nobody learns what there is."""
    theirs, nowhere = things_of(two_sites[2]), UNKNOWN_THINGS
    with console.signed_in(person) as browser:
        for kind, things in theirs.items():
            if kind == "node":
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


@pytest.mark.parametrize("person", MAY)
def test_the_sql_of_each_panel_works_as_it_stands(
    two_sites: Furnished, console: Console, person: str
) -> None:
    """For the same person, copied into psql."""
    wrong = {}
    own = make_conninfo(two_sites[0], user=person, password=password_of(person))
    with console.signed_in(person) as browser, psycopg.connect(own) as connection:
        for path in addresses(things_of(two_sites[1])):
            for statement in statements_in(browser.get(path).text):
                try:
                    with connection.transaction():
                        connection.execute(statement.encode())
                except psycopg.Error as error:
                    wrong[path] = f"{error}: {statement}"

    assert wrong == {}


def test_pages_show_their_sql(two_sites: Furnished, console: Console) -> None:
    """Or the test above would have nothing to try."""
    with console.signed_in("all_viewer") as browser:
        counts = {
            path: len(statements_in(browser.get(path).text))
            for path in addresses(things_of(two_sites[1]))
        }

    assert [path for path, count in counts.items() if count == 0] == []


def test_pages_of_things_tell_who_made_them(two_sites: Furnished, console: Console) -> None:
    """A panel on each; nodes and jobs were made by nobody's edit."""
    with console.signed_in("all_viewer") as browser:
        panels = {
            path: re.search(r'id="changes".*?</section>', browser.get(path).text, re.DOTALL)
            for path in addresses(things_of(two_sites[1]), only_of_things=True)
        }

    told = {path: "<td>add" in found[0] for path, found in panels.items() if found}
    assert {path.split("/")[1] for path in told} == {
        *("site", "schedule", "task", "linked", "node", "job"),
    }
    assert [path for path in told if not told[path]] == [
        path for path in told if path.startswith(("/node", "/job"))
    ]


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
    """Its panels have a mark, by which the browser asks again; they have no frame."""
    with console.signed_in("all_viewer") as browser:
        for path in addresses(things_of(two_sites[1])):
            part = browser.get(path, params={"part": "1"})
            again = browser.get(
                path, params={"part": "1"}, headers={"If-None-Match": part.headers["etag"]}
            )

            assert "<html" not in part.text
            assert "data-hash" in part.text
            assert (again.status_code, again.text) == (304, ""), path


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
