"""A plan by hour and weekday as a picture (SVG): a bar for each hour, a row for each weekday."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LEFT, TOP, ROW, BAR, TALLEST = 48, 56, 62, 26, 40
WIDTH = LEFT + 24 * BAR + 12
STYLE = """
text { font: 11px sans-serif; fill: #333 } .title { font-size: 15px; font-weight: bold }
rect { fill: #2f6fb0 } line { stroke: #bbb } svg { background: #fff }
@media (prefers-color-scheme: dark) {
text { fill: #ddd } rect { fill: #6aa9e9 } line { stroke: #555 } svg { background: #1b1e23 } }
"""


def plot(numbers: Sequence[int], title: str) -> str:
    """Return the picture of a number for each hour of the week, Monday's first hour first."""
    height = TOP + len(WEEKDAYS) * ROW + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<text class="title" x="{LEFT}" y="24">{escape(title)}</text>',
    ]
    most = max(numbers)
    for day, weekday in enumerate(WEEKDAYS):
        base = TOP + day * ROW + TALLEST
        parts.append(f'<text x="8" y="{base}">{weekday}</text>')
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 12}" y1="{base}" y2="{base}"/>')
        for hour in range(24):
            parts += _bar(numbers[24 * day + hour], most, LEFT + hour * BAR, base)
    for hour in range(0, 24, 3):
        parts.append(f'<text x="{LEFT + hour * BAR}" y="{height - 8}">{hour:02}:00</text>')
    return "\n".join([*parts, "</svg>", ""])


def _bar(number: int, most: int, x: int, base: int) -> list[str]:
    tall = max(round(TALLEST * number / most), 1)
    return [
        f'<rect x="{x + 1}" y="{base - tall}" width="{BAR - 2}" height="{tall}"/>',
        f'<text x="{x + BAR / 2:g}" y="{base - tall - 3}" text-anchor="middle">{number}</text>',
    ]
