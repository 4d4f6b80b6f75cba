"""What waits, in groups, and the gates at which groups wait (semantics §4, §5).

The naive way looks at the jobs one by one, and at twenty thousand of a busy datasource each time.
So what has the same gates is a group: the jobs of one type, site, datasource and schedule, a heap
in the order. A group stands in the heap of its lane by its best job, or is parked at one full gate.
A lane is the types that all nodes treat alike: mostly there is one.

A gate that has room has none parked that would be next: whenever one leaves a gate with room, be it
to start, to be cancelled, or to be parked elsewhere, the best of each lane that is parked there is
looked at (`pass_on`). So at each end, few groups move, however many wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush

from pgdispatch.forecast.plan import Kind, Node, Site
from pgdispatch.forecast.rules.gates import Entry, Gate, Group, SiteGate, Waiting


class Queue:
    """All groups, the lanes in which they stand, and their gates."""

    def __init__(self, sites: Mapping[str, Site], serial: Mapping[str, bool]) -> None:
        self.sites = {name: SiteGate(site) for name, site in sites.items()}
        self.schedules = {name: Gate(is_gate=is_serial) for name, is_serial in serial.items()}
        self.paused: frozenset[tuple[str, str]] = frozenset()
        self._data: dict[tuple[str, str], Gate] = {}
        self._pause = Gate()
        self._groups: dict[Kind, Group] = {}
        self._lane_of: dict[str, int] = {}
        self._lanes: list[list[Entry]] = []

    def set_lanes(self, nodes: Iterable[Node], types: Iterable[str]) -> dict[str, tuple[int, ...]]:
        """Tell types apart as these nodes do; return the lanes of each node."""
        takers = [(node, node.types) for node in nodes if not node.is_drained]
        marks = {
            name: tuple(taken is None or name in taken for _, taken in takers) for name in types
        }
        numbers = {mark: number for number, mark in enumerate(dict.fromkeys(marks.values()))}
        self._lane_of = {name: numbers[mark] for name, mark in marks.items()}
        self._lanes = [[] for _ in numbers]
        found = {
            node.name: tuple(number for mark, number in numbers.items() if mark[place])
            for place, (node, _) in enumerate(takers)
        }
        self.begin_anew()
        return found

    def begin_anew(self) -> None:
        """Look at all groups anew: what they depend on has changed."""
        for lane in self._lanes:
            lane.clear()
        for gate in (*self._data.values(), *self.schedules.values(), self._pause):
            gate.parked.clear()
        for site in self.sites.values():
            site.parked.clear()
        for group in self._groups.values():
            group.at = None
            group.lane = self._lane_of.get(group.kind.type, 0)
            if group.jobs:
                self._stand(group)

    def group_of(self, kind: Kind) -> Group:
        """Return the group of jobs of this kind."""
        group = self._groups.get(kind)
        return self._new_group(kind) if group is None else group

    def _new_group(self, kind: Kind) -> Group:
        data = schedule = None
        if kind.datasource is not None:
            place = (kind.site, kind.datasource)
            data = self._data.get(place)
            if data is None:
                data = self._data[place] = Gate()
        if kind.schedule is not None:
            schedule = self.schedules.get(kind.schedule)
            if schedule is None:  # it has been deleted, and its jobs wait on
                schedule = self.schedules[kind.schedule] = Gate(is_gate=False)
        group = Group(kind, len(self._groups), data, schedule, self.sites[kind.site])
        group.lane = self._lane_of.get(kind.type, 0)
        self._groups[kind] = group
        return group

    def fill(self, jobs: Sequence[Waiting]) -> None:
        """Take in jobs that are in the order, before anything else is."""
        for job in jobs:
            job.group.jobs.append((job.key, job))
        self.begin_anew()

    def add(self, job: Waiting) -> None:
        """Let a job wait."""
        group = job.group
        heappush(group.jobs, (job.key, job))
        if group.jobs[0][1] is job:
            group.at = None  # better than what is parked with it: it is looked at anew
            self._stand(group)

    def take_next(self, lanes: Sequence[int], cancelled: list[Waiting]) -> Waiting | None:
        """Take the best job of some lanes that may start, or None.

        Jobs before it whose site cancels what comes after its budget are taken, too, and added to
        `cancelled`.
        """
        while (group := self._best(lanes)) is not None:
            full = self._full_gate(group)
            if full is not None:
                self._park(group, full)
            elif group.site.is_spent():
                cancelled.append(self._pop(group))
                self.pass_on(group)
            else:
                return self._pop(group)
        return None

    def start(self, job: Waiting) -> None:
        """Let a job that was taken occupy its gates."""
        group = job.group
        group.site.running += 1
        if group.schedule is not None:
            group.schedule.running += 1
        if group.data is not None:
            group.data.running += 1
        self.pass_on(group)

    def end(self, job: Waiting) -> None:
        """Let a running job leave its gates."""
        group = job.group
        group.site.running -= 1
        if group.schedule is not None:
            group.schedule.running -= 1
        if group.data is not None:
            group.data.running -= 1
        self.pass_on(group)

    def pass_on(self, group: Group) -> None:
        """Look at the best that is parked at those gates of a group that have room."""
        for gate in (group.data, group.schedule, group.site):
            if gate is not None and gate.parked and not gate.is_full():
                self.wake(gate)

    def wake(self, gate: Gate | SiteGate) -> None:
        """Look at the best of each lane that is parked at a gate."""
        for lane, heap in list(gate.parked.items()):
            while heap:
                key, _, group = heappop(heap)
                if group.at is gate and group.jobs and group.jobs[0][0] is key:
                    group.at = None
                    self._stand(group)
                    break
            if not heap:
                del gate.parked[lane]

    def pause(self, paused: frozenset[tuple[str, str]]) -> None:
        """Let pauses hold, and others no more; each is a scope and a name."""
        self.paused = paused
        woken = [entry for heap in self._pause.parked.values() for entry in heap]
        self._pause.parked.clear()
        for key, _, group in woken:
            if group.at is self._pause and group.jobs and group.jobs[0][0] is key:
                group.at = None
                self._stand(group)

    def _stand(self, group: Group) -> None:
        heappush(self._lanes[group.lane], (group.jobs[0][0], group.number, group))

    def _best(self, lanes: Sequence[int]) -> Group | None:
        """Return the group whose best job is next, and drop what stands there no more."""
        best: Entry | None = None
        for number in lanes:
            heap = self._lanes[number]
            while heap:
                entry = heap[0]
                group = entry[2]
                if group.at is None and group.jobs and group.jobs[0][0] is entry[0]:
                    if best is None or entry < best:
                        best = entry
                    break
                heappop(heap)
        return None if best is None else best[2]

    def _full_gate(self, group: Group) -> Gate | SiteGate | None:
        if self.paused and self._is_paused(group.kind):
            return self._pause
        for gate in (group.data, group.schedule, group.site):
            if gate is not None and gate.is_full():
                return gate
        return None

    def _is_paused(self, kind: Kind) -> bool:
        paused = self.paused
        return (
            ("all", "") in paused
            or ("site", kind.site) in paused
            or ("type", kind.type) in paused
            or ("schedule", kind.schedule) in paused
        )

    def _park(self, group: Group, gate: Gate | SiteGate) -> None:
        """Park the group that stands first in its lane."""
        entry = heappop(self._lanes[group.lane])
        group.at = gate
        heappush(gate.parked.setdefault(group.lane, []), entry)
        self.pass_on(group)

    def _pop(self, group: Group) -> Waiting:
        """Take the best job of the group that stands first in its lane."""
        heappop(self._lanes[group.lane])
        _, job = heappop(group.jobs)
        if group.jobs:
            self._stand(group)
        return job
