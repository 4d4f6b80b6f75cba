"""Plant faults, one after the other, and list those that no near test notices."""

from __future__ import annotations

import argparse
import sys
import tempfile
import textwrap
import time
from collections.abc import Sequence
from pathlib import Path

from mutation.fault import Copy, Fault, MisplacedFaultError, copy_tree, read_faults
from support.bytecode import share_compiled_modules
from support.servers.embedded import installed_versions

WIDTH = 80
REASON = " " * 9
HANGING = 300.0  # seconds: far longer than the near tests of any fault take


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 1: a fault survived that may not, or one was noticed that need not be."""
    try:
        faults = read_faults()
    except MisplacedFaultError as error:
        sys.exit(f"error: {error}\nhint: follow the code in tests/mutation/faults.toml")
    options = _options(arguments)
    chosen = [one for one in faults if any(one.name.startswith(name) for name in options.only)]
    if not chosen:
        sys.exit("error: no fault has such a name\nhint: see --list")
    if options.list:
        for fault in chosen:
            print(_line(fault.name, Path(fault.file).name))
        return 0
    share_compiled_modules()
    with tempfile.TemporaryDirectory(prefix="pgdispatch-mutation-") as folder:
        return _play(copy_tree(Path(folder)), chosen, pg=options.pg, minutes=options.minutes)


def _play(copy: Copy, faults: Sequence[Fault], *, pg: str, minutes: float) -> int:
    """Plant each fault; return the exit status."""
    deadline = time.monotonic() + 60 * minutes
    near = sorted({test for fault in faults for test in fault.tests})
    print(f"{len(faults)} faults; first the tests without any, in {len(near)} files", flush=True)
    if copy.is_noticed(near, pg=pg, within=60 * minutes):
        sys.exit("error: the tests fail without a fault\nhint: mend that first")
    wrong, untried = [], 0
    for fault in faults:
        if time.monotonic() > deadline:
            untried += 1
            continue
        begun = time.monotonic()
        with copy.with_fault(fault):
            is_noticed = copy.is_noticed(fault.tests, pg=pg, within=HANGING)
        verdict = "noticed" if is_noticed else "SURVIVED"
        print(_line(f"{verdict:8} {fault.name}", f"{time.monotonic() - begun:.0f} s"), flush=True)
        if is_noticed == bool(fault.may_survive):
            wrong.append(fault)
        elif not is_noticed:
            print(
                textwrap.fill(
                    fault.may_survive, WIDTH, initial_indent=REASON, subsequent_indent=REASON
                )
            )
    for fault in wrong:
        print(_line(f"wrong: {fault.name}", "may survive" if fault.may_survive else "survives"))
    print(f"{len(faults) - len(wrong) - untried} as they should be, {len(wrong)} wrong", end="")
    print(f", {untried} not tried: --minutes" if untried else "")
    return int(bool(wrong or untried))


def _line(left: str, right: str) -> str:
    """Return a line that fits a terminal of 80 columns: the right part is cut."""
    line = f"{left:<58} {right}"
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python tests/mutation", description=__doc__)
    parser.add_argument("--list", action="store_true", help="say which there are, and no more")
    parser.add_argument(
        "--only",
        type=lambda text: text.split(","),
        default=[""],
        help="those whose names begin so, with commas between",
    )
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="begin no other fault after so many (60)"
    )
    parser.add_argument(
        "--pg",
        default=str(max(installed_versions(), default=0)),
        help="PostgreSQL version to test on",
    )
    return parser.parse_args(arguments)
