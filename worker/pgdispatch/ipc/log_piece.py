"""Lines of a job's log on their way from its process to the supervisor: the value of a message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pgdispatch.handler import Line

PIECE = 64 << 10  # bytes of one message, unless one line has more


def pieces(lines: Sequence[Line]) -> Iterator[tuple[int, int, bytes]]:
    """Yield lines as pieces: the numbers of the first and the last, and what is between, as text.

    The lines of one piece follow one another.
    """
    begin, size = 0, 0
    for place, line in enumerate(lines):
        size += line.size
        if place + 1 < len(lines):
            after = lines[place + 1]
            if after.number == line.number + 1 and size + after.size <= PIECE:
                continue
        text = "\n".join(map(str, lines[begin : place + 1]))
        yield lines[begin].number, line.number, text.encode()
        begin, size = place + 1, 0
