"""The console without its extra: said in words, and nothing else of the package needs it."""

from __future__ import annotations

import subprocess
import sys

SERVE = """
import sys
sys.modules["jinja2"] = None
import pgdispatch.up
from pgdispatch.errors import ConfigurationError
from pgdispatch.web.console import ConsoleOptions, serve
try:
    serve(ConsoleOptions(dsn=""))
except ConfigurationError as error:
    print(error.message, error.hint, error.exit_status, sep="; ")
"""


def test_the_console_says_what_it_needs() -> None:
    """With the command that brings it."""
    done = subprocess.run(
        [sys.executable, "-c", SERVE], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.stdout.strip() == (
        "the console needs the package jinja2, which is not installed; "
        "install the extra web: pip install 'pgdispatch[web]'; 2"
    ), done.stderr
