"""Open pages of the console, which look again by themselves as its script does."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

SOONEST, LATEST = 2.0, 10.0  # seconds between two looks, as the script has them


@dataclass(frozen=True)
class Tabs:
    """Who looks (header `X-User`) at which page of a console at `address`."""

    address: str
    who_and_what: Sequence[tuple[str, str]]
    looks: list[str] = field(default_factory=list)
    _open: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Open each page once, then let them look again until the end of the block."""
        with ThreadPoolExecutor(len(self.who_and_what)) as pool:
            tabs = [pool.submit(self._live, *one) for one in self.who_and_what]
            try:
                self.show()
                yield
            finally:
                self._over.set()
            for tab in tabs:
                tab.result()

    def show(self) -> None:
        """Let them look."""
        self._open.set()

    def hide(self) -> None:
        """Let them look no more, as pages do that nobody sees."""
        self._open.clear()

    def _live(self, who: str, path: str) -> None:
        with httpx.Client(base_url=self.address, headers={"X-User": who}, timeout=60) as browser:
            browser.get(path).raise_for_status()
            again, mark, pause = f"{path}{'&' if '?' in path else '?'}part=1", "", SOONEST
            told = 0.0
            while not self._over.wait(max(pause, told)):
                if not self._open.is_set():
                    continue
                answer = browser.get(again, headers={"If-None-Match": mark} if mark else {})
                self.looks.append(path)
                told = float(answer.headers.get("X-Ask-Again", 0))
                pause = min(pause * 1.5, LATEST)
                if answer.status_code != httpx.codes.NOT_MODIFIED:
                    answer.raise_for_status()
                    mark, pause = answer.headers.get("ETag", ""), SOONEST
