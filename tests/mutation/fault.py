"""Faults to plant, as `faults.toml` lists them, and the copy of the tree to plant them in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.checkout import ROOT

TABLE = Path(__file__).with_name("faults.toml")
COPIED = ("cli", "sql", "tests", "worker")
NOTICED, PASSED = 1, 0  # exit statuses of pytest


class MisplacedFaultError(Exception):
    """The text that a fault replaces is not there, or not once."""


class UselessRunError(Exception):
    """The tests neither passed nor failed; the text is the end of what pytest said."""


@dataclass(frozen=True)
class Fault:
    """One wrong text in place of a right one. `tests` are those that should notice.

    `may_survive`: why nobody has to notice it; empty: somebody has to.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    may_survive: str = ""

    def planted(self, text: str) -> str:
        """Return the text of the file with the fault. Raises MisplacedFaultError."""
        if text.count(self.old) != 1:
            raise MisplacedFaultError(
                f"{self.name}: {self.file} has {text.count(self.old)} times: {self.old.strip()}"
            )
        return text.replace(self.old, self.new)


def read_faults() -> list[Fault]:
    """Return the faults of the table, each of which fits the tree. Raises MisplacedFaultError."""
    listed = tomllib.loads(TABLE.read_text(encoding="utf-8"))["fault"]
    faults = [Fault(**{**one, "tests": tuple(one["tests"])}) for one in listed]
    for fault in faults:
        fault.planted((ROOT / fault.file).read_text(encoding="utf-8"))
    return faults


@dataclass(frozen=True)
class Copy:
    """A private copy of the tree."""

    folder: Path

    @contextmanager
    def with_fault(self, fault: Fault) -> Iterator[None]:
        """Plant a fault for a while."""
        path = self.folder / fault.file
        text = path.read_text(encoding="utf-8")
        path.write_text(fault.planted(text), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(text, encoding="utf-8")

    def is_noticed(self, tests: Sequence[str], *, pg: str, within: float) -> bool:
        """Run tests until one fails; tests that hang for `within` seconds have noticed, too.

        Raises UselessRunError.
        """
        environment = dict(os.environ)
        environment["PYTHONPATH"] = os.pathsep.join(str(self.folder / n) for n in ("worker", "cli"))
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--pg", pg, "-p", "no:cacheprovider"]
        try:
            done = subprocess.run(
                [*command, *tests],
                cwd=self.folder,
                env=environment,
                capture_output=True,
                text=True,
                timeout=within,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return True
        if done.returncode not in (NOTICED, PASSED):
            raise UselessRunError((done.stdout + done.stderr)[-2000:])
        return done.returncode == NOTICED


def copy_tree(folder: Path) -> Copy:
    """Copy what the tests need into a folder."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (*ROOT.glob("*.toml"), *ROOT.glob("*.md")):
        shutil.copy(path, folder)
    return Copy(folder)
