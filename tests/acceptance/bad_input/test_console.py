"""Requests that no browser should send, to the console: answered in words, and nothing broken.

HYPOTHESIS_PROFILE=long looks for longer. On the newest server only, to save time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgdispatch.embedded import EmbeddedServer
from pgdispatch.web.console import pages
from pgdispatch.web.console.pages import PAGES
from pgdispatch.web.console.verbs import VERBS
from support.bad_input.effort import effort
from support.bad_input.fingerprint import fingerprint, set_canary, untouchable
from support.bad_input.values import NUMBERS, TEXTS, whatever
from support.rights.two_sites import furnish_both
from support.servers.embedded import install_schema, made_database
from support.sessions.verbs import Verbs
from support.web.console import Console, give_roles, open_console, token_in
from support.web.walking import PARAMETER

pytestmark = [
    pytest.mark.usefixtures("newest_only"),
    pytest.mark.timeout(3600),
    pytest.mark.long,
]
ASKED = re.compile(r"asked\.(?:number|word|text|cursor)\(\s*\"(\w+)\"")
SOURCES = [path.read_text() for path in Path(pages.__file__).parent.glob("*.py")]
OTHERS = ("part", "x", "from", "to", "by", "density", "back")  # that no such call names
NAMES = sorted({name for source in SOURCES for name in ASKED.findall(source)} | set(OTHERS))
FIELDS = sorted({name for verb in VERBS.values() for way in verb.ways for name in way.fields})
ANSWERED = {200, 303, 304, 400, 403, 404, 405, 409, 413, 414, 415, 421, 503}
LONGEST = 5000  # more goes into no address; too long for the console are some of these, too
values = (st.sampled_from([*TEXTS, *NUMBERS]) | whatever).filter(lambda text: len(text) < LONGEST)
queries = st.dictionaries(st.sampled_from(NAMES), values, max_size=3)
fields = st.dictionaries(st.sampled_from(FIELDS), values, max_size=5)


@pytest.fixture(scope="module")
def aimed_at(
    asking_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Console, httpx.Client, str]]:
    """Give a console, an operator who has signed in, and the DSN of the database."""
    with made_database(asking_server, "aimed_at") as dsn:
        install_schema(dsn)
        with psycopg.connect(dsn, autocommit=True) as connection:
            furnish_both(Verbs(connection))
            set_canary(connection)
        give_roles(dsn)
        with (
            open_console(dsn, tmp_path_factory.mktemp("aimed_at")) as console,
            console.signed_in("all_operator") as browser,
        ):
            yield console, browser, dsn


@pytest.fixture
def unchanged(aimed_at: tuple[Console, httpx.Client, str]) -> Iterator[None]:
    """See that nothing in the database changes during a test."""
    with psycopg.connect(aimed_at[2], autocommit=True) as connection:
        before = fingerprint(connection)
        yield
        assert fingerprint(connection) == before


@pytest.fixture
def untouched(aimed_at: tuple[Console, httpx.Client, str]) -> Iterator[None]:
    """See that no code, role or table of others changes during a test."""
    with psycopg.connect(aimed_at[2], autocommit=True) as connection:
        before = untouchable(connection)
        yield
        assert untouchable(connection) == before


def sent(text: str) -> str:
    """Return a text as a URL or a form has it, whatever it is."""
    return quote(text, safe="", errors="surrogatepass")


def query_string(values: dict[str, str]) -> str:
    """Return values as a query, or as a form, has them."""
    return "&".join(f"{sent(name)}={sent(value)}" for name, value in values.items())


@pytest.mark.usefixtures("unchanged")
@effort(150)
@given(
    page=st.sampled_from(PAGES),
    thing=st.sampled_from(["1", "7770000001", "acme", "n"]) | values,
    query=queries,
)
def test_every_page_answers_every_question(
    aimed_at: tuple[Console, httpx.Client, str], page: object, thing: str, query: dict[str, str]
) -> None:
    """With a page, or with what is wrong with the question."""
    console, browser, _ = aimed_at
    path = PARAMETER.sub(lambda _: sent(thing), getattr(page, "PATH", ""))

    answer = browser.get(f"{path}?{query_string(query)}")

    assert answer.status_code in ANSWERED, answer.text
    assert "Traceback" not in console.log


@pytest.mark.usefixtures("untouched")
@effort(150)
@given(verb=st.sampled_from(sorted(VERBS)), given_fields=fields, is_asked=st.booleans())
def test_every_verb_takes_only_what_it_can_take(
    aimed_at: tuple[Console, httpx.Client, str],
    verb: str,
    given_fields: dict[str, str],
    is_asked: bool,
) -> None:
    """What is wrong is told of in a notice, or before it is asked."""
    console, browser, _ = aimed_at
    if is_asked:
        answer = browser.get(f"/confirm/{verb}?{query_string(given_fields)}")
    else:
        token = token_in(browser.get("/").text)
        answer = browser.post(
            f"/do/{verb}",
            content=f"_token={token}&{query_string(given_fields)}",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )

    assert answer.status_code in ANSWERED, answer.text
    assert "Traceback" not in console.log


@pytest.mark.usefixtures("unchanged")
@effort(60)
@given(user=values, password=values, back=values)
def test_nobody_gets_in_by_a_strange_name(
    aimed_at: tuple[Console, httpx.Client, str], user: str, password: str, back: str
) -> None:
    """Nor by a strange password, nor to a strange place."""
    console, _, _ = aimed_at
    body = query_string({"user": user, "password": password, "back": back})

    answer = httpx.post(
        f"{console.address}/enter",
        content=body,
        headers={
            "Origin": console.address,
            "Content-Type": "application/x-www-form-urlencoded",
        },
    )

    assert answer.status_code in {400, 403, 413, 503}, answer.text
    assert "set-cookie" not in answer.headers
    assert "Traceback" not in console.log
