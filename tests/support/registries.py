"""What a test takes from a registry besides what the project has locked; kept for the next run."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from platformdirs import user_cache_path


def from_registry(name: str, command: Sequence[str]) -> Path:
    """Return the folder of `name`, where a command has installed it; FOLDER stands for it there.

    Skips the test if that does not succeed.
    """
    folder = user_cache_path("pgdispatch", appauthor=False) / "tests" / name
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder.parent))
        install = [str(made) if word == "FOLDER" else word for word in command]
        ran = subprocess.run(install, capture_output=True, text=True, check=False)
        if ran.returncode == 0 and not folder.exists():
            made.rename(folder)
        shutil.rmtree(made, ignore_errors=True)
    if not folder.exists():
        pytest.skip(f"{name} could not be installed: {(ran.stderr.splitlines() or ['?'])[-1]}")
    return folder
