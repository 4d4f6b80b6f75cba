"""Whoever is confined to a site stays confined, however it changes its session or is let in."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import psycopg
import pytest

from support.rights.two_sites import KINDS, Sites, acting_as


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


def test_members_of_a_confined_group_are_confined(sites: Sites) -> None:
    """By the sites of the group, and their own."""
    verbs, _, _ = sites
    verbs.run("create role test_group")
    verbs.run("create role test_member login in role test_group")
    verbs.run("select pgdispatch.grant_role('test_group', 'viewer', '{acme}')")
    with acting_as(verbs, "test_member"):
        seen = set(verbs.values("select site from pgdispatch.job"))

    assert seen == {"acme"}
