"""Every page of the console, at addresses where there is something, and what is on it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from urllib.parse import quote

from pgdispatch.web.console.pages import PAGES
from support.rights.two_sites import UNKNOWN, Possessions

PANEL_SQL = re.compile(r'<details class="sql">.*?<pre[^>]*>(.*?)</pre>', re.DOTALL)
VERB = re.compile(r'"[^"]*/(?:do|confirm)/([\w-]+)[?"]')
PARAMETER = re.compile(r"\{[^}]+\}")
Things = Mapping[str, Sequence[str]]


def things_of(own: Possessions) -> Things:
    """Return what a site has, by the first part of the paths of its pages."""
    return {
        "job": [str(job) for job in own.jobs.values()],
        "task": [str(task) for task in (own.task, own.idle_task, own.flow)],
        "linked": [str(own.linked_task)],
        "contract": [str(own.contract)],
        "schedule": [f"{own.site} nightly"],
        "calendar": [f"{own.site} days"],
        "site": [own.site],
        "node": ["n"],
        "type": ["flow"],
    }


UNKNOWN_THINGS: Things = {
    **dict.fromkeys(("job", "task", "linked", "contract"), (str(UNKNOWN),)),
    **dict.fromkeys(("schedule", "calendar", "site", "node", "type"), ("no such",)),
}


def addresses(things: Things, *, only_of_things: bool = False) -> Iterator[str]:
    """Yield the address of every page, of those about one thing for each of `things`.

    A page about a kind of thing that is not among them raises KeyError: add it there.
    """
    for page in PAGES:
        if not PARAMETER.search(page.PATH):
            if not only_of_things:
                yield page.PATH
            continue
        for thing in things[page.PATH.split("/")[1]]:
            yield PARAMETER.sub(quote(thing), page.PATH)


def statements_in(page: str) -> list[str]:
    """Return the SQL that the panels of a page show."""
    return [html.unescape(text) for text in PANEL_SQL.findall(page)]


def verbs_in(page: str) -> set[str]:
    """Return the verbs that a page has buttons for."""
    return set(VERB.findall(page))


class Reading(HTMLParser):
    """What a browser would make of a page: its elements, their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        """Note its text."""
        self.text += data
