"""What a typed project sees of the package: mypy, strict, agrees with each line of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.checkout import ROOT
from support.pages import python_blocks

TYPED = """
from dataclasses import dataclass
from typing import assert_type

from pgdispatch import Context, Handlers

handlers = Handlers()


@dataclass
class Figures:
    rows: int


@handlers.register("full_extract")
def plain(context: Context, table: str = "orders") -> Figures:
    return Figures(len(table))


@handlers.register("alert")
async def later(context: Context) -> dict[str, int]:
    return {"rows": 1}


class Work:
    def __call__(self, context: Context) -> None: ...

    def other(self) -> int:
        return 1


async def use(context: Context) -> None:
    assert_type(plain(context, table="t"), Figures)
    assert_type(await later(context), dict[str, int])
    assert_type(handlers.register("flow")(Work()).other(), int)
    assert_type(context.draining, bool)


@handlers.register("system")
def wrong(context: int) -> None: ...  # REFUSED
"""


def test_register_keeps_the_type_of_what_it_decorates(tmp_path: Path) -> None:
    """A handler that takes no context is refused, as is no other line, nor the page's module."""
    module = tmp_path / "typed.py"
    module.write_text(TYPED)
    page = tmp_path / "my_jobs.py"
    page.write_text(python_blocks(ROOT / "worker" / "HANDLERS.md")[0])

    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(module), str(page)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )

    (line,) = ran.stdout.splitlines()
    place, kind, _ = line.split(": ", 2)
    refused = TYPED.splitlines().index('@handlers.register("system")') + 1
    assert (place in (f"typed.py:{refused}", f"typed.py:{refused + 1}"), kind) == (True, "error")
