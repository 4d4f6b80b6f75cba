"""Compiled modules, kept for one test run: imports are half the time of a short process."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

VARIABLE = "PYTHONPYCACHEPREFIX"


def share_compiled_modules() -> None:
    """Let each process of this run, started from here on, find what another one has compiled.

    Also where whoever runs the tests wants no such files beside the modules.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if VARIABLE not in os.environ:
        os.environ[VARIABLE] = tempfile.mkdtemp(prefix="pgdispatch-test-")
        atexit.register(shutil.rmtree, os.environ[VARIABLE], ignore_errors=True)
