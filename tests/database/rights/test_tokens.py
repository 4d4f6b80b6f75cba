"""Tokens: nobody makes one that opens more than they have; what should not open opens nothing."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from support.rights.two_sites import acting_as
from support.sessions.clock import Clock
from support.sessions.verbs import Verbs

ADD = "select pgdispatch.add_token(%s, sha256(%s), %s, %s)"
WHO = "select login from pgdispatch.token_login(%s, sha256(%s))"
SEEN = "select login || '/' || name || '/' || state from pgdispatch.token_status"
PEOPLE = ("her_acme_viewer", "her_acme_operator", "her_all_viewer")
NAMES = ("boss", "door", *PEOPLE)
DAY = 86400


@pytest.fixture
def people(verbs: Verbs) -> Iterator[Verbs]:
    """Give people of one site and of all, and the console's own login."""
    verbs.site("acme")
    for name in NAMES:
        verbs.run(f"create role {name} login")
    verbs.run("alter role door noinherit")
    verbs.run("grant pgdispatch_token_reader to door")
    grant = "select pgdispatch.grant_role(%s, %s, %s)"
    verbs.run(grant, "boss", "operator", None)
    verbs.run(grant, "her_all_viewer", "viewer", None)
    for kind in ("viewer", "operator"):
        verbs.run(grant, f"her_acme_{kind}", kind, ["acme"])
    yield verbs
    verbs.run("reset session authorization")
    for name in NAMES:
        verbs.run(f"drop owned by {name}")
        verbs.run(f"drop role {name}")


def add(verbs: Verbs, by: str, name: str, *, days: int = 30, login: str | None = None) -> int:
    """Add a token whose secret is its name, as somebody."""
    with acting_as(verbs, by):
        return int(verbs.value(ADD, name, name, days, login or by))


def refused(verbs: Verbs, by: str, statement: str, *values: object) -> str:
    """Return the SQLSTATE with which a statement of somebody is refused."""
    with acting_as(verbs, by), pytest.raises(psycopg.Error) as error:
        verbs.run(statement, *values)
    return str(error.value.sqlstate)


def opened(verbs: Verbs, name: str, secret: str | None = None) -> list[str]:
    """Return whom a token stands for, as the console asks."""
    with acting_as(verbs, "door"):
        verbs.run("set role pgdispatch_token_reader")
        found = verbs.values(WHO, name, secret or name)
        verbs.run("reset role")
    return found


def test_one_makes_tokens_for_oneself_and_for_whom_one_may_become(people: Verbs) -> None:
    """An operator of all sites may not become anybody; whoever was granted a login may."""
    add(people, "her_acme_viewer", "own")
    by_operator = refused(people, "boss", ADD, "x", "x", 30, "her_acme_viewer")
    by_neighbour = refused(people, "her_acme_operator", ADD, "x", "x", 30, "her_acme_viewer")
    people.run("grant her_acme_viewer to boss")
    add(people, "boss", "for her", login="her_acme_viewer")

    assert (by_operator, by_neighbour) == ("42501", "42501")
    assert opened(people, "own") == opened(people, "for her") == ["her_acme_viewer"]
    people.run("revoke her_acme_viewer from boss")


def test_there_are_none_for_superusers_nor_without_an_end(people: Verbs) -> None:
    """Whoever asks, and even if the login became one later."""
    (superuser,) = people.values("select current_user::text")
    with pytest.raises(psycopg.Error, match="is a superuser, for whom there are no tokens"):
        people.run(ADD, "x", "x", 30, superuser)
    for days in (0, 366, -1):
        assert refused(people, "boss", ADD, "x", "x", days, "boss") == "JD001"
    add(people, "boss", "early")
    people.run("alter role boss superuser")
    promoted = opened(people, "early")
    people.run("alter role boss nosuperuser")

    assert promoted == []
    assert opened(people, "early") == ["boss"]


def test_a_token_opens_by_name_and_secret_until_it_ends_or_is_revoked(
    people: Verbs, clock: Clock
) -> None:
    """Nor does it if its login may not log in, or is another of that name."""
    ends, revoked = add(people, "boss", "ends", days=1), add(people, "boss", "revoked")
    assert opened(people, "ends") == ["boss"]
    assert opened(people, "ends", "revoked") == opened(people, "ends", "wrong") == []
    with acting_as(people, "boss"):
        people.run("select pgdispatch.revoke_token(%s)", revoked)
    clock.advance(DAY)

    assert opened(people, "ends") == opened(people, "revoked") == []
    assert people.values(SEEN) == ["boss/ends/ended", "boss/revoked/revoked"]
    assert add(people, "boss", "ends") != ends  # what has ended makes room for its name
    people.run("alter role boss nologin")
    assert opened(people, "ends") == []
    people.run("alter role boss login valid until '2026-01-01'")
    assert opened(people, "ends") == []
    people.run("alter role boss valid until 'infinity'")
    assert opened(people, "ends") == ["boss"]
    people.run("drop owned by boss")
    people.run("drop role boss")
    people.run("create role boss login")
    assert opened(people, "ends") == []
    assert people.values(SEEN)[:1] == ["boss/ends/login gone"]


def test_one_sees_ones_own_tokens_and_nobody_sees_hashes(people: Verbs) -> None:
    """Operators and viewers of all sites see all; only operators and their login revoke them."""
    for name in PEOPLE:
        token = add(people, name, "of " + name)
    revoke = "select pgdispatch.revoke_token(%s)"
    with acting_as(people, "her_acme_viewer"):
        own = people.values(SEEN)
    for name in ("boss", *PEOPLE):
        assert refused(people, name, "select hash from pgdispatch.token") == "42501"

    assert own == ["her_acme_viewer/of her_acme_viewer/good"]
    assert refused(people, "her_acme_operator", revoke, token) == "JD002"
    with acting_as(people, "boss"):
        assert len(people.values(SEEN)) == 3
        people.run(revoke, token)
    assert opened(people, "of her_all_viewer") == []
    told = people.rows("select what, name, changed_by from pgdispatch.change where kind = 'token'")
    assert told[-1] == {"what": "revoke", "name": "of her_all_viewer", "changed_by": "boss"}


def test_only_the_consoles_login_asks_whom_a_token_stands_for(people: Verbs) -> None:
    """And that login may do nothing else, not even with the role that it asks in."""
    add(people, "boss", "x")

    assert refused(people, "boss", WHO, "x", "x") == "42501"
    with acting_as(people, "door"):
        people.run("set role pgdispatch_token_reader")
        for statement in ("select from pgdispatch.job", "select pgdispatch.revoke_token(1)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                people.run(statement)
        people.run("reset role")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            people.run("set role boss")


def test_when_a_token_was_last_used_is_rarely_written(people: Verbs, clock: Clock) -> None:
    """To ten minutes, and not in a transaction that only reads."""
    add(people, "boss", "x")
    at = []
    for seconds in (1, 60, 600):
        clock.advance(seconds)
        opened(people, "x")
        at.append(people.value("select last_used_at from pgdispatch.token"))

    assert at[0] == at[1]
    assert at[2] == clock.now
