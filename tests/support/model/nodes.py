"""Nodes and the job types that they take: semantics.md §8, without any SQL."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(eq=False)
class Node:
    """A node that is alive. `served`: what its supervisor has handlers for; null: everything."""

    name: str
    backgrounders: int
    served: frozenset[str] | None = None
    only: frozenset[str] | None = None
    but: frozenset[str] = frozenset()
    is_drained: bool = False

    def takes(self, type: str) -> bool:  # noqa: A002  # as elsewhere
        """Tell whether it is for jobs of a type, drained or not."""
        return (
            (self.served is None or type in self.served)
            and (self.only is None or type in self.only)
            and type not in self.but
        )

    def accepts(self, type: str, asked: Collection[str] | None) -> bool:  # noqa: A002  # likewise
        """Tell whether a backgrounder of it that asks for some types may be given one of a type."""
        return not self.is_drained and (asked is None or type in asked) and self.takes(type)
