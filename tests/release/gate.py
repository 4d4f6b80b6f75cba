"""The rolling upgrade from the last release to the wheel that was built, and back."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

from release.report import Finding, WrongError, done, left_out
from release.work import Work
from support.checkout import ROOT

TEST = "tests/acceptance/deploy/test_rolling_upgrade.py"


def roll_over(work: Work) -> Iterator[Finding]:
    """Let the test of rolling upgrades take the wheel that was built."""
    done_ = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", TEST],
        cwd=ROOT,
        env={**os.environ, "PGDISPATCH_TEST_WHEEL": str(work.wheel)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done_.stdout.strip().splitlines()
    if done_.returncode != 0:
        raise WrongError("\n".join(lines[-15:]))
    passed = re.search(r"(\d+) passed", lines[-1])
    if passed:
        yield done(f"{passed[1]} former versions and this one: lost 0, twice 0, the order kept")
    if skipped := re.findall(r"^SKIPPED.*?: (.*)$", done_.stdout, re.MULTILINE):
        yield left_out("; ".join(dict.fromkeys(skipped)))
