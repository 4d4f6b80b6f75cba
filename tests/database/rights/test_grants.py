"""Roles are granted and revoked as asked, for all sites or for some, or not at all."""

from __future__ import annotations

import psycopg
import pytest

from support.rights.two_sites import Sites, acting_as
from support.sessions.verbs import Verbs

ROLES_OF = """
select r.rolname
from pg_auth_members as m
join pg_roles as r on r.oid = m.roleid
where m.member = 'bob'::regrole
order by 1
"""
SITES_OF = "select site from pgdispatch.site_member where member = 'bob' order by 1"
GRANT = "select pgdispatch.grant_role('bob', %s, %s)"
REVOKE = "select pgdispatch.revoke_role('bob', %s, %s)"


@pytest.fixture
def bob(sites: Sites) -> Verbs:
    """Give the furnished sites with a user who has no role yet."""
    verbs, _, _ = sites
    verbs.run("create role bob login")
    return verbs


def standing(verbs: Verbs) -> tuple[list[str], list[str]]:
    """Return the roles that bob has, and the sites that he is confined to."""
    return (
        [role.removeprefix("pgdispatch_") for role in verbs.values(ROLES_OF)],
        verbs.values(SITES_OF),
    )


def refusal(verbs: Verbs, statement: str, *values: object) -> str:
    """Return the SQLSTATE and message with which a statement is refused."""
    with pytest.raises(psycopg.Error) as refused, verbs.connection.transaction():
        verbs.run(statement, *values)
    return f"{refused.value.sqlstate} {refused.value.diag.message_primary}"


@pytest.mark.parametrize("role", ["producer", "worker", "viewer", "operator"])
def test_each_role_comes_and_goes(bob: Verbs, role: str) -> None:
    """Granting what one has changes nothing."""
    bob.run(GRANT, role, None)
    bob.run(GRANT, role, None)
    granted = standing(bob)
    bob.run(REVOKE, role, None)

    assert granted == ([role], [])
    assert standing(bob) == ([], [])


def test_a_user_may_have_a_name_like_our_roles(bob: Verbs) -> None:
    """It is not taken for one of them."""
    bob.run("create role pgdispatch_etl login")
    bob.run("select pgdispatch.grant_role('pgdispatch_etl', 'viewer', '{acme}')")
    with acting_as(bob, "pgdispatch_etl"):
        assert bob.value("select pgdispatch.own_sites()") == ["acme"]


def test_sites_add_up_and_the_roles_go_with_the_last(bob: Verbs) -> None:
    """They belong to the user, whichever role they were named with."""
    bob.run(GRANT, "viewer", ["acme"])
    bob.run(GRANT, "producer", ["globex", "acme"])
    both = standing(bob)
    bob.run(REVOKE, "viewer", ["globex"])
    one = standing(bob)
    bob.run(REVOKE, "viewer", ["acme"])

    assert both == (["site_producer", "site_viewer"], ["acme", "globex"])
    assert one == (["site_producer", "site_viewer"], ["acme"])
    assert standing(bob) == ([], [])


def test_a_role_goes_without_the_sites_of_another(bob: Verbs) -> None:
    """And the sites go with the last role."""
    bob.run(GRANT, "operator", ["acme"])
    bob.run(GRANT, "producer", ["acme"])
    bob.run(REVOKE, "operator", None)
    left = standing(bob)
    bob.run(REVOKE, "producer", None)

    assert left == (["site_producer"], ["acme"])
    assert standing(bob) == ([], [])


@pytest.mark.parametrize(
    ("user", "role", "named", "said"),
    [
        ("nobody_here", "viewer", None, "JD001 database user 'nobody_here' does not exist"),
        ("bob", "queen", None, "JD001 role 'queen' does not exist"),
        ("bob", None, None, "JD001 role NULL does not exist"),
        ("bob", "viewer", ["acme", "nowhere"], "JD001 site 'nowhere' does not exist"),
        ("bob", "viewer", [], "JD001 no site was named"),
        ("bob", "worker", ["acme"], "JD001 a worker cannot be confined to sites"),
        ("acme_viewer", "viewer", None, "JD001 acme_viewer is a member of pgdispatch_site_viewer"),
        ("acme_viewer", "worker", None, "JD001 acme_viewer is a member of pgdispatch_site_viewer"),
        ("all_viewer", "operator", ["acme"], "JD001 all_viewer is a member of pgdispatch_viewer"),
        ("pgdispatch", "viewer", ["acme"], "JD001 pgdispatch is a superuser"),
    ],
)
def test_a_wrong_grant_is_refused(
    bob: Verbs, user: str, role: str | None, named: list[str] | None, said: str
) -> None:
    """With what was wrong; nothing is granted."""
    refused = refusal(bob, "select pgdispatch.grant_role(%s, %s, %s)", user, role, named)

    assert refused.startswith(said)
    assert standing(bob) == ([], [])


def test_what_was_not_granted_is_not_revoked(bob: Verbs) -> None:
    """Nor what a user has by way of another role, which goes on having it."""
    bob.run("create role crowd")
    bob.run("select pgdispatch.grant_role('crowd', 'viewer', '{acme}')")
    bob.run("grant crowd to bob")

    refused = refusal(bob, REVOKE, "viewer", None)

    assert refused == "JD002 bob has not been granted viewer"
    with acting_as(bob, "bob"):
        assert bob.value("select pgdispatch.own_sites()") == ["acme"]


def test_a_membership_that_stays_is_not_said_to_be_gone(bob: Verbs) -> None:
    """From PostgreSQL 16 on only who granted it, or in his name, takes it away."""
    bob.run("create role clerk createrole")
    bob.run("grant pgdispatch_viewer to clerk with admin option")
    bob.run("set session authorization clerk")
    bob.run("grant pgdispatch_viewer to bob")
    bob.run("reset session authorization")

    if bob.connection.info.server_version >= 160000:
        assert "bob is still a member of" in refusal(bob, REVOKE, "viewer", None)
    else:
        bob.run(REVOKE, "viewer", None)
        assert standing(bob) == ([], [])


@pytest.mark.parametrize("user", ["acme_operator", "all_viewer"])
def test_only_whoever_installed_lets_people_in(bob: Verbs, user: str) -> None:
    """Neither the functions nor the table are for anybody else."""
    with acting_as(bob, user):
        granted = refusal(bob, GRANT, "viewer", None)
        written = refusal(bob, "insert into pgdispatch.site_member values (%s, 'globex')", user)

    assert granted.startswith("42501")
    assert written.startswith("42501")
