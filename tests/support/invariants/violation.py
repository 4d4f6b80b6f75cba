"""What an invariant that does not hold is told as."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("lost", "twice", "overlap", "order", "swept", "stuck", "growth")


@dataclass(frozen=True)
class Violation:
    """A rule that was broken: `kind` is one of KINDS, `text` a sentence."""

    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"
