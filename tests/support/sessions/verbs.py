"""The SQL verbs as short methods, for tests that speak of jobs and not of statements."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

SCHEMA = "pgdispatch"
STATE = """
select case when state = 'running' then state else 'waiting' end
from pgdispatch.job where id = %(job)s
union all
select outcome from pgdispatch.job_history where id = %(job)s
"""


@dataclass(frozen=True)
class Claimed:
    """What a claim gave: the verdict, and the job and attempt if it is `run`."""

    verdict: str
    id: int
    attempt: int


@dataclass
class Verbs:
    """Speak to one database over one autocommit connection."""

    connection: psycopg.Connection[Any]

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Return all rows as dictionaries."""
        cursor = self.connection.cursor(row_factory=dict_row)
        return cursor.execute(query, values).fetchall()

    def row(self, query: str, *values: Any) -> dict[str, Any]:
        """Return the only row."""
        (found,) = self.rows(query, *values)
        return found

    def value(self, query: str, *values: Any) -> Any:
        """Return the first column of the only row."""
        (found,) = self.row(query, *values).values()
        return found

    def values(self, query: str, *values: Any) -> list[Any]:
        """Return the first column of all rows."""
        return [next(iter(row.values())) for row in self.rows(query, *values)]

    def run(self, query: str, *values: Any) -> None:
        """Execute a statement that returns nothing of interest."""
        self.connection.execute(query, values)

    def add(self, table: str, returning: str = "id", **columns: Any) -> Any:
        """Insert one row into a table of the schema and return one of its columns."""
        statement = sql.SQL("insert into {} ({}) values ({}) returning {}").format(
            sql.Identifier(SCHEMA, table),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(sql.Placeholder() * len(columns)),
            sql.Identifier(returning),
        )
        made = self.connection.execute(statement, list(columns.values())).fetchone()
        return None if made is None else made[0]

    def job(self, type: str = "system", **columns: Any) -> int:  # noqa: A002  # the column's name
        """Insert a job and return its id."""
        return int(self.add("job", type=type, **columns))

    def site(self, name: str, limit: int | None = None, **columns: Any) -> str:
        """Add a site and return its name."""
        return str(self.add("site", "name", name=name, max_running_jobs=limit, **columns))

    def schedule(self, name: str, execution: str = "parallel", **columns: Any) -> str:
        """Add a schedule and return its name."""
        return str(self.add("schedule", "name", name=name, execution=execution, **columns))

    def task(self, type: str = "full_extract", **columns: Any) -> int:  # noqa: A002  # likewise
        """Add a task and return its id."""
        return int(self.add("task", type=type, **{"title": "a task", **columns}))

    def ask(self, backgrounder: str, types: Sequence[str] | None = None) -> Claimed | None:
        """Call claim once."""
        return self._claimed(
            "select verdict, id, attempt from pgdispatch.claim(%s, %s)",
            backgrounder,
            None if types is None else list(types),
        )

    def claim(self, backgrounder: str = "n:1", types: Sequence[str] | None = None) -> int | None:
        """Claim, asking again for as long as the verdict says so; return the job's id or None."""
        claimed = self.ask(backgrounder, types)
        while claimed is not None and claimed.verdict == "again":
            claimed = self.ask(backgrounder, types)
        return None if claimed is None else claimed.id

    def turn(
        self,
        free: Sequence[int],
        ended: Sequence[tuple[int, int, str]] = (),
        *,
        node: str = "n",
        types: Sequence[str] | None = None,
        **said: Any,
    ) -> list[dict[str, Any]]:
        """Take one turn of a node: end attempts (job, attempt, outcome), and start jobs.

        `said`: further parameters of the SQL function, without their `p_`.
        """
        lists = [[end[place] for end in ended] for place in range(3)]
        more = "".join(f", p_{name} => %s" for name in said)
        return self.rows(
            "select * from pgdispatch.turn(%s, null, %s::integer[], %s::text[], %s::bigint[], "
            f"%s::integer[], %s::text[]{more})",
            *(node, list(free), None if types is None else list(types), *lists, *said.values()),
        )

    def finish(
        self, job: int, claim: bool = False, types: Sequence[str] | None = None
    ) -> Claimed | None:
        """End the running attempt of a job as succeeded; with `claim`, take the next one."""
        return self._claimed(
            "select verdict, id, attempt from pgdispatch.finish(%s, %s, null, null, %s, %s)",
            job,
            self.attempt(job),
            claim,
            None if types is None else list(types),
        )

    def fail(
        self,
        job: int,
        claim: bool = False,
        failed_as: str = "error",
        types: Sequence[str] | None = None,
    ) -> Claimed | None:
        """End the running attempt of a job as failed; with `claim`, take the next one."""
        return self._claimed(
            "select verdict, id, attempt from pgdispatch.fail(%s, %s, 'boom', %s, null, %s, %s)",
            job,
            self.attempt(job),
            failed_as,
            claim,
            None if types is None else list(types),
        )

    def requeue(self, job: int, is_loss: bool = False) -> None:
        """Give the running attempt of a job back."""
        self.run("select pgdispatch.requeue(%s, %s, %s)", job, self.attempt(job), is_loss)

    def cancel(self, job: int, reason: str | None = None) -> str:
        """Cancel a job and return what became of it."""
        return str(self.value("select pgdispatch.cancel(%s, %s, 'tester')", job, reason))

    def set_priority(self, job: int, priority: int) -> None:
        """Give a waiting job another priority."""
        self.run("select pgdispatch.set_priority(%s, %s)", job, priority)

    def run_now(self, task: int) -> int:
        """Start a task by hand and return the job's id."""
        return int(self.value("select pgdispatch.run_now(%s, 'tester')", task))

    def fire(self, schedule: str, at: Any, *, early: bool = False) -> int:
        """Create the jobs of one scheduled time and return how many there are."""
        if early:
            return int(self.value("select pgdispatch.fire(%s, %s, p_early => true)", schedule, at))
        return int(self.value("select pgdispatch.fire(%s, %s)", schedule, at))

    def limit(self, site: str, limit: int | None) -> None:
        """Change the limit of a site."""
        self.run("update pgdispatch.site set max_running_jobs = %s where name = %s", limit, site)

    def execution(self, schedule: str, execution: str) -> None:
        """Make a schedule serial or parallel."""
        self.run("update pgdispatch.schedule set execution = %s where name = %s",
                 execution, schedule)  # fmt: skip

    def tend(self) -> None:
        """Take one step of opening or closing a generation of ready jobs."""
        self.run("select pgdispatch.tend_generations(true)")

    def sweep(self) -> int:
        """Wake what was left behind and return how many there were."""
        return int(self.value("select pgdispatch.sweep()"))

    def register(
        self,
        node: str = "n",
        backgrounders: int = 4,
        types: Sequence[str] | None = None,
        incarnation: uuid.UUID | None = None,
    ) -> uuid.UUID:
        """Take a node's name and return the incarnation that holds it."""
        taken = incarnation or uuid.uuid4()
        self.run(
            "select pgdispatch.register_node(%s, %s, %s, %s, %s, 'host', 4711, '0')",
            node, taken, backgrounders, None if types is None else list(types), 2 * backgrounders,
        )  # fmt: skip
        return taken

    def state(self, job: int) -> str:
        """Return waiting, running, or the outcome of a job."""
        return str(self.connection.execute(STATE, {"job": job}).fetchone()[0])  # type: ignore[index]

    def column(self, job: int, name: str) -> Any:
        """Return one column of a job in the queue."""
        query = sql.SQL("select {} from pgdispatch.job where id = %s").format(sql.Identifier(name))
        return self.connection.execute(query, [job]).fetchone()[0]  # type: ignore[index]

    def past(self, job: int) -> dict[str, Any]:
        """Return the history row of a job."""
        return self.row("select * from pgdispatch.job_history where id = %s", job)

    def attempt(self, job: int) -> int:
        """Return the number of the current attempt of a job in the queue; 0 if it is not there."""
        found = self.values("select attempt from pgdispatch.job where id = %s", job)
        return int(found[0]) if found else 0

    def drain(self, backgrounder: str = "n:1") -> list[int]:
        """Run everything, one after the other, and return the jobs in the order of their start."""
        started = []
        while (job := self.claim(backgrounder)) is not None:
            started.append(job)
            self.finish(job)
        return started

    def _claimed(self, query: str, *values: Any) -> Claimed | None:
        found = self.rows(query, *values)
        return Claimed(**found[0]) if found else None
