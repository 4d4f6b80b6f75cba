"""What a case of a what-if changes, in words as people type them, and the commands that do it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass

from pgdispatch.errors import ConfigurationError

SPAN = re.compile(r"(?P<sign>[+-])(?P<number>\d+(?:\.\d+)?)(?P<unit>s|min|m|h|d)?$", re.ASCII)
UNITS = {None: 1, "s": 1, "min": 60, "m": 60, "h": 3600, "d": 86400}
TIME = re.compile(r"\b(\d{1,2}):(\d\d)\b")
MOST_BACKGROUNDERS = 1000
DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Amount:
    """A number that is set, or added (`is_added`); None: no limit."""

    number: float | None
    is_added: bool = False

    def of(self, now: float | None) -> float | None:
        """Return what becomes of what there is now; None, no limit, stays so if it is added to."""
        if not self.is_added:
            return self.number
        return None if now is None else max(now + (self.number or 0), 0)


NOTHING = Amount(None)


@dataclass(frozen=True)
class Change:
    """One change: what is changed (a key of READERS), whose, and to how much, or to which word."""

    what: str
    name: str
    amount: Amount = NOTHING
    word: str = ""
    typed: str = ""

    @property
    def number(self) -> int:
        """The amount as a whole number, of what cannot be without."""
        return round(self.amount.number or 0)

    def __str__(self) -> str:
        """Say it as it was typed."""
        return f"{self.what} {self.typed}"


def read(what: str, text: str) -> Change:
    """Read one change of a kind, such as `etl-1=+1`.

    Raises `ConfigurationError` for what cannot be read.
    """
    reader, example = READERS[what]
    if reader is None:
        return Change(what, text.strip(), typed=text.strip())
    name, equals, value = text.rpartition("=")
    if not (name and equals and value):
        raise unreadable(what, text, example)
    try:
        found = reader(value.strip())
    except ValueError as error:
        raise unreadable(what, text, example, str(error)) from None
    if isinstance(found, str):
        return Change(what, name.strip(), word=found, typed=text)
    return Change(what, name.strip(), found, typed=text)


def unreadable(what: str, text: str, example: str, why: str = "") -> ConfigurationError:
    """Return the refusal of what cannot be read."""
    return ConfigurationError(
        f"--{what} {text!r} cannot be read", detail=why or None, hint=f"for example: {example}"
    )


def _amount(value: str) -> Amount:
    if value == "none":
        return Amount(None)
    if not re.fullmatch(r"[+-]?\d{1,4}", value, re.ASCII):
        raise ValueError("a number of 0 to 1000, or +1, -1, none")
    number = int(value)
    if abs(number) > MOST_BACKGROUNDERS:
        raise ValueError("a number of 0 to 1000, or +1, -1, none")
    return Amount(number, value[0] in "+-")


def _number_of_processes(value: str) -> Amount:
    amount = _amount(value)
    if amount.number is None:
        raise ValueError("a number of 0 to 1000, or +1, -1")
    return amount


def _size(value: str) -> Amount:
    amount = _number_of_processes(value)
    if amount.is_added or not amount.number:
        raise ValueError("a number of 1 to 1000")
    return amount


def _seconds(value: str) -> Amount:
    if value == "none":
        return Amount(None)
    match = SPAN.fullmatch(value if value[0] in "+-" else f"+{value}")
    if match is None:
        raise ValueError("a span such as +3600, +1h, -30min, or 8h, none")
    seconds = float(match["sign"] + match["number"]) * UNITS[match["unit"]]
    return Amount(seconds, value[0] in "+-")


def _shift(value: str) -> Amount:
    match = SPAN.fullmatch(value)
    if match is None:
        raise ValueError("a span with its sign: +1h, -30min")
    seconds = float(match["sign"] + match["number"]) * UNITS[match["unit"]]
    if abs(seconds) > 7 * 86400:
        raise ValueError("a week at most")
    return Amount(round(seconds), is_added=True)


def _priority(value: str) -> Amount:
    if not re.fullmatch(r"\d{1,3}", value, re.ASCII) or not 1 <= int(value) <= 100:
        raise ValueError("a priority of 1 (highest) to 100")
    return Amount(int(value))


def _execution(value: str) -> str:
    if value not in ("parallel", "serial"):
        raise ValueError("parallel or serial")
    return value


Reader = Callable[[str], Amount | str]
READERS: dict[str, tuple[Reader | None, str]] = {
    "backgrounders": (_number_of_processes, "--backgrounders etl-1=+1"),
    "priority": (_priority, "--priority 42=10"),
    "schedule-priority": (_priority, "--schedule-priority nightly=10"),
    "execution": (_execution, "--execution nightly=parallel"),
    "move": (_shift, "--move nightly=+1h"),
    "without-node": (None, "--without-node etl-2"),
    "with-node": (_size, "--with-node etl-3=4"),
    "limit": (_amount, "--limit north=8"),
    "budget": (_seconds, "--budget east=+3600"),
}


def moved(recurrence: str | None, seconds: int) -> str | None:
    """Return a recurrence in words with its times of day moved; None: words cannot say it so."""
    minutes, rest = divmod(seconds, 60)
    if recurrence is None or rest or recurrence.lower().startswith("cron"):
        return None
    times = [60 * int(hour) + int(minute) + minutes for hour, minute in TIME.findall(recurrence)]
    if not times or not all(0 <= time < DAY_MINUTES for time in times):
        return None
    left = iter(times)
    return TIME.sub(lambda _: "{:02}:{:02}".format(*divmod(next(left), 60)), recurrence)


def command(*words: object) -> str:
    """Return a command line for a shell."""
    return shlex.join(["pgdispatch", *(str(word) for word in words)])
