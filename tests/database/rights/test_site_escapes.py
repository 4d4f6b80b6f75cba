"""Whoever is confined to a site stays confined, however it changes its session or is let in."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import psycopg
import pytest

from support.rights.two_sites import KINDS, Sites, acting_as
from support.sessions.verbs import Verbs


@pytest.mark.parametrize(
    "escape",
    [
        "set role pgdispatch_site_viewer",
        "set role pgdispatch_site_operator",
        "set row_security = off",
        "set search_path = pg_temp, pgdispatch",
    ],
)
def test_there_is_no_way_out(sites: Sites, escape: str) -> None:
    """Whatever a confined user may set, it stays confined, or is refused."""
    verbs, _, _ = sites
    if "set role" in escape:
        verbs.run("alter role acme_operator noinherit")
    seen: list[Any] = []
    with (
        acting_as(verbs, "acme_operator"),
        suppress(psycopg.errors.InsufficientPrivilege),
        verbs.connection.transaction(),
    ):
        verbs.run(escape)

        own = verbs.value("select pgdispatch.own_sites()")
        seen = verbs.values("select site from pgdispatch.job")

    assert set(seen) <= {"acme"}
    assert own == ["acme"]
    assert seen or escape == "set row_security = off"


@pytest.mark.parametrize("kind", KINDS)
def test_a_confined_user_without_sites_sees_nothing(sites: Sites, kind: str) -> None:
    """As in a database that was restored without its users, or after a rename."""
    verbs, _, _ = sites
    verbs.run("delete from pgdispatch.site_member")
    with acting_as(verbs, f"acme_{kind}"):
        seen = verbs.values("select id from pgdispatch.job")
        with pytest.raises(psycopg.Error) as refused, verbs.connection.transaction():
            verbs.run("insert into pgdispatch.job (type, site) values ('system', 'acme')")

    assert seen == []
    assert refused.value.sqlstate == ("42501" if kind == "viewer" else "JD001")


def test_a_confined_user_is_not_told_the_names_of_nodes(sites: Sites) -> None:
    """It learns that its job is paused, and by whose doing."""
    verbs, _, _ = sites
    verbs.register("secret")
    verbs.run("delete from pgdispatch.pause")
    verbs.run("update pgdispatch.node set is_drained = true")
    with acting_as(verbs, "acme_viewer"):
        reasons = verbs.values("select distinct reason from pgdispatch.queue")

    assert reasons == ["paused (its nodes are drained)"]


def test_a_pool_that_sets_the_role_of_a_person_is_confined_with_it(sites: Sites) -> None:
    """Its login is a member of people of both sites; the role that is set takes away."""
    verbs, acme, globex = sites
    for statement in (
        "create role test_pool login noinherit",
        "create role globex_viewer",
        "select pgdispatch.grant_role('globex_viewer', 'viewer', '{globex}')",
        "grant acme_operator, globex_viewer to test_pool",
    ):
        verbs.run(statement)
    with acting_as(verbs, "test_pool"):
        verbs.run("set role acme_operator")

        own = verbs.value("select pgdispatch.own_sites()")
        with pytest.raises(psycopg.Error) as refused, verbs.connection.transaction():
            verbs.cancel(globex.jobs["waiting"])
        verbs.cancel(acme.jobs["waiting"])

    assert own == ["acme"]
    assert refused.value.sqlstate == "JD002"


@pytest.fixture
def console(sites: Sites) -> Verbs:
    """Give a login that may become people of acme, of globex and of all sites, and is nobody."""
    verbs, _, _ = sites
    for statement in (
        "create role test_console login noinherit",
        "create role globex_viewer",
        "select pgdispatch.grant_role('globex_viewer', 'viewer', '{globex}')",
        "create role all_operator",
        "select pgdispatch.grant_role('all_operator', 'operator')",
        "grant acme_operator, globex_viewer, all_operator, all_viewer to test_console",
    ):
        verbs.run(statement)
    return verbs


def test_a_login_that_becomes_people_is_as_confined_as_they_are(
    sites: Sites, console: Verbs
) -> None:
    """Neither confined for those of all sites, nor widened for those of one."""
    _, acme, globex = sites
    seen: dict[str, tuple[Any, set[str]]] = {}
    with acting_as(console, "test_console"):
        for person in ("acme_operator", "globex_viewer", "all_viewer", "all_operator"):
            console.run(f"set role {person}")
            seen[person] = (
                console.value("select pgdispatch.own_sites()"),
                set(console.values("select site from pgdispatch.job")),
            )
        console.cancel(globex.jobs["waiting"])
        console.run("set role acme_operator")
        with pytest.raises(psycopg.Error) as refused, console.connection.transaction():
            console.cancel(globex.jobs["running"])
        console.cancel(acme.jobs["waiting"])

    assert seen == {
        "acme_operator": (["acme"], {"acme"}),
        "globex_viewer": (["globex"], {"globex"}),
        "all_viewer": (None, {"acme", "globex"}),
        "all_operator": (None, {"acme", "globex"}),
    }
    assert refused.value.sqlstate == "JD002"


@pytest.mark.parametrize("role", ["none", "test_console"])
def test_a_login_that_becomes_people_may_nothing_itself(console: Verbs, role: str) -> None:
    """What is theirs is not its own before it is one of them."""
    with acting_as(console, "test_console"):
        console.run(f"set role {role}")
        for statement in ("select * from pgdispatch.job", "select pgdispatch.own_sites()"):
            refused = pytest.raises(psycopg.errors.InsufficientPrivilege)
            with refused, console.connection.transaction():
                console.run(statement)


@pytest.mark.parametrize(
    "role", ["pgdispatch_viewer", "pgdispatch_operator", "pgdispatch_site_operator"]
)
def test_a_role_of_ours_is_no_person(console: Verbs, role: str) -> None:
    """Set by a login that may become confined people, it shows the sites of those, and no other."""
    with acting_as(console, "test_console"):
        console.run(f"set role {role}")

        own = console.value("select pgdispatch.own_sites()")

    assert sorted(own) == ["acme", "globex"]


@pytest.mark.parametrize("way", ["", "pgdispatch_viewer", "all_viewer"])
def test_whoever_is_confined_itself_stays_so_as_another(
    sites: Sites, console: Verbs, way: str
) -> None:
    """Whomever it may become, by whatever way its own role was granted."""
    verbs, _, _ = sites
    verbs.run("grant all_viewer to acme_operator")
    verbs.run("alter role acme_operator noinherit")
    with acting_as(console, "acme_operator"):
        if way:
            verbs.run(f"set role {way}")
        else:
            verbs.run("set role pgdispatch_site_viewer")

        own = verbs.value("select pgdispatch.own_sites()")
        seen = set(verbs.values("select site from pgdispatch.job"))

    assert own == ["acme"]
    assert way or seen == {"acme"}


def test_sites_of_those_whom_one_may_become_are_not_one_s_own(sites: Sites) -> None:
    """Nor when one is confined oneself."""
    verbs, _, _ = sites
    for statement in (
        "create role globex_viewer",
        "select pgdispatch.grant_role('globex_viewer', 'viewer', '{globex}')",
        "alter role acme_operator noinherit",
        "grant globex_viewer to acme_operator",
    ):
        verbs.run(statement)

    assert verbs.value("select pgdispatch.sites_of('acme_operator', false)") == ["acme"]
    with acting_as(verbs, "acme_operator"):
        verbs.run("set role globex_viewer")
        assert verbs.value("select pgdispatch.own_sites()") == []


def test_members_of_a_confined_group_are_confined(sites: Sites) -> None:
    """By the sites of the group, and their own."""
    verbs, _, _ = sites
    verbs.run("create role test_group")
    verbs.run("create role test_member login in role test_group")
    verbs.run("select pgdispatch.grant_role('test_group', 'viewer', '{acme}')")
    with acting_as(verbs, "test_member"):
        seen = set(verbs.values("select site from pgdispatch.job"))

    assert seen == {"acme"}
