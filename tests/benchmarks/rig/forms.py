"""In what form a queue is measured: how many processes or nodes, each with how many slots."""

from __future__ import annotations

import re
from dataclasses import dataclass

KEY = re.compile(r"(?P<who>\S+) x(?P<processes>\d+)\*(?P<slots>\d+)(?:, (?P<way>[^:]+))?")
OWN = "pgdispatch"
PREFETCH = "(prefetch)"
PEERS = ("graphile-worker", "pg-boss", "procrastinate", "pgqueuer")


@dataclass(frozen=True)
class Form:
    """So many processes of a peer, or nodes of pgdispatch, each with so many slots.

    `way`: what is special, such as how a peer is set up.
    """

    processes: int
    slots: int = 1
    way: str = ""

    @property
    def total(self) -> int:
        """How many jobs may run at once."""
        return self.processes * self.slots

    @property
    def is_prefetching(self) -> bool:
        """Whether jobs are taken before a slot is free: then the order is broken."""
        return self.way.endswith(PREFETCH)

    def key(self, who: str) -> str:
        """Return the name of the rate of `who` in this form, as the samples have it."""
        return f"{who} x{self.processes}*{self.slots}" + (f", {self.way}" if self.way else "")

    @classmethod
    def of(cls, name: str, who: str) -> Form | None:
        """Return the form whose key for `who` is this; None if it is another's, or no key."""
        found = KEY.fullmatch(name)
        if found is None or found["who"] != who:
            return None
        return cls(int(found["processes"]), int(found["slots"]), found["way"] or "")

    def label(self, who: str) -> str:
        """Return what a reader is told: who, in which form."""
        kinds = ("node", "backgrounder") if who == OWN else ("process", "slot")
        processes, slots = _counted(self.processes, kinds[0]), _counted(self.slots, kinds[1])
        if who == OWN:
            text = slots if self.processes == 1 else f"{processes} with {slots} each"
        else:
            each = " each" if self.processes > 1 else ""
            text = processes if self.slots == 1 else f"{processes} with {slots}{each}"
        return f"{who}, {text}" + (f", {self.way}" if self.way else "")


def _counted(number: int, what: str) -> str:
    plural = "es" if what.endswith("s") else "s"
    return f"{number} {what}" + (plural if number != 1 else "")
