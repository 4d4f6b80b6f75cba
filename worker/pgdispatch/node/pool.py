"""Numbered processes of one kind on a node: as many as are wanted, replaced when they end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from pgdispatch.node.periodic import wait_for

RESTART_PAUSE = 1.0


class Member(Protocol):
    """One process and its place. If it `retires` no other takes that."""

    number: int
    retires: bool


M = TypeVar("M", bound=Member)


@dataclass
class Pool(Generic[M]):
    """The processes of one kind, by their number, and the tasks that attend to them.

    `make` gives the place of a process, and `attend` runs that to its end and returns whether it
    has been of use: one that has not is replaced after a pause. `retire` tells one to end.
    """

    make: Callable[[int], M]
    attend: Callable[[M], Coroutine[None, None, bool]]
    retire: Callable[[M], None]
    members: dict[int, M] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    wanted: int | None = None

    def adjust(self, wanted: int) -> None:
        """Start what is missing; retire those with a higher number."""
        if self.stopping.is_set():
            return
        self.wanted = wanted
        for number in range(1, wanted + 1):
            if number not in self.members:
                self._start(number)
        for number, member in self.members.items():
            if number > wanted and not member.retires:
                self._retire(member)

    def drain(self) -> None:
        """Start nothing more, and retire all."""
        self.stopping.set()
        for member in self.members.values():
            self._retire(member)

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Run what belongs to the processes as a task."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _start(self, number: int, *, pause: float = 0.0) -> None:
        member = self.members[number] = self.make(number)
        self.spawn(self._watch(member, pause))

    def _retire(self, member: M) -> None:
        member.retires = True
        self.retire(member)

    async def _watch(self, member: M, pause: float) -> None:
        if pause:
            await wait_for(self.stopping, pause)
        was_of_use = not self.stopping.is_set() and await self.attend(member)
        del self.members[member.number]
        if not self.stopping.is_set() and not member.retires:
            self._start(member.number, pause=0.0 if was_of_use else RESTART_PAUSE)
