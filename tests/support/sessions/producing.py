"""Producers that insert jobs of all kinds and keep a ledger of what they have committed.

A producer whose connection breaks connects anew, notes what it is unsure of, and goes on until it
has committed as much as it was told to.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from support.invariants.ledger import Ledger

INSERT = """
insert into pgdispatch.job
    (type, site, schedule, datasource, priority, max_attempts, not_before, args)
values (
    %(type)s, %(site)s, %(schedule)s, %(datasource)s, %(priority)s, %(max_attempts)s,
    now() + %(later)s * interval '1 s', %(args)s
)
returning id
"""
SETUP = """
insert into pgdispatch.site (name, max_running_jobs) values ('north', 3), ('south', null);
insert into pgdispatch.schedule (name, execution) values ('nightly', 'serial');
update pgdispatch.setting set value = '1' where name in ('retry_base_seconds', 'retry_max_seconds')
"""
TYPES = ("flow", "alert", "system", "subscription", "incremental_extract", "full_extract")
PAUSE = 0.2


def set_up(connection: psycopg.Connection[Any]) -> None:
    """Add a site with a limit, one without, and a serial schedule; retries come soon."""
    connection.execute(SETUP)


def draw(random: Random, *, longest: float, failing: float) -> dict[str, Any]:
    """Return the columns of a job: some with gates, some that fail and are tried again."""
    fails = random.random() < failing
    return {
        "type": random.choice(TYPES),
        "site": random.choice(("default", "north", "south")),
        "schedule": "nightly" if random.random() < 0.05 else None,
        "datasource": f"source {random.randrange(20)}" if random.random() < 0.4 else None,
        "priority": random.choice((10, 50, 50, 50, 90)),
        "max_attempts": random.choice((1, 1, 3)),
        "later": random.random() if random.random() < 0.05 else None,
        "args": Jsonb({"for": random.random() * longest, **({"fails": True} if fails else {})}),
    }


class Producer:
    """One connection that inserts jobs, some in one transaction, some alone."""

    def __init__(
        self,
        dsn: str,
        ledger: Ledger,
        random: Random,
        *,
        longest: float = 0.02,
        failing: float = 0.05,
    ) -> None:
        """Note where to insert and where to write down what was committed.

        `longest`: seconds that a job takes. `failing`: the share of those that fail.
        """
        self.dsn, self.ledger, self.random = dsn, ledger, random
        self.longest, self.failing = longest, failing
        self.failures: list[psycopg.Error] = []
        self._connection: psycopg.Connection[Any] | None = None

    def insert(self, count: int, *, deadline: float | None = None) -> None:
        """Commit `count` jobs, however often it takes; raise TimeoutError after `deadline`."""
        left = count
        while left > 0:
            batch = min(left, self.random.choice((1, 1, 5, 20)))
            try:
                self._commit(batch)
                left -= batch
            except psycopg.Error as error:
                if not is_fault(error):
                    raise
                self.failures.append(error)
                self.close()
                if deadline is not None and time.monotonic() > deadline:
                    raise TimeoutError(f"could not insert {left} jobs") from error
                time.sleep(PAUSE)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _commit(self, count: int) -> None:
        if self._connection is None:
            self._connection = psycopg.connect(self.dsn, connect_timeout=5)
        jobs: list[int] = []
        try:
            for _ in range(count):
                drawn = draw(self.random, longest=self.longest, failing=self.failing)
                row = self._connection.execute(INSERT, drawn).fetchone()
                jobs.append(row[0])  # type: ignore[index]  # it returns one
            self._connection.commit()
        except psycopg.Error:
            self.ledger.doubt(jobs)
            raise
        self.ledger.commit(jobs)


def is_fault(error: psycopg.Error) -> bool:
    """Tell whether an error is of the kind that the tests bring about: away, full, read-only."""
    is_away = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return is_away or isinstance(error, psycopg.errors.ReadOnlySqlTransaction)


@contextmanager
def producing(producer: Producer, count: int, *, pace: float) -> Iterator[threading.Thread]:
    """Insert `count` jobs in the background, about `pace` a second; wait for them at the end."""
    failed: list[BaseException] = []

    def work() -> None:
        try:
            begun, done = time.monotonic(), 0
            while done < count:
                due = min(count, int((time.monotonic() - begun) * pace) + 1)
                producer.insert(due - done)
                done = due
                time.sleep(0.02)
        except BaseException as error:  # told to the one who waits
            failed.append(error)
        finally:
            producer.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield thread
    thread.join()
    if failed:
        raise failed[0]
