"""When each job's handler began, as the processes that run them write it down: a line for each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.rig.server import Stage


@dataclass
class Starts:
    """The file of lines with the number of a job and the instant, in seconds."""

    file: Path
    _seen: int = 0
    _count: int = 0

    @classmethod
    def fresh(cls, stage: Stage) -> Starts:
        """Return it with an empty file."""
        file = stage.folder / "starts.txt"
        file.write_bytes(b"")
        return cls(file)

    def count(self) -> int:
        """Return how many have begun so far."""
        with self.file.open("rb") as opened:
            opened.seek(self._seen)
            new = opened.read()
        self._seen += len(new)
        self._count += new.count(b"\n")
        return self._count

    def read(self) -> dict[int, float]:
        """Return when each job began."""
        lines = [line.split() for line in self.file.read_text().splitlines()]
        return {int(number): float(began) for number, began in lines}
