"""The front for Tableau's clients, without a database: what it reads, and what it says back."""

from __future__ import annotations

from functools import partial
from uuid import UUID
from xml.etree.ElementTree import Element

import anyio
import httpx
import pytest
from starlette.requests import Request

from pgdispatch.web.console.application import make_console
from pgdispatch.web.console.login import Login
from pgdispatch.web.console.options import ConsoleOptions
from pgdispatch.web.console.sessions import FullError, Session, Sessions
from pgdispatch.web.tableau.asking import asked_of, page_of
from pgdispatch.web.tableau.call import Place
from pgdispatch.web.tableau.errors import RefusedError
from pgdispatch.web.tableau.frequency import frequency_of, recurrence_of
from pgdispatch.web.tableau.front import SESSION, Front
from pgdispatch.web.tableau.pace import A_SECOND, AT_ONCE, Pace
from pgdispatch.web.tableau.parsing import parse
from pgdispatch.web.tableau.resources import ROUTES
from pgdispatch.web.tableau.statements import JOBS
from pgdispatch.web.tableau.writing import document, element

FREQUENCIES = {
    "every 15 minutes from 06:00 to 22:00": "every 15 minutes from 06:00 to 22:00",
    "every hour": "every 1 hours",
    "every 2 hours from 6:00 to 22:30": "every 2 hours from 06:00 to 22:30",
    "Daily  at 2:30": "daily at 02:30",
    "weekly on mon, Friday at 04:00": "weekly on monday, friday at 04:00",
    "monthly on 1, 31, last at 03:00": "monthly on 1, 31, last at 03:00",
    "monthly on last tue at 03:00": "monthly on last tuesday at 03:00",
}


def answer(path: str, *, is_on: bool) -> httpx.Response:
    """Return what a console answers that was started with the option, or without it."""
    options = ConsoleOptions(dsn="", is_tableau_api=is_on)
    transport = httpx.ASGITransport(make_console(options, "http://127.0.0.1").application())

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(path)

    return anyio.run(ask)


def test_without_the_option_there_is_no_api() -> None:
    """It is as any path that there is not."""
    assert answer("/api/3.25/serverInfo", is_on=False).status_code == 404
    told = answer("/api/2.4/serverInfo", is_on=True)
    assert told.status_code == 200
    assert answer("/api/3.25", is_on=True).headers["content-type"] == "application/xml"
    assert "<restApiVersion>3.25</restApiVersion>" in told.text


@pytest.mark.parametrize(("recurrence", "again"), FREQUENCIES.items())
def test_a_frequency_comes_back_as_it_was(recurrence: str, again: str) -> None:
    """In words, and from them."""
    frequency, (details,) = frequency_of(recurrence)

    assert frequency is not None
    assert recurrence_of(frequency, details) == again


@pytest.mark.parametrize(
    "recurrence", [None, "cron 5 4 * * *", "every 15 minutes from 22:00 to 04:00"]
)
def test_what_tableau_cannot_say_has_no_frequency(recurrence: str | None) -> None:
    """It is left out, not bent."""
    assert frequency_of(recurrence) == (None, [])


@pytest.mark.parametrize(
    ("frequency", "start", "intervals"),
    [
        ("Hourly", "06:00:00", [("hours", "3")]),
        ("Hourly", "06:00:00", [("hours", "2"), ("weekDay", "Monday")]),
        ("Weekly", "06:00:00", []),
        ("Monthly", "06:00:00", [("monthDay", "32")]),
        ("Daily", "25:00:00", []),
        ("Yearly", "06:00:00", []),
    ],
)
def test_a_frequency_that_cannot_be_kept_is_refused(
    frequency: str, start: str, intervals: list[tuple[str, str]]
) -> None:
    """With the code of a bad interval."""
    parts = [element("interval", **{name: value}) for name, value in intervals]
    details = element("frequencyDetails", element("intervals", *parts), start=start)

    with pytest.raises(RefusedError) as refused:
        recurrence_of(frequency, details)
    assert (refused.value.status, refused.value.code) == (400, "409004")


def test_a_filter_takes_commas_and_colons_in_its_values() -> None:
    """They are parameters of the statement, never part of it."""
    asked = asked_of(
        JOBS,
        {
            "filter": "title:eq:Sales, full: new,status:in:[Failed,Pending],"
            "createdAt:gte:2026-03-01T00:00:00Z",
            "sort": "createdAt:asc,title:desc",
        },
    )

    assert asked.conditions == (
        "title = %(filter_0)s and ((progress = 100 and finish_code = 1) or (progress = -1))"
        " and created_at >= %(filter_2)s"
    )
    assert asked.values["filter_0"] == "Sales, full: new"
    assert str(asked.values["filter_2"]) == "2026-03-01 00:00:00"
    assert asked.order == "created_at asc, title desc"


