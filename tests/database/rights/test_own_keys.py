"""Keys of jobs that another database user has inserted, or that are of another site."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.types.json import Jsonb

from support.rights.two_sites import acting_as
from support.sessions.keys import add, refusal
from support.sessions.verbs import Verbs

USERS = ("one", "two", "viewer", "acme")


def own(verbs: Verbs) -> list[int]:
    """Return this user's jobs with the key `a`."""
    return verbs.values("select job from pgdispatch.own_job where key = 'a'")


@pytest.fixture
def people(verbs: Verbs) -> Iterator[Verbs]:
    """Give two producers, one who looks and inserts, and a producer confined to the site acme."""
    verbs.site("acme")
    for name in USERS:
        verbs.run(f"drop role if exists key_{name}")
        verbs.run(f"create role key_{name} login")
        sites = ["acme"] if name == "acme" else None
        verbs.run("select pgdispatch.grant_role(%s, 'producer', %s)", f"key_{name}", sites)
    verbs.run("select pgdispatch.grant_role('key_viewer', 'viewer')")
    yield verbs
    verbs.run("reset session authorization")
    for name in USERS:
        verbs.run(f"drop owned by key_{name}")
        verbs.run(f"drop role key_{name}")


def test_whose_job_has_the_key_is_told_to_who_may_see_it(people: Verbs) -> None:
    """A producer sees and replaces what it inserted itself; others learn that the key is taken."""
    replaces = {"on_conflict": "replace", "args": Jsonb({"n": 2})}
    said = {}
    for name in ("one", "two", "viewer"):
        with acting_as(people, f"key_{name}"):
            if name == "one":
                job = add(people, site="acme")
            said[name] = refusal(people, site="acme").message_detail
            if name != "one":
                assert "who has inserted" in str(
                    refusal(people, site="acme", **replaces).message_hint
                )
            left_out = add(people, site="acme", on_conflict="nothing")
            assert (left_out, own(people)) == (None, [job] if name == "one" else [])

    assert said == {
        "one": f"job {job} has it: it is waiting",
        "two": "a job that another database user has inserted has it",
        "viewer": f"job {job} has it: it is waiting",
    }
    assert people.column(job or 0, "args") == {}
    with acting_as(people, "key_one"):
        assert add(people, site="acme", **replaces) is None
    assert people.column(job or 0, "args") == {"n": 2}


def test_keys_of_other_sites_are_nobodys_business(people: Verbs) -> None:
    """Who is confined to a site meets no key of another, and is told nothing of that site."""
    add(people)
    with acting_as(people, "key_acme"):
        with pytest.raises(psycopg.Error, match="site 'default' does not exist"):
            add(people, on_conflict="nothing")
        job = add(people, site="acme", on_conflict="replace")
        assert own(people) == [job]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            people.run("select from pgdispatch.job_key")
