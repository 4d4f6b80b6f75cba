"""Who may in, as whom, and what they are told who may not: by real passwords and tokens."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from xml.sax.saxutils import quoteattr

import httpx
import psycopg
import pytest
import tableauserverclient as TSC  # noqa: N812  # as its own examples have it

from support.cli.command import run_command
from support.tableau.front import Front
from support.web.console import password_of

pytestmark = pytest.mark.usefixtures("newest_only")
THEIRS = """
select md5('pgdispatch task ' || id)::uuid::text from pgdispatch.task where title = 'Theirs'
"""
CREATED_BY = (
    "select created_by, inserted_by from pgdispatch.job_history where title = 'Sales, full'"
)
ENDED = "update pgdispatch.token set ends_at = now() - interval '1 second' where id = %s"


def code(call: Callable[[], object]) -> str:
    """Return Tableau's code with which a call is refused."""
    with pytest.raises((TSC.ServerResponseError, TSC.FailedSignInError)) as error:
        call()
    return str(error.value.code)


def by_token(front: Front, name: str, secret: str, site: str = "acme") -> TSC.Server:
    """Return a client that has signed in by a token."""
    server = front.client()
    server.auth.sign_in(TSC.PersonalAccessTokenAuth(name, secret, site))
    return server


def test_what_is_wrong_is_refused_alike(front: Front) -> None:
    """A password, a name, a site that one may not see or that is none, a role that sees none."""
    answers = set()
    for person, password, site in (
        ("acme_viewer", "wrong", "acme"),
        ("nobody at all", "wrong", "acme"),
        ("acme_viewer", password_of("acme_viewer"), "globex"),
        ("acme_viewer", password_of("acme_viewer"), "no such site"),
        ("stranger", password_of("stranger"), "acme"),
        ("acme_producer", password_of("acme_producer"), "acme"),
        ("pgdispatch", "anything", "acme"),  # the database asks for no password of its superuser
    ):
        auth = TSC.TableauAuth(person, password, site)
        with pytest.raises(TSC.FailedSignInError) as error:
            front.client().auth.sign_in(auth)
        answers.add((error.value.code, error.value.detail))

    assert len(answers) == 1
    assert answers.pop()[0] == "401001"


def test_five_wrong_passwords_are_429_and_say_when_to_come_again(front: Front) -> None:
    """Even the right one is not tried then; a token of the same login is."""
    body = (
        '<tsRequest><credentials name="all_viewer" password={}><site contentUrl=""/>'
        "</credentials></tsRequest>"
    )
    address = f"{front.console.address}/api/3.25/auth/signin"
    wrong = [httpx.post(address, content=body.format('"wrong"')).status_code for _ in range(5)]
    right = httpx.post(address, content=body.format(quoteattr(password_of("all_viewer"))))

    assert wrong == [401] * 5
    assert (right.status_code, right.headers["Retry-After"]) == (429, "60")
    assert 'code="429000"' in right.text


def test_a_token_is_its_login_and_no_more(front: Front) -> None:
    """What it starts is said to be of that login; a viewer's starts nothing."""
    (_, secret), (_, looking) = (
        front.token("acme_operator", "acts"),
        front.token("acme_viewer", "looks"),
    )
    server = by_token(front, "acts", secret)
    (sales,) = server.datasources.filter(name="Sales")
    server.jobs.wait_for_job(server.datasources.refresh(sales))
    viewer = by_token(front, "looks", looking)
    (same,) = viewer.datasources.filter(name="Sales")

    made = [tuple(row.values()) for row in front.cluster.verbs.rows(CREATED_BY)]
    assert ("acme_operator", "front") in made
    assert code(lambda: viewer.datasources.refresh(same)) == "403004"
    assert viewer.users.get_by_id(viewer.user_id).site_role == "Viewer"
    assert code(lambda: by_token(front, "acts", secret, "globex")) == "401001"


def test_tokens_that_ended_were_revoked_or_are_of_others_open_nothing(front: Front) -> None:
    """Whoever has come by one is shut out by the next request."""
    (first, revoked), (second, ended) = (
        front.token("acme_operator", "to revoke"),
        front.token("acme_operator", "to end", "--days", "1"),
    )
    _, others = front.token("all_viewer", "of one whom the console may not be")
    inside = [by_token(front, "to revoke", revoked), by_token(front, "to end", ended)]
    shut = run_command(front.dsn_of("acme_operator"), "token", "revoke", str(first))
    front.cluster.verbs.run(ENDED, second)

    listed = run_command(front.dsn_of("acme_operator"), "token", "list", "--json").rows()
    states = {row["name"]: row["state"] for row in listed}

    assert shut.status == 0
    assert {row["login"] for row in listed} == {"acme_operator"}
    assert (states["to revoke"], states["to end"]) == ("revoked", "ended")
    assert [code(server.jobs.get) for server in inside] == ["401002", "401002"]
    shown = [
        ("to revoke", revoked),
        ("to end", ended),
        ("to end", revoked),
        ("of one whom the console may not be", others),
    ]
    assert [code(partial(by_token, front, *each)) for each in shown] == ["401001"] * 4


def test_another_sites_objects_are_not_there(front: Front) -> None:
    """Whatever is known of them; nor is another site than the one of the session."""
    theirs = front.cluster.verbs.value(THEIRS)
    with front.signed_in("all_operator", "globex") as server:
        (job,) = (TSC.JobItem.from_response(
            server.tasks.run(server.tasks.get_by_id(theirs)), server.namespace))  # fmt: skip
        (source,) = server.datasources.get()[0]
        globex = server.site_id
    with front.signed_in("acme_operator") as server:
        codes = [
            code(lambda: server.tasks.get_by_id(theirs)),
            code(lambda: server.tasks.delete(theirs)),
            code(lambda: server.jobs.get_by_id(job.id)),
            code(lambda: server.jobs.cancel(job.id)),
            code(lambda: server.datasources.refresh(source.id)),
        ]
        listed = [each.title for each in server.jobs.get()[0]]
        server._set_auth(globex, server.user_id, server.auth_token)
        codes.append(code(server.jobs.get))

    with front.signed_in("all_operator") as server:
        elsewhere = [
            code(lambda: server.jobs.get_by_id(job.id)),
            code(lambda: server.jobs.cancel(job.id)),
            code(lambda: server.tasks.get_by_id(theirs)),
        ]

    assert elsewhere == ["404018", "404018", "404026"]
    assert codes == ["404026", "404026", "404018", "404018", "404004", "404000"]
    assert "Theirs" not in listed


def test_a_session_ends_and_no_secret_is_in_the_log(front: Front) -> None:
    """Its token is of no use then, nor is it as the console's cookie."""
    _, secret = front.token("acme_operator", "to leave")
    server = by_token(front, "to leave", secret)
    token = server.auth_token
    cookie = httpx.get(
        f"{front.console.address}/", cookies={"pgdispatch": token}, follow_redirects=False
    )
    server.auth.sign_out()
    headers = {"X-Tableau-Auth": token}
    after = httpx.get(f"{front.console.address}/api/3.25/sites", headers=headers)
    nobody = httpx.get(f"{front.console.address}/api/3.25/sites")

    assert cookie.status_code == 303
    assert cookie.headers["location"] == "/enter"
    assert ('code="401002"' in after.text, 'code="401000"' in nobody.text) == (True, True)
    for hidden in (secret, token, password_of("acme_operator")):
        assert hidden not in front.console.log
    with psycopg.connect(front.cluster.dsn) as connection:
        kept = str(connection.execute("select t.*, t::text from pgdispatch.token t").fetchall())
    assert secret not in kept
