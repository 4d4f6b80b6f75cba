"""What jobs leave behind or take too much of: stray processes, and memory.

The supervisor is the parent of every process below a backgrounder that has lost its own: one that
made itself a daemon, or whose parent has ended. Such a stray ends with the job that it was seen
with. It is known by its process group, or by a variable that all inherit from the backgrounder.

A job is weighed from its own start. What its process held by then, and what others have left below
that, is not its own: the backgrounder notes the first when the job begins, and the supervisor
measures the second when it first sees the job.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from pgdispatch.errors import InvalidInputError
from pgdispatch.host import procfs
from pgdispatch.host.identity import MARK
from pgdispatch.host.limits import Limits
from pgdispatch.host.memory_size import megabytes
from pgdispatch.host.procfs import Scale, Seen
from pgdispatch.ipc.attempt import Attempt
from pgdispatch.node.backgrounders import Backgrounders
from pgdispatch.node.slot import MARK_PREFIX, Slot

logger = logging.getLogger("pgdispatch")

PASSES = 50  # what is killed may just have forked
LAST_PASSES = 2.0


@dataclass
class JobProcesses:
    """Watch over what the jobs of `backgrounders` start.

    `sightings`: the strays, with the attempt that ran when each was seen first. `burdens`: what
    the attempt of each slot found there. `dead`: children of nobody known that were seen to have
    ended, and not been waited for, at the last look.
    """

    backgrounders: Backgrounders
    limits: Limits = field(default_factory=Limits)
    sightings: dict[int, Attempt | None] = field(default_factory=dict)
    burdens: dict[int, tuple[Attempt, int]] = field(default_factory=dict)
    dead: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Become the parent of orphans. Raises `InvalidInputError` for a limit without /proc."""
        if self.limits.recycle_memory is not None and not procfs.HAS_PROC:
            raise InvalidInputError(
                "this system cannot tell what a job uses",
                hint="do without --memory and --recycle-memory: they are Linux's",
            )
        procfs.adopt_orphans()

    async def look(self) -> None:
        """End strays whose job is over, and jobs that are over the limit of memory."""
        if not procfs.HAS_PROC:
            return
        for _ in range(PASSES):
            if not self._end_strays(everything=False):
                break
        self._bury()
        if self.limits.recycle_memory is not None:
            self._weigh_all(self.limits.recycle_memory)

    def end(self) -> None:
        """End all strays: the node stops."""
        deadline = time.monotonic() + LAST_PASSES
        while procfs.HAS_PROC and self._end_strays(everything=True):
            if time.monotonic() > deadline:
                logger.warning("processes that jobs have left behind do not end")
                return
            time.sleep(0.01)

    def _strays(self) -> dict[int, Slot | None]:
        """Return the strays alive, with the slot that each is from; None: it is gone."""
        slots = list(self.backgrounders.slots.values())
        by_group = {slot.pid: slot for slot in slots if slot.pid is not None}
        by_mark = {slot.mark: slot for slot in slots}
        found: dict[int, Slot | None] = {}
        for child in self._strangers():
            if child.is_zombie:
                continue
            mark = procfs.mark(child.pid, MARK)
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
        return procfs.own_children({slot.pid for slot in self.backgrounders.slots.values()})

    def _weigh_all(self, recycle: int) -> None:
        strays = self._strays()
        processes = procfs.everybody()
        for slot in list(self.backgrounders.slots.values()):
            if slot.scale is None or slot.pid is None or _is_ending(slot):
                continue
            roots = {slot.pid, *(pid for pid, owner in strays.items() if owner is slot)}
            family = procfs.with_descendants(roots, processes) & processes.keys()
            below = [processes[pid] for pid in family - {slot.pid}]
            attempt = slot.running
            if attempt is not None:
                if attempt == slot.begun.attempt():
                    self._weigh(slot, slot.scale, attempt, below)
            elif below and not slot.is_ending:  # without those it weighs itself
                held = _exact(slot.scale, below) if _resident(slot.scale, below) > recycle else 0
                if held > recycle and slot.running is None:
                    self._replace(slot, held)

    def _weigh(self, slot: Slot, scale: Scale, attempt: Attempt, below: list[Seen]) -> None:
        """End a job that is over the limit by what it has come to use since it began."""
        limit = self.limits.memory
        found = self._found(slot, scale, attempt, below)
        if limit is None or _resident(scale, below) - found <= limit:
            return
        used = _exact(scale, below) - found
        if used > limit and attempt == slot.running:
            what = f"used {megabytes(used)}, limit {megabytes(limit)}"
            logger.warning("%s: job %s %s, killed", slot.begin.name, attempt[0], what)
            slot.kill("memory", error=f"too much memory: {what}")

    def _found(self, slot: Slot, scale: Scale, attempt: Attempt, below: list[Seen]) -> int:
        """Return the bytes that an attempt found when it began."""
        known, found = self.burdens.get(slot.number, (None, 0))
        if known != attempt:
            found, tick = slot.begun.start()
            older = [one for one in below if one.began < tick]
            if older:
                grown = scale.resident() - found
                found = _exact(scale, older) - grown
            if attempt != slot.running:  # what was read may be of another
                return found
            self.burdens[slot.number] = attempt, found
            if self.limits.recycle_memory is not None and found > self.limits.recycle_memory:
                self._replace(slot, found)
        return found

    def _replace(self, slot: Slot, held: int) -> None:
        """Have a process end that holds too much of jobs that have ended: after its own."""
        logger.info("%s holds %s without a job, replaced", slot.begin.name, megabytes(held))
        slot.end_after_job()


def _is_ending(slot: Slot) -> bool:
    return slot.child.is_over or slot.killed_for is not None


def _resident(scale: Scale, others: Iterable[Seen]) -> int:
    """Return the bytes of a process and others, what they share counted for each of them."""
    return scale.resident() + sum(one.resident for one in others)


def _exact(scale: Scale, others: Iterable[Seen]) -> int:
    """Return the bytes of a process and others, what they share counted once."""
    return scale.own() + sum(_own_part(one) for one in others)


def _own_part(one: Seen) -> int:
    return procfs.parts_of_memory(one.pid).get("Pss", one.resident)
