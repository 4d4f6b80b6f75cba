"""What jobs leave behind or take too much of: stray processes, and memory.

The supervisor is the parent of every process below a backgrounder that has lost its own: one that
made itself a daemon, or whose parent has ended. Such a stray ends with the job that it was seen
with. It is known by its process group, or by a variable that all inherit from the backgrounder.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field

from pgdispatch import proc
from pgdispatch.crew import Crew
from pgdispatch.errors import InvalidInputError
from pgdispatch.identity import MARK
from pgdispatch.orders import Attempt
from pgdispatch.proc import Seen
from pgdispatch.size import megabytes
from pgdispatch.slot import MARK_PREFIX, Slot

logger = logging.getLogger("pgdispatch")

PASSES = 50  # what is killed may just have forked
LAST_PASSES = 2.0


@dataclass
class Warden:
    """Watch over what the backgrounders of `crew` start. `limit`: bytes a job, None for none.

    `sightings`: the strays, with the attempt that ran when each was seen first. `dead`: children
    of nobody known that were seen to have ended, and not been waited for, at the last look.
    """

    crew: Crew
    limit: int | None = None
    sightings: dict[int, Attempt | None] = field(default_factory=dict)
    dead: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Become the parent of orphans. Raises `InvalidInputError` for a limit without /proc."""
        if self.limit is not None and not proc.HAS_PROC:
            raise InvalidInputError(
                "this system cannot tell what a job uses", hint="do without --memory: it is Linux's"
            )
        proc.adopt_orphans()

    async def look(self) -> None:
        """End strays whose job is over, and jobs that are over the limit of memory."""
        if not proc.HAS_PROC:
            return
        for _ in range(PASSES):
            if not self._end_strays(everything=False):
                break
        self._bury()
        if self.limit is not None:
            self._weigh(self.limit)

    def end(self) -> None:
        """End all strays: the node stops."""
        deadline = time.monotonic() + LAST_PASSES
        while proc.HAS_PROC and self._end_strays(everything=True):
            if time.monotonic() > deadline:
                logger.warning("processes that jobs have left behind do not end")
                return
            time.sleep(0.01)

    def _strays(self) -> dict[int, Slot | None]:
        """Return the strays alive, with the slot that each is from; None: it is gone."""
        slots = list(self.crew.slots.values())
        by_group = {slot.pid: slot for slot in slots if slot.pid is not None}
        by_mark = {slot.mark: slot for slot in slots}
        found: dict[int, Slot | None] = {}
        for child in self._strangers():
            if child.is_zombie:
                continue
            mark = proc.mark(child.pid, MARK)
            slot = by_group.get(child.group) or by_mark.get(mark)
            is_starting = slot is not None and slot.pid is None
            if not is_starting and (slot is not None or mark.startswith(MARK_PREFIX)):
                found[child.pid] = slot
        return found

    def _end_strays(self, *, everything: bool) -> int:
        """Kill the strays whose job is over, or all; return how many there were to kill."""
        strays = self._strays()
        self.sightings = {pid: seen for pid, seen in self.sightings.items() if pid in strays}
        killed = 0
        for pid, slot in strays.items():
            running = None if slot is None or _is_ending(slot) else slot.running
            seen = self.sightings.setdefault(pid, running)
            if everything or running is None or seen != running:
                with suppress(PermissionError):  # it has changed its user
                    os.kill(pid, signal.SIGKILL)  # its number stays its own until we wait for it
                    killed += 1
        return killed

    def _bury(self) -> None:
        """Wait for adopted children that have ended, at the second look: others may do so first."""
        dead = {child.pid for child in self._strangers() if child.is_zombie}
        for pid in dead & self.dead:
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        self.dead = dead

    def _strangers(self) -> list[Seen]:
        return proc.own_children({slot.pid for slot in self.crew.slots.values()})

    def _weigh(self, limit: int) -> None:
        strays = self._strays()
        processes = proc.everybody()
        for slot in list(self.crew.slots.values()):
            if slot.pid is None or _is_ending(slot):
                continue
            attempt = slot.running
            roots = {slot.pid, *(pid for pid, owner in strays.items() if owner is slot)}
            members = [processes[pid] for pid in proc.with_descendants(roots, processes)]
            if sum(one.resident for one in members) <= limit:
                continue
            used = sum(_own_part(one) for one in members)
            if used > limit and attempt == slot.running:
                self._end_overweight(slot, f"used {megabytes(used)}, limit {megabytes(limit)}")

    def _end_overweight(self, slot: Slot, what: str) -> None:
        if slot.running is None:  # left by jobs that have ended: none to blame
            logger.warning("%s: %s, replaced", slot.begin.name, what)
            slot.send("drain")
            return
        logger.warning("%s: job %s %s, killed", slot.begin.name, slot.running[0], what)
        slot.kill("memory", error=f"too much memory: {what}")


def _is_ending(slot: Slot) -> bool:
    return slot.child.is_over or slot.killed_for is not None


def _own_part(one: Seen) -> int:
    exact = proc.proportional(one.pid)
    return one.resident if exact is None else exact
