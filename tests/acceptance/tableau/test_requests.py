"""Requests that no client should send: refused in XML, with Tableau's codes, and nothing broken."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgdispatch.web.tableau.resources import ROUTES
from pgdispatch.web.tableau.route import Route
from support.bad_input.effort import effort
from support.bad_input.values import NUMBERS, TEXTS, whatever
from support.tableau.front import Front
from support.web.console import password_of

pytestmark = pytest.mark.usefixtures("newest_only")
PERSON = "acme_operator"
SIGN_IN = (
    f'<tsRequest><credentials name="{PERSON}" password={quoteattr(password_of(PERSON))}>'
    '<site contentUrl="acme"/></credentials></tsRequest>'
)
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><tsRequest>&b;</tsRequest>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><tsRequest><a>&a;</a></tsRequest>'
NAMES = ["filter", "sort", "pageSize", "pageNumber", "key", "fields"]
ASKED = [
    "title:eq:x",
    "createdAt:gte:yesterday",
    "status:in:[a,b]",
    "priority:eq:1e9",
    "x",
    ":",
    "a:b:c",
]
values = st.sampled_from([*TEXTS, *NUMBERS, *ASKED]) | whatever
ids = st.sampled_from(["0", "not-one", "00000000-0000-0000-0000-000000000000", "..", "%00"])
SESSIONS: list[tuple[httpx.Client, str]] = []
LONGEST = 1000
CODES = {200, 201, 202, 204, 400, 401, 403, 404, 405, 409, 413, 414, 429}


def signed_in(front: Front) -> tuple[httpx.Client, str]:
    """Return a client of an operator who has signed in, and the site."""
    address = f"{front.console.address}/api/3.25/"
    answer = ElementTree.fromstring(httpx.post(f"{address}auth/signin", content=SIGN_IN).text)  # noqa: S314  # ours
    (credentials,) = answer
    headers = {"X-Tableau-Auth": credentials.attrib["token"]}
    client = httpx.Client(base_url=address, headers=headers, timeout=20)
    return client, credentials[0].attrib["id"]


def is_sendable(text: str) -> bool:
    """Tell whether a text can be in an address."""
    return len(text) < LONGEST and not any("\ud800" <= letter <= "\udfff" for letter in text)


def code_of(answer: httpx.Response) -> str:
    """Return the code in an answer, which has to be XML."""
    (error,) = ElementTree.fromstring(answer.text)  # noqa: S314  # ours
    return error.attrib["code"]


def test_requests_that_do_not_fit_are_refused_by_their_codes(
    front: Front,
) -> None:
    """Each with the status that goes with it."""
    client, site = signed_in(front)
    jobs, signin = f"sites/{site}/jobs", f"{front.console.address}/api/3.25/auth/signin"
    asked = {
        "400006": client.get(jobs, params={"pageNumber": "0"}),
        "400007": client.get(jobs, params={"pageSize": "many"}),
        "403014": client.get(jobs, params={"pageSize": "1001"}),
        "400008": client.get(jobs, params={"filter": "colour:eq:red"}),
        "404018": client.get(f"{jobs}/42"),
        "405000": client.patch(jobs),
        "404003": client.get(f"sites/{site}/dataAlerts"),
        "413000": client.post("schedules", content=b"<tsRequest>" + b" " * 70_000),
    }
    strange = [
        httpx.post(signin, content=body)
        for body in (BOMB, OUTSIDE, "no xml", "<tsRequest/>", '{"credentials": {}}', "<x/>")
    ]
    deep = httpx.post(signin, content="<tsRequest>" + "<a>" * 30 + "</a>" * 30 + "</tsRequest>")
    newer = httpx.get(f"{front.console.address}/api/3.26/serverInfo")
    foreign = httpx.get(f"{signin}x", headers={"Host": "evil.example"})

    assert {name: code_of(answer) for name, answer in asked.items()} == {n: n for n in asked}
    assert {str(a.status_code) for a in asked.values()} == {"400", "403", "404", "405", "413"}
    assert [code_of(answer) for answer in [*strange, deep]] == ["400000"] * 7
    assert "passwd" not in strange[1].text
    assert "root:" not in strange[1].text
    assert (code_of(newer), code_of(foreign)) == ("404003", "421000")


@effort(40)
@given(
    route=st.sampled_from(ROUTES),
    one=ids,
    query=st.dictionaries(st.sampled_from(NAMES), values, max_size=3),
    body=st.sampled_from(["", BOMB, "<tsRequest><schedule/></tsRequest>"]) | whatever,
)
def test_bad_input_is_answered_in_words(
    front: Front, route: Route, one: str, query: dict[str, str], body: str
) -> None:
    """Every route, whatever is asked of it and sent to it."""
    if not SESSIONS:
        SESSIONS.append(signed_in(front))
    client, site = SESSIONS[0]
    path = route.path.replace("{site}", site).replace("{id}", one)
    content = body.encode("utf-8", "surrogatepass")
    asked = {name: text for name, text in query.items() if is_sendable(text)}
    answer = client.request(route.method, path, params=asked, content=content)
    if answer.status_code == 429:  # too many examples for one session
        SESSIONS.clear()

    assert answer.status_code in CODES, answer.text
    if answer.status_code >= 400:
        assert code_of(answer)
