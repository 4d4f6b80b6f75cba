"""What the console draws: rectangles along a stretch of time, to be written as SVG attributes.

Pure. Across, everything is in per cent of the drawing's width, so that it fits any width without a
script and a pattern is never stretched; upwards in pixels. Nothing lies outside 0 to 100, and no
two rectangles of a strip overlap.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice, zip_longest
from operator import itemgetter
from zoneinfo import ZoneInfo

FULL = 100.0
LEAST = 0.2  # per cent: what is shorter would not be seen
GAP = 0.15  # per cent between two bars that touch
HEIGHT = 18  # pixels of a strip
THREAD = 4  # pixels of a stretch in which nothing happened
EDGE = 4.0  # per cent at either end in which no label fits
FEW = 14  # columns that fill a drawing
IDLE = ("held", "thread")
WORST = ("bad", "warn", "gate", "run", "mute", "ok", "unknown", *IDLE)


@dataclass(frozen=True)
class Bar:
    """Something that lasts from one instant to another. `tone` is its colour, `path` its page.

    `title` is asked for only if the bar is drawn.
    """

    from_at: datetime
    to_at: datetime
    tone: str
    title: str | Callable[[], str]
    path: str | None = None


@dataclass(frozen=True)
class Rect:
    """A rectangle: `x` and `width` in per cent, `y` and `height` in pixels."""

    x: float
    width: float
    y: float
    height: float
    tone: str
    title: str
    path: str | None = None
    bars: int = 1

    @property
    def right(self) -> float:
        """Return where it ends, in per cent."""
        return self.x + self.width


@dataclass(frozen=True)
class Tick:
    """A label under or over a drawing, centred at `x` per cent."""

    x: float
    label: str


def strip(bars: Iterable[Bar], start: datetime, end: datetime) -> tuple[Rect, ...]:
    """Return the rectangles of bars side by side from `start` to `end`, in order.

    A run that is too short to be seen is widened, and what is idle before it gives way; a run that
    has no room joins the one before it, which takes the worse colour of the two and says how many
    it stands for. What is idle for too short a time to be seen is left out.
    """
    rects: list[Rect] = []
    for bar in sorted(bars, key=lambda bar: (bar.from_at, bar.to_at)):
        left, right = share(bar.from_at, start, end), share(bar.to_at, start, end)
        is_outside = left >= FULL or right <= 0.0 or right < left
        if is_outside or (bar.tone in IDLE and right - left < 2 * LEAST):
            continue
        left = min(left, FULL - LEAST)
        right = max(right, left + LEAST)
        if bar.tone not in IDLE:
            _make_way(rects, left)
        left = max(left, rects[-1].right if rects else 0.0)
        if right - left >= LEAST / 2:
            rects.append(_rect(left, right - left, bar))
        elif bar.tone not in IDLE:
            rects[-1] = _joined(rects[-1], bar)
    return tuple(_apart(rects))


def _make_way(rects: list[Rect], left: float) -> None:
    """Take back what is idle behind `left`: it was widened, or a run there is."""
    while rects and rects[-1].tone in IDLE and rects[-1].right > left:
        idle = rects.pop()
        if left - idle.x >= LEAST:
            rects.append(replace(idle, width=left - idle.x))
            return  # even if a rounding leaves it beyond


def _rect(x: float, width: float, bar: Bar) -> Rect:
    height = THREAD if bar.tone == "thread" else HEIGHT
    title = bar.title if isinstance(bar.title, str) else bar.title()
    return Rect(x, width, (HEIGHT - height) / 2, height, bar.tone, title, bar.path)


def _joined(rect: Rect, bar: Bar) -> Rect:
    bars = rect.bars + 1
    tone = min(rect.tone, bar.tone, key=WORST.index)
    return replace(rect, tone=tone, bars=bars, title=f"{bars} jobs, too short to show", path=None)


def _apart(rects: Sequence[Rect]) -> Iterator[Rect]:
    """Leave a hair between two that touch, if they are wide enough to give it.

    Both edges are rounded, not the width: two roundings could lie over each other.
    """
    for rect, after in zip_longest(rects, rects[1:]):
        is_touching = after is not None and after.x - rect.right < GAP
        narrow = GAP if is_touching and rect.width > 4 * GAP else 0.0
        x = round(rect.x, 3)
        yield replace(rect, x=x, width=round(round(rect.right - narrow, 3) - x, 3))


def share(instant: datetime, start: datetime, end: datetime) -> float:
    """Return where an instant lies between two others, in per cent, from 0 to 100."""
    length = (end - start).total_seconds()
    if length <= 0:
        return 0.0
    return min(max((instant - start).total_seconds() / length * FULL, 0.0), FULL)


def gaps(
    bars: Iterable[Bar],
    start: datetime,
    end: datetime,
    waits: Sequence[tuple[datetime, datetime]],
    *,
    titles: tuple[str, str],
) -> Iterator[Bar]:
    """Yield what lies between bars: `held` while jobs waited, `thread` while none did.

    `waits` are the stretches in which a job waited, as from `merged`; `titles` say what either
    means.
    """
    at = start
    for bar in [*sorted(bars, key=lambda bar: bar.from_at), Bar(end, end, "", "")]:
        if bar.from_at > at:
            yield from _split(at, min(bar.from_at, end), waits, titles)
        at = max(at, bar.to_at)


def merged(
    waits: Iterable[tuple[datetime, datetime]], least: timedelta
) -> list[tuple[datetime, datetime]]:
    """Return stretches in order, those that overlap or lie closer together than `least` as one."""
    found: list[tuple[datetime, datetime]] = []
    for from_at, to_at in sorted(waits):
        if found and from_at - found[-1][1] < least:
            found[-1] = (found[-1][0], max(found[-1][1], to_at))
        else:
            found.append((from_at, to_at))
    return found


def _split(
    start: datetime,
    end: datetime,
    waits: Sequence[tuple[datetime, datetime]],
    titles: tuple[str, str],
) -> Iterator[Bar]:
    at = start
    first = bisect_right(waits, start, key=itemgetter(1))
    for from_at, to_at in islice(waits, first, None):
        if from_at >= end:
            break
        left, right = max(from_at, at), min(to_at, end)
        if right <= left:
            continue
        if left > at:
            yield Bar(at, left, "thread", titles[1])
        yield Bar(left, right, "held", titles[0])
        at = right
    if end > at:
        yield Bar(at, end, "thread", titles[1])


def columns(
    values: Sequence[float],
    tones: Sequence[str],
    titles: Sequence[str],
    *,
    height: int,
    most: float | None = None,
) -> tuple[Rect, ...]:
    """Return a column for each value, from left to right, the highest as high as the drawing.

    With `most` a column of that value is as high, and none is higher. A few columns leave room on
    the right, or they would look like a surface.
    """
    most = max(values, default=0.0) if most is None else most
    each = FULL / max(len(values), FEW)
    return tuple(
        Rect(
            round(place * each + each * 0.06, 3),
            round(each * 0.88, 3),
            round(height - high, 2),
            round(high, 2),
            tone,
            title,
        )
        for place, (value, tone, title) in enumerate(zip(values, tones, titles, strict=True))
        for high in [max(min(value / most, 1.0) * height, 1.0) if most > 0 and value > 0 else 1.0]
    )


def ticks(start: datetime, end: datetime, zone: str) -> tuple[Tick, ...]:
    """Return the labels of round times between two instants, at most some eight of them."""
    every = _every(end - start)
    there = ZoneInfo(zone)
    first = datetime.fromtimestamp(-(-start.timestamp() // every) * every, UTC)
    found: list[Tick] = []
    at = first
    while at <= end and len(found) < 50:
        x = share(at, start, end)
        if EDGE <= x <= FULL - EDGE:
            found.append(Tick(round(x, 3), f"{at.astimezone(there):%H:%M}"))
        at += timedelta(seconds=every)
    return tuple(found)


def _every(length: timedelta) -> int:
    """Return the seconds between two labels."""
    seconds = length.total_seconds()
    steps = (60, 300, 600, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
    return next((step for step in steps if seconds / step <= 8), 7 * 86400)
