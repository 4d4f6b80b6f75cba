"""Install a schema, or upgrade it while nodes and applications use it.

One advisory lock, so that two installers wait for each other. One transaction for the change. No
lock is waited for longer than LOCK_WAIT, since everybody else would queue behind the one who waits:
then all is rolled back, and tried again after a pause.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.resources.abc import Traversable

import psycopg
from psycopg import sql

from pgdispatch.database import session_settings, statements
from pgdispatch.database.server_versions import OLDEST, major, untested
from pgdispatch.errors import PgdispatchError, SchemaMismatchError, WrongStateError
from pgdispatch.schema import catalog
from pgdispatch.schema.catalog import Catalog, Difference
from pgdispatch.schema.changes import Changes
from pgdispatch.schema.installed import Installed, blockers, installed, live_nodes, take_rights_away
from pgdispatch.schema.ownership import Ownership, give, read, strays
from pgdispatch.schema.release import Package, Step, is_older
from pgdispatch.version import how_to_get

INSTALL_LOCK = 1885824107
LOCK_WAIT = "1500ms"  # above deadlock_timeout (1 s), at which an autovacuum in the way gives up
PAUSE = 3.0
LOOK_AGAIN = 0.2
FIRST = "job"
ALTERED = re.compile(r"^alter table pgdispatch\.(\w+)", re.MULTILINE)
BUSY = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)


@dataclass(frozen=True)
class Options:
    """How to install. `attempts`: how often the locks are tried. `say` gets one line of progress.

    `again`: apply functions, views, roles and rows even if the schema is up to date. `stop_nodes`:
    tell nodes that the new schema does not serve to stop, and wait `patience` seconds for them.
    """

    attempts: int = 10
    pause: float = PAUSE
    again: bool = False
    stop_nodes: bool = False
    patience: float = 120.0
    say: Callable[[str], None] = lambda _: None


DEFAULT = Options()


@dataclass(frozen=True)
class Installation:
    """What was found and done: the digest, whether anything was changed, the steps applied.

    `remaining` are objects that are not as the package makes them, even so.
    """

    digest: str
    changed: bool
    steps: tuple[Step, ...] = ()
    remaining: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Upgrade:
    """One run of the installer."""

    dsn: str
    package: Package
    query: Traversable
    options: Options = DEFAULT

    def run(self) -> Installation:
        """Do it; see `installer.install`."""
        for attempt in range(1, self.options.attempts + 1):
            with self._connected() as connection:
                remark = untested(major(connection.info.server_version))
                if remark and attempt == 1:
                    self.options.say(f"warning: {remark}")
                ownership, before = self._look(connection)
                if before is not None and self._is_settled(before):
                    return Installation(self.package.digest, changed=False)
                ownership.check()
                wanted = self._expected(connection, ownership) if before else None
                connection.rollback()
                self._clear_nodes(connection, before, ownership)
                try:
                    return self._change(connection, wanted)
                except BUSY:
                    connection.rollback()
                    names = blockers(connection)
            self.options.say(f"attempt {attempt} of {self.options.attempts}: the locks are held")
            for name in names:
                self.options.say(f"  by {name}")
            if attempt < self.options.attempts:
                time.sleep(self.options.pause)
        raise PgdispatchError(
            f"the locks for this upgrade were not to be had in {self.options.attempts} attempts",
            detail="; ".join(names) or None,
            hint="nothing was changed; end those sessions or wait for them, and run it again",
        )

    def preview(self) -> list[str]:
        """Say what `run` would do, one line each; nothing if the schema is up to date."""
        with self._connected() as connection:
            ownership, before = self._look(connection)
            check_server(connection, is_new=before is None)
            if before is None:
                ownership.check()
                return [f"install version {self.package.version}"]
            if self._is_settled(before):
                return []
            ownership.check()
            wanted = self._expected(connection, ownership)
            found = catalog.describe(connection, self.query)
            gifts = [
                f"give {stray.kind} {stray.name} of {stray.owner} to {ownership.owner}"
                for stray in strays(connection)
            ]
            connection.rollback()
        steps = [f"apply versions/{step.name}" for step in self._steps(before)]
        changes = Changes(self.package, wanted, found).words()
        return [*gifts, *steps, *changes, "grant the roles their rights again"]

    def _look(self, connection: psycopg.Connection) -> tuple[Ownership, Installed | None]:
        """Return whose the schema is and what is installed; refuse to go backwards."""
        ownership = read(connection)
        before = self._installed(connection, ownership)
        connection.rollback()
        self._check(before)
        return ownership, before

    @staticmethod
    def _installed(connection: psycopg.Connection, ownership: Ownership) -> Installed | None:
        """Return what is installed, by whose rights of the two it can be seen."""
        try:
            with connection.transaction():
                return installed(connection)
        except psycopg.errors.InsufficientPrivilege:
            ownership.check()
            ownership.act_as_owner(connection)
            return installed(connection)

    def _connected(self) -> psycopg.Connection:
        connection = session_settings.connect(self.dsn, application_name="pgdispatch install")
        session_settings.lift_limits(connection)
        return connection

    def _check(self, before: Installed | None) -> None:
        """Refuse to go backwards."""
        if before is None or before.digest == self.package.digest:
            return
        newest = self.package.newest_step
        if before.step > newest or is_older(self.package.version, than=before.version):
            raise SchemaMismatchError(
                f"the schema pgdispatch is newer than this package: {before.version}",
                detail=f"this is {self.package.version}; the tables are at step {before.step}, "
                f"this package knows {newest}",
                hint=how_to_get(before.version),
            )

    def _is_settled(self, before: Installed) -> bool:
        return before.is_of(self.package) and not self.options.again

    def _steps(self, before: Installed) -> tuple[Step, ...]:
        return tuple(step for step in self.package.steps if step.number > before.step)

    def _expected(self, connection: psycopg.Connection, ownership: Ownership) -> Catalog:
        """Make the schema under another name, by whose rights of the two that can be done."""
        try:
            with connection.transaction(force_rollback=True):
                ownership.act_as_me(connection)
                return catalog.expected(connection, self.package, self.query)
        except psycopg.errors.InsufficientPrivilege as error:
            if ownership.owner in (None, ownership.me):
                raise lacking(error, "comparing the schema") from error
        try:
            with connection.transaction(force_rollback=True):
                ownership.act_as_owner(connection)
                return catalog.expected(connection, self.package, self.query)
        except psycopg.errors.InsufficientPrivilege as error:
            raise lacking(error, "comparing the schema") from error

    def _clear_nodes(
        self, connection: psycopg.Connection, before: Installed | None, ownership: Ownership
    ) -> None:
        """See to it that no node runs which the new schema would not serve."""
        if before is None or before.level >= self.package.oldest_level:
            return
        ownership.act(connection)
        nodes = live_nodes(connection)
        if nodes and not self.options.stop_nodes:
            raise WrongStateError(
                f"the new schema does not serve nodes of this version: {', '.join(nodes)}",
                hint="stop them first, or let them be told to stop: "
                "pgdispatch install --stop-nodes",
            )
        if nodes:
            self.options.say(f"telling {', '.join(nodes)} to stop")
            ownership.act(connection)
            connection.execute(statements.ANNOUNCE_UPGRADE)
            connection.execute(statements.TELL_SCHEMA)
            connection.commit()
        deadline = time.monotonic() + self.options.patience
        while nodes:
            if time.monotonic() > deadline:
                raise WrongStateError(
                    f"nodes have not stopped: {', '.join(nodes)}",
                    hint="they run jobs, or cannot be told; stop them, and run it again",
                )
            time.sleep(LOOK_AGAIN)
            ownership.act(connection)
            nodes = live_nodes(connection)

    def _change(self, connection: psycopg.Connection, wanted: Catalog | None) -> Installation:
        connection.execute("select pg_advisory_xact_lock(%s)", [INSTALL_LOCK])
        ownership = read(connection)  # a rival may have done it meanwhile
        ownership.check()
        before = self._installed(connection, ownership)
        self._check(before)
        if before is not None and self._is_settled(before):
            return Installation(self.package.digest, changed=False)
        connection.execute("set local check_function_bodies = off")
        connection.execute("set local client_min_messages = warning")
        connection.execute(sql.SQL("set local lock_timeout = {}").format(LOCK_WAIT))
        self._take_over(connection, ownership)
        remaining: tuple[Difference, ...] = ()
        check_server(connection, is_new=before is None)
        if before is None:
            for name, text in self.package.scripts:
                apply(connection, name, sql.SQL(text))
            connection.execute(statements.ROLL_HISTORY)
        else:
            wanted = wanted or self._expected(connection, ownership)
            remaining = self._bring_up(connection, before, wanted)
        steps = () if before is None else self._steps(before)
        connection.execute(
            statements.NOTE_VERSION,
            [
                self.package.digest,
                self.package.version,
                self.package.newest_step,
                self.package.level,
                self.package.oldest_level,
            ],
        )
        connection.execute(statements.TELL_SCHEMA)
        connection.commit()
        return Installation(self.package.digest, changed=True, steps=steps, remaining=remaining)

    def _take_over(self, connection: psycopg.Connection, ownership: Ownership) -> None:
        """Give the owner what others have made; from here on everything is made in its name."""
        if ownership.owner is None:
            return
        ownership.act_as_me(connection)
        if not ownership.makes_roles:
            for name, block in self.package.role_makers:
                apply(connection, name, sql.SQL(block))
        for stray in strays(connection):
            give(connection, stray, ownership.owner)
        ownership.act_as_owner(connection)

    def _bring_up(
        self, connection: psycopg.Connection, before: Installed, wanted: Catalog
    ) -> tuple[Difference, ...]:
        steps = self._steps(before)
        self._hold_up(connection, steps)
        for step in steps:
            apply(connection, f"versions/{step.name}", sql.SQL(step.text))
        found = catalog.describe(connection, self.query)
        take_rights_away(connection, self.package.roles)
        for name, statement in Changes(self.package, wanted, found).statements():
            apply(connection, name, statement)
        for name, text in self.package.part("rows"):
            apply(connection, name, sql.SQL(text))
        now = catalog.describe(connection, self.query)
        return tuple(catalog.differences(wanted, now))

    @staticmethod
    def _hold_up(connection: psycopg.Connection, steps: Iterable[Step]) -> None:
        """Lock at once what the steps change one by one, `job` first, as inserts begin there.

        Else an insert would hold `job` and wait for a table of ours, while we wait for `job`: a
        deadlock, and it is whoever inserts that gets the error.
        """
        altered = {name for step in steps for name in ALTERED.findall(step.text)}
        there = {name for (name,) in connection.execute(statements.TABLES).fetchall()}
        names = altered & there
        for name in [FIRST, *sorted(names - {FIRST})] if names else ():
            table = sql.Identifier(catalog.OWN_NAME, name)
            connection.execute(sql.SQL("lock table {} in access exclusive mode").format(table))


def check_server(connection: psycopg.Connection, *, is_new: bool) -> None:
    """Refuse a server that is too old, and a new schema where not every text can be stored."""
    version = major(connection.info.server_version)
    if version < OLDEST:
        raise SchemaMismatchError(
            f"PostgreSQL {version} is too old", hint=f"use PostgreSQL {OLDEST} or newer"
        )
    encoding = connection.info.parameter_status("server_encoding")
    if is_new and encoding != session_settings.ENCODING:
        raise PgdispatchError(
            f"the database is encoded in {encoding}",
            detail="titles, errors and logs may have any character of Unicode",
            hint="create one in UTF-8: create database NAME encoding 'UTF8' template template0",
        )


def apply(connection: psycopg.Connection, name: str, statement: sql.SQL | sql.Composed) -> None:
    """Execute what is called `name`, and say so if it fails.

    Transaction: joins the caller's.
    """
    try:
        connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege as error:
        raise lacking(error, f"applying {name}") from error
    except psycopg.errors.DependentObjectsStillExist as error:
        raise PgdispatchError(
            f"something of yours depends on what this upgrade replaces: {name}",
            detail=error.diag.message_detail,
            hint="nothing was changed; drop that, run it again, and make it anew",
        ) from error


def lacking(error: psycopg.errors.InsufficientPrivilege, act: str) -> PgdispatchError:
    """Return the refusal of a user who may not install."""
    return PgdispatchError(
        f"this database user may not install pgdispatch: {error.diag.message_primary}",
        detail=f"while {act}",
        hint="install as the database's owner with the right to create roles",
    )
