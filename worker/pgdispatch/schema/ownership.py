"""Whose the schema is: all that is in it belongs to its owner, whoever installs or upgrades it."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql

from pgdispatch.database import statements
from pgdispatch.errors import WrongStateError

SET_IS_A_RIGHT = 160000  # from this version on, a member may be barred from acting as the role


@dataclass(frozen=True)
class Stray:
    """An object of the schema that belongs to somebody else: `alter kind name owner to`."""

    kind: str
    name: str
    owner: str


@dataclass(frozen=True)
class Ownership:
    """The owner of the schema (None: there is no schema yet), and what whoever installs may do.

    `me` is the role of the connection; `may_act`: it may act as the owner; `makes_roles`: the owner
    may create roles.
    """

    me: str
    is_superuser: bool
    owner: str | None = None
    may_act: bool = True
    makes_roles: bool = True

    def check(self) -> None:
        """Refuse what would leave objects of two owners, or none that anybody can use."""
        if not self.may_act:
            raise WrongStateError(
                f"the schema pgdispatch belongs to {self.owner}, and {self.me} cannot act as it",
                hint=f"nothing was changed; run it as {self.owner}, as a member of it, "
                "or as a superuser",
            )

    def act(self, connection: psycopg.Connection) -> None:
        """Use the rights that go furthest: a superuser's, else the owner's.

        Transaction: joins the caller's, and holds until its end.
        """
        if self.is_superuser:
            self.act_as_me(connection)
        else:
            self.act_as_owner(connection)

    def act_as_owner(self, connection: psycopg.Connection) -> None:
        """Make everything from here on in the owner's name.

        Transaction: joins the caller's, and holds until its end.
        """
        if self.owner is not None and self.may_act:
            _act_as(connection, self.owner)

    def act_as_me(self, connection: psycopg.Connection) -> None:
        """Use the rights of whoever runs it again.

        Transaction: joins the caller's, and holds until its end.
        """
        if self.owner is not None and self.may_act:
            _act_as(connection, self.me)


def read(connection: psycopg.Connection) -> Ownership:
    """Return whose the schema is; everybody may ask.

    Transaction: joins the caller's.
    """
    right = "set" if connection.info.server_version >= SET_IS_A_RIGHT else "member"
    row = connection.execute(statements.OWNERSHIP, [right]).fetchone()
    return Ownership(*(row or ()))


def strays(connection: psycopg.Connection) -> list[Stray]:
    """Return what is in the schema and does not belong to its owner.

    Transaction: joins the caller's.
    """
    return [Stray(*row) for row in connection.execute(statements.STRAYS).fetchall()]


def give(connection: psycopg.Connection, stray: Stray, owner: str) -> None:
    """Give an object to the owner. Locks: that object, against everybody.

    Transaction: joins the caller's.
    """
    try:
        connection.execute(
            sql.SQL("alter {} {} owner to {}").format(
                sql.SQL(stray.kind), sql.SQL(stray.name), sql.Identifier(owner)
            )
        )
    except psycopg.errors.InsufficientPrivilege as error:
        raise WrongStateError(
            f"{stray.kind} {stray.name} belongs to {stray.owner}, and not to {owner}, "
            "the owner of the schema",
            detail=error.diag.message_primary,
            hint="nothing was changed; run it as a superuser, which gives all to the owner",
        ) from error


def _act_as(connection: psycopg.Connection, role: str) -> None:
    connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
