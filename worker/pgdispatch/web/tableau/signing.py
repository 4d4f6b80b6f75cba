"""Who may in: by a database password, or by a personal access token, and to which site.

A token stands for a login without its password. The database says which (`token_login`), and
whether the console may become that login (`set role`): the console has no list of its own, and
each transaction asks anew, so a token that is revoked or ends shuts out who has come by it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import psycopg

from pgdispatch.database import conninfo
from pgdispatch.web.console.login import Link, Login, ShutOutError, Token, login_of
from pgdispatch.web.console.options import ConsoleOptions
from pgdispatch.web.console.sessions import settle
from pgdispatch.web.console.statements import ACTING, IS_LET_IN
from pgdispatch.web.console.vouching import vouched
from pgdispatch.web.tableau import statements
from pgdispatch.web.tableau.call import Place
from pgdispatch.web.tableau.errors import RefusedError
from pgdispatch.web.tableau.parsing import child
from pgdispatch.web.tableau.secret import digest

logger = logging.getLogger("pgdispatch")

LONGEST = 1000  # characters of a password or secret
WRONG = "the name or secret is wrong, or they are not let in to that site"
DEFAULT = "default"


@dataclass(frozen=True)
class Credentials:
    """What somebody signs in with. `name`: of the database login, or of the token."""

    name: str
    secret: str
    content_url: str
    is_token: bool

    def login(self, options: ConsoleOptions) -> Login:
        """Return how to be whoever this is; of a token not yet whom.

        Raises `RefusedError`.
        """
        if not self.is_token:
            return login_of(options.dsn, self.name, self.secret, is_read_only=options.is_read_only)
        token = Token(self.name, digest(self.secret))
        own = conninfo.resolve(options.dsn)["user"]
        return Login(own, options.dsn, token=token, is_read_only=options.is_read_only)


def credentials_of(body: Element) -> Credentials:
    """Return what a request to sign in has. Raises `RefusedError`."""
    given = child(body, "credentials")
    site = given.find("site")
    content_url = "" if site is None else site.get("contentUrl", "")
    for name, secret, is_token in (
        ("name", "password", False),
        ("personalAccessTokenName", "personalAccessTokenSecret", True),
    ):
        if given.get(name) is not None and given.get(secret) is not None:
            found = Credentials(given.get(name, ""), given.get(secret, ""), content_url, is_token)
            if _is_plausible(found):
                return found
            raise wrong()
    raise RefusedError(
        400, "400000", "a name and password, or a personal access token, are not given"
    )


def enter(login: Login, content_url: str) -> tuple[Login, Link, Place]:
    """Return whom somebody is, with an open connection, and where. Raises `RefusedError`.

    Whatever is wrong is told in the same words: nobody learns which names or sites there are.

    Transaction: one of its own, on the connection that is returned.
    """
    link = login.open()
    try:
        with link.transaction():
            login = vouched(link, login)
            settle(link, login, ACTING)
            place = _place(link, content_url)
    except (psycopg.errors.InsufficientPrivilege, ShutOutError, LookupError) as error:
        link.close()
        if isinstance(error, ShutOutError) and error.hint is not None:
            logger.warning("console: a token was shown: %s: %s", error.message, error.hint)
        raise wrong() from None
    except BaseException:
        link.close()
        raise
    return login, link, place


def wrong() -> RefusedError:
    """Return what tells that nobody is let in by that."""
    return RefusedError(401, "401001", WRONG)


def _place(link: Link, content_url: str) -> Place:
    let_in = link.execute(IS_LET_IN).fetchone() or {}
    if not let_in["is_let_in"]:
        raise LookupError
    wanted = "" if content_url.lower() == DEFAULT else content_url
    site = link.execute(statements.SITE_BY_URL, {"content_url": wanted}).fetchone()
    person = link.execute(statements.PERSON).fetchone()
    if site is None or person is None:
        raise LookupError
    return Place(
        site["id"],
        site["name"],
        site["luid"],
        site["content_url"],
        person["luid"],
        person["name"],
    )


def _is_plausible(given: Credentials) -> bool:
    texts = (given.name, given.secret, given.content_url)
    return all(len(text) <= LONGEST and "\0" not in text for text in texts) and bool(
        given.name and given.secret and given.name.lower() != "none"
    )