@pytest.mark.parametrize(
    "query",
    [
        {"filter": "title"},
        {"filter": "title:gt:x"},
        {"filter": "colour:eq:red"},
        {"filter": "status:eq:Odd"},
        {"filter": "priority:eq:1e3"},
        {"filter": "createdAt:gte:soon"},
        {"filter": "jobType:in:a,b"},
        {"filter": "title:eq:a\0"},
        {"filter": "progress:eq:1;drop table x"},
        {"sort": "title"},
        {"sort": "title:up"},
        {"sort": "title) --:asc"},
    ],
)
def test_what_is_asked_wrongly_is_refused(query: dict[str, str]) -> None:
    """And says what is understood."""
    with pytest.raises(RefusedError) as refused:
        asked_of(JOBS, query)
    assert refused.value.code == "400008"
    assert "what is understood" in str(refused.value.detail)


def test_pages_are_bounded() -> None:
    """A list that comes all at once has a bound of its own."""
    assert page_of({"pageNumber": "3", "pageSize": "10"}).offset == 20
    assert page_of({}, 10_000).size == 10_000
    with pytest.raises(RefusedError, match="1000 rows at most"):
        page_of({"pageSize": "1001"})


def test_xml_has_no_characters_that_it_cannot_have() -> None:
    """Whatever is in a row; and what is read has neither entities nor depth without end."""
    written = document([element("job", title="a\0b\ud800\x1b<&>\N{SNOWMAN}", priority=None)])

    assert b"a\xef\xbf\xbdb\xef\xbf\xbd\xef\xbf\xbd&lt;&amp;&gt;\xe2\x98\x83" in written
    assert b"priority" not in written
    assert parse(b"").tag == "tsRequest"
    named = parse(b'<t:tsRequest xmlns:t="x"><t:a t:b="1"/></t:tsRequest>')
    assert (named[0].tag, named[0].attrib) == ("a", {"b": "1"})
    for body in (b"<!DOCTYPE x><tsRequest/>", b"<a>" * 30, b"\xff\xfe", b"<tsRequest>&lt;&x;"):
        with pytest.raises(RefusedError):
            parse(body)
    with pytest.raises(RefusedError, match="too many"):
        parse(b"<tsRequest>" + b"<a/>" * 600 + b"</tsRequest>")
    assert isinstance(named, Element)


def test_a_session_may_ask_much_at_once_but_not_on_end() -> None:
    """What it may ask fills up again with time."""
    at = [0.0]
    pace = Pace(clock=lambda: at[0])
    at_once = [pace.wait() for _ in range(int(AT_ONCE) + 1)]
    at[0] += 1.0
    later = [pace.wait() for _ in range(int(A_SECOND) + 1)]

    assert at_once[:-1] == [0.0] * int(AT_ONCE)
    assert 0 < at_once[-1] <= 1 / A_SECOND
    assert [each > 0 for each in later] == [False] * int(A_SECOND) + [True]


def test_a_session_that_has_asked_too_much_is_told_when_to_come_again() -> None:
    """With 429, which says after how many seconds."""
    console = make_console(ConsoleOptions(dsn=""), "")
    front = Front(console.options, console.access, console.reader, console.actions)
    console.access.sessions.add(SESSION + "x", Login("p", ""))
    front.places[SESSION + "x"] = Place(1, "a", UUID(int=1), "a", UUID(int=2), "p")
    front.paces[SESSION + "x"] = Pace(left=0.0)
    headers = [(b"x-tableau-auth", b"x")]

    with pytest.raises(RefusedError) as refused:
        front.session_of(Request({"type": "http", "headers": headers}))
    assert (refused.value.status, refused.value.again) == (429, "1")


def test_a_console_that_only_looks_refuses_whatever_acts() -> None:
    """Before anything of the request is read."""
    console = make_console(ConsoleOptions(dsn="", is_read_only=True), "")
    front = Front(console.options, console.access, console.reader, console.actions)
    place = Place(1, "a", UUID(int=1), "a", UUID(int=2), "p")
    front.places["x"] = place
    acting = [route for route in ROUTES if route.acts]
    refused = []

    async def ask() -> None:
        for route in acting:
            parts = {"site": str(place.site_luid), "id": "1"}
            session = Session(Login("p", ""), 0.0, 0.0)
            with pytest.raises(RefusedError) as error:
                await front.answer(Request({"type": "http"}), "x", session, route, parts)
            refused.append(error.value.code)

    anyio.run(ask)
    assert refused == ["403004"] * len(acting)
    assert len(acting) > 10


def test_a_client_that_has_been_idle_makes_room_and_a_person_does_not() -> None:
    """One that was lately heard of stays."""
    at = [0.0]
    sessions = Sessions(2, clock=lambda: at[0])

    async def fill() -> None:
        sessions.add("person", Login("p", ""))
        sessions.add("\0api old", Login("a", ""))
        at[0] = 30.0
        sessions.make_room("\0api", 60.0)
        with pytest.raises(FullError):
            sessions.add("\0api new", Login("a", ""))
        at[0] = 90.0
        sessions.make_room("\0api", 60.0)
        sessions.add("\0api new", Login("a", ""))

    anyio.run(partial(fill))
    assert sessions.find("person") is not None
    assert sessions.find("\0api old") is None
    assert sessions.find("\0api new") is not None
