"""Where things are in this checkout."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SQL = ROOT / "sql"
TESTS = ROOT / "tests"


def is_clone(root: Path = ROOT) -> bool:
    """Tell whether a folder is a clone of git, and git is here: not in a source archive."""
    return shutil.which("git") is not None and (root / ".git").exists()


def git(root: Path, *arguments: str) -> str:
    """Return what git prints in a folder."""
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
