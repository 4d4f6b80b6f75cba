"""The supervisors' part: heartbeats, orders, losses, and nodes that come and go."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from simulation.actors.nodes import Node
from simulation.double.entities import LONG_AGO, Job
from simulation.double.rules import RANKS
from simulation.timed_session import Refused
from simulation.violation import Violation
from simulation.week import Week

LEASE = timedelta(seconds=600)
BEAT = 200.0
OVERRUN_GRACE = timedelta(seconds=1800)
CANCEL_GRACE = timedelta(seconds=10)
REGISTER = "select pgdispatch.register_node(%s, %s, null, %s, 16, 'host', 4711, '0')"
HEARTBEATS = """
select n, (pgdispatch.heartbeat(n, i, false)).backgrounders
from unnest(%s::text[], %s::uuid[]) as u (n, i)
"""
ORDERS = """
select o.job, o.attempt, o.backgrounder, o.stop, o.is_kill
from unnest(%s::text[]) as n
cross join lateral pgdispatch.node_orders(n) as o
"""


class Supervision:
    """Keeps the nodes of a week going."""

    def __init__(self, week: Week, *, trouble: float) -> None:
        self.week = week
        self.engine = week.engine
        self._trouble = trouble  # how often something happens to a node, per second
        self.watched = (LONG_AGO, LONG_AGO)  # since, last
        for node in week.made.nodes:
            self.register(node)
        week.after(BEAT, self.beat)
        week.after(3600, self.roll)
        week.after(week.random.expovariate(trouble), self.trouble)

    def register(self, node: Node) -> None:
        """Start a node's supervisor anew; refused while the former one may be alive."""
        now, incarnation = self.week.now, uuid.uuid4()
        served = None if node.served is None else sorted(node.served, key=list(RANKS).index)
        said = self.engine.session.call(REGISTER, node.name, incarnation, served)
        is_held = node.state != "down" and (node.heartbeat_at or LONG_AGO) > now - LEASE
        if is_held != isinstance(said, Refused):
            raise Violation("other rule", f"register {node.name} at {node.state}: {said}")
        if isinstance(said, Refused):
            self.engine.count["names refused"] += 1
            self.week.after(120, self.register, node)
            return
        self._lose([job for job in self._running() if self._is_on(job, node)])
        node.backgrounders, node.unreported = [], []
        node.incarnation, node.state = incarnation, "up"
        node.started_at = node.heartbeat_at = now
        self.week.tidy(node)

    def beat(self) -> None:
        """Send heartbeats, look for lost nodes and left-behind jobs, and follow the orders."""
        self.week.after(BEAT, self.beat)
        heard = [node for node in self.week.made.nodes if node.state in ("up", "stopping")]
        names = [node.name for node in heard]
        sizes = self.engine.session.rows(HEARTBEATS, names, [node.incarnation for node in heard])
        for node, (_, size) in zip(heard, sizes, strict=True):
            node.heartbeat_at = self.week.now
            if size != node.size:
                raise Violation("other rule", f"node {node.name} is told {size}, not {node.size}")
        self._declare_lost()
        if swept := self.engine.session.value("select pgdispatch.sweep()"):
            found = self.engine.session.rows("select * from pgdispatch.swept_job")
            raise Violation(
                "swept", f"the sweep found {swept} jobs: {found}",
                *(self.engine.queue.jobs.get(row[0]) for row in found),
            )  # fmt: skip
        self.engine.count["sweeps"] += 1
        self._follow(heard)

    def roll(self) -> None:
        """Do the hourly housekeeping."""
        self.engine.session.rows("select pgdispatch.forget()")
        self.engine.session.rows("select pgdispatch.roll_history()")
        self.week.after(3600, self.roll)

    def _declare_lost(self) -> None:
        now = self.week.now
        since, last = self.watched
        self.watched = (now if last < now - LEASE / 2 else since, now)
        lost = [job for job in self._running() if self._is_lost(job)]
        lost = lost if now - self.watched[0] >= LEASE else []
        found = self.engine.session.value("select pgdispatch.declare_lost()")
        if found != len(lost):
            raise Violation("other rule", f"{found} jobs lost, not {len(lost)}", *lost)
        self._lose(lost)

    def _lose(self, jobs: list[Job]) -> None:
        for job in sorted(jobs, key=lambda job: job.id):
            for node in self.week.made.nodes:
                for backgrounder in node.backgrounders:
                    if backgrounder.job is job:
                        backgrounder.job = None
            self.engine.lose(job, is_loss=True)

    def _follow(self, nodes: list[Node]) -> None:
        orders = self.engine.session.rows(ORDERS, [node.name for node in nodes])
        held = {(b.job.id, b.id): b for node in nodes for b in node.backgrounders if b.job}
        if {(job, backgrounder) for job, _, backgrounder, _, _ in orders} != set(held):
            raise Violation("other rule", f"orders {orders} are not for {list(held)}")
        for id_, attempt, name, stop, is_kill in orders:
            backgrounder, job = held[id_, name], self.engine.queue.jobs[id_]
            if (attempt, stop, is_kill) != (job.attempt, *self._order(job)):
                raise Violation("other rule", f"order for {id_}: {attempt}, {stop}, {is_kill}", job)
            if stop and (is_kill or not job.is_deaf):
                job.tell(self.week.now, f"stopped: {stop}, killed: {is_kill}")
                self.engine.count[f"stopped, {stop}"] += 1
                self.engine.fail(
                    backgrounder, job, "timed out", claim=backgrounder.node.state == "up"
                )
                self.week.tidy(backgrounder.node)

    def _order(self, job: Job) -> tuple[str | None, bool]:
        assert job.started_at is not None
        now, limit = self.week.now, job.timeout
        over = None if limit is None else job.started_at + timedelta(seconds=limit)
        asked = job.cancel_asked_at
        stop = "cancelled" if asked else "timed out" if over and over < now else None
        is_kill = bool(
            (asked and asked + CANCEL_GRACE < now) or (over and over + OVERRUN_GRACE < now)
        )
        return stop, is_kill

    def trouble(self) -> None:
        """Let something happen to a node."""
        random = self.week.random
        self.week.after(random.expovariate(self._trouble), self.trouble)
        node = random.choice(self.week.made.nodes)
        if node.state != "up":
            return
        what = random.choices(
            (self.stop, self.die, self.cut, self.crash, self.away), (30, 15, 15, 35, 5)
        )[0]
        what(node)

    def stop(self, node: Node) -> None:
        """Stop a node in order: it lets its jobs end first, up to a point."""
        node.state = "stopping"
        self.week.tidy(node)
        self.week.after(self.week.random.uniform(60, 1200), self._deregister, node)
        self.engine.count["nodes stopped"] += 1

    def _deregister(self, node: Node) -> None:
        query = "select pgdispatch.deregister_node(%s, %s)"
        self.engine.session.rows(query, node.name, node.incarnation)
        node.state = "down"
        self._lose([job for job in self._running() if self._is_on(job, node)])
        node.backgrounders = []
        self.week.after(self.week.random.uniform(1, 3600), self.register, node)

    def die(self, node: Node) -> None:
        """Kill a node: nobody hears of it, or of its jobs, again, until it starts anew."""
        node.state = "silent"
        self.engine.count["nodes lost"] += 1
        self.week.after(self.week.random.uniform(1, 2400), self.register, node)

    def cut(self, node: Node) -> None:
        """Cut a node off: it works on and reports what has become of its jobs when it is back."""
        node.state = "cut"
        self.engine.count["nodes cut off"] += 1
        self.week.after(self.week.random.uniform(60, 2400), self._back, node)

    def _back(self, node: Node) -> None:
        if node.state != "cut":
            return
        query = "select pgdispatch.heartbeat(%s, %s)"
        self.engine.session.rows(query, node.name, node.incarnation)
        node.state, node.heartbeat_at = "up", self.week.now
        self.week.report_late(node)
        self.week.tidy(node)

    def crash(self, node: Node) -> None:
        """Let a backgrounder lose the answer to its claim: its job goes back to its place."""
        busy = [b for b in node.backgrounders if b.job]
        if busy:
            backgrounder = self.week.random.choice(busy)
            job = backgrounder.job
            assert job is not None
            found = self.engine.session.value("select pgdispatch.recover(%s)", backgrounder.id)
            if found != job.id:
                raise Violation("other rule", f"recover gave back {found}", job)
            backgrounder.job = None
            self.engine.lose(job, is_loss=False)

    def away(self, _node: Node) -> None:
        """Let the database be away for a while: nobody is lost for it."""
        self.engine.count["outages"] += 1
        self.week.pause(self.week.random.uniform(300, 7200))

    def _running(self) -> list[Job]:
        return list(self.engine.queue.running.values())

    @staticmethod
    def _is_on(job: Job, node: Node) -> bool:
        return job.backgrounder is not None and job.backgrounder.split(":")[0] == node.name

    def _is_lost(self, job: Job) -> bool:
        node = next(node for node in self.week.made.nodes if self._is_on(job, node))
        began: datetime = job.started_at or LONG_AGO
        alive = (node.heartbeat_at or LONG_AGO) > self.week.now - LEASE
        return began < self.week.now - LEASE and not (alive and (node.started_at or began) <= began)
