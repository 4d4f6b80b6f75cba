"""What the pages of this checkout have in their fenced blocks."""

from __future__ import annotations

import re
from pathlib import Path

from support.checkout import ROOT

FIRST_STEPS = ROOT / "README.md"
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(
            page
            for top in ("sql", "worker", "cli", "tests", "docker", ".github")
            for page in (ROOT / top).rglob("*.md")
        ),
    ]
)


def python_blocks(page: Path) -> list[str]:
    """Return the `python` blocks of a page."""
    text = page.read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
